//! A plan held against the journal: what is new, changed, unchanged, interrupted, and what is no longer part of it.

use super::checksum::checksum;
use super::journal::Row;
use super::plan::Deployment;
use crate::domain::{Change, PastRun, Plan, Standing, Step, Survey};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What identifies a statement over time: its stage, its file, its title, and which of that title in that file it is. A
/// line would not do: a comment above moves it.
pub(super) type Key = (String, String, String, u32);

/// The key of every step, as the plan's stages and steps.
pub(super) fn keys(plan: &Plan) -> Vec<Vec<Key>> {
    let key_of = |seen: &mut HashMap<(String, String), u32>, stage: &str, step: &Step| {
        let nth = seen.entry((step.file.clone(), step.title.clone())).or_insert(0);
        *nth += 1;
        (stage.to_owned(), step.file.clone(), step.title.clone(), *nth)
    };
    plan.stages
        .iter()
        .map(|stage| {
            let mut seen = HashMap::new();
            stage.steps.iter().map(|step| key_of(&mut seen, &stage.id, step)).collect()
        })
        .collect()
}

/// When the rows of a stage were written, by their place in the journal: the oldest that the plan has, the newest that it has
/// no longer.
type Span = (Option<usize>, Option<usize>);

/// The journal's latest rows as far as they still hold: not those of stages that were taken back, nor of what a statement has
/// dropped that the plan no longer has. With them the stages that were run with other statements since.
fn standing_rows(rows: Vec<Row>, planned: &BTreeSet<&Key>) -> (BTreeMap<Key, Row>, BTreeSet<String>) {
    let (mut past, mut spans) = (BTreeMap::<Key, Row>::new(), BTreeMap::<String, Span>::new());
    for (at, row) in rows.into_iter().enumerate() {
        let stage = &row.past.stage;
        if row.outcome == Row::UNDONE {
            past.retain(|key, _| key.0 != *stage);
            spans.remove(stage);
            continue;
        }
        let span = spans.entry(stage.clone()).or_default();
        if planned.contains(&row.key()) {
            span.0.get_or_insert(at);
        } else {
            span.1 = Some(at);
            if let (Row::DONE, Some(name)) = (row.outcome.as_str(), row.past.title.strip_prefix("DROP ")) {
                past.retain(|key, _| key.2 != name);
            }
        }
        past.insert(row.key(), row);
    }
    let overtaken = |(oldest, other): &Span| oldest.is_some() && oldest < other;
    (past, spans.into_iter().filter(|(_, span)| overtaken(span)).map(|(stage, _)| stage).collect())
}

/// Compares. `rows` are the journal's, the latest of each key, oldest first. A whole stage and one that loads are also run
/// again where other statements have run in them since.
pub(super) fn compare(deployment: &Deployment, rows: Vec<Row>) -> Survey {
    let plan = deployment.plan();
    let keys = keys(plan);
    let (mut past, overtaken) = standing_rows(rows, &keys.iter().flatten().collect());
    let mut found: Vec<Vec<Option<Row>>> =
        keys.iter().map(|stage| stage.iter().map(|key| past.remove(key)).collect()).collect();
    // A statement that moved to another place or got another title is known by its text.
    let mut by_text: HashMap<String, Vec<Row>> = HashMap::new();
    for row in past.into_values() {
        by_text.entry(row.checksum.clone()).or_default().push(row);
    }
    for (i, j, step) in plan.steps() {
        if let Some(slot) = found.get_mut(i).and_then(|s| s.get_mut(j))
            && slot.is_none()
        {
            *slot = by_text.get_mut(&checksum(&step.sql)).and_then(Vec::pop);
        }
    }
    let standings = plan.stages.iter().zip(found).map(|(stage, rows)| {
        let of = |(step, row): (&Step, Option<Row>)| row.map_or_else(Standing::default, |row| standing(step, row));
        stage.steps.iter().zip(rows).map(of).collect::<Vec<_>>()
    });
    let mut standings: Vec<Vec<Standing>> = standings.collect();
    for (i, stage) in standings.iter_mut().enumerate() {
        let is_overtaken = plan.stages.get(i).is_some_and(|s| overtaken.contains(&s.id));
        let is_pending = deployment.is_whole(i) && stage.iter().any(|s| s.change.is_pending());
        if is_pending || is_overtaken && (deployment.is_whole(i) || deployment.is_load(i)) {
            stage.iter_mut().filter(|s| s.change == Change::Unchanged).for_each(|s| s.change = Change::Along);
        }
    }
    let gone = |row: &Row| matches!(row.outcome.as_str(), Row::DONE) && !super::sets_context(&row.past.title);
    let mut removed: Vec<PastRun> = by_text.into_values().flatten().filter(gone).map(|row| row.past).collect();
    removed.sort_by(|a, b| (&a.stage, &a.file, a.line).cmp(&(&b.stage, &b.file, b.line)));
    Survey { standings, removed, unread: None }
}

fn standing(step: &Step, row: Row) -> Standing {
    let same = row.checksum == checksum(&step.sql);
    let change = match row.outcome.as_str() {
        Row::BEGUN => Change::Interrupted,
        Row::FAILED => Change::Failed,
        Row::SKIPPED if same => Change::Skipped,
        _ if same => Change::Unchanged,
        _ => Change::Changed,
    };
    let warning = if change == Change::Changed { no_effect(&step.sql) } else { None };
    Standing { change, last: Some(row.past), warning }
}

/// What a changed statement will not do to an object that is there.
fn no_effect(sql: &str) -> Option<String> {
    let words: Vec<String> = sql.split_whitespace().take(8).map(str::to_ascii_uppercase).collect();
    let if_not_exists = words.windows(3).any(|w| w == ["IF", "NOT", "EXISTS"]);
    (words.first().is_some_and(|w| w == "CREATE") && if_not_exists).then(|| {
        "IF NOT EXISTS leaves the object that is there as it is: change it with an ALTER of its own, or undo the stage first"
            .to_owned()
    })
}
