//! A model of one's own, in TOML. Mistakes are told with file, line and key.

use super::{Baskets, Model, Prices, Visits, preset};
use crate::jobs::JobError;
use crate::jobs::generate::catalogue::CATEGORIES;
use crate::jobs::generate::encode::TOP_PRICE;
use crate::jobs::generate::faults::{Kind, names};
use crate::jobs::generate::sale::MOST_ITEMS;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

type Number = Spanned<f64>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    preset: Option<Spanned<String>>,
    visits: Option<WrittenVisits>,
    baskets: Option<WrittenBaskets>,
    prices: Option<WrittenPrices>,
    loyalty: Option<WrittenLoyalty>,
    #[serde(default)]
    faults: BTreeMap<Spanned<String>, Number>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenVisits {
    rate: Option<Number>,
    tail: Option<Number>,
    weekday: Option<Spanned<Vec<f64>>>,
    month: Option<Spanned<Vec<f64>>>,
    growth: Option<Number>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenBaskets {
    more: Option<Number>,
    most: Option<Number>,
    companion: Option<Number>,
    companions: Option<BTreeMap<Spanned<String>, Vec<Spanned<String>>>>,
    popularity: Option<Number>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPrices {
    low: Option<Number>,
    high: Option<Number>,
    noise: Option<Number>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenLoyalty {
    changes: Option<Number>,
}

/// Where a text came from.
struct Place<'a> {
    path: &'a str,
    text: &'a str,
}

impl Place<'_> {
    fn wrong(&self, at: usize, key: &str, why: &str) -> JobError {
        let line = 1 + self.text.as_bytes().iter().take(at).filter(|b| **b == b'\n').count();
        JobError::Usage(format!("{}:{line}: {key}: {why}", self.path))
    }

    /// Sets a number where it is given and from `low` to `high`.
    fn number(&self, key: &str, given: Option<&Number>, low: f64, high: f64, to: &mut f64) -> Result<(), JobError> {
        if let Some(given) = given {
            let value = *given.get_ref();
            if !(low..=high).contains(&value) {
                return Err(self.wrong(given.span().start, key, &format!("{value} is not from {low} to {high}")));
            }
            *to = value;
        }
        Ok(())
    }

    fn curve<const N: usize>(
        &self,
        key: &str,
        given: Option<&Spanned<Vec<f64>>>,
        to: &mut [f64; N],
    ) -> Result<(), JobError> {
        let Some(given) = given else { return Ok(()) };
        let values = given.get_ref();
        let sound = values.iter().all(|v| v.is_finite() && *v >= 0.0) && values.iter().sum::<f64>() > 0.0;
        match <[f64; N]>::try_from(values.as_slice()) {
            Ok(values) if sound => *to = values,
            _ => {
                let why = format!("it takes {N} numbers, none below 0 and not all 0; these are {}", values.len());
                return Err(self.wrong(given.span().start, key, &why));
            }
        }
        Ok(())
    }

    fn category(&self, name: &Spanned<String>) -> Result<usize, JobError> {
        let known: Vec<_> = CATEGORIES.iter().map(|c| c.name).collect();
        known.iter().position(|n| n == name.get_ref()).ok_or_else(|| {
            let why = format!("{:?} is no category; there are {}", name.get_ref(), known.join(", "));
            self.wrong(name.span().start, "baskets.companions", &why)
        })
    }
}

/// Reads a model; `path` is for messages.
///
/// # Errors
/// [`JobError::Usage`] with `file:line: key: what is wrong`.
pub fn read(path: &str, text: &str) -> Result<Model, JobError> {
    let place = Place { path, text };
    let written: Written = toml::from_str(text)
        .map_err(|e| place.wrong(e.span().map_or(0, |s| s.start), "recipe", e.message().trim_end()))?;
    let mut model = match &written.preset {
        None => Model::default(),
        Some(name) => preset(name.get_ref()).ok_or_else(|| {
            let known: Vec<_> = super::PRESETS.iter().map(|(n, _)| *n).collect();
            let why = format!("{:?} is none; there are {}", name.get_ref(), known.join(", "));
            place.wrong(name.span().start, "preset", &why)
        })?,
    };
    if let Some(given) = &written.visits {
        visits(&place, given, model.visits.get_or_insert_with(Visits::default))?;
    }
    if let Some(given) = &written.baskets {
        baskets(&place, given, model.baskets.get_or_insert_with(Baskets::default))?;
    }
    if let Some(given) = &written.prices {
        prices(&place, given, model.prices.get_or_insert(Prices { low: 1, high: TOP_PRICE, noise: 0.0 }))?;
    }
    if let Some(given) = &written.loyalty {
        place.number("loyalty.changes", given.changes.as_ref(), 0.0, 30.0, &mut model.loyalty)?;
    }
    // In the order of the file, so that the one that goes too far is the one that is named.
    let mut faults: Vec<_> = written.faults.iter().collect();
    faults.sort_by_key(|(name, _)| name.span().start);
    for (name, rate) in faults {
        let key = format!("faults.{}", name.get_ref());
        let kind = Kind::of(name.get_ref())
            .ok_or_else(|| place.wrong(name.span().start, &key, &format!("no such fault; there are {}", names())))?;
        model.faults.set(kind, *rate.get_ref()).map_err(|why| place.wrong(rate.span().start, &key, &why))?;
    }
    Ok(model)
}

fn visits(place: &Place, given: &WrittenVisits, to: &mut Visits) -> Result<(), JobError> {
    place.number("visits.rate", given.rate.as_ref(), 0.0, 0.95, &mut to.rate)?;
    place.number("visits.growth", given.growth.as_ref(), -0.99, 100.0, &mut to.growth)?;
    place.curve("visits.weekday", given.weekday.as_ref(), &mut to.weekday)?;
    place.curve("visits.month", given.month.as_ref(), &mut to.month)?;
    if given.tail.is_some() {
        let mut tail = 0.0;
        place.number("visits.tail", given.tail.as_ref(), 1.05, 100.0, &mut tail)?;
        to.tail = Some(tail);
    }
    Ok(())
}

fn baskets(place: &Place, given: &WrittenBaskets, to: &mut Baskets) -> Result<(), JobError> {
    place.number("baskets.more", given.more.as_ref(), 0.0, 1.0, &mut to.more)?;
    place.number("baskets.companion", given.companion.as_ref(), 0.0, 1.0, &mut to.companion)?;
    place.number("baskets.popularity", given.popularity.as_ref(), 0.0, 10.0, &mut to.popularity)?;
    let mut most = f64::from(to.most);
    place.number("baskets.most", given.most.as_ref(), 1.0, MOST_ITEMS as f64, &mut most)?;
    to.most = super::rounded(most);
    if let Some(companions) = &given.companions {
        for (category, of) in companions {
            to.companions[place.category(category)?] =
                of.iter().map(|name| place.category(name)).collect::<Result<_, _>>()?;
        }
    }
    Ok(())
}

fn prices(place: &Place, given: &WrittenPrices, to: &mut Prices) -> Result<(), JobError> {
    let (mut low, mut high) = (f64::from(to.low), f64::from(to.high));
    place.number("prices.low", given.low.as_ref(), 1.0, 1e6, &mut low)?;
    place.number("prices.high", given.high.as_ref(), low, 1e6, &mut high)?;
    place.number("prices.noise", given.noise.as_ref(), 0.0, 2.0, &mut to.noise)?;
    if high < low {
        let at = given.low.as_ref().map_or(0, |n| n.span().start);
        return Err(place.wrong(at, "prices.low", &format!("{low} is above prices.high, {high}")));
    }
    (to.low, to.high) = (super::rounded(low), super::rounded(high));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipe_changes_its_preset() {
        let text = "preset = \"retail\"\n[visits]\nrate = 0.5\n[baskets.companions]\nfood = [\"sweets\"]\n[faults]\nmalformed = 0.01\n";
        let (model, retail) = (read("r.toml", text).unwrap(), preset("retail").unwrap());
        let visits = model.visits.unwrap();
        assert_eq!((visits.rate, visits.tail), (0.5, retail.visits.unwrap().tail));
        assert_eq!(model.baskets.unwrap().companions[4], [3]);
        assert!(!model.faults.is_none() && model.prices == retail.prices);
        assert_eq!(read("r.toml", "").unwrap(), Model::default());
    }

    #[test]
    fn mistakes_name_file_line_and_key() {
        for (text, said) in [
            ("\n[visits]\nrate = 2\n", "r.toml:3: visits.rate: 2 is not from 0 to 0.95"),
            ("[visits]\nweekday = [1, 2]\n", "r.toml:2: visits.weekday: it takes 7 numbers"),
            ("[visits]\nwekday = [1]\n", "r.toml:2: recipe: unknown field `wekday`"),
            ("preset = \"shop\"", "r.toml:1: preset: \"shop\" is none; there are starter, retail"),
            ("[baskets]\nmost = 99", "r.toml:2: baskets.most: 99 is not from 1 to 12"),
            ("[baskets.companions]\nfood = [\"pets\"]", "r.toml:2: baskets.companions: \"pets\" is no category"),
            ("[prices]\nlow = 3000", "r.toml:2: prices.low: 3000 is above prices.high, 2000"),
            ("[faults]\nnull = 0.1\nodd = 1", "r.toml:3: faults.odd: no such fault"),
            ("[faults]\nnull = 0.6\nempty = 0.6", "r.toml:3: faults."),
            ("[visits\n", "r.toml:1: recipe: "),
        ] {
            let error = read("r.toml", text).unwrap_err().to_string();
            assert!(error.starts_with(said), "{error}\n{said}");
        }
    }
}
