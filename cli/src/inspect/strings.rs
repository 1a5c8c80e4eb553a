//! What of a record's data reads as text: runs of characters in UTF-16 or ASCII.

use serde::Serialize;

/// A shorter run is chance.
const CHARACTERS_MIN: usize = 4;

/// A text in a record's data.
#[expect(clippy::struct_field_names, reason = "the name that the JSON has")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Text {
    /// Where in the data it begins.
    pub(super) offset: usize,
    pub(super) text: String,
    #[serde(skip)]
    pub(super) is_wide: bool,
}

/// The texts in their order; UTF-16 is looked for at even offsets, as Windows lays it out.
pub(super) fn texts_of(data: &[u8]) -> impl Iterator<Item = Text> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < data.len() {
            let start = at;
            let wide = if start.is_multiple_of(2) { wide_run(data, start) } else { String::new() };
            if wide.chars().count() >= CHARACTERS_MIN {
                at += 2 * wide.encode_utf16().count();
                return Some(Text { offset: start, text: wide, is_wide: true });
            }
            let narrow: String =
                data[start..].iter().map(|byte| char::from(*byte)).take_while(|one| matches!(one, ' '..='~')).collect();
            // What was too short is not looked at again.
            at += narrow.len().max(1);
            if narrow.len() >= CHARACTERS_MIN {
                return Some(Text { offset: start, text: narrow, is_wide: false });
            }
            if narrow.len() <= 1 {
                at = start + 1;
            }
        }
        None
    })
}

fn wide_run(data: &[u8], start: usize) -> String {
    let units = data[start..].chunks_exact(2).filter_map(|pair| pair.first_chunk().copied()).map(u16::from_le_bytes);
    let mut characters = char::decode_utf16(units).map_while(Result::ok);
    // Any two bytes are often an East Asian character: a text that begins with one is told from chance by nothing.
    let Some(first) = characters.next().filter(|first| is_alphabetic(*first)) else { return String::new() };
    let rest = characters.take_while(|character| is_alphabetic(*character) || is_east_asian(*character));
    std::iter::once(first).chain(rest).collect()
}

/// Latin, Greek, Cyrillic, Hebrew, Arabic.
fn is_alphabetic(character: char) -> bool {
    matches!(character, ' '..='~' | '\u{a1}'..='\u{17f}' | '\u{370}'..='\u{6ff}')
}

/// Kana, Han, Hangul.
fn is_east_asian(character: char) -> bool {
    matches!(character, '\u{3041}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_text_are_found_where_they_lie() {
        let mut data = vec![0xFF; 6];
        data.extend("wide Ö".encode_utf16().flat_map(u16::to_le_bytes));
        data.extend([0, 0, 1]);
        data.extend(b"narrow\0abc\x01");
        let found: Vec<_> = texts_of(&data).map(|text| (text.offset, text.text, text.is_wide)).collect();
        assert_eq!(found, [(6, "wide Ö".to_owned(), true), (21, "narrow".to_owned(), false)]);
        // Linear in time, whatever the bytes are.
        for byte in [0x61, 0x4E, 0xFF] {
            assert!(texts_of(&vec![byte; 1 << 20]).count() <= 1);
        }
        assert_eq!(texts_of(&[]).count(), 0);
        assert_eq!(texts_of(&[b'a'; 3]).count(), 0);
    }
}
