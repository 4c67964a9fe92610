//! What a customer is like: a function of the seed and the customer's number alone.

use super::catalogue::{BAG, CATEGORIES};
use super::draw::Key;

/// The starter's divisors: a customer shops on ⌊n / one of these⌋ days.
const DIVISORS: [u32; 6] = [14, 10, 7, 5, 4, 3];
/// On which share of the days the average customer shops: the mean of the divisors' inverses.
pub const MEAN_SHARE: f64 = (1.0 / 14.0 + 1.0 / 10.0 + 1.0 / 7.0 + 1.0 / 5.0 + 1.0 / 4.0 + 1.0 / 3.0) / 6.0;
/// Most category draws a customer has.
const MOST_DRAWS: usize = 6;

/// Purposes of a customer's streams.
const TRAITS: u64 = 1;
const CATEGORY_DRAWS: u64 = 2;
const DAYS: u64 = 3;
const BASKETS: u64 = 4;
const PERSON: u64 = 5;

/// A customer's fixed traits.
#[derive(Debug, Clone, Copy)]
pub struct Customer {
    key: Key,
    divisor: u32,
    draws: u32,
    /// Loyalty, 1…10.
    pub loyalty: u32,
}

impl Customer {
    /// Customer `number` (1…) of the seed behind `root`.
    #[inline]
    #[must_use]
    pub fn new(root: Key, number: u64) -> Self {
        let key = root.derive(number);
        let mut bits = key.word(TRAITS);
        let divisor = DIVISORS[bits.below(6) as usize];
        let draws = 1 + bits.below(6);
        let loyalty = 1 + bits.below(10);
        Self { key, divisor, draws, loyalty }
    }

    /// On how many days the customer shops in a range with `between` whole days between its ends. Below 14 days some
    /// customers, and below 3 all, get 0: the starter's rule, taken at its word.
    #[inline]
    #[must_use]
    pub const fn shopping_days(&self, between: u32) -> u32 {
        between / self.divisor
    }

    /// The customer's weight among all, in 65 536ths of the mean: as even as the starter's divisors.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // some 25 000 to 120 000
    pub fn even_weight(&self) -> u64 {
        let weight = 65_536.0 / f64::from(self.divisor) / MEAN_SHARE;
        (weight.round() as u64).max(1)
    }

    /// A stream of the customer's for another purpose.
    #[inline]
    #[must_use]
    pub const fn stream(&self, purpose: u64) -> Key {
        self.key.derive(purpose)
    }

    /// The customer's one to six categories, drawn from the bag without replacement.
    #[inline]
    #[must_use]
    pub fn categories(&self) -> Draws {
        let mut left = CATEGORIES.each_ref().map(|c| c.bag);
        let mut bits = self.key.word(CATEGORY_DRAWS);
        let mut categories = [0_u8; MOST_DRAWS];
        for (taken, slot) in (0_u32..).zip(categories.iter_mut().take(self.draws as usize)) {
            let entry = bits.below(BAG - taken);
            let (mut category, mut end) = (0, 0);
            for n in &left[..left.len() - 1] {
                end += n;
                category += usize::from(entry >= end);
            }
            left[category] -= 1;
            *slot = u8::try_from(category).unwrap_or(0);
        }
        Draws { categories, len: self.draws }
    }

    /// Sets the bits of the customer's shopping days in a range of `days` days that begins on day `first` (a number
    /// that tells ranges apart). Each set of `count` days is equally likely.
    ///
    /// Floyd's sampling (Bentley and Floyd, "A sample of brilliance", 1987): one draw a day, no retries.
    #[inline]
    pub fn fill_days(&self, first: u64, days: u32, count: u32, set: &mut [u64]) {
        set.fill(0);
        let key = self.key.derive(DAYS).derive(first);
        for j in days - count..days {
            let t = key.word(j.into()).below(j + 1);
            let taken = set[(t >> 6) as usize] >> (t & 63) & 1 == 1;
            let day = if taken { j } else { t };
            set[(day >> 6) as usize] |= 1 << (day & 63);
        }
    }

    /// The stream of the customer's baskets: two words for each day's.
    #[inline]
    #[must_use]
    pub const fn baskets(&self) -> Key {
        self.key.derive(BASKETS)
    }

    /// The stream of the personal data.
    #[must_use]
    pub const fn person(&self) -> Key {
        self.key.derive(PERSON)
    }
}

/// A customer's category draws.
#[derive(Debug, Clone, Copy)]
pub struct Draws {
    /// Indices into [`CATEGORIES`].
    pub categories: [u8; MOST_DRAWS],
    /// How many of them count, 1…6.
    pub len: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(customer: &Customer, days: u32, count: u32) -> Vec<u64> {
        let mut words = vec![0; days.div_ceil(64) as usize];
        customer.fill_days(737_029, days, count, &mut words);
        words
    }

    #[test]
    fn days_are_distinct_and_inside_the_range() {
        let root = Key::root(1);
        for number in 1..=2_000 {
            let customer = Customer::new(root, number);
            for days in [1, 2, 31, 64, 65, 366] {
                for count in [0, customer.shopping_days(days - 1), days] {
                    let words = set(&customer, days, count);
                    assert_eq!(words.iter().map(|w| w.count_ones()).sum::<u32>(), count);
                    assert!(days % 64 == 0 || words[words.len() - 1] >> (days % 64) == 0);
                }
            }
        }
    }

    #[test]
    fn every_pair_of_days_is_equally_likely() {
        let root = Key::root(5);
        let mut seen = [[0_u32; 7]; 7];
        for number in 1..=42_000 {
            let word = set(&Customer::new(root, number), 7, 2)[0];
            let (low, high) = (word.trailing_zeros() as usize, 63 - word.leading_zeros() as usize);
            seen[low][high] += 1;
        }
        // 21 pairs, 2000 each on average, standard deviation 44
        for (low, row) in seen.iter().enumerate() {
            for n in &row[low + 1..] {
                assert!((1_780..2_220).contains(n), "{seen:?}");
            }
        }
    }

    #[test]
    fn draws_follow_the_bag() {
        let root = Key::root(9);
        let (mut seen, mut lens, mut total) = ([0_u32; 6], [0_u32; 7], 0);
        for number in 1..=50_000 {
            let draws = Customer::new(root, number).categories();
            lens[draws.len as usize] += 1;
            let mut own = [0; 6];
            for c in &draws.categories[..draws.len as usize] {
                seen[*c as usize] += 1;
                own[*c as usize] += 1;
                total += 1;
            }
            assert!(own[1] <= 5, "only five clothes are in the bag");
        }
        assert_eq!(lens[0], 0);
        assert!(lens[1..].iter().all(|n| (8_000..8_700).contains(n)), "{lens:?}");
        for (category, n) in CATEGORIES.iter().zip(seen) {
            let share = f64::from(n) / f64::from(total) * 100.0;
            assert!((share - f64::from(category.bag)).abs() < 0.6, "{}: {share}", category.name);
        }
    }
}
