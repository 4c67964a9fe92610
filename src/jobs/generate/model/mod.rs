//! What makes the data look like a shop's: seasons, growth, customers of very different weight, baskets whose categories
//! go together, prices of products, loyalty that changes. All of it is off in the starter's data.
//!
//! Every draw is of a customer and a day alone, never of the range, so a data set can be continued day by day, and cut
//! into parts, without any row changing. Curves are prepared as whole numbers once, so that machines agree on every bit.

mod file;
mod preset;

pub use file::read;
pub use preset::{PRESETS, preset};

use super::calendar::Calendar;
use super::catalogue::{CATEGORIES, PRODUCTS, product_range};
use super::customer::{Customer, Draws, MEAN_SHARE};
use super::draw::Key;
use super::encode::{FIRST_MINUTE, MINUTES, TOP_PRICE};
use super::faults::Rates;
use super::sale::{Item, MOST_ITEMS, Sale};
use chrono::{Datelike, NaiveDate};

/// Streams of the draws; of products' prices below the root, the others below a customer's key.
const PRICES: u64 = 0x6d6f_6401;
const VISITS: u64 = 0x6d6f_6402;
const WEIGHT: u64 = 0x6d6f_6403;
const LOYALTY: u64 = 0x6d6f_6404;
/// Nobody shops on more than this share of the days.
const BUSIEST: f64 = 0.95;
/// One, for curves as whole numbers.
const ONE: f64 = 65_536.0;
/// Growth counts from this day.
const GROWTH_FROM: Option<NaiveDate> = NaiveDate::from_ymd_opt(2018, 12, 1);

/// Who shops when.
#[derive(Debug, Clone, PartialEq)]
pub struct Visits {
    /// On which share of the days the average customer shops.
    pub rate: f64,
    /// Exponent of the Pareto distribution of customers' weights, above 1; the smaller, the heavier its tail. `None`: the
    /// starter's six even weights.
    pub tail: Option<f64>,
    /// How busy Monday to Sunday are, beside each other.
    pub weekday: [f64; 7],
    /// How busy January to December are, beside each other.
    pub month: [f64; 12],
    /// Growth in a year: 0.1 is ten per cent more.
    pub growth: f64,
}

/// What is in the baskets.
#[derive(Debug, Clone, PartialEq)]
pub struct Baskets {
    /// How likely it is that one more item follows.
    pub more: f64,
    /// Most items.
    pub most: u32,
    /// How likely it is that a further item is of a companion of the first one's category.
    pub companion: f64,
    /// Each category's companions, in the catalogue's order.
    pub companions: [Vec<usize>; CATEGORIES.len()],
    /// How much more often a category's first products are bought than its last; 0: all alike.
    pub popularity: f64,
}

/// What things cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Prices {
    /// Lowest price of a product.
    pub low: u32,
    /// Highest.
    pub high: u32,
    /// Standard deviation of a sale's price around its product's, as a share.
    pub noise: f64,
}

/// What the data is like. Each part is as the starter has it where it is `None`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Model {
    /// Who shops when.
    pub visits: Option<Visits>,
    /// What is in the baskets.
    pub baskets: Option<Baskets>,
    /// What things cost.
    pub prices: Option<Prices>,
    /// Which share of the customers changes its loyalty in 30 days; 0: none, and no files for it.
    pub loyalty: f64,
    /// Faults on purpose.
    pub faults: Rates,
}

impl Default for Visits {
    fn default() -> Self {
        Self { rate: MEAN_SHARE, tail: None, weekday: [1.0; 7], month: [1.0; 12], growth: 0.0 }
    }
}

impl Default for Baskets {
    fn default() -> Self {
        Self { more: 0.5, most: 3, companion: 0.0, companions: Default::default(), popularity: 0.0 }
    }
}

