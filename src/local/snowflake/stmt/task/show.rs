//! SHOW TASKS and DESC TASK.

use super::super::super::answer::{Answer, Field, kind};
use super::super::super::catalog::{Catalog, Kind, Object, ObjectName, quote_name};
use super::super::super::error::{SfError, SfResult};
use super::super::super::session::Cx;
use super::super::super::sql::Cursor;
use super::super::super::types::Ty;
use super::super::{Class, Statement};
use super::graph::{self, task_of};
use serde_json::json;
use std::sync::Arc;

const STAMP: Ty = Ty::Ltz { scale: 3 };

/// The columns in Snowflake's order.
const COLUMNS: &[(&str, Ty)] = &[
    ("created_on", STAMP),
    ("name", Ty::TEXT),
    ("id", Ty::TEXT),
    ("database_name", Ty::TEXT),
    ("schema_name", Ty::TEXT),
    ("owner", Ty::TEXT),
    ("comment", Ty::TEXT),
    ("warehouse", Ty::TEXT),
    ("schedule", Ty::TEXT),
    ("predecessors", Ty::TEXT),
    ("state", Ty::TEXT),
    ("definition", Ty::TEXT),
    ("condition", Ty::TEXT),
    ("allow_overlapping_execution", Ty::TEXT),
    ("error_integration", Ty::TEXT),
    ("last_committed_on", STAMP),
    ("last_suspended_on", STAMP),
    ("owner_role_type", Ty::TEXT),
    ("config", Ty::TEXT),
    ("task_relations", Ty::TEXT),
    ("last_suspended_reason", Ty::TEXT),
    ("success_integration", Ty::TEXT),
    ("scheduling_mode", Ty::TEXT),
    ("target_completion_interval", Ty::TEXT),
    ("execute_as_user", Ty::TEXT),
    ("overlap_policy", Ty::TEXT),
    ("created_by_user", Ty::TEXT),
];
/// The columns of TERSE.
const TERSE: &[(&str, Ty)] = &[
    ("created_on", STAMP),
    ("name", Ty::TEXT),
    ("kind", Ty::TEXT),
    ("database_name", Ty::TEXT),
    ("schema_name", Ty::TEXT),
    ("schedule", Ty::TEXT),
];

enum Place {
    Default,
    Account,
    Database(Option<ObjectName>),
    Schema(Option<ObjectName>),
}

struct Show {
    terse: bool,
    like: Option<String>,
    place: Place,
    starts_with: Option<String>,
    root_only: bool,
    limit: Option<(usize, Option<String>)>,
}

struct Describe(ObjectName);

/// Behind SHOW TASKS.
///
/// # Errors
/// 001003.
pub fn parse(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    read(c, false)
}

/// Behind SHOW TERSE TASKS.
///
/// # Errors
/// 001003.
pub fn parse_terse(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    read(c, true)
}

/// Behind DESC TASK.
///
/// # Errors
/// 001003.
pub fn parse_describe(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    Ok(Box::new(Describe(c.name()?)))
}

fn read(c: &mut Cursor<'_>, terse: bool) -> SfResult<Box<dyn Statement>> {
    let mut out = Show { terse, like: None, place: Place::Default, starts_with: None, root_only: false, limit: None };
    if c.accept("LIKE") {
        out.like = Some(c.string()?);
    }
    if c.accept("IN") {
        out.place = place(c)?;
    }
    if c.accept("STARTS WITH") {
        out.starts_with = Some(c.string()?);
    }
    out.root_only = c.accept("ROOT ONLY");
    if c.accept("LIMIT") {
        let n = usize::try_from(c.integer()?).unwrap_or(0);
        let from = if c.accept("FROM") { Some(c.string()?) } else { None };
        out.limit = Some((n, from));
    }
    Ok(Box::new(out))
}

fn place(c: &mut Cursor<'_>) -> SfResult<Place> {
    if c.accept("ACCOUNT") {
        return Ok(Place::Account);
    }
    let ends = |c: &Cursor<'_>| c.at_end() || c.sees(&["STARTS"]) || c.sees(&["LIMIT"]) || c.sees(&["ROOT"]);
    if c.accept("DATABASE") {
        return Ok(Place::Database(if ends(c) { None } else { Some(c.name()?) }));
    }
    c.accept("SCHEMA");
    Ok(Place::Schema(if ends(c) { None } else { Some(c.name()?) }))
}

impl Show {
    /// What the names of the listed tasks start with.
    fn prefix(&self, cx: &Cx<'_>) -> SfResult<Vec<String>> {
        let current = || [&cx.s.database, &cx.s.schema].into_iter().flatten().cloned().collect::<Vec<_>>();
        let full = match &self.place {
            Place::Account => return Ok(Vec::new()),
            Place::Default => return Ok(current()),
            Place::Database(None) => return Ok(current().into_iter().take(1).collect()),
            Place::Schema(None) => return Ok(current()),
            Place::Database(Some(name)) => cx.find(Kind::Database, name),
            Place::Schema(Some(name)) => cx.find(Kind::Schema, name),
        };
        full.map(|o| o.name.clone()).map_err(|_| SfError::no_operation())
    }

    fn takes(&self, object: &Object) -> bool {
        let Some(task) = task_of(object) else { return false };
        self.like.as_ref().is_none_or(|p| is_like(object.bare(), p))
            && self.starts_with.as_ref().is_none_or(|s| object.bare().starts_with(s.as_str()))
            && (!self.root_only || (task.predecessors.is_empty() && task.finalizes.is_none()))
    }
}

