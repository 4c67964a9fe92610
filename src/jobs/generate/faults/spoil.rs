//! Spoils one row of JSON.

use super::super::catalogue::PRODUCTS;
use super::super::draw::Key;
use super::super::encode::Rows;
use super::{Kind, Note};
use chrono::{Days, NaiveDate};

/// By how many days a clock is wrong, before or after.
const SKEWS: [u64; 4] = [1, 2, 365, 3_650];
/// Unknown customers have numbers up to so many beyond the last.
const STRANGERS: u32 = 1_000;
/// Unknown products have numbers above the known, up to this.
const LAST_PRODUCT: u32 = 99;

/// What stands between these is a row's own.
const CUSTOMER: &[u8] = br#"{"customer_id":""#;
const BASKET: &[u8] = br#"","basket":["#;
const DATE: &[u8] = br#"],"date_of_purchase":""#;
const DATE_LEN: usize = "YYYY-MM-DD HH:MM:SS".len();

/// A row taken apart.
struct Row {
    customer: String,
    basket: String,
    date: String,
    /// From the date's closing quote to the brace: the keys of a drifted file.
    rest: String,
}

impl Row {
    fn of(line: &[u8]) -> Option<Self> {
        let basket = memchr::memmem::find(line, BASKET)?;
        let date = memchr::memmem::rfind(line, DATE)?;
        let time = date + DATE.len();
        let text = |from: usize, to: usize| Some(std::str::from_utf8(line.get(from..to)?).ok()?.to_owned());
        Some(Self {
            customer: text(CUSTOMER.len(), basket)?,
            basket: text(basket + BASKET.len(), date)?,
            date: text(time, time + DATE_LEN)?,
            rest: text(time + DATE_LEN + 1, line.len() - 1)?,
        })
    }

    fn keys(&self, parts: &[(&str, String); 3]) -> String {
        let keys: Vec<_> =
            parts.iter().filter(|(_, v)| !v.is_empty()).map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}{}}}", keys.join(","), self.rest)
    }

    /// As JSON, with these values as they are to stand there; an empty one leaves the key out.
    fn with(&self, customer: Option<&str>, basket: Option<&str>, date: Option<&str>) -> String {
        let or = |given: Option<&str>, own: String| given.map_or(own, str::to_owned);
        self.keys(&[
            ("customer_id", or(customer, format!("\"{}\"", self.customer))),
            ("basket", or(basket, format!("[{}]", self.basket))),
            ("date_of_purchase", or(date, format!("\"{}\"", self.date))),
        ])
    }

    /// The basket with its first product's id exchanged.
    fn first_product(&self, id: &str) -> String {
        let from = r#"{"product_id":""#.len();
        let to = self.basket[from..].find('"').map_or(from, |end| from + end);
        format!("[{}{id}{}]", &self.basket[..from], &self.basket[to..])
    }

    /// The basket with its first price exchanged.
    fn first_price(&self, price: impl Fn(&str) -> String) -> String {
        let key = r#""price":"#;
        let from = self.basket.find(key).map_or(0, |at| at + key.len());
        let to = self.basket[from..].find('}').map_or(from, |end| from + end);
        format!("[{}{}{}]", &self.basket[..from], price(&self.basket[from..to]), &self.basket[to..])
    }
}

/// Spoils the last row of `rows`, which begins at byte `start`. `customers` is how many there are.
pub fn spoil(rows: &mut Rows, start: usize, kind: Kind, key: Key, customers: u64) {
    let line = rows.bytes()[start..].trim_ascii_end().to_vec();
    let Some(row) = Row::of(&line) else { return };
    let mut bits = key.word(1);
    let (mut spoiled, detail) = spoiled(&row, &line, kind, &mut |n| bits.below(n), customers);
    if kind == Kind::DuplicateRow {
        rows.append(&[&line[..], b"\n"].concat(), 1);
    } else {
        rows.cut(start);
        spoiled.push(b'\n');
        rows.append(&spoiled, 0);
    }
    rows.notes.push(Note { line: rows.count, kind, detail });
}