impl Visits {
    /// How busy a day is: 1 on average before growth.
    #[must_use]
    pub fn factor(&self, date: NaiveDate) -> f64 {
        let mean = |parts: &[f64]| parts.iter().sum::<f64>() / parts.len() as f64;
        let weekday = self.weekday[date.weekday().num_days_from_monday() as usize] / mean(&self.weekday);
        let month = self.month[date.month0() as usize] / mean(&self.month);
        let years = GROWTH_FROM.map_or(0.0, |from| (date - from).num_days() as f64 / 365.25);
        weekday * month * (1.0 + self.growth).powf(years)
    }
}

/// A model made ready for one calendar.
#[derive(Debug)]
pub struct Ready {
    visits: Option<Days>,
    baskets: Option<Baskets>,
    prices: Option<Tags>,
    loyalty: u64,
}

/// The days' thresholds.
#[derive(Debug)]
struct Days {
    tail: Option<f64>,
    /// Per day, in 65 536ths: the share of customers of weight 1 who shop.
    share: Vec<u64>,
}

/// Prices as whole numbers.
#[derive(Debug)]
struct Tags {
    of: [u32; PRODUCTS],
    /// Factors of equal likelihood, in 65 536ths.
    noise: Box<[u32; 256]>,
}

impl Ready {
    /// For `calendar`. `daily` draws every customer's days one by one, even where the model says nothing of visits.
    #[must_use]
    pub fn new(model: &Model, root: Key, calendar: &Calendar, daily: bool) -> Self {
        let visits = model.visits.clone().or_else(|| daily.then(Visits::default));
        let visits = visits.map(|visits| {
            let share = |day| scaled(visits.rate * visits.factor(calendar.date(day)));
            Days { tail: visits.tail, share: (0..calendar.days).map(share).collect() }
        });
        let loyalty = super::draw::threshold(model.loyalty / 30.0);
        Self {
            visits,
            baskets: model.baskets.clone(),
            prices: model.prices.as_ref().map(|p| Tags::new(p, root)),
            loyalty,
        }
    }

    /// Whether transactions are the starter's own.
    #[must_use]
    pub const fn is_starter(&self) -> bool {
        self.visits.is_none() && self.baskets.is_none() && self.prices.is_none()
    }

    /// Whether days are drawn one by one.
    #[must_use]
    pub const fn is_daily(&self) -> bool {
        self.visits.is_some()
    }

    /// Whether customers change.
    #[must_use]
    pub const fn has_corrections(&self) -> bool {
        self.loyalty > 0
    }

    /// Sets the bits of the days in `days` on which a customer shops.
    pub fn fill_days(&self, customer: &Customer, first: u64, days: std::ops::Range<u32>, set: &mut [u64]) {
        set.fill(0);
        let Some(visits) = &self.visits else { return };
        let weight = visits.weight(customer);
        let key = customer.stream(VISITS);
        for day in days {
            let share = visits.share[day as usize].saturating_mul(weight) >> 16;
            let below = share.min(scaled(BUSIEST)) << 16;
            let draw = key.word(first + u64::from(day)).whole() >> 32;
            if draw < below {
                set[(day >> 6) as usize] |= 1 << (day & 63);
            }
        }
    }

    /// A customer's purchase.
    #[must_use]
    pub fn sale(&self, number: u64, draws: &Draws, baskets: Key, ordinal: u64) -> Sale {
        let mut sale = Sale::starter(number, draws, baskets, ordinal);
        if let Some(rules) = &self.baskets {
            rules.fill(&mut sale, draws, baskets.derive(ordinal));
        }
        if let Some(tags) = &self.prices {
            let key = baskets.derive(ordinal ^ PRICES);
            for (i, item) in (0_u64..).zip(sale.items.iter_mut().take(sale.count)) {
                item.price = tags.price(item.product, key.word(i).below(256));
            }
        }
        sale
    }

    /// A customer's new loyalty on a day, where it changes.
    #[must_use]
    pub fn correction(&self, customer: &Customer, ordinal: u64) -> Option<u32> {
        let word = customer.stream(LOYALTY).word(2 * ordinal);
        (word.whole() < self.loyalty).then(|| 1 + customer.stream(LOYALTY).word(2 * ordinal + 1).below(10))
    }
}

