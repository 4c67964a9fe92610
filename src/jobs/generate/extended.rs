//! The extended shape: more columns, made with the `fake` crate from the customer's or product's own stream. The
//! starter's columns keep their values. The customers' columns are personal data (of nobody).

use super::calendar::Calendar;
use super::catalogue::{product_id, products};
use super::customer::Customer;
use super::draw::Key;
use super::encode::Rows;
use super::layout::Unit;
use chrono::{Days, NaiveDate};
use fake::Fake;
use fake::faker::address::en::CityName;
use fake::faker::company::en::CompanyName;
use fake::faker::name::en::{FirstName, LastName};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

const CUSTOMERS: [&str; 7] = ["customer_id", "loyalty_score", "name", "email", "birth_date", "city", "joined_on"];
const PRODUCTS: [&str; 6] = ["product_id", "product_description", "product_category", "brand", "unit", "list_price"];

/// Apart from every customer's number.
const PRODUCT_STREAMS: u64 = u64::MAX;
/// Domains that RFC 2606 keeps free, so that no mail can reach anyone.
const DOMAINS: [&str; 3] = ["example.com", "example.net", "example.org"];
/// Days from the first to the last possible birthday: 1 January 1930 to 31 December 2000.
const BIRTHDAYS: u32 = 25_933;
/// A customer joined up to ten years before the first day.
const JOINED_WITHIN: u32 = 3_652;

/// What a product of each category is sold by, in the catalogue's order.
const UNITS: [&[&str]; 6] = [
    &["each", "pack", "box"],
    &["each", "pair"],
    &["kg", "each", "punnet"],
    &["each", "pack", "box"],
    &["500 g", "1 kg", "pack"],
    &["70 cl", "75 cl", "4 x 440 ml"],
];

/// Appends the unit's customers.
pub fn customers_table(rows: &mut Rows, root: Key, calendar: &Calendar, unit: &Unit) {
    let mut table = Table::default();
    if unit.opens {
        table.add(&CUSTOMERS);
    }
    for number in unit.customers.clone() {
        let customer = Customer::new(root, number);
        let person = Person::new(customer.person(), number, calendar.from);
        table.add(&[
            &format!("C{number}"),
            &customer.loyalty.to_string(),
            &person.name,
            &person.email,
            &person.birth_date.to_string(),
            &person.city,
            &person.joined_on.to_string(),
        ]);
    }
    rows.append(&table.bytes(), unit.customers.end - unit.customers.start);
}

/// Appends all products.
pub fn products_table(rows: &mut Rows, root: Key) {
    let mut table = Table::default();
    table.add(&PRODUCTS);
    let mut count = 0;
    for (index, (description, category)) in products().enumerate() {
        let key = root.derive(PRODUCT_STREAMS).derive(index as u64);
        let mut bits = key.word(0);
        let units = UNITS[super::catalogue::CATEGORIES.iter().position(|c| c.name == category).unwrap_or(0)];
        let unit = units[bits.below(u32::try_from(units.len()).unwrap_or(1)) as usize];
        let price = 1 + bits.below(2000);
        let brand: String = CompanyName().fake_with_rng(&mut generator(key));
        table.add(&[&product_id(index), description, category, &brand, unit, &price.to_string()]);
        count += 1;
    }
    rows.append(&table.bytes(), count);
}

struct Person {
    name: String,
    email: String,
    birth_date: NaiveDate,
    city: String,
    joined_on: NaiveDate,
}

impl Person {
    fn new(key: Key, number: u64, from: NaiveDate) -> Self {
        let mut bits = key.word(0);
        let domain = DOMAINS[bits.below(3) as usize];
        let birth_date = NaiveDate::from_ymd_opt(1930, 1, 1).unwrap_or_default() + days(bits.below(BIRTHDAYS));
        let joined_on = from.checked_sub_days(days(bits.below(JOINED_WITHIN))).unwrap_or(from);
        let mut rng = generator(key);
        let first: String = FirstName().fake_with_rng(&mut rng);
        let last: String = LastName().fake_with_rng(&mut rng);
        let city = CityName().fake_with_rng(&mut rng);
        let email = format!("{}.{}.{number}@{domain}", letters(&first), letters(&last));
        Self { name: format!("{first} {last}"), email, birth_date, city, joined_on }
    }
}

fn generator(key: Key) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(key.value())
}

fn days(n: u32) -> Days {
    Days::new(n.into())
}

fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect()
}

/// CSV with quotes where a value needs them.
struct Table(csv::Writer<Vec<u8>>);

impl Default for Table {
    fn default() -> Self {
        Self(csv::Writer::from_writer(Vec::new()))
    }
}

impl Table {
    fn add(&mut self, record: &[&str]) {
        // Writing to memory fails only for records of unequal length, and ours have a length each by their type.
        let _ = self.0.write_record(record);
    }

    fn bytes(self) -> Vec<u8> {
        self.0.into_inner().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::GenerateSpec;

    #[test]
    fn people_are_plausible_and_always_the_same() {
        let root = Key::root(42);
        let from = Calendar::new(&GenerateSpec::default()).unwrap().from;
        let mut names = std::collections::HashSet::new();
        for number in 1..=500 {
            let key = Customer::new(root, number).person();
            let (person, again) = (Person::new(key, number, from), Person::new(key, number, from));
            assert_eq!((&person.name, &person.email, &person.city), (&again.name, &again.email, &again.city));
            assert!(person.birth_date.to_string().as_str() >= "1930-01-01");
            assert!(person.birth_date.to_string().as_str() <= "2000-12-31");
            assert!(person.joined_on <= from);
            let (local, domain) = person.email.split_once('@').unwrap();
            assert!(local.ends_with(&format!(".{number}")) && DOMAINS.contains(&domain), "{}", person.email);
            names.insert(person.name);
        }
        assert!(names.len() > 450, "{}", names.len());
    }

    #[test]
    fn a_comma_is_quoted() {
        let mut table = Table::default();
        table.add(&["P01", "Smith, Jones \"and\" Co"]);
        assert_eq!(table.bytes(), b"P01,\"Smith, Jones \"\"and\"\" Co\"\n");
    }
}