fn spoiled(row: &Row, line: &[u8], kind: Kind, draw: &mut dyn FnMut(u32) -> u32, customers: u64) -> (Vec<u8>, String) {
    let told = |text: String, detail: &str| (text.into_bytes(), detail.to_owned());
    match kind {
        Kind::Malformed => {
            let text = String::from_utf8_lossy(line).into_owned();
            match draw(3) {
                0 => told(text[..text.len() / 2].to_owned(), "cut in the middle"),
                1 => told(text[..text.len() - 1].to_owned(), "no closing brace"),
                _ => told(format!("{text}}}"), "a brace too many"),
            }
        }
        Kind::WrongType => match draw(3) {
            0 => told(row.with(Some(&row.customer[1..]), None, None), "customer_id is a number"),
            1 => told(row.with(None, Some(&row.first_price(|p| format!("\"{p}\""))), None), "price is a text"),
            _ => told(row.with(None, Some("\"none\""), None), "basket is a text"),
        },
        Kind::MissingKey => match draw(3) {
            0 => told(row.with(Some(""), None, None), "customer_id"),
            1 => told(row.with(None, Some(""), None), "basket"),
            _ => told(row.with(None, None, Some("")), "date_of_purchase"),
        },
        Kind::UnknownCustomer => {
            let id = format!("C{}", customers + 1 + u64::from(draw(STRANGERS)));
            (row.with(Some(&format!("\"{id}\"")), None, None).into_bytes(), id)
        }
        Kind::UnknownProduct => {
            let known = u32::try_from(PRODUCTS).unwrap_or(LAST_PRODUCT - 1);
            let id = format!("P{}", known + 1 + draw(LAST_PRODUCT - known));
            (row.with(None, Some(&row.first_product(&id)), None).into_bytes(), id)
        }
        Kind::Null => match draw(3) {
            0 => told(row.with(Some("null"), None, None), "customer_id"),
            1 => told(row.with(None, Some(&row.first_price(|_| "null".into())), None), "price"),
            _ => told(row.with(None, None, Some("null")), "date_of_purchase"),
        },
        Kind::Empty => match draw(3) {
            0 => told(row.with(Some("\"\""), None, None), "customer_id"),
            1 => told(row.with(None, Some(&row.first_product("")), None), "product_id"),
            _ => told(row.with(None, Some("[]"), None), "basket"),
        },
        Kind::Encoding => {
            let (bytes, detail): (&[u8], _) = match draw(3) {
                0 => (b"\xff", "a byte that UTF-8 never has"),
                1 => (b"\xc3", "half a character"),
                _ => (b"\xe9", "Latin-1"),
            };
            let at = CUSTOMER.len() + 1;
            ([&line[..at], bytes, &line[at..]].concat(), detail.to_owned())
        }
        Kind::ClockSkew => {
            let days = SKEWS[draw(4) as usize];
            let (date, time) = row.date.split_at(10);
            let date = NaiveDate::parse_from_str(date, "%Y-%m-%d").unwrap_or_default();
            let (moved, sign) = match draw(2) {
                0 => (date.checked_add_days(Days::new(days)), '+'),
                _ => (date.checked_sub_days(Days::new(days)), '-'),
            };
            let moved = format!("\"{}{time}\"", moved.unwrap_or(date));
            (row.with(None, None, Some(&moved)).into_bytes(), format!("{sign}{days} days"))
        }
        _ => (line.to_vec(), String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"customer_id":"C12","basket":[{"product_id":"P01","price":5},{"product_id":"P02","price":7}],"date_of_purchase":"2018-12-01 10:00:00"}"#;

    fn all(kind: Kind) -> Vec<(Vec<u8>, String)> {
        (0..3)
            .map(|n| spoiled(&Row::of(LINE.as_bytes()).unwrap(), LINE.as_bytes(), kind, &mut |m| n % m, 137))
            .collect()
    }

    #[test]
    fn each_kind_spoils_what_it_says() {
        let json = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).ok();
        assert!(all(Kind::Malformed).iter().all(|(b, _)| json(b).is_none()));
        assert!(all(Kind::Encoding).iter().all(|(b, _)| std::str::from_utf8(b).is_err()));
        for (bytes, key) in all(Kind::MissingKey) {
            assert!(json(&bytes).unwrap().get(key.as_str()).is_none(), "{key}");
        }
        let types = all(Kind::WrongType);
        assert_eq!(json(&types[0].0).unwrap()["customer_id"], 12);
        assert_eq!(json(&types[1].0).unwrap()["basket"][0]["price"], "5");
        assert_eq!(json(&types[2].0).unwrap()["basket"], "none");
        let nulls = all(Kind::Null);
        assert!(json(&nulls[0].0).unwrap()["customer_id"].is_null());
        assert!(json(&nulls[1].0).unwrap()["basket"][0]["price"].is_null());
        assert_eq!(json(&nulls[1].0).unwrap()["basket"][1]["price"], 7);
        let empty = all(Kind::Empty);
        assert_eq!(json(&empty[1].0).unwrap()["basket"][0]["product_id"], "");
        assert_eq!(json(&all(Kind::UnknownProduct)[2].0).unwrap()["basket"][0]["product_id"], "P67");
        assert_eq!(json(&all(Kind::UnknownCustomer)[1].0).unwrap()["customer_id"], "C139");
        assert_eq!(json(&all(Kind::ClockSkew)[0].0).unwrap()["date_of_purchase"], "2018-12-02 10:00:00");
        assert_eq!(all(Kind::ClockSkew)[1].1, "-2 days");
    }

    #[test]
    fn a_drifted_row_keeps_its_key() {
        let line = LINE.replace("00\"}", "00\",\"channel\":\"app\"}");
        let row = Row::of(line.as_bytes()).unwrap();
        assert_eq!(row.with(None, None, None), line);
    }
}
