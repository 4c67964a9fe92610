//! Variables, cursors and result sets of a running block.

use super::super::super::answer::Answer;
use super::super::super::bind::binder::Binder;
use super::super::super::bind::cast::{Mode, cast};
use super::super::super::bind::scope::Scope;
use super::super::super::bind::{Bound, quote_text, wire_cell};
use super::super::super::error::{SfError, SfResult};
use super::super::super::session::{Bind, Cx};
use super::super::super::types::Ty;
use super::super::super::wire::encode;
use super::super::session::constant;
use super::tree::TableSource;
use sqlparser::ast::Expr;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a name stands for, besides the value that the binder sees.
pub enum Slot {
    /// A variable with its type, once it is known.
    Scalar(Option<Ty>),
    /// A cursor: its query, and its rows while it is open.
    Cursor(TableSource, Option<Rows>),
    /// A RESULTSET.
    ResultSet(Option<Arc<Answer>>),
    /// A declared exception.
    Exception(i64, String),
}

/// An open cursor.
#[derive(Clone)]
pub struct Rows {
    /// The result.
    pub answer: Arc<Answer>,
    /// The next row.
    pub at: usize,
}

/// The names of a running block and those around it.
#[derive(Default)]
pub struct Names(Vec<BTreeMap<String, Slot>>);

impl Names {
    /// Opens a frame, for the binder too.
    pub fn open(&mut self, cx: &mut Cx<'_>) {
        self.0.push(BTreeMap::new());
        cx.s.script.push(BTreeMap::new());
    }

    /// Closes the innermost frame.
    pub fn close(&mut self, cx: &mut Cx<'_>) {
        self.0.pop();
        cx.s.script.pop();
    }

    /// How many frames are open.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.0.len()
    }

    /// Declares a name in the innermost frame.
    pub fn declare(&mut self, name: &str, slot: Slot) {
        if let Some(frame) = self.0.last_mut() {
            frame.insert(name.to_owned(), slot);
        }
    }

    /// Declares a variable with a value that is there already.
    pub fn define(&mut self, cx: &mut Cx<'_>, name: &str, value: Bound) {
        self.declare(name, Slot::Scalar(Some(value.ty)));
        if let Some(frame) = cx.s.script.last_mut() {
            frame.insert(name.to_owned(), value);
        }
    }

    /// What a name stands for.
    pub fn slot(&mut self, name: &str) -> Option<&mut Slot> {
        self.0.iter_mut().rev().find_map(|f| f.get_mut(name))
    }

    /// A declared exception.
    pub fn exception(&self, name: &str) -> Option<(i64, String)> {
        self.0.iter().rev().find_map(|f| match f.get(name) {
            Some(Slot::Exception(number, text)) => Some((*number, text.clone())),
            _ => None,
        })
    }

    /// Gives a variable a value, cast to its type.
    ///
    /// # Errors
    /// 000904 for an undeclared name; what the cast refuses.
    pub fn assign(&mut self, cx: &mut Cx<'_>, name: &str, value: Bound) -> SfResult<()> {
        let depth = self.0.iter().rposition(|f| matches!(f.get(name), Some(Slot::Scalar(_))));
        let Some(depth) = depth else {
            return Err(SfError::compile("000904", "42000", format!("invalid identifier '{name}'")));
        };
        let value = match self.0[depth].get(name) {
            Some(Slot::Scalar(Some(ty))) => typed(cx, &value, *ty)?,
            _ => widened(value),
        };
        self.0[depth].insert(name.to_owned(), Slot::Scalar(Some(value.ty)));
        // The binder's frames have this block's on top.
        let at = cx.s.script.len().saturating_sub(self.0.len()) + depth;
        if let Some(frame) = cx.s.script.get_mut(at) {
            frame.insert(name.to_owned(), value);
        }
        Ok(())
    }
}

/// A value cast to a type, as a literal.
///
/// # Errors
/// What the cast refuses.
pub fn typed(cx: &mut Cx<'_>, value: &Bound, ty: Ty) -> SfResult<Bound> {
    if value.ty == ty {
        return Ok(value.clone());
    }
    let env = Binder::new(cx).env;
    let bound = cast(value, ty, Mode::Explicit, &env)?;
    let out = constant(cx, &bound)?;
    // A variable's type is not that of the text that it happens to hold.
    Ok(if ty.is_text() { Bound { ty, ..out } } else { out })
}

