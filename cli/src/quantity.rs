//! Numbers with units, as people read them: `21,403`, `112.3 MiB`, `3.2 s`.

/// A count with commas between thousands.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::with_capacity(digits.len().saturating_mul(4) / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && digits.len().saturating_sub(at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// A count and its noun: `1 time`, `2 times`.
pub fn counted(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", count(number))
}

/// A size in the largest unit that it fills.
#[expect(clippy::cast_precision_loss, reason = "shown with four digits")]
pub fn bytes(number: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match UNITS.into_iter().find(|&(unit, _)| number >= unit) {
        None => format!("{number} B"),
        Some((unit, name)) if number.is_multiple_of(unit) => format!("{} {name}", number / unit),
        Some((unit, name)) => format!("{:.1} {name}", number as f64 / unit as f64),
    }
}

/// A duration of a trace's microseconds.
#[expect(clippy::cast_precision_loss, reason = "shown with a few digits")]
pub fn duration(microseconds: u64) -> String {
    match microseconds {
        0 => "0 s".to_owned(),
        1..1_000 => format!("{microseconds} µs"),
        1_000..1_000_000 => format!("{:.1} ms", microseconds as f64 / 1e3),
        1_000_000..600_000_000 => format!("{:.2} s", microseconds as f64 / 1e6),
        _ => format!("{:.1} min", microseconds as f64 / 6e7),
    }
}

/// A measured time in seconds.
pub fn seconds(number: f64) -> String {
    if number.is_finite() { format!("{number:.2} s") } else { "–".to_owned() }
}

/// A measured ratio.
pub fn ratio(number: f64) -> String {
    if number.is_finite() && number > 0.0 { format!("{number:.2}") } else { "–".to_owned() }
}

/// A share of 1.
pub fn share(number: f64) -> String {
    if number.is_finite() { format!("{:.2} %", number * 100.0) } else { "–".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_with_thousands_and_units() {
        assert_eq!([count(0), count(999), count(1_000), count(117_759_001)], ["0", "999", "1,000", "117,759,001"]);
        assert_eq!([counted(1, "time"), counted(0, "time")], ["1 time", "0 times"]);
        assert_eq!([bytes(512), bytes(4 << 20), bytes(117_759_001)], ["512 B", "4 MiB", "112.3 MiB"]);
        let durations = [0, 17, 2_500, 3_204_000, 700_000_000].map(duration);
        assert_eq!(durations, ["0 s", "17 µs", "2.5 ms", "3.20 s", "11.7 min"]);
        assert_eq!([seconds(1.234), ratio(f64::INFINITY), share(0.004)], ["1.23 s", "–", "0.40 %"]);
    }
}
