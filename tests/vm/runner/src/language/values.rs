//! Numbers, positions in logs, statuses and comparisons, as they are written.

use clfs_client_interface::symbols::{self, Status};
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

/// What statuses are right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Statuses {
    /// All.
    Any,
    /// These.
    OneOf(Vec<i32>),
}

impl Statuses {
    /// `SUCCESS`.
    pub(crate) fn success() -> Self {
        Self::OneOf(vec![0])
    }

    /// Reads `any`, or names joined by `|`.
    pub(crate) fn parse(word: &str) -> Result<Self, String> {
        if word == "any" {
            return Ok(Self::Any);
        }
        word.split('|').map(parse_status).collect::<Result<_, _>>().map(Self::OneOf)
    }

    /// Whether this is one of them.
    pub(crate) fn contain(&self, status: i32) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(statuses) => statuses.contains(&status),
        }
    }
}

impl std::fmt::Display for Statuses {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Any => formatter.write_str("any status"),
            Self::OneOf(statuses) => {
                formatter.write_str(&statuses.iter().map(|status| status_name(*status)).collect::<Vec<_>>().join("|"))
            }
        }
    }
}

/// Reads a status: its name without `STATUS_`, or its bits as `0x…`.
pub(crate) fn parse_status(word: &str) -> Result<i32, String> {
    if let Some(status) = symbols::status(word) {
        return Ok(status.raw().cast_signed());
    }
    let bits = word.strip_prefix("0x").and_then(|digits| u32::from_str_radix(digits, 16).ok());
    bits.map(u32::cast_signed).ok_or_else(|| format!("{word} is no status (written without STATUS_)"))
}

/// A status as it is written.
pub(crate) fn status_name(status: i32) -> String {
    let bits = status.cast_unsigned();
    Status::from_raw(bits).name().map_or_else(|| format!("{bits:#010x}"), str::to_owned)
}

/// How two things compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    AtMost,
    More,
    AtLeast,
    /// Of texts; case does not matter.
    EndsWith,
}

impl Comparison {
    const SIGNS: [(&str, Self); 7] = [
        ("!=", Self::NotEqual),
        ("<=", Self::AtMost),
        (">=", Self::AtLeast),
        ("=", Self::Equal),
        ("<", Self::Less),
        (">", Self::More),
        ("~", Self::EndsWith),
    ];

    /// `name OP value`, in three.
    pub(crate) fn split(word: &str) -> Result<(&str, Self, &str), String> {
        let at = word.find(['!', '<', '>', '=', '~']).ok_or_else(|| format!("{word} compares nothing"))?;
        let (name, rest) = word.split_at(at);
        let found = Self::SIGNS.iter().find_map(|(sign, comparison)| Some((*comparison, rest.strip_prefix(sign)?)));
        match found {
            Some((comparison, value)) if !name.is_empty() && !value.is_empty() => Ok((name, comparison, value)),
            _ => Err(format!("{word} is no comparison (no blanks in it)")),
        }
    }

    /// How it is written.
    pub(crate) fn sign(self) -> &'static str {
        Self::SIGNS.iter().find(|(_, comparison)| *comparison == self).map_or("?", |(sign, _)| sign)
    }

    /// Whether two numbers compare so.
    pub(crate) fn holds(self, left: u64, right: u64) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::More => left > right,
            Self::AtLeast => left >= right,
            Self::EndsWith => false,
        }
    }

    /// Whether two texts compare so; there is no order of texts.
    pub(crate) fn holds_for_text(self, left: &str, right: &str) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::EndsWith => left.to_lowercase().ends_with(&right.to_lowercase()),
            Self::Less | Self::AtMost | Self::More | Self::AtLeast => false,
        }
    }

    /// Whether there is such a comparison of texts, or of numbers.
    pub(crate) fn is_for(self, is_text: bool) -> bool {
        match self {
            Self::Equal | Self::NotEqual => true,
            Self::EndsWith => is_text,
            Self::Less | Self::AtMost | Self::More | Self::AtLeast => !is_text,
        }
    }
}

/// An LSN moved to the first position of the container so many further; 0: as it is.
pub(crate) fn shift_containers(lsn: u64, containers: i16) -> u64 {
    if containers == 0 {
        return lsn;
    }
    let container = u32::try_from(lsn >> 32).unwrap_or(u32::MAX);
    u64::from(container.wrapping_add_signed(containers.into())) << 32
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
    fn statuses_have_alternatives() {
        let statuses = Statuses::parse("SUCCESS|PENDING").unwrap();
        assert!(statuses.contain(0) && statuses.contain(0x103));
        assert!(!statuses.contain(1));
        assert!(Statuses::parse("STATUS_SUCCESS").is_err());
        assert!(Statuses::parse("SUCCESS|").is_err());
        assert!(Statuses::parse("any").unwrap().contain(-1));
    }

    #[test]
    fn comparisons_are_split_and_hold_as_written() {
        assert_eq!(Comparison::split("free>=2"), Ok(("free", Comparison::AtLeast, "2")));
        assert_eq!(Comparison::split("base>$old"), Ok(("base", Comparison::More, "$old")));
        assert!(Comparison::split("free").is_err() && Comparison::split("free=").is_err());
        assert!(Comparison::split("!free").is_err());
        assert!(Comparison::AtMost.holds(2, 2) && !Comparison::Less.holds(2, 2) && !Comparison::More.holds(2, 2));
        assert!(Comparison::EndsWith.holds_for_text(r"C:\L-1", "l-1"));
    }

    #[test]
    fn positions_move_to_the_beginning_of_containers() {
        assert_eq!(shift_containers(0x0000_0003_0000_1200, 0), 0x0000_0003_0000_1200);
        assert_eq!(shift_containers(0x0000_0003_0000_1200, 2), 0x0000_0005_0000_0000);
        assert_eq!(shift_containers(0x0000_0003_0000_1200, -1), 0x0000_0002_0000_0000);
        assert_eq!(show_lsn(0x0000_0003_0000_1205), "3:0x1200:5");
    }
}
