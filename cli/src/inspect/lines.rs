//! Records as lines for people: one for the record, then what its data tell.
//!
//! What comes from a file is shown in a form that a terminal does not obey: see [`visible`].

use std::io::{self, Write};

use super::encoding::Encoding;
use super::guid::Guid;
use super::ktm::Ktm;
use super::record::Record;

/// How records are shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lines {
    /// With what a record is to the log, and its lap.
    pub(super) with_state: bool,
    pub(super) encoding: Option<Encoding>,
}

impl Lines {
    /// The heads of the columns.
    pub(super) fn write_head(self, out: &mut impl Write) -> io::Result<()> {
        let state =
            if self.with_state { format!("{:<13}{:>3}  {:>6}  ", "state", "lap", "stream") } else { String::new() };
        writeln!(out, "  {:<19}{state}{:<9}{:>8}  {:<19}previous", "LSN", "kind", "bytes", "undo next")
    }

    pub(super) fn write(self, out: &mut impl Write, record: &Record) -> io::Result<()> {
        // LSNs do not take a width by themselves.
        let [lsn, undo_next, previous] = [record.lsn, record.undo_next, record.previous].map(|lsn| lsn.to_string());
        let Record { kind, length, stream, .. } = record;
        let lap = record.usn.map_or(String::new(), |usn| usn.to_string());
        let state =
            if self.with_state { format!("{:<13}{lap:>3}  {stream:>6}  ", record.state.word()) } else { String::new() };
        writeln!(out, "  {lsn:<19}{state}{kind:<9}{length:>8}  {undo_next:<19}{previous}")?;
        for broken in record.broken.iter().flatten() {
            writeln!(out, "    broken chain: {broken}")?;
        }
        if let Some(ktm) = &record.ktm {
            write_ktm(out, ktm)?;
        }
        for line in self.encoding.map(|encoding| encoding.lines(&record.bytes)).unwrap_or_default() {
            writeln!(out, "    {}", visible(&line))?;
        }
        Ok(())
    }
}

fn write_ktm(out: &mut impl Write, ktm: &Ktm) -> io::Result<()> {
    let transaction = ktm.transaction.as_ref().map_or_else(|| "none".to_owned(), Guid::with_time);
    writeln!(out, "    KTM kind {}, transaction {transaction}", ktm.kind)?;
    for one in &ktm.enlistments {
        let [enlistment, manager] = [&one.enlistment, &one.resource_manager]
            .map(|id| id.as_ref().map_or_else(|| "none".to_owned(), |id| id.id.clone()));
        writeln!(out, "      enlistment {enlistment} of resource manager {manager}")?;
    }
    if let Some(description) = &ktm.description {
        writeln!(out, "      description \"{}\"", visible(description))?;
    }
    let others = ktm.names.iter().filter(|name| Some(&name.text) != ktm.description.as_ref());
    for name in others {
        writeln!(out, "      text \"{}\"", visible(&name.text))?;
    }
    if !ktm.sids.is_empty() {
        let sids: Vec<_> = ktm.sids.iter().map(|sid| &*sid.text).collect();
        writeln!(out, "      SIDs {}", sids.join(", "))?;
    }
    Ok(())
}

/// A text of a file without what a terminal would obey: control characters, and those that turn the writing's
/// direction.
pub(super) fn visible(text: &str) -> String {
    let is_obeyed = |character: char| {
        character.is_control()
            || matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
    };
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_obeyed(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_spelled_out() {
        assert_eq!(visible("a\x1b[2Jb\u{202e}c\nd Ä"), "a\\u{1b}[2Jb\\u{202e}c\\u{a}d Ä");
    }
}
