//! The three forms in which a plan is answered.

use super::super::super::answer::{Answer, Field, kind};
use super::super::super::types::Ty;
use super::plan::Op;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// USING.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A row for each operation.
    Tabular,
    /// One JSON document.
    Json,
    /// One text.
    Text,
}

/// The answer's columns.
#[must_use]
pub fn fields(form: Form) -> Vec<Field> {
    let text = |name: &str| Field::new(name, Ty::TEXT);
    let number = |name: &str| Field::new(name, Ty::INT);
    match form {
        Form::Json | Form::Text => vec![text("content")],
        Form::Tabular => vec![
            number("step"),
            number("id"),
            text("parentOperators"),
            text("operation"),
            text("objects"),
            text("alias"),
            text("expressions"),
            number("partitionsTotal"),
            number("partitionsAssigned"),
            number("bytesAssigned"),
        ],
    }
}

/// A plan in a form.
#[must_use]
pub fn answer(form: Form, ops: &[Op]) -> Answer {
    let rows = match form {
        Form::Tabular => tabular(ops),
        Form::Json => vec![vec![Some(document(ops).to_string())]],
        Form::Text => vec![vec![Some(text(ops))]],
    };
    Answer::texts(kind::SELECT, fields(form), &rows)
}

/// Partitions and bytes of all scans. A table is one partition, which is always read.
fn totals(ops: &[Op]) -> (usize, u64) {
    let bytes = ops.iter().filter_map(|op| op.bytes);
    (bytes.clone().count(), bytes.sum())
}

fn filled(text: String) -> Option<String> {
    Some(text).filter(|t| !t.is_empty())
}

fn tabular(ops: &[Op]) -> Vec<Vec<Option<String>>> {
    let (partitions, bytes) = totals(ops);
    let sizes = |n: usize, bytes: u64| [n.to_string(), n.to_string(), bytes.to_string()].map(Some);
    let mut rows = vec![vec![None; 7]];
    rows[0][3] = Some("GlobalStats".to_owned());
    rows[0].extend(sizes(partitions, bytes));
    for (id, op) in ops.iter().enumerate() {
        let mut row = vec![
            Some("1".to_owned()),
            Some(id.to_string()),
            op.parent.map(|p| format!("[{p}]")),
            Some(op.operation.clone()),
            filled(op.objects.join(", ")),
            op.alias.clone(),
            filled(op.expressions.join(", ")),
        ];
        row.extend(op.bytes.map_or([None, None, None], |bytes| sizes(1, bytes)));
        rows.push(row);
    }
    rows
}

fn document(ops: &[Op]) -> Value {
    let (partitions, bytes) = totals(ops);
    let operations: Vec<Value> = ops.iter().enumerate().map(|(id, op)| operation(id, op)).collect();
    json!({
        "GlobalStats": {"partitionsTotal": partitions, "partitionsAssigned": partitions, "bytesAssigned": bytes},
        "Operations": [operations],
    })
}

fn operation(id: usize, op: &Op) -> Value {
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| drop(out.insert(name.to_owned(), value));
    put("id", id.into());
    if let Some(parent) = op.parent {
        put("parentOperators", json!([parent]));
    }
    put("operation", op.operation.clone().into());
    if !op.objects.is_empty() {
        put("objects", op.objects.clone().into());
    }
    if let Some(alias) = &op.alias {
        put("alias", alias.clone().into());
    }
    if !op.expressions.is_empty() {
        put("expressions", op.expressions.clone().into());
    }
    if let Some(bytes) = op.bytes {
        put("partitionsAssigned", 1.into());
        put("partitionsTotal", 1.into());
        put("bytesAssigned", bytes.into());
    }
    Value::Object(out)
}

fn text(ops: &[Op]) -> String {
    let (partitions, bytes) = totals(ops);
    let mut out = format!(
        "GlobalStats:\n    partitionsTotal={partitions}\n    partitionsAssigned={partitions}\n    bytesAssigned={bytes}\nOperations:\n"
    );
    let mut depths: Vec<usize> = Vec::with_capacity(ops.len());
    for (id, op) in ops.iter().enumerate() {
        let depth = op.parent.and_then(|p| depths.get(p)).map_or(0, |d| d + 1);
        depths.push(depth);
        let _ = write!(out, "{:<8}{:indent$}->{}", format!("1:{id}"), "", op.operation, indent = 5 * depth);
        let alias = op.alias.as_ref().map(|a| format!("as {a}"));
        let sizes = op.bytes.map(|bytes| format!("{{partitionsTotal=1, partitionsAssigned=1, bytesAssigned={bytes}}}"));
        let parts = [filled(op.objects.join(", ")), alias, filled(op.expressions.join(", ")), sizes];
        for part in parts.into_iter().flatten() {
            let _ = write!(out, "  {part}");
        }
        out.push('\n');
    }
    out
}
