//! A record's data in a form that can be printed.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::ValueEnum;

use super::strings::texts_of;

/// How data are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Encoding {
    /// Every byte in two digits; in a listing with offsets and characters
    Hex,
    /// Only what reads as text (UTF-16 and ASCII, four characters and more), separated by " … "
    Text,
    /// Every byte, in base64
    Base64,
}

/// Bytes in a line of a listing.
const LINE: usize = 16;

impl Encoding {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Hex => "hex",
            Self::Text => "text",
            Self::Base64 => "base64",
        }
    }

    /// The data in one line.
    pub(super) fn encode(self, data: &[u8]) -> String {
        match self {
            Self::Hex => data.iter().fold(String::with_capacity(2 * data.len()), |mut text, byte| {
                // Writing to a text cannot fail.
                let _ = write!(text, "{byte:02x}");
                text
            }),
            Self::Text => texts_of(data).map(|text| text.text).collect::<Vec<_>>().join(" … "),
            Self::Base64 => STANDARD.encode(data),
        }
    }

    /// The data as lines of a listing.
    pub(super) fn lines(self, data: &[u8]) -> Vec<String> {
        match self {
            Self::Hex => (0..).step_by(LINE).zip(data.chunks(LINE)).map(|(at, line)| dump(at, line)).collect(),
            Self::Text => texts_of(data).map(|text| format!("{:04x}  {}", text.offset, text.text)).collect(),
            Self::Base64 if data.is_empty() => Vec::new(),
            Self::Base64 => vec![self.encode(data)],
        }
    }
}

/// `0010  74 65 78 74  text`
fn dump(at: usize, line: &[u8]) -> String {
    let digits: Vec<String> = line.iter().map(|byte| format!("{byte:02x}")).collect();
    let characters = line.iter().map(|byte| if (b' '..=b'~').contains(byte) { char::from(*byte) } else { '.' });
    format!("{at:04x}  {:<width$}  {}", digits.join(" "), characters.collect::<String>(), width = 3 * LINE - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_are_written_in_each_form() {
        let data = b"\x00\xFFabcdefghijklmnop";
        assert_eq!(Encoding::Hex.encode(data), "00ff6162636465666768696a6b6c6d6e6f70");
        assert_eq!(Encoding::Base64.encode(data), "AP9hYmNkZWZnaGlqa2xtbm9w");
        assert_eq!(Encoding::Text.encode(data), "abcdefghijklmnop");
        let lines = Encoding::Hex.lines(data);
        assert_eq!(lines[0], "0000  00 ff 61 62 63 64 65 66 67 68 69 6a 6b 6c 6d 6e  ..abcdefghijklmn");
        assert!(lines[1].starts_with("0010  6f 70 ") && lines[1].ends_with("  op"));
        assert!([Encoding::Hex, Encoding::Text, Encoding::Base64].iter().all(|form| form.lines(&[]).is_empty()));
    }
}
