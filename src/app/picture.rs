//! The pipeline as a picture: its parts with their counts, worked out from the model. The Overview draws it, its
//! selection goes through it.

use super::{Counts, Model};
use crate::domain::{Dataset, TaskRun, TaskState};

/// Parts of the picture: files, S3 and the four layers.
pub const PARTS: usize = 6;

/// How long after a change a part still counts as moving, milliseconds.
pub const MOVING_MS: i64 = 2_500;

/// What a number of the picture counts; where Enter on it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Rows of a data set's files.
    Files(Dataset),
    /// Objects under a prefix.
    Objects(String),
    /// Rows of tables of one schema.
    Tables(Vec<String>),
}

/// One number of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What is counted, in words.
    pub label: String,
    /// How many; `None` where nothing is known.
    pub number: Option<i64>,
    /// What is counted.
    pub what: What,
}

/// What is said below a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Foot {
    /// The seed that the files are made with.
    Seed(String),
    /// Bytes in the bucket.
    Bytes(u64),
    /// Rows in all.
    Rows(i64),
    /// Rows more or less than before.
    Change(i64),
    /// No table there yet.
    Missing,
    /// Nothing in it.
    Empty,
    /// Nobody has looked yet.
    Unknown,
}

/// How a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// Nothing to say.
    Quiet,
    /// Something is moving into it.
    Moving,
    /// It waits for what comes before it in the run that goes on.
    Waiting,
    /// It was loaded at this time, epoch milliseconds.
    Loaded(i64),
    /// The last run failed here.
    Failed,
    /// Rows were rejected on the way into it.
    Rejected(i64),
}

/// One box of the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its heading.
    pub title: String,
    /// The schema, where it is one.
    pub schema: String,
    /// Its numbers.
    pub items: Vec<Item>,
    /// The words below.
    pub foot: Foot,
    /// How it is.
    pub condition: Condition,
}

impl Part {
    /// Something is moving into it.
    #[must_use]
    pub fn moving(&self) -> bool {
        self.condition == Condition::Moving
    }
}

/// The parts, at most `room` numbers in each.
#[must_use]
pub fn parts(model: &Model, room: usize) -> Vec<Part> {
    let mut parts = vec![files(model), objects(model)];
    let info = model.link.info();
    let last = last_run(model);
    let titles = ["STAGE", "VAULT", "WAREHOUSE", "DATAMART"];
    for (i, default) in titles.into_iter().take(PARTS - 2).enumerate() {
        let layer = info.and_then(|info| info.layers.get(i));
        let title = layer.map_or(default, |l| l.title.as_str());
        let schema = layer.map_or("", |l| l.schema.as_str());
        parts.push(tables(model, title, schema, room, &last));
    }
    parts
}

/// Rows that were kept aside because they could not be loaded; `None` before there is a table for them.
#[must_use]
pub fn rejected(model: &Model) -> Option<i64> {
    let tables = &model.counts.as_ref()?.tables;
    let kept: Vec<i64> = tables.iter().filter(|t| t.table.contains("REJECTED")).map(|t| t.rows).collect();
    if kept.is_empty() { None } else { Some(kept.iter().sum()) }
}

/// The task runs of the last run of the tree that has begun; a later attempt speaks for its task.
#[must_use]
pub fn last_run(model: &Model) -> Vec<&TaskRun> {
    let runs = &model.tasks.runs;
    let Some(id) = runs.iter().filter(|r| r.started_ms.is_some()).map(|r| r.run_id).max() else { return Vec::new() };
    let mut out: Vec<&TaskRun> = Vec::new();
    for run in runs.iter().filter(|r| r.run_id == id) {
        match out.iter_mut().find(|o| o.name == run.name) {
            Some(old) if old.attempt < run.attempt => *old = run,
            Some(_) => {}
            None => out.push(run),
        }
    }
    out
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
    let item = |set: Dataset| Item { label: set.name().into(), number: number(set), what: What::Files(set) };
    let seed = model.generate.order().map_or_else(|_| String::new(), |o| o.spec.seed.to_string());
    let condition = if phase(model, "generat") { Condition::Moving } else { Condition::Quiet };
    Part {
        title: "FILES".into(),
        schema: String::new(),
        items: Dataset::ALL.map(item).to_vec(),
        foot: Foot::Seed(seed),
        condition,
    }
}

