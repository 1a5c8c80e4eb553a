//! Sizes, counts, percentages, times, stream ids.

use core::fmt;

/// The format's sector, whatever the disk's is.
pub const SECTOR_BYTES: usize = 512;
/// The same, as positions and sizes on disk are counted.
pub const SECTOR: u64 = 512;
/// The format has this many places for containers.
pub const CONTAINERS_MAX: ContainerCount = ContainerCount(1024);

/// A size or an offset in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub u64);

/// A number of containers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContainerCount(pub u32);

impl ContainerCount {
    /// The sum, at most `u32::MAX`.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, at least 0.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for ContainerCount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A percentage, 0 to 100.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(u32);

impl Percent {
    /// The percentage, or `None` above 100.
    pub const fn new(value: u32) -> Option<Self> {
        if value > 100 { None } else { Some(Self(value)) }
    }

    /// The number before the per-cent sign.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// This share of `count`, rounded down.
    #[must_use]
    pub fn of_rounded_down(self, count: ContainerCount) -> ContainerCount {
        let hundredfold = u64::from(count.0).saturating_mul(u64::from(self.0));
        ContainerCount(u32::try_from(hundredfold.checked_div(100).unwrap_or(0)).unwrap_or(u32::MAX))
    }

    /// This share of `count`, rounded up.
    #[must_use]
    pub fn of_rounded_up(self, count: ContainerCount) -> ContainerCount {
        let hundredfold = u64::from(count.0).saturating_mul(u64::from(self.0));
        ContainerCount(u32::try_from(hundredfold.div_ceil(100)).unwrap_or(u32::MAX))
    }
}

/// A stream of a log: 0 is the physical log, or the only stream of a dedicated one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u8);

impl StreamId {
    /// The physical log.
    pub const PHYSICAL: Self = Self(0);
    /// How many slots the format has for streams.
    pub const SLOTS: usize = 124;
    /// The highest id in use; bounds the range array of an owner page.
    pub const MAX: Self = Self(96);
}

impl fmt::Display for StreamId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A moment: 100-nanosecond units of whatever clock the platform has (`KeQuerySystemTime` in the kernel).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub u64);

/// A 32-bit number as an index: every platform that runs this has at least 32-bit addresses.
pub const fn index(number: u32) -> usize {
    const { assert!(usize::BITS >= u32::BITS) };
    #[expect(clippy::as_conversions, reason = "widening, by the assertion above; From<u32> for usize does not exist")]
    {
        number as usize
    }
}

/// The bytes of a number of sectors; every count of the format's 16 bits has one.
pub fn sectors_to_bytes(sectors: u16) -> u32 {
    u32::from(sectors) << 9
}

const _: () = assert!(SECTOR == 1 << 9 && SECTOR_BYTES == 1 << 9);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_of_containers_rounds_as_asked() {
        let ten = Percent::new(10).unwrap();
        assert_eq!(ten.of_rounded_down(ContainerCount(32)), ContainerCount(3));
        assert_eq!(ten.of_rounded_up(ContainerCount(32)), ContainerCount(4));
        assert_eq!(Percent::new(101), None);
    }
}
