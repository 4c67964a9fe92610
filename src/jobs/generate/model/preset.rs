//! Models that have a name.

use super::{Baskets, Model, Prices, Visits};
use crate::jobs::generate::catalogue::CATEGORIES;

/// The names, and what each is like.
pub const PRESETS: [(&str, &str); 4] = [
    ("starter", "the starter project's even data; nothing below is on"),
    ("retail", "busy weekends and Decembers, heavy-tailed customers, growth of 8 % a year, changing loyalty"),
    ("grocer", "steady all year, large baskets of food that go together, few prices that move"),
    ("startup", "three times as much each year, a few customers buy most"),
];

/// The model of a name.
#[must_use]
pub fn preset(name: &str) -> Option<Model> {
    Some(match name {
        "starter" => Model::default(),
        "retail" => Model {
            visits: Some(Visits {
                rate: 0.16,
                tail: Some(1.6),
                weekday: [0.8, 0.75, 0.8, 0.9, 1.2, 1.6, 0.95],
                month: [0.8, 0.8, 0.9, 0.95, 1.0, 1.0, 0.95, 0.9, 0.95, 1.05, 1.25, 1.45],
                growth: 0.08,
            }),
            baskets: Some(Baskets { more: 0.6, most: 8, companion: 0.35, companions: pairs(), popularity: 0.8 }),
            prices: Some(Prices { low: 20, high: 2_000, noise: 0.08 }),
            loyalty: 0.05,
            ..Model::default()
        },
        "grocer" => Model {
            visits: Some(Visits {
                rate: 0.3,
                tail: Some(3.0),
                weekday: [0.9, 0.8, 0.85, 1.0, 1.3, 1.4, 0.75],
                ..Visits::default()
            }),
            baskets: Some(Baskets { more: 0.8, most: 12, companion: 0.6, companions: pairs(), popularity: 1.2 }),
            prices: Some(Prices { low: 15, high: 900, noise: 0.02 }),
            loyalty: 0.01,
            ..Model::default()
        },
        "startup" => Model {
            visits: Some(Visits { rate: 0.05, tail: Some(1.2), growth: 2.0, ..Visits::default() }),
            baskets: Some(Baskets { more: 0.3, most: 4, popularity: 1.5, ..Baskets::default() }),
            prices: Some(Prices { low: 50, high: 2_000, noise: 0.15 }),
            loyalty: 0.15,
            ..Model::default()
        },
        _ => return None,
    })
}

/// What is bought together: food with greens and drinks, sweets with drinks, clothes with the house.
fn pairs() -> [Vec<usize>; CATEGORIES.len()] {
    let of = |names: &[&str]| {
        CATEGORIES.iter().enumerate().filter(|(_, c)| names.contains(&c.name)).map(|(i, _)| i).collect()
    };
    [
        of(&["clothes", "food"]),
        of(&["house"]),
        of(&["food"]),
        of(&["bws", "fruit_veg"]),
        of(&["fruit_veg", "bws"]),
        of(&["food", "sweets"]),
    ]
}
