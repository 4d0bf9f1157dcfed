//! Random backoff times.

use std::time::Duration;

/// Generator of backoff times: SplitMix64, which is sufficient for jitter.
pub(super) struct Jitter(u64);

impl Jitter {
    /// Creates a generator. The same seed generates the same times.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns a uniformly distributed time from zero up to, but not including, `max`; zero if `max` is zero.
    pub(super) fn up_to(&mut self, max: Duration) -> Duration {
        let nanos = u64::try_from(max.as_nanos()).unwrap_or(u64::MAX);
        // `nanos` times a random fraction, which is a random number divided by 2^64.
        Duration::from_nanos(((u128::from(self.next()) * u128::from(nanos)) >> 64) as u64)
    }

    /// Returns the next random number.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