impl Days {
    /// In 65 536ths; 1 on average.
    fn weight(&self, customer: &Customer) -> u64 {
        let mut word = customer.stream(WEIGHT).word(0);
        match self.tail {
            Some(exponent) => {
                // Inverse of the Pareto distribution with mean 1; 2²⁰ steps are enough for any curve.
                let rest = 1.0 - f64::from(word.below(1 << 20)) / f64::from(1 << 20);
                scaled((exponent - 1.0) / exponent * rest.powf(-1.0 / exponent))
            }
            None => customer.even_weight(),
        }
    }
}

impl Baskets {
    fn fill(&self, sale: &mut Sale, draws: &Draws, key: Key) {
        let mut word = key.word(0);
        let category = draws.categories[word.below(draws.len) as usize] as usize;
        let most = (self.most as usize).clamp(1, MOST_ITEMS);
        let more = scaled(self.more);
        sale.count = 1;
        while sale.count < most && u64::from(key.word(sale.count as u64).below(65_536)) < more {
            sale.count += 1;
        }
        sale.second = 60 * (FIRST_MINUTE + word.below(MINUTES)) + word.below(60);
        for (i, item) in (0_u64..).zip(sale.items.iter_mut().take(sale.count)) {
            let mut word = key.word(64 + i);
            let friends = &self.companions[category];
            let strays = i > 0 && u64::from(word.below(65_536)) < scaled(self.companion);
            let own = match u32::try_from(friends.len()) {
                Ok(n) if strays && n > 0 => friends[word.below(n) as usize],
                _ => category,
            };
            let (first, count) = product_range(own);
            *item = Item { product: first + self.popular(count, word.below(65_536)), price: 1 + word.below(TOP_PRICE) };
        }
    }

    /// One of `count` by a draw of 65 536.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // below count
    fn popular(&self, count: u32, draw: u32) -> u32 {
        if self.popularity <= 0.0 {
            return ((u64::from(draw) * u64::from(count)) >> 16) as u32;
        }
        let skewed = (f64::from(draw) / ONE).powf(1.0 + self.popularity);
        ((skewed * f64::from(count)) as u32).min(count - 1)
    }
}

impl Tags {
    fn new(prices: &Prices, root: Key) -> Self {
        let (low, high) = (f64::from(prices.low.max(1)), f64::from(prices.high.max(prices.low)));
        // Evenly spread on a scale of ratios: as many products from 10 to 100 as from 100 to 1000.
        let of = std::array::from_fn(|product| {
            let at = f64::from(root.derive(PRICES).word(product as u64).below(1_000)) / 999.0;
            rounded(low * (high / low).powf(at))
        });
        let step = |i: usize| rounded(ONE * (prices.noise * normal((i as f64 + 0.5) / 256.0)).exp());
        Self { of, noise: Box::new(std::array::from_fn(step)) }
    }

    fn price(&self, product: u32, draw: u32) -> u32 {
        let of = u64::from(self.of[product as usize % PRODUCTS]);
        let price = (of * u64::from(self.noise[draw as usize % 256]) + (1 << 15)) >> 16;
        u32::try_from(price).unwrap_or(u32::MAX).max(1)
    }
}

/// The standard normal distribution's quantile, to three places (Shore's simple approximation is too coarse; this is
/// Hastings', Abramowitz and Stegun 26.2.23).
fn normal(share: f64) -> f64 {
    let tail = share.min(1.0 - share);
    let t = (-2.0 * tail.ln()).sqrt();
    let z = t
        - (2.515_517 + 0.802_853 * t + 0.010_328 * t * t)
            / (1.0 + 1.432_788 * t + 0.189_269 * t * t + 0.001_308 * t * t * t);
    if share < 0.5 { -z } else { z }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // floats saturate, and none is negative
fn scaled(share: f64) -> u64 {
    (share * ONE).round() as u64
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // the same
fn rounded(n: f64) -> u32 {
    n.round() as u32
}

#[cfg(test)]
mod tests;
