//! The names of logs, as `ClfsCreateLogFile` documents them.
//!
//! `log:<path>` is a dedicated log; `log:<path>::<stream>` a stream of a multiplexed one; `log:<path>::` a multiplexed
//! log itself, whose streams come later. The prefix is compared without regard to case. The first `::` after it splits
//! path and stream. The path does not include the extension `.blf`; one that does is refused, because what is meant
//! could be either of two files.

use crate::units::Status;

/// What comes before every path.
const PREFIX: [u16; 4] = [0x6C, 0x6F, 0x67, 0x3A];
/// `.blf`
pub(super) const EXTENSION: [u16; 4] = [0x2E, 0x62, 0x6C, 0x66];
const COLON: u16 = 0x3A;

/// What of a log a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedPart<'a> {
    /// A dedicated log and its one stream.
    Dedicated,
    /// A multiplexed log as a whole.
    Multiplexed,
    /// A stream of a multiplexed log.
    Stream(&'a [u16]),
}

/// A log's name, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogName<'a> {
    /// The base log file without its extension.
    pub path: &'a [u16],
    /// What of it is meant.
    pub part: NamedPart<'a>,
}

impl<'a> LogName<'a> {
    /// Takes a name apart.
    ///
    /// # Errors
    /// `OBJECT_NAME_INVALID`: no prefix, no path, a NUL, a path that ends in `.blf`, or a separator of paths in a
    /// stream's name: a folder's name with `::` was meant, and the log would be made elsewhere.
    pub fn parse(name: &'a [u16]) -> Result<Self, Status> {
        let (prefix, rest) = name.split_at_checked(PREFIX.len()).ok_or(Status::OBJECT_NAME_INVALID)?;
        let (path, part) = match rest.windows(2).position(|pair| pair == [COLON, COLON]) {
            None => (rest, NamedPart::Dedicated),
            Some(place) => {
                let (path, stream) = rest.split_at_checked(place).ok_or(Status::OBJECT_NAME_INVALID)?;
                (
                    path,
                    stream
                        .get(2..)
                        .filter(|stream| !stream.is_empty())
                        .map_or(NamedPart::Multiplexed, NamedPart::Stream),
                )
            }
        };
        let is_plain = !matches!(part, NamedPart::Stream(stream) if stream.iter().any(|unit| is_separator(*unit)));
        let is_valid = is_same_word(prefix, &PREFIX)
            && is_plain
            && !name.contains(&0)
            && !path.is_empty()
            && !path.last_chunk::<4>().is_some_and(|end| is_same_word(end, &EXTENSION));
        if is_valid { Ok(Self { path, part }) } else { Err(Status::OBJECT_NAME_INVALID) }
    }

    /// The last component of the path: the log's name in the names of its containers.
    pub fn file_name(&self) -> &'a [u16] {
        self.path.rsplit(|unit| is_separator(*unit)).next().unwrap_or_default()
    }
}

const fn is_separator(unit: u16) -> bool {
    matches!(unit, 0x2F | 0x5C)
}

/// Whether two texts are equal but for the case of ASCII letters.
pub fn is_same_word(one: &[u16], other: &[u16]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| lower(*one) == lower(*other))
}

const fn lower(unit: u16) -> u16 {
    // 'A' to 'Z'; bit 5 makes them small.
    if matches!(unit, 0x41..=0x5A) { unit | 0x20 } else { unit }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    fn wide(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    #[test]
    fn the_first_double_colon_splits_path_and_stream() {
        let name = wide("LoG:C:\\logs\\main::one::two");
        let parsed = LogName::parse(&name).unwrap();
        assert_eq!(parsed.path, wide("C:\\logs\\main"));
        assert_eq!(parsed.part, NamedPart::Stream(&wide("one::two")));
        assert_eq!(parsed.file_name(), wide("main"));
        assert_eq!(LogName::parse(&wide("log:/x/y")).unwrap().part, NamedPart::Dedicated);
        assert_eq!(LogName::parse(&wide("log:/x/y::")).unwrap().part, NamedPart::Multiplexed);
    }

    #[test]
    fn names_without_prefix_or_path_and_with_the_extension_are_refused() {
        for name in ["", "log", "log:", "log:::", "log::: s", "logs:x", "x", "log:x\0", "log:x.BLF", "log:x.blf::s"] {
            assert_eq!(LogName::parse(&wide(name)), Err(Status::OBJECT_NAME_INVALID), "{name}");
        }
    }
}