fn objects(model: &Model) -> Part {
    let totals = model.counts.as_ref().map_or(&[][..], |c| &c.prefixes);
    let default = || Dataset::ALL.map(|d| d.name().to_owned()).to_vec();
    let prefixes = model.link.info().map_or_else(default, |i| i.prefixes.clone());
    let items = prefixes
        .into_iter()
        .map(|prefix| {
            let total = totals.iter().find(|t| t.prefix == prefix);
            let name = prefix.trim_end_matches('/').rsplit(['/', '-']).next().unwrap_or(&prefix).to_owned();
            let number = total.and_then(|t| i64::try_from(t.objects).ok());
            Item { label: name, number, what: What::Objects(prefix) }
        })
        .collect();
    let bytes: u64 = totals.iter().map(|t| t.bytes).sum();
    let foot = match bytes {
        0 if model.counts.is_none() => Foot::Unknown,
        0 => Foot::Empty,
        bytes => Foot::Bytes(bytes),
    };
    let condition = if phase(model, "upload") { Condition::Moving } else { Condition::Quiet };
    Part { title: "S3".into(), schema: String::new(), items, foot, condition }
}

fn phase(model: &Model, what: &str) -> bool {
    model.jobs.work().and_then(|w| w.phase.as_ref()).is_some_and(|p| p.starts_with(what))
}

fn tables(model: &Model, title: &str, schema: &str, room: usize, last: &[&TaskRun]) -> Part {
    let of = |counts: Option<&Counts>| -> i64 {
        counts.map_or(0, |c| c.tables.iter().filter(|t| t.schema.eq_ignore_ascii_case(schema)).map(|t| t.rows).sum())
    };
    let (now, before) = (of(model.counts.as_ref()), of(model.counts_before.as_ref()));
    let fresh = model.now_ms - model.changed_ms < MOVING_MS && model.counts_before.is_some();
    let items = groups(model, schema, room);
    let change = if fresh { now - before } else { 0 };
    let foot = match () {
        () if change != 0 => Foot::Change(change),
        () if model.counts.is_none() => Foot::Unknown,
        () if items.is_empty() => Foot::Missing,
        () if now == 0 => Foot::Empty,
        () => Foot::Rows(now),
    };
    let condition = if change != 0 { Condition::Moving } else { condition(model, schema, last) };
    Part { title: title.into(), schema: schema.into(), items, foot, condition }
}

/// How a layer fared in the last run: the worst of the tasks that write into it.
fn condition(model: &Model, schema: &str, last: &[&TaskRun]) -> Condition {
    if schema.is_empty() {
        return Condition::Quiet;
    }
    let writes = |name: &str| model.tasks.nodes.iter().any(|n| n.name == name && writes_into(&n.definition, schema));
    let runs: Vec<&&TaskRun> = last.iter().filter(|r| writes(&r.name)).collect();
    let any = |f: fn(TaskState) -> bool| runs.iter().any(|r| f(r.state));
    let goes_on = last.iter().any(|r| !r.state.is_over());
    if any(|s| matches!(s, TaskState::Failed | TaskState::FailedAndAutoSuspended)) {
        Condition::Failed
    } else if any(|s| s == TaskState::Executing) {
        Condition::Moving
    } else if goes_on && runs.iter().all(|r| r.completed_ms.is_none()) {
        Condition::Waiting
    } else if is_stage(model, schema) && rejected(model).is_some_and(|n| n > 0) {
        Condition::Rejected(rejected(model).unwrap_or_default())
    } else {
        let ended = runs.iter().filter(|r| r.state == TaskState::Succeeded).filter_map(|r| r.completed_ms).max();
        ended.map_or(Condition::Quiet, Condition::Loaded)
    }
}

/// The layer that files are loaded into: what is rejected is rejected there.
fn is_stage(model: &Model, schema: &str) -> bool {
    model.link.info().and_then(|i| i.layers.first()).is_some_and(|l| l.schema.eq_ignore_ascii_case(schema))
}

/// Whether a statement writes into a table of a schema.
#[must_use]
pub fn writes_into(sql: &str, schema: &str) -> bool {
    targets(sql).any(|name| name.rsplit('.').nth(1).is_some_and(|s| s.eq_ignore_ascii_case(schema)))
}

/// The tables that a statement names behind INTO, MERGE INTO, UPDATE or TABLE.
pub fn targets(sql: &str) -> impl Iterator<Item = &str> {
    let mut before = "";
    sql.split_whitespace().filter_map(move |word| {
        let behind = ["INTO", "UPDATE", "TABLE"].iter().any(|w| before.eq_ignore_ascii_case(w));
        before = word;
        behind.then(|| word.trim_end_matches(['(', ')', ';', ',']).split('(').next().unwrap_or(word))
    })
}

