//! Axes: from a value to a share of the picture, with ticks at round numbers (1, 2 or 5 times a power of ten).

/// About the most steps that an axis gets.
const STEPS: f64 = 9.0;
/// Scales of sizes get fewer: pictures are lower than wide.
const SIZE_STEPS: f64 = 8.0;

/// One axis, from 0.
pub(super) struct Axis {
    most: u64,
    pub(super) ticks: Vec<Tick>,
}

/// A labelled value.
pub(super) struct Tick {
    /// Its place, as a share of the axis: 0 to 1.
    pub(super) share: f64,
    pub(super) label: String,
    /// Not shown where there is little room.
    pub(super) is_minor: bool,
}

impl Axis {
    /// A time axis that ends with the run.
    pub(super) fn of_time(most_us: u64) -> Self {
        let unit = match most_us {
            0..2_000 => (1.0, "µs"),
            2_000..2_000_000 => (1e3, "ms"),
            2_000_000..600_000_000 => (1e6, "s"),
            600_000_000..36_000_000_000 => (6e7, "min"),
            _ => (3.6e9, "h"),
        };
        Self::new(most_us, unit, STEPS, step_min(unit))
    }

    /// An axis of sizes.
    pub(super) fn of_bytes(most: u64) -> Self {
        let unit = match most {
            0..0x800 => (1.0, "B"),
            0x800..0x20_0000 => (f64::from(1 << 10), "KiB"),
            0x20_0000..0x8000_0000 => (f64::from(1 << 20), "MiB"),
            0x8000_0000..0x200_0000_0000 => (f64::from(1 << 30), "GiB"),
            _ => (real(1 << 40), "TiB"),
        };
        Self::new(most, unit, SIZE_STEPS, step_min(unit))
    }

    /// An axis of whole things.
    pub(super) fn of_count(most: u64) -> Self {
        Self::new(most, (1.0, ""), STEPS, 1.0)
    }

    fn new(most: u64, (unit, name): (f64, &str), steps: f64, step_min: f64) -> Self {
        let most = most.max(1);
        let end = real(most) / unit;
        let step = round_step(end / steps).max(step_min);
        let places = if step < 1.0 { (-step.log10()).ceil().clamp(1.0, 9.0) } else { 0.0 };
        let mut ticks = Vec::new();
        let mut at = 0_u32;
        // The margin keeps a last tick that rounding would push past the end.
        while f64::from(at) * step <= end * 1.000_001 && at < 64 {
            let value = f64::from(at) * step;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=9 above")]
            let number = format!("{value:.*}", places as usize);
            let number = if at == 0 { "0".to_owned() } else { number };
            let label = format!("{number} {name}").trim_end().to_owned();
            ticks.push(Tick { share: (value / end).min(1.0), label, is_minor: at % 2 == 1 });
            at = at.saturating_add(1);
        }
        if ticks.len() <= 4 {
            for tick in &mut ticks {
                tick.is_minor = false;
            }
        }
        Self { most, ticks }
    }

    /// Where a value is, as a share of the axis; values beyond the end are at the end.
    pub(super) fn share(&self, value: u64) -> f64 {
        (real(value) / real(self.most)).min(1.0)
    }
}

/// Nothing is smaller than a microsecond or a byte, so their ticks are whole.
fn step_min((unit, _): (f64, &str)) -> f64 {
    if unit > 1.0 { f64::MIN_POSITIVE } else { 1.0 }
}

/// The smallest of 1, 2, 5, 10 … that is not below.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let lead = least / power;
    let round = [1.0, 2.0, 5.0].into_iter().find(|&round| lead <= round * 1.000_001).unwrap_or(10.0);
    round * power
}

/// A number as a coordinate.
#[expect(clippy::cast_precision_loss, reason = "a picture has fewer than 2^53 places")]
pub(super) fn real(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn ticks_are_round_numbers_with_units() {
        let time = Axis::of_time(40_200_000);
        assert_eq!(labels(&time), ["0 s", "5 s", "10 s", "15 s", "20 s", "25 s", "30 s", "35 s", "40 s"]);
        let bytes = Axis::of_bytes(117_759_001);
        assert_eq!(labels(&bytes), ["0 MiB", "20 MiB", "40 MiB", "60 MiB", "80 MiB", "100 MiB"]);
        assert_eq!(labels(&Axis::of_count(4)), ["0", "1", "2", "3", "4"]);
        assert_eq!(labels(&Axis::of_count(0)), ["0", "1"]);
        assert_eq!(labels(&Axis::of_time(3_000_000)).get(1), Some(&"0.5 s"));
    }

    proptest! {
        #[test]
        fn every_axis_has_two_to_ten_ticks_in_order(most in any::<u64>()) {
            for axis in [Axis::of_time(most), Axis::of_bytes(most), Axis::of_count(most)] {
                prop_assert!((2..=10).contains(&axis.ticks.len()), "{} ticks", axis.ticks.len());
                prop_assert!(axis.ticks.is_sorted_by(|a, b| a.share < b.share && b.share <= 1.0));
                prop_assert!(axis.share(most) <= 1.0);
            }
        }
    }
}
