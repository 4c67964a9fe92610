use super::*;
use crate::domain::GenerateSpec;

fn ready(model: &Model, from: &str, to: &str) -> (Ready, Calendar, Key) {
    let calendar =
        Calendar::new(&GenerateSpec { from: from.into(), to: to.into(), ..GenerateSpec::default() }).unwrap();
    let root = Key::root(42);
    (Ready::new(model, root, &calendar, false), calendar, root)
}

fn visits(model: &Model, from: &str, to: &str, customers: u64) -> Vec<Vec<u64>> {
    let (ready, calendar, root) = ready(model, from, to);
    (1..=customers)
        .map(|number| {
            let mut set = vec![0; calendar.days.div_ceil(64) as usize];
            ready.fill_days(&Customer::new(root, number), calendar.ordinal(0), 0..calendar.days, &mut set);
            set
        })
        .collect()
}

#[test]
fn a_part_of_the_range_has_the_same_days() {
    let model = preset("retail").unwrap();
    let (whole, part) =
        (visits(&model, "2018-12-01", "2018-12-31", 300), visits(&model, "2018-12-11", "2018-12-31", 300));
    for (whole, part) in whole.iter().zip(&part) {
        assert_eq!(whole[0] >> 10, part[0]);
    }
}

#[test]
fn the_average_customer_shops_at_the_rate() {
    for tail in [None, Some(2.5)] {
        let model = Model { visits: Some(Visits { tail, rate: 0.1, ..Visits::default() }), ..Model::default() };
        let days: u32 = visits(&model, "2018-12-01", "2019-01-10", 30_000).iter().map(|s| s[0].count_ones()).sum();
        let rate = f64::from(days) / 30_000.0 / 41.0;
        assert!((rate - 0.1).abs() < 0.005, "{tail:?}: {rate}");
    }
}

#[test]
fn the_tail_is_heavy_where_asked() {
    let share_of_the_busiest = |tail| {
        let model = Model { visits: Some(Visits { tail, rate: 0.03, ..Visits::default() }), ..Model::default() };
        let mut days: Vec<u32> =
            visits(&model, "2018-12-01", "2019-01-31", 20_000).iter().map(|s| s[0].count_ones()).collect();
        days.sort_unstable_by(|a, b| b.cmp(a));
        f64::from(days[..2_000].iter().sum::<u32>()) / f64::from(days.iter().sum::<u32>())
    };
    let (even, heavy) = (share_of_the_busiest(None), share_of_the_busiest(Some(1.3)));
    assert!(even < 0.3 && heavy > 0.42, "{even} {heavy}");
}

#[test]
fn seasons_and_growth_are_as_asked() {
    let visits = Visits { growth: 1.0, weekday: [1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 0.0], ..Visits::default() };
    let day = |d: &str| NaiveDate::parse_from_str(d, "%Y-%m-%d").unwrap();
    assert!(visits.factor(day("2018-12-02")).abs() < 1e-9, "a Sunday");
    assert!((visits.factor(day("2018-12-01")) - 2.0).abs() < 1e-9, "a Saturday, growth counts from here");
    let later = visits.factor(day("2019-11-30")) / visits.factor(day("2018-12-01"));
    assert!((later - 2.0).abs() < 0.01, "{later}");
}

#[test]
fn baskets_and_prices_follow_the_rules() {
    let mut model = preset("grocer").unwrap();
    model.prices = Some(Prices { low: 100, high: 1_000, noise: 0.0 });
    let (ready, _, root) = ready(&model, "2018-12-01", "2018-12-31");
    let mut price_of = std::collections::BTreeMap::new();
    let (mut mixed, mut several, mut most) = (0_u32, 0_u32, 0);
    for number in 1..=20_000 {
        let customer = Customer::new(root, number);
        let sale = ready.sale(number, &customer.categories(), customer.baskets(), 5);
        most = most.max(sale.count);
        for item in sale.basket() {
            assert!((100..=1_000).contains(&item.price));
            assert_eq!(*price_of.entry(item.product).or_insert(item.price), item.price, "a product has a price");
        }
        let category = |i: &Item| (0..6).find(|c| i.product < product_range(*c).0 + product_range(*c).1);
        if sale.count > 1 {
            several += 1;
            mixed += u32::from(sale.basket().iter().any(|i| category(i) != category(&sale.items[0])));
        }
    }
    assert_eq!((most, price_of.len()), (12, PRODUCTS));
    assert!(mixed * 2 > several && mixed < several, "{mixed} of {several} baskets have companions");
}

#[test]
fn loyalty_changes_as_often_as_asked() {
    let model = Model { loyalty: 0.3, ..Model::default() };
    let (ready, calendar, root) = ready(&model, "2018-12-01", "2018-12-30");
    let mut changes = 0;
    for number in 1..=10_000 {
        let customer = Customer::new(root, number);
        for day in 0..30 {
            if let Some(score) = ready.correction(&customer, calendar.ordinal(day)) {
                assert!((1..=10).contains(&score));
                changes += 1;
            }
        }
    }
    assert!((2_850..3_150).contains(&changes), "{changes}");
}

#[test]
fn the_normal_quantile_is_right_to_three_places() {
    for (share, z) in [(0.5, 0.0), (0.841_344_7, 1.0), (0.022_750_1, -2.0), (0.998, 2.878)] {
        assert!((normal(share) - z).abs() < 1e-3, "{share}: {}", normal(share));
    }
}
