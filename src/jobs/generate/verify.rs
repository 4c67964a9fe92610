//! Compares what was written with what was asked: keys, days, and the shapes of distributions. The counts are
//! [`super::recount`]'s, which shares no code with the writer.

use super::Model;
use super::model::Visits;
use super::recount::Recount;
use chrono::NaiveDate;
use serde::Serialize;

/// Beyond so many standard deviations a distribution is not what was asked: once in half a billion by chance.
const SIGMAS: f64 = 6.0;
/// Days of fewer expected transactions say nothing about a distribution.
const FEW: f64 = 20.0;
/// The starter's baskets hold one to three items, its prices run from 1 to 2000, evenly: means and variances.
const STARTER_LINES: (f64, f64) = (2.0, 2.0 / 3.0);
const STARTER_PRICE: (f64, f64) = (1000.5, (2000.0 * 2000.0 - 1.0) / 12.0);

/// One check.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: String,
    /// Whether it is as asked.
    pub ok: bool,
    /// What was found, and what would do.
    pub found: String,
}

/// All of them, with the counts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verified {
    /// Whether all checks hold.
    pub ok: bool,
    /// Files read.
    pub files: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Distinct customers.
    pub customers: u64,
    /// Distinct products.
    pub products: u64,
    /// Well-formed transactions.
    pub transactions: u64,
    /// Their basket lines.
    pub lines: u64,
    /// Distinct customers who bought something.
    pub buyers: u64,
    /// Days with transactions.
    pub days: u64,
    /// The checks.
    pub checks: Vec<Check>,
}

/// Judges the counts by what a model promises.
#[must_use]
pub fn judge(count: &Recount, model: &Model) -> Verified {
    let first =
        count.faults.first().map_or_else(String::new, |f| format!(", first {}:{}: {}", f.file, f.line, f.reason));
    let repeated = count.customer_rows.saturating_sub(count.customers);
    let mut checks = vec![
        none("rows that do not read", count.malformed, &first),
        none("transactions in another day's folder", count.misfiled, ""),
        none("unknown customers", count.unknown_customers(), ""),
        none("unknown products", count.unknown_products(), ""),
        none("products that stand twice", count.product_rows.saturating_sub(count.products), ""),
        Check {
            name: "customers and products are there".into(),
            ok: count.customers > 0 && count.products > 0,
            found: format!("{} and {}", count.customers, count.products),
        },
    ];
    if model.loyalty <= 0.0 {
        checks.push(none("customers that stand twice", repeated, ""));
    }
    checks.push(days(count, model.visits.as_ref()));
    let (transactions, lines) = (count.transactions as f64, count.lines as f64);
    let baskets = model.baskets.as_ref().map_or(STARTER_LINES, |b| lines_of(b.more, b.most));
    checks.push(mean("lines in a basket", lines, transactions, baskets));
    if model.prices.is_none() {
        let amount: f64 = count.days.values().map(|d| d.amount as f64).sum();
        checks.push(mean("price", amount, lines, STARTER_PRICE));
    }
    Verified {
        ok: checks.iter().all(|c| c.ok),
        files: count.files,
        bytes: count.bytes,
        customers: count.customers,
        products: count.products,
        transactions: count.transactions,
        lines: count.lines,
        buyers: count.buyers,
        days: count.days.len() as u64,
        checks,
    }
}

fn none(name: &str, found: u64, more: &str) -> Check {
    Check { name: format!("no {name}"), ok: found == 0, found: format!("{found}{more}") }
}

/// A mean of `n` draws of a known mean and variance.
fn mean(name: &str, sum: f64, n: f64, (expected, variance): (f64, f64)) -> Check {
    let name = format!("mean {name}");
    if n < FEW {
        return Check { name, ok: true, found: format!("too few to tell: {n}") };
    }
    let (found, slack) = (sum / n, SIGMAS * (variance / n).sqrt());
    let ok = (found - expected).abs() <= slack;
    Check { name, ok, found: format!("{found:.3}, asked {expected:.3} ± {slack:.3}") }
}

