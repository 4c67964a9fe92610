//! Random draws that can be made in any order: every customer, and every customer's day, has a stream of its own,
//! so that parts of the data can be made by any thread, or any machine, with the same result.
//!
//! The streams are `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014), whose
//! n-th word is a function of the key and n: nothing needs to be stepped through.

/// The odd number nearest to 2⁶⁴ divided by the golden ratio: consecutive multiples are spread evenly.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// `SplitMix64`'s output function.
#[inline]
#[must_use]
pub const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A stream's key. Keys for different purposes are derived from each other with [`Key::derive`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key(u64);

impl Key {
    /// The root of all streams of a seed.
    #[must_use]
    pub const fn root(seed: u64) -> Self {
        Self(mix(seed.wrapping_add(GOLDEN)))
    }

    /// The key of part `n` (a customer's number, a day, a purpose).
    #[inline]
    #[must_use]
    pub const fn derive(self, n: u64) -> Self {
        Self(mix(self.0 ^ n.wrapping_mul(GOLDEN)))
    }

    /// The stream's word `i`.
    #[inline]
    #[must_use]
    pub const fn word(self, i: u64) -> Bits {
        Bits(mix(self.0.wrapping_add(i.wrapping_add(1).wrapping_mul(GOLDEN))))
    }

    /// The key itself, to seed another generator with.
    #[must_use]
    pub const fn value(self) -> u64 {
        self.0
    }
}

/// One 64-bit word from which several small numbers are taken.
///
/// A word taken as a fraction of 2⁶⁴ and multiplied by n has the draw before the point and fresh bits behind it. The
/// bias of a draw is below (product of all n so far) / 2⁶⁴: stay under 2⁴⁸ per word and no sample of ours can show it.
#[derive(Debug, Clone, Copy)]
pub struct Bits(u64);

impl Bits {
    /// A number from 0 to `n` - 1.
    #[inline]
    #[allow(clippy::cast_possible_truncation)] // the low word on purpose, and a high word below n
    pub const fn below(&mut self, n: u32) -> u32 {
        let product = (self.0 as u128) * (n as u128);
        self.0 = product as u64;
        (product >> 64) as u32
    }

    /// The whole word.
    #[inline]
    #[must_use]
    pub const fn whole(self) -> u64 {
        self.0
    }
}

/// Below which words lie with probability `share`.
#[must_use]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped; floats saturate
pub fn threshold(share: f64) -> u64 {
    (share.clamp(0.0, 1.0) * 18_446_744_073_709_551_616.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_in_range_and_even() {
        let key = Key::root(42).derive(7);
        let mut seen = [0_u32; 6];
        for i in 0..60_000 {
            let mut bits = key.word(i);
            let first = bits.below(2000);
            assert!(first < 2000);
            seen[bits.below(6) as usize] += 1;
        }
        for n in seen {
            assert!((9_600..10_400).contains(&n), "{seen:?}");
        }
    }

    #[test]
    fn parts_differ() {
        let root = Key::root(42);
        assert_ne!(root.derive(1), root.derive(2));
        assert_ne!(root.derive(1), Key::root(43).derive(1));
        assert_ne!(root.word(0).0, root.word(1).0);
    }
}