/// A value in the type that a variable without a declared one gets: text of any length, numbers of any size.
#[must_use]
pub fn widened(value: Bound) -> Bound {
    match value.ty {
        Ty::Number { p, s } if p < 38 => {
            let ty = Ty::Number { p: 38, s };
            Bound { sql: format!("CAST({} AS {})", value.sql, ty.duck()), ty, ..value }
        }
        ty if ty.is_text() => Bound { ty: Ty::TEXT, ..value },
        _ => value,
    }
}

/// An expression's value as a literal.
///
/// # Errors
/// What the expression refuses.
pub fn evaluate(cx: &mut Cx<'_>, e: &Expr) -> SfResult<Bound> {
    let bound = Binder::new(cx).expr(e, &Scope::new(None))?;
    constant(cx, &bound)
}

/// Whether a condition holds; NULL does not.
///
/// # Errors
/// What the expression refuses.
pub fn holds(cx: &mut Cx<'_>, e: &Expr) -> SfResult<bool> {
    let bound = Binder::new(cx).expr(e, &Scope::new(None))?;
    let bound = if bound.ty == Ty::Boolean { bound } else { typed(cx, &bound, Ty::Boolean)? };
    let value: Option<bool> = cx.s.conn.query_row(&format!("SELECT {}", bound.sql), [], |row| row.get(0))?;
    Ok(value.unwrap_or(false))
}

/// A whole number.
///
/// # Errors
/// What the expression refuses; 100038 for other values.
pub fn whole(cx: &mut Cx<'_>, e: &Expr) -> SfResult<i64> {
    let bound = evaluate(cx, e)?;
    let text = display(cx, &bound)?.unwrap_or_else(|| "NULL".into());
    let head = text.split('.').next().unwrap_or(&text);
    head.parse().map_err(|_| SfError::new("100038", "22018", format!("Numeric value '{text}' is not recognized")))
}

/// A literal as DuckDB prints it; `None` for NULL.
///
/// # Errors
/// DuckDB's.
pub fn display(cx: &mut Cx<'_>, value: &Bound) -> SfResult<Option<String>> {
    if let Some(text) = &value.literal {
        return Ok(Some(text.clone()));
    }
    Ok(cx.s.conn.query_row(&format!("SELECT CAST({} AS VARCHAR)", value.sql), [], |row| row.get(0))?)
}

/// A value for a `?`: numbers and booleans as such, the rest as text.
///
/// # Errors
/// DuckDB's.
pub fn as_bind(cx: &mut Cx<'_>, value: &Bound) -> SfResult<Bind> {
    let ty = match value.ty {
        Ty::Number { .. } => "FIXED",
        Ty::Float => "REAL",
        Ty::Boolean => "BOOLEAN",
        _ => "TEXT",
    };
    Ok(Bind { ty: ty.to_owned(), value: display(cx, value)? })
}

/// Values for `?`, by position.
///
/// # Errors
/// What the expressions refuse.
pub fn binds(cx: &mut Cx<'_>, values: &[Expr]) -> SfResult<BTreeMap<String, Bind>> {
    let mut out = BTreeMap::new();
    for (i, e) in values.iter().enumerate() {
        let value = evaluate(cx, e)?;
        out.insert((i + 1).to_string(), as_bind(cx, &value)?);
    }
    Ok(out)
}

/// A result's cell as a literal.
///
/// # Errors
/// Internal, where the stored type is not what the field says.
pub fn cell(answer: &Answer, row: usize, column: usize) -> SfResult<Bound> {
    let ty = answer.fields.get(column).map_or(Ty::Null, |f| f.ty);
    Ok(match encode::cell_text(answer, row, column)? {
        Some(text) if ty.is_text() => Bound { ty, ..Bound::text(&text) },
        Some(text) => Bound { nullable: false, ..Bound::new(wire_cell(&quote_text(&text), ty), ty) },
        None => Bound::new(format!("CAST(NULL AS {})", ty.duck()), ty),
    })
}
