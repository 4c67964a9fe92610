//! From a part of the picture to its pane, with the right thing selected.

use super::with_cx;
use crate::app::panes::{deploy, s3};
use crate::app::picture::{self, What};
use crate::app::{Action, Effect, Model, PaneId};
use crate::domain::Dataset;

/// Numbers of a part that can be selected at most: as many as the largest picture shows.
pub const ROOM: usize = 3;

/// Keeps the selected number within those of the selected part.
pub fn settle(model: &mut Model) {
    let parts = picture::parts(model, room(model));
    let items = parts.get(model.overview.part.at()).map_or(0, |p| p.items.len());
    model.overview.item = model.overview.item.min(items.saturating_sub(1));
}

/// How many numbers the picture shows in a part.
pub const fn room(model: &Model) -> usize {
    match model.size.1 {
        0..33 => ROOM,
        33..50 => 5,
        _ => 9,
    }
}

/// Opens what is selected.
pub fn open(model: &mut Model, effects: &mut Vec<Effect>) {
    let parts = picture::parts(model, room(model));
    let Some(part) = parts.get(model.overview.part.at()) else { return };
    let what = part.items.get(model.overview.item).or(part.items.first()).map(|i| i.what.clone());
    match (model.overview.part.at(), what) {
        (0, Some(What::Files(set))) => {
            model.pane = PaneId::Generate;
            // Its fields, in the order of the pane: the number of customers, and the days.
            let row = usize::from(set == Dataset::Transactions);
            model.generate.row.set(row, 2);
        }
        (1, Some(What::Objects(prefix))) => prefix_in_s3(model, &prefix, effects),
        (2, Some(What::Tables(names))) => statement_in_deploy(model, &names),
        (2, None) => model.pane = PaneId::Deploy,
        (3 | 4, Some(What::Tables(names))) => task(model, &part.schema, &names),
        (3 | 4, _) => task(model, &part.schema, &[]),
        (_, Some(What::Tables(names))) => mart(model, &names),
        (at, _) => model.pane = [PaneId::Generate, PaneId::S3].get(at).copied().unwrap_or(PaneId::Marts),
    }
}

fn prefix_in_s3(model: &mut Model, prefix: &str, effects: &mut Vec<Effect>) {
    model.pane = PaneId::S3;
    model.set_filter(PaneId::S3, String::new());
    let at = model.s3.rows.iter().position(|r| matches!(r, s3::Row::Prefix(_, key) if key == prefix));
    let Some(at) = at else { return };
    model.s3.cursor.set(at, model.s3.rows.len());
    let known = model.s3.folders.get(prefix).is_some_and(|f| f.open);
    if !known {
        with_cx(model, effects, |panes, cx| panes.s3.act(Action::Enter, cx));
    }
}

/// The statement that makes the first of the tables.
fn statement_in_deploy(model: &mut Model, tables: &[String]) {
    model.pane = PaneId::Deploy;
    let Some(plan) = &model.deploy.plan else { return };
    let makes = |sql: &str| {
        let head: String = sql.chars().take(200).collect::<String>().to_uppercase();
        head.trim_start().starts_with("CREATE") && tables.iter().any(|t| names(&head, t))
    };
    let Some((stage, step)) = plan.steps().find(|(_, _, s)| makes(&s.sql)).map(|(i, j, _)| (i, j)) else { return };
    if let Some(open) = model.deploy.open.get_mut(stage) {
        *open = true;
    }
    model.set_filter(PaneId::Deploy, String::new());
    model.deploy.follow = false;
    if let Some(at) = model.deploy.rows.iter().position(|r| *r == deploy::Row::Step(stage, step)) {
        model.deploy.cursor.set(at, model.deploy.rows.len());
    }
}

/// Whether a word of the text is this table, qualified or not.
fn names(text: &str, table: &str) -> bool {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word.eq_ignore_ascii_case(table))
}

/// The task that writes into the first of the tables, or into the schema.
fn task(model: &mut Model, schema: &str, tables: &[String]) {
    model.pane = PaneId::Tasks;
    model.set_filter(PaneId::Tasks, String::new());
    let nodes = &model.tasks.nodes;
    let writes_table = |sql: &str| {
        picture::targets(sql)
            .any(|t| tables.iter().any(|n| t.rsplit('.').next().is_some_and(|t| t.eq_ignore_ascii_case(n))))
    };
    let found = nodes.iter().position(|n| writes_table(&n.definition));
    let found = found.or_else(|| nodes.iter().position(|n| picture::writes_into(&n.definition, schema)));
    let Some(at) = found.and_then(|i| model.tasks.rows.iter().position(|r| r.node == i)) else { return };
    let rows = model.tasks.rows.len();
    model.tasks.cursor.set(at, rows);
}

fn mart(model: &mut Model, names: &[String]) {
    model.pane = PaneId::Marts;
    model.set_filter(PaneId::Marts, String::new());
    let marts = &model.marts;
    let is = |i: &usize| marts.all.get(*i).is_some_and(|m| names.iter().any(|n| n.eq_ignore_ascii_case(&m.name)));
    if let Some(at) = marts.rows.iter().position(is) {
        model.marts.cursor.set(at, model.marts.rows.len());
    }
}
