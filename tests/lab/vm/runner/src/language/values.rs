//! Numbers and positions in logs, as they are written.

use clfs_client_interface::symbols;
use clfs_client_interface::verbs::Kind;

use crate::language::words::is_name;
use crate::names::Names;

/// A number, or how to come by it when the statement is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// This one.
    Number(u64),
    /// What was kept under this name, moved.
    Kept(String, Shift),
    /// A position in a log, so many containers further.
    Position(Anchor, i16),
}

/// How far a kept number is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shift {
    /// By this number.
    By(i64),
    /// To the first position of the container so many further; 0: not at all.
    Containers(i16),
}

/// From where a position counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    /// The base LSN of the log in this slot.
    Base(u16),
    /// Its last LSN.
    Last(u16),
    /// The target of the callback.
    Target,
}

impl Value {
    /// Reads a number, a symbol, several joined by `|`, a kept one or a position.
    pub(crate) fn parse(word: &str, names: &Names) -> Result<Self, String> {
        if let Some(kept) = word.strip_prefix('$') {
            let end = end_of_name(kept);
            let (name, shift) = kept.split_at(end);
            return Ok(Self::Kept(variable(name)?.to_owned(), parse_shift(shift)?));
        }
        if let Some((anchor, shift)) = parse_anchor(word, names)? {
            return Ok(Self::Position(anchor, parse_containers(shift)?));
        }
        if let Some(digits) = word.strip_prefix('-') {
            let number = symbols::number(digits).and_then(|number| i64::try_from(number).ok());
            return number.map(|number| Self::Number((-number).cast_unsigned())).ok_or_else(|| no_number(word));
        }
        let mut bits = 0;
        for symbol in word.split('|') {
            bits |= symbols::number(symbol).ok_or_else(|| no_number(word))?;
        }
        Ok(Self::Number(bits))
    }

    /// The name of the kept number that it needs.
    pub(crate) fn needs(&self) -> Option<&str> {
        if let Self::Kept(name, _) = self { Some(name) } else { None }
    }

    /// Whether it has a meaning in reactions only.
    pub(crate) fn is_of_callback(&self) -> bool {
        matches!(self, Self::Position(Anchor::Target, _))
    }
}

fn no_number(word: &str) -> String {
    format!("{word} is no number, symbol, $name or position")
}

/// The name of a kept number, without its `$`.
pub(crate) fn variable(name: &str) -> Result<&str, String> {
    if is_name(name) { Ok(name) } else { Err(format!("${name} is no name")) }
}

/// A hyphen belongs to the name if a letter follows, and is a minus otherwise.
fn end_of_name(kept: &str) -> usize {
    let mut characters = kept.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let belongs = match character {
            '-' => characters.peek().is_some_and(|(_, next)| next.is_ascii_alphabetic()),
            _ => character.is_ascii_alphanumeric() || character == '_',
        };
        if !belongs {
            return at;
        }
    }
    kept.len()
}

fn parse_shift(shift: &str) -> Result<Shift, String> {
    if shift.is_empty() || shift.ends_with('c') {
        return parse_containers(shift).map(Shift::Containers);
    }
    let (is_minus, digits) = sign(shift)?;
    let by = symbols::number(digits).and_then(|number| i64::try_from(number).ok()).ok_or_else(|| no_number(digits))?;
    Ok(Shift::By(if is_minus { -by } else { by }))
}

fn parse_containers(shift: &str) -> Result<i16, String> {
    if shift.is_empty() {
        return Ok(0);
    }
    let (is_minus, digits) = sign(shift)?;
    let digits = digits.strip_suffix('c').ok_or_else(|| format!("{shift}: positions move by containers: +1c, -2c"))?;
    let count = digits.parse::<i16>().map_err(|_| no_number(digits))?;
    Ok(if is_minus { -count } else { count })
}

fn sign(shift: &str) -> Result<(bool, &str), String> {
    match (shift.strip_prefix('+'), shift.strip_prefix('-')) {
        (Some(digits), _) => Ok((false, digits)),
        (_, Some(digits)) => Ok((true, digits)),
        _ => Err(format!("{shift}: a + or - is missing")),
    }
}