/// Mean and variance of a basket's lines: one more with probability `more`, up to `most`.
fn lines_of(more: f64, most: u32) -> (f64, f64) {
    let chance = |k: i32| more.powi(k - 1) * if k < i32::try_from(most).unwrap_or(1) { 1.0 - more } else { 1.0 };
    let sizes = 1..=i32::try_from(most).unwrap_or(1);
    let mean: f64 = sizes.clone().map(|k| f64::from(k) * chance(k)).sum();
    let square: f64 = sizes.map(|k| f64::from(k * k) * chance(k)).sum();
    (mean, square - mean * mean)
}

/// Pearson's chi-square of the days' transactions against the days' weights. What is too even is no fault: a customer's
/// days are drawn without replacement.
fn days(count: &Recount, visits: Option<&Visits>) -> Check {
    let name = "transactions by day".to_owned();
    let found: Vec<(f64, f64)> = count
        .days
        .iter()
        .filter_map(|(day, c)| {
            let date: NaiveDate = day.parse().ok()?;
            Some((c.transactions as f64, visits.map_or(1.0, |v| v.factor(date))))
        })
        .collect();
    let (all, weights) = found.iter().fold((0.0, 0.0), |(n, w), (c, f)| (n + c, w + f));
    let cells: Vec<_> = found.iter().map(|(c, f)| (*c, all * f / weights)).filter(|(_, e)| *e >= FEW).collect();
    if cells.len() < 2 {
        return Check { name, ok: true, found: format!("too few to tell: {all} on {} day(s)", found.len()) };
    }
    let chi2: f64 = cells.iter().map(|(c, e)| (c - e).powi(2) / e).sum();
    let freedom = cells.len() as f64 - 1.0;
    // Heavy customers are held at shopping daily, which bends the curve by a few per cent where there is one.
    let bend: f64 = if visits.is_some() { cells.iter().map(|(_, e)| e * 0.05 * 0.05).sum() } else { 0.0 };
    let most = freedom + SIGMAS * (2.0 * freedom).sqrt() + bend;
    Check {
        name,
        ok: chi2 <= most,
        found: format!("chi-square {chi2:.1} on {freedom} degrees of freedom, at most {most:.1}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(rows: &str) -> Recount {
        let mut count = Recount::default();
        count.add_customers(b"customer_id,loyalty_score\nC1,3\n");
        count.add_products(b"product_id,product_description,product_category\nP01,soap,house\n");
        count.add_transactions("t/d=2018-12-01/x.json", rows.as_bytes());
        count
    }

    fn row(customer: &str, price: u32, day: u32) -> String {
        format!(
            "{{\"customer_id\":\"{customer}\",\"basket\":[{{\"product_id\":\"P01\",\"price\":{price}}},{{\"product_id\":\"P01\",\"price\":{price}}}],\"date_of_purchase\":\"2018-12-{day:02} 10:00:00\"}}\n"
        )
    }

    fn failed(count: &Recount) -> Vec<String> {
        judge(count, &Model::default()).checks.into_iter().filter(|c| !c.ok).map(|c| c.name).collect()
    }

    #[test]
    fn each_violation_is_found() {
        assert_eq!(failed(&counted(&row("C1", 1_000, 1))), Vec::<String>::new());
        assert_eq!(failed(&counted(&row("C2", 1_000, 1))), ["no unknown customers"]);
        assert_eq!(failed(&counted("{}\n")), ["no rows that do not read"]);
        assert_eq!(failed(&counted(&row("C1", 1_000, 2))), ["no transactions in another day's folder"]);
        assert_eq!(failed(&counted(&row("C1", 1_500, 1).repeat(200))), ["mean price"]);
        let uneven: String = (1..=10).map(|d| row("C1", 1_000, d).repeat(if d == 4 { 200 } else { 60 })).collect();
        assert_eq!(failed(&counted(&uneven)), ["no transactions in another day's folder", "transactions by day"]);
    }

    #[test]
    fn a_geometric_basket_has_its_mean() {
        assert_eq!(lines_of(0.0, 3), (1.0, 0.0));
        let (mean, variance) = lines_of(0.5, 2);
        assert!((mean - 1.5).abs() < 1e-12 && (variance - 0.25).abs() < 1e-12);
    }
}
