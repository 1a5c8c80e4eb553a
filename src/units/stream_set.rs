//! Sets of streams.

use super::measure::StreamId;

/// A set of streams: a bit for each number that a [`StreamId`] can hold, so that there is no stream without one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamSet([u128; 2]);

impl StreamSet {
    /// No stream.
    pub const EMPTY: Self = Self([0; 2]);

    /// The half that a stream is in, and its bit there.
    const fn place(&mut self, stream: StreamId) -> (&mut u128, u128) {
        let [low, high] = &mut self.0;
        (if stream.0 < 128 { low } else { high }, 1_u128.rotate_left(u32::from_le_bytes([stream.0 & 127, 0, 0, 0])))
    }

    /// Puts a stream in.
    pub const fn insert(&mut self, stream: StreamId) {
        let (half, bit) = self.place(stream);
        *half |= bit;
    }

    /// Takes a stream out and returns whether it was in.
    pub const fn take(&mut self, stream: StreamId) -> bool {
        let (half, bit) = self.place(stream);
        let is_in = *half & bit != 0;
        *half &= !bit;
        is_in
    }

    /// Puts a stream in or takes it out.
    pub const fn set(&mut self, stream: StreamId, is_in: bool) {
        let (half, bit) = self.place(stream);
        *half = if is_in { *half | bit } else { *half & !bit };
    }

    /// Whether a stream is in.
    pub const fn contains(mut self, stream: StreamId) -> bool {
        self.take(stream)
    }

    /// Those that are not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        let ([low, high], [other_low, other_high]) = (self.0, other.0);
        Self([low & !other_low, high & !other_high])
    }

    /// Whether no stream is in.
    pub fn is_empty(self) -> bool {
        self == Self::EMPTY
    }

    /// How many streams are in.
    pub const fn count(self) -> u32 {
        let [low, high] = self.0;
        low.count_ones().saturating_add(high.count_ones())
    }

    /// The streams, rising.
    pub fn iter(self) -> impl Iterator<Item = StreamId> {
        let mut left = self;
        core::iter::from_fn(move || left.lowest().inspect(|lowest| left.set(*lowest, false)))
    }

    fn lowest(self) -> Option<StreamId> {
        let [low, high] = self.0;
        let number = if low == 0 { high.trailing_zeros().saturating_add(128) } else { low.trailing_zeros() };
        // 256 for the empty set, which is no stream's number.
        u8::try_from(number).ok().map(StreamId)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_a_bit_of_its_own() {
        let mut set = StreamSet::default();
        for id in (0..=u8::MAX).map(StreamId) {
            assert!(!set.contains(id) && !set.take(id));
            set.insert(id);
            assert!(set.contains(id));
            assert_eq!(set.count(), u32::from(id.0) + 1);
        }
        assert!(set.iter().map(|id| id.0).eq(0..=u8::MAX));
        for id in (0..=u8::MAX).map(StreamId) {
            assert!(!set.is_empty() && set.take(id) && !set.contains(id));
        }
        assert!(set.is_empty() && set.iter().next().is_none());
    }

    #[test]
    fn setting_puts_in_and_takes_out() {
        let mut set = StreamSet::default();
        set.set(StreamId(96), true);
        set.set(StreamId(224), true);
        set.set(StreamId(96), false);
        assert!(set.iter().eq([StreamId(224)]));
        let mut other = set;
        other.insert(StreamId(3));
        assert!(other.without(set).iter().eq([StreamId(3)]) && set.without(other).is_empty());
    }
}