fn parse_anchor<'w>(word: &'w str, names: &Names) -> Result<Option<(Anchor, &'w str)>, String> {
    if let Some(shift) = word.strip_prefix("target") {
        return Ok(Some((Anchor::Target, shift)));
    }
    let (is_base, rest) = match (word.strip_prefix("base("), word.strip_prefix("last(")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => return Ok(None),
    };
    let (log, shift) = rest.split_once(')').ok_or_else(|| format!("{word}: a ) is missing"))?;
    let slot = names.slot(Kind::Log, log)?;
    Ok(Some((if is_base { Anchor::Base(slot) } else { Anchor::Last(slot) }, shift)))
}

/// An LSN moved to the first position of the container so many further; 0: as it is.
///
/// # Errors
/// There is no such container: a comparison with whatever came out would say nothing.
pub(crate) fn shift_containers(lsn: u64, containers: i16) -> Result<u64, String> {
    if containers == 0 {
        return Ok(lsn);
    }
    let container = u32::try_from(lsn >> 32).unwrap_or(u32::MAX);
    let moved = container.checked_add_signed(containers.into());
    let moved = moved.ok_or_else(|| format!("{} cannot be moved by {containers} containers", show_lsn(lsn)))?;
    Ok(u64::from(moved) << 32)
}

/// An LSN as it is shown: container, offset of the block, record.
pub(crate) fn show_lsn(lsn: u64) -> String {
    match lsn {
        0xFFFF_FFFF_0000_0000 => "invalid".to_owned(),
        u64::MAX => "none".to_owned(),
        _ => format!("{}:{:#x}:{}", lsn >> 32, lsn & 0xFFFF_FE00, lsn & 0x1FF),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let mut names = Names::default();
        names.make(Kind::Log, "K").unwrap();
        names.make(Kind::Log, "L").unwrap();
        names
    }

    #[test]
    fn values_are_read_in_every_form() {
        let parse = |word| Value::parse(word, &names());
        assert_eq!(parse("512K"), Ok(Value::Number(512 << 10)));
        assert_eq!(parse("force-flush|use-reservation"), Ok(Value::Number(6)));
        assert_eq!(parse("LOG_PINNED"), Ok(Value::Number(u64::from(symbols::status("LOG_PINNED").unwrap().raw()))));
        assert_eq!(parse("-2"), Ok(Value::Number(u64::MAX - 1)));
        assert_eq!(parse("base(L)+1c"), Ok(Value::Position(Anchor::Base(1), 1)));
        assert_eq!(parse("last(K)-2c"), Ok(Value::Position(Anchor::Last(0), -2)));
        assert_eq!(parse("target"), Ok(Value::Position(Anchor::Target, 0)));
        assert_eq!(parse("$old-base-1c"), Ok(Value::Kept("old-base".to_owned(), Shift::Containers(-1))));
        assert_eq!(parse("$free+2"), Ok(Value::Kept("free".to_owned(), Shift::By(2))));
    }

    #[test]
    fn what_is_no_value_is_refused() {
        for word in
            ["", "many", "base(M)", "base(L", "base(L)+1", "target+c", "$", "$x*2", "12Q", "overwrite|many", "-x"]
        {
            assert!(Value::parse(word, &names()).is_err(), "{word}");
        }
    }

    #[test]
    fn positions_move_to_the_beginning_of_containers() {
        assert_eq!(shift_containers(0x0000_0003_0000_1200, 0), Ok(0x0000_0003_0000_1200));
        assert_eq!(shift_containers(0x0000_0003_0000_1200, 2), Ok(0x0000_0005_0000_0000));
        assert_eq!(shift_containers(0x0000_0003_0000_1200, -1), Ok(0x0000_0002_0000_0000));
        assert!(shift_containers(0x0000_0003_0000_1200, -4).is_err());
        assert!(shift_containers(0xFFFF_FFFF_0000_0000, 1).is_err());
        assert_eq!(show_lsn(0x0000_0003_0000_1205), "3:0x1200:5");
    }
}
