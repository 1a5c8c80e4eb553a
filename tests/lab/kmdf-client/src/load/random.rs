//! Numbers that look random and depend on nothing but a seed, so that a load can be run again.

/// A generator (xorshift64*). Its state is never 0.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    /// The `nth` generator of a seed.
    pub(super) fn new(seed: u64, nth: u64) -> Self {
        let mut random = Self((seed ^ nth.wrapping_mul(0x9E37_79B9_7F4A_7C15)).max(1));
        // Seeds that differ in few bits begin alike.
        for _ in 0..8 {
            random.next();
        }
        random
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    /// A number below `bound`; 0 when there is none.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or_default()
    }

    /// A place among so many.
    pub(super) fn place(&mut self, count: usize) -> usize {
        usize::try_from(self.below(u64::try_from(count).unwrap_or_default())).unwrap_or_default()
    }

    /// A number from `first` to `last`.
    pub(super) fn between(&mut self, first: u64, last: u64) -> u64 {
        first.saturating_add(self.below(last.saturating_sub(first).saturating_add(1)))
    }

    /// Whether something happens that happens once in so many times.
    pub(super) fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}