/// A schema's tables: by name while there is room, else by the first word of their names.
fn groups(model: &Model, schema: &str, room: usize) -> Vec<Item> {
    let all = model.counts.iter().flat_map(|c| &c.tables);
    let mut tables: Vec<_> = all.filter(|t| t.schema.eq_ignore_ascii_case(schema)).collect();
    let word = |name: &str| name.split('_').next().unwrap_or(name).to_lowercase();
    // What the arrows from S3 lead to comes first: the sources' tables share a word, the tables beside them do not.
    if is_stage(model, schema) {
        let words: Vec<String> = tables.iter().map(|t| word(&t.table)).collect();
        tables.sort_by_cached_key(|t| std::cmp::Reverse(words.iter().filter(|w| **w == word(&t.table)).count()));
    }
    let mut items: Vec<(String, i64, Vec<String>)> = Vec::new();
    for table in &tables {
        let first = word(&table.table);
        match items.iter_mut().find(|(w, ..)| *w == first) {
            Some((_, rows, names)) => {
                *rows += table.rows;
                names.push(table.table.clone());
            }
            None => items.push((first, table.rows, vec![table.table.clone()])),
        }
    }
    // Room for all: each by its own name, without the word that all begin with.
    if tables.len() <= room {
        let common = items.len() == 1;
        let label =
            |name: &str| if common { name.split_once('_').map_or(name, |(_, rest)| rest) } else { name }.to_lowercase();
        let one = |t: &&super::TableCount| Item {
            label: label(&t.table),
            number: Some(t.rows),
            what: What::Tables(vec![t.table.clone()]),
        };
        return tables.iter().map(one).collect();
    }
    let plural = |w: &str, n: usize| if n > 1 { format!("{n} {w}s") } else { w.to_owned() };
    let group = |(w, rows, names): (String, i64, Vec<String>)| Item {
        label: plural(&w, names.len()),
        number: Some(rows),
        what: What::Tables(names),
    };
    let mut out: Vec<Item> = items.into_iter().map(group).collect();
    if out.len() > room && room > 0 {
        let rest: Vec<Item> = out.drain(room - 1..).collect();
        let names = rest.iter().flat_map(|i| if let What::Tables(names) = &i.what { names.clone() } else { vec![] });
        let names: Vec<String> = names.collect();
        let number = Some(rest.iter().filter_map(|i| i.number).sum());
        out.push(Item { label: format!("{} others", names.len()), number, what: What::Tables(names) });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture;

    #[test]
    fn a_statement_says_where_it_writes() {
        let sql = "INSERT ALL\n  WHEN A THEN\n    INTO CONVEX_VAULT.HUB_CUSTOMER (HK)\n  VALUES (1)\n  WHEN B THEN INTO DB.CONVEX_CONTROL.REJECTED_ROW(X)";
        assert_eq!(targets(sql).collect::<Vec<_>>(), ["CONVEX_VAULT.HUB_CUSTOMER", "DB.CONVEX_CONTROL.REJECTED_ROW"]);
        assert!(
            writes_into(sql, "convex_vault") && writes_into(sql, "CONVEX_CONTROL") && !writes_into(sql, "CONVEX_STAGE")
        );
    }

    #[test]
    fn the_tables_that_files_go_into_come_first() {
        let mut model = fixture::loaded();
        let schema = model.link.info().expect("connected").layers[0].schema.clone();
        let counts = model.counts.as_mut().expect("counted");
        let (raw, mut beside) =
            (counts.tables.iter().find(|t| t.schema == schema).cloned().expect("a table"), Vec::new());
        for table in ["DELIVERY", "RAW_ONE", "RAW_TWO"] {
            beside.push(super::super::TableCount { table: table.into(), ..raw.clone() });
        }
        counts.tables.retain(|t| t.schema != schema);
        counts.tables.splice(0..0, beside);
        let labels: Vec<String> = groups(&model, &schema, 2).into_iter().map(|i| i.label).collect();
        assert_eq!(labels, ["2 raws", "delivery"]);
        let labels: Vec<String> = groups(&model, &schema, 3).into_iter().map(|i| i.label).collect();
        assert_eq!(labels, ["raw_one", "raw_two", "delivery"]);
    }

    #[test]
    fn numbers_are_never_more_than_there_is_room_for_and_add_up() {
        let model = fixture::loaded();
        for room in 1..12 {
            for part in parts(&model, room).iter().skip(2) {
                assert!(part.items.len() <= room, "{part:?}");
                let counts = model.counts.as_ref().expect("counts");
                let all: i64 = counts.tables.iter().filter(|t| t.schema == part.schema).map(|t| t.rows).sum();
                assert_eq!(part.items.iter().filter_map(|i| i.number).sum::<i64>(), all, "{part:?}");
            }
        }
    }
}
