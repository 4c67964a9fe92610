//! What the picture of the pipeline says: parts with their counts, worked out from the model.

use crate::app::panes::overview::PARTS;
use crate::app::{Counts, Model};
use crate::domain::Dataset;
use crate::ui::text;

/// How long after a change a part still counts as moving, milliseconds.
const MOVING_MS: i64 = 2_500;

/// One number of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What is counted.
    pub label: String,
    /// How many; `None` where nothing is known.
    pub number: Option<i64>,
}

/// One box of the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its heading.
    pub title: String,
    /// Its numbers.
    pub items: Vec<Item>,
    /// The words below.
    pub foot: String,
    /// Something is moving into it.
    pub moving: bool,
}

/// The parts, at most `room` numbers in each.
#[must_use]
pub fn parts(model: &Model, room: usize) -> Vec<Part> {
    let mut parts = vec![files(model), objects(model)];
    let info = model.link.info();
    let titles = ["STAGE", "VAULT", "WAREHOUSE", "DATAMART"];
    for (i, default) in titles.into_iter().take(PARTS - 2).enumerate() {
        let layer = info.and_then(|info| info.layers.get(i));
        let title = layer.map_or(default, |l| l.title.as_str());
        let schema = layer.map_or("", |l| l.schema.as_str());
        parts.push(tables(model, title, schema, room));
    }
    parts
}

fn files(model: &Model) -> Part {
    let made = model.overview.files;
    let number = |set: Dataset| {
        made.map(|m| match set {
            Dataset::Customers => m.customers,
            Dataset::Products => m.products,
            Dataset::Transactions => m.transactions,
        })
        .and_then(|n| i64::try_from(n).ok())
    };
    let items = Dataset::ALL.map(|set| Item { label: set.name().into(), number: number(set) }).to_vec();
    let foot = format!("seed {}", model.generate.values[3]);
    Part { title: "FILES".into(), items, foot, moving: phase(model, "generat") }
}

fn objects(model: &Model) -> Part {
    let empty = Vec::new();
    let totals = model.counts.as_ref().map_or(&empty, |c| &c.prefixes);
    let prefixes = model.link.info().map_or(&empty_names()[..], |i| &i.prefixes[..]).to_vec();
    let items = prefixes
        .iter()
        .map(|prefix| {
            let total = totals.iter().find(|t| t.prefix == *prefix);
            let name = prefix.trim_end_matches('/').rsplit(['/', '-']).next().unwrap_or(prefix);
            Item { label: name.to_owned(), number: total.and_then(|t| i64::try_from(t.objects).ok()) }
        })
        .collect();
    let bytes: u64 = totals.iter().map(|t| t.bytes).sum();
    let foot = if bytes > 0 { text::bytes(bytes) } else { "no objects".into() };
    Part { title: "S3".into(), items, foot, moving: phase(model, "upload") }
}

fn empty_names() -> [String; 3] {
    Dataset::ALL.map(|d| d.name().to_owned())
}

fn phase(model: &Model, what: &str) -> bool {
    model.jobs.work().and_then(|w| w.phase.as_ref()).is_some_and(|p| p.starts_with(what))
}

fn tables(model: &Model, title: &str, schema: &str, room: usize) -> Part {
    let of = |counts: Option<&Counts>| -> i64 {
        counts.map_or(0, |c| c.tables.iter().filter(|t| t.schema.eq_ignore_ascii_case(schema)).map(|t| t.rows).sum())
    };
    let (now, before) = (of(model.counts.as_ref()), of(model.counts_before.as_ref()));
    let fresh = model.now_ms - model.changed_ms < MOVING_MS && model.counts_before.is_some();
    let items = groups(model, schema, room);
    let change = now - before;
    let foot = match () {
        () if fresh && change != 0 => text::change(change),
        () if items.is_empty() => "not there".into(),
        () if now == 0 => "empty".into(),
        () => format!("{} rows", text::group(now)),
    };
    Part { title: title.into(), items, foot, moving: fresh && change != 0 }
}

/// A schema's tables: by name while there is room, else by the first word of their names.
fn groups(model: &Model, schema: &str, room: usize) -> Vec<Item> {
    let all = model.counts.iter().flat_map(|c| &c.tables);
    let tables: Vec<_> = all.filter(|t| t.schema.eq_ignore_ascii_case(schema)).collect();
    let word = |name: &str| name.split('_').next().unwrap_or(name).to_lowercase();
    let mut items: Vec<(String, usize, i64, String)> = Vec::new();
    for table in &tables {
        let first = word(&table.table);
        match items.iter_mut().find(|(w, ..)| *w == first) {
            Some((_, n, rows, _)) => {
                *n += 1;
                *rows += table.rows;
            }
            None => items.push((first, 1, table.rows, table.table.to_lowercase())),
        }
    }
    // One kind of table only: each by its own name.
    if items.len() == 1 && tables.len() <= room {
        let names = tables
            .iter()
            .map(|t| (t.table.split_once('_').map_or(t.table.as_str(), |(_, r)| r).to_lowercase(), t.rows));
        return names.map(|(label, rows)| Item { label, number: Some(rows) }).collect();
    }
    let plural = |w: &str, n: usize| if n > 1 { format!("{n} {w}s") } else { w.to_owned() };
    let mut out: Vec<Item> =
        items.iter().map(|(w, n, rows, _)| Item { label: plural(w, *n), number: Some(*rows) }).collect();
    if out.len() > room && room > 0 {
        let rest: i64 = out.drain(room - 1..).filter_map(|i| i.number).sum();
        out.push(Item { label: "others".into(), number: Some(rest) });
    }
    out
}
