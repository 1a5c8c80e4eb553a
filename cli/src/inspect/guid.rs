//! GUIDs as Windows writes them, and what a version-1 one tells: when it was made, and by which network card.

use serde::Serialize;

/// A GUID and what can be read from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Guid {
    pub(super) id: String,
    /// UTC, by the clock of the machine that made it; only in version 1.
    pub(super) time: Option<String>,
    /// The machine's network address, or a random number in its place; only in version 1.
    pub(super) node: Option<String>,
}

impl Guid {
    /// The first three groups are little-endian numbers.
    pub(super) fn new(bytes: [u8; 16]) -> Self {
        let [a0, a1, a2, a3, b0, b1, c0, c1, d0, d1, node @ ..] = bytes;
        let (low, middle, high) =
            (u32::from_le_bytes([a0, a1, a2, a3]), u16::from_le_bytes([b0, b1]), u16::from_le_bytes([c0, c1]));
        let joined = |bytes: &[u8], between: &str| {
            bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(between)
        };
        let id = format!("{low:08x}-{middle:04x}-{high:04x}-{}-{}", joined(&[d0, d1], ""), joined(&node, ""));
        // Version 1 in the variant of RFC 9562.
        let has_time = high >> 12 == 1 && d0 >> 6 == 0b10;
        let ticks = u64::from(high & 0xFFF) << 48 | u64::from(middle) << 32 | u64::from(low);
        Self { id, time: has_time.then(|| time(ticks)), node: has_time.then(|| joined(&node, ":")) }
    }

    /// The one at an offset, unless it is all zero.
    pub(super) fn at(bytes: &[u8], offset: usize) -> Option<Self> {
        let bytes: [u8; 16] = *bytes.get(offset..)?.first_chunk()?;
        (bytes != [0; 16]).then(|| Self::new(bytes))
    }

    /// The GUID with its time in brackets.
    pub(super) fn with_time(&self) -> String {
        self.time.as_ref().map_or_else(|| self.id.clone(), |time| format!("{} ({time})", self.id))
    }
}

/// A time in ticks of 100 ns since 15 October 1582, in UTC as ISO 8601 has it.
fn time(ticks: u64) -> String {
    const DAY: u64 = 86_400;
    let (seconds, fraction) = (ticks / 10_000_000, ticks % 10_000_000);
    let (days, second) = (seconds / DAY, seconds % DAY);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:07}Z")
}

/// The Gregorian date so many days after 15 October 1582.
fn date(days: u64) -> (u64, u64, u64) {
    // Counted from 1 March 1200, so that leap days end years and cycles of 400 years.
    const BEFORE: u64 = 139_750;
    let days = days + BEFORE;
    let (cycle, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let of_month = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (1_200 + 400 * cycle + year + next, month, of_month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_is_shown_as_windows_shows_it_with_its_time_and_its_node() {
        let bytes = [0x70, 0x9e, 0xb3, 0x53, 0xc4, 0x18, 0xea, 0x11, 0xa8, 0x11, 0, 0x0d, 0x3a, 0xa4, 0x69, 0x2b];
        let guid = Guid::new(bytes);
        assert_eq!(guid.id, "53b39e70-18c4-11ea-a811-000d3aa4692b");
        // As Python's `uuid` and `datetime` have it.
        assert_eq!(guid.time.as_deref(), Some("2019-12-07T07:36:48.5158512Z"));
        assert_eq!(guid.node.as_deref(), Some("00:0d:3a:a4:69:2b"));
        let random = Guid::new(*b"0123456789abcdef");
        assert_eq!((random.id.as_str(), random.time), ("33323130-3534-3736-3839-616263646566", None));
        assert_eq!(Guid::at(&[0; 16], 0), None);
        assert_eq!(Guid::at(&bytes, 1), None);
    }

    #[test]
    fn days_become_dates() {
        for (days, expected) in [
            (0, (1582, 10, 15)),
            (1, (1582, 10, 16)),
            (141_427, (1970, 1, 1)),
            (152_384, (2000, 1, 1)),
            (152_443, (2000, 2, 29)),
            (152_444, (2000, 3, 1)),
            (152_749, (2000, 12, 31)),
            (188_909, (2100, 1, 1)),
            (188_968, (2100, 3, 1)),
        ] {
            assert_eq!(date(days), expected, "{days}");
        }
        assert!(time(u64::MAX).ends_with('Z'));
    }
}