/// LIKE without regard to case.
fn is_like(text: &str, pattern: &str) -> bool {
    let mut regex = String::from("(?is)^");
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '%' => regex.push_str(".*"),
            '_' => regex.push('.'),
            '\\' => regex.push_str(&regex::escape(&chars.next().unwrap_or('\\').to_string())),
            c => regex.push_str(&regex::escape(&c.to_string())),
        }
    }
    regex.push('$');
    regex::Regex::new(&regex).is_ok_and(|r| r.is_match(text))
}

impl Statement for Show {
    fn class(&self) -> Class {
        Class::Session
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let prefix = self.prefix(cx)?;
        let catalog = cx.catalog();
        let mut found: Vec<Arc<Object>> = cx.in_scope("SHOW", |s| {
            let all = catalog.of_kind(Kind::Task).filter(|o| o.name.starts_with(&prefix) && self.takes(o) && s.sees(o));
            all.cloned().collect()
        });
        if let Some((n, from)) = &self.limit {
            found.retain(|o| from.as_ref().is_none_or(|f| o.bare() > f.as_str()));
            found.truncate(*n);
        }
        let columns = if self.terse { TERSE } else { COLUMNS };
        let rows: Vec<_> = found.iter().map(|o| if self.terse { terse(o) } else { row(&catalog, o) }).collect();
        Ok(Answer::texts(kind::SHOW, fields(columns), &rows))
    }

    fn describe(&self, _cx: &mut Cx<'_>) -> SfResult<Vec<Field>> {
        Ok(fields(if self.terse { TERSE } else { COLUMNS }))
    }
}

impl Statement for Describe {
    fn class(&self) -> Class {
        Class::Session
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let object = cx.find(Kind::Task, &self.0)?;
        Ok(Answer::texts(kind::DESCRIBE, fields(COLUMNS), &[row(&cx.catalog(), &object)]))
    }

    fn describe(&self, _cx: &mut Cx<'_>) -> SfResult<Vec<Field>> {
        Ok(fields(COLUMNS))
    }
}

fn fields(columns: &[(&str, Ty)]) -> Vec<Field> {
    columns.iter().map(|(n, t)| Field::new(*n, *t)).collect()
}

/// Epoch milliseconds in the wire's form.
fn stamp(ms: i64) -> String {
    format!("{}.{:03}", ms.div_euclid(1000), ms.rem_euclid(1000))
}

fn terse(o: &Object) -> Vec<Option<String>> {
    let schedule = task_of(o).and_then(|t| t.schedule.clone());
    vec![
        Some(stamp(o.created_ms)),
        Some(o.bare().to_owned()),
        Some("TASK".into()),
        o.name.first().cloned(),
        o.name.get(1).cloned(),
        schedule,
    ]
}

/// The fully qualified names of a task's predecessors.
fn full_predecessors(o: &Object) -> Vec<String> {
    let Some(task) = task_of(o) else { return Vec::new() };
    task.predecessors.iter().map(|p| quote_name(&[&o.name[0], &o.name[1], p])).collect()
}

fn relations(catalog: &Catalog, o: &Object) -> String {
    let mut out = serde_json::Map::new();
    if let Some(root) = task_of(o).and_then(|t| t.finalizes.as_ref()) {
        out.insert("FinalizedRootTask".into(), quote_name(&[&o.name[0], &o.name[1], root]).into());
    }
    if let Some(f) = graph::finalizer(catalog, o) {
        out.insert("FinalizerTask".into(), quote_name(&f.name).into());
    }
    out.insert("Predecessors".into(), json!(full_predecessors(o)));
    serde_json::Value::Object(out).to_string()
}

fn row(catalog: &Catalog, o: &Object) -> Vec<Option<String>> {
    let Some(task) = task_of(o) else { return Vec::new() };
    let root = task.predecessors.is_empty() && task.finalizes.is_none();
    let option = |name: &str| task.parameters.get(name).cloned();
    let policy = option("OVERLAP_POLICY")
        .unwrap_or_else(|| if task.allow_overlap { "ALLOW_CHILD_OVERLAP" } else { "NO_OVERLAP" }.to_owned());
    let overlap = if root { (policy != "NO_OVERLAP").to_string() } else { "null".to_owned() };
    vec![
        Some(stamp(o.created_ms)),
        Some(o.bare().to_owned()),
        Some(task.uuid.clone()),
        o.name.first().cloned(),
        o.name.get(1).cloned(),
        Some(o.owner.clone()),
        Some(o.comment.clone()),
        task.warehouse.clone(),
        task.schedule.clone(),
        Some(json!(full_predecessors(o)).to_string()),
        Some(if task.started { "started" } else { "suspended" }.to_owned()),
        Some(task.definition.clone()),
        task.condition.clone(),
        Some(overlap),
        Some(option("ERROR_INTEGRATION").unwrap_or_else(|| "null".into())),
        task.last_committed_ms.map(stamp),
        task.last_suspended_ms.map(stamp),
        Some("ROLE".into()),
        task.config.clone(),
        Some(relations(catalog, o)),
        task.last_suspended_reason.clone(),
        Some(option("SUCCESS_INTEGRATION").unwrap_or_else(|| "null".into())),
        None,
        option("TARGET_COMPLETION_INTERVAL"),
        None,
        root.then_some(policy),
        Some(task.created_by.clone()),
    ]
}

#[cfg(test)]
mod tests {
    use super::is_like;

    #[test]
    fn like_ignores_case() {
        assert!(is_like("LOAD_RAW", "load%") && is_like("A.B", "a.b") && !is_like("AXB", "a.b"));
        assert!(is_like("A_B", "a\\_b") && !is_like("AXB", "a\\_b") && is_like("AXB", "a_b"));
    }
}
