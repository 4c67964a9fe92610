//! Table functions: FLATTEN, GENERATOR, RESULT_SCAN, the information schema's.

use super::super::answer::{Answer, Field};
use super::super::catalog::ObjectName;
use super::super::error::{SfError, SfResult};
use super::super::stmt::stage;
use super::super::types::Ty;
use super::super::{info, wire::encode};
use super::binder::Binder;
use super::from::{Source, named};
use super::functions::flatten::{self, Flatten};
use super::functions::variant;
use super::scope::{Rel, Scope, fold};
use super::{Bound, quote_text};
use sqlparser::ast::{Expr, FunctionArg, FunctionArgExpr, TableAlias};
use std::collections::HashSet;

/// Arguments by upper-case name; positional ones under `1`, `2` …
type Args = Vec<(String, Bound)>;

impl Binder<'_, '_> {
    /// A table function.
    ///
    /// # Errors
    /// Unknown functions; what the function refuses.
    pub fn table_function(
        &mut self,
        parts: &[String],
        args: &[FunctionArg],
        alias: Option<&TableAlias>,
        scope: &Scope<'_>,
    ) -> SfResult<(Source, Rel)> {
        // Its argument is a sequence, not an expression.
        if matches!(parts, [one] if one == "GETNEXTVAL") {
            return Err(SfError::unsupported("GETNEXTVAL"));
        }
        let name = parts.last().map_or("", String::as_str);
        if name == "VALIDATE" {
            return self.validate_copy(args, alias, scope);
        }
        let args = self.table_args(args, scope)?;
        if parts.len() >= 2 && parts[parts.len() - 2] == "INFORMATION_SCHEMA" {
            let database = if parts.len() == 3 { Some(parts[0].clone()) } else { self.namespace().database };
            let mut given = Vec::new();
            for (key, value) in &args {
                given.push((key.clone(), self.constant_text(value)?));
            }
            let (fields, rows) = info::table_function(self.cx, database.as_deref(), name, &given)?;
            return self.rows(&fields, &rows, cast_cell, alias, name);
        }
        match name {
            "FLATTEN" => self.flatten(&args, alias),
            "GENERATOR" => self.generator(&args, alias),
            "INFER_SCHEMA" => {
                let mut given = Vec::new();
                for (key, value) in &args {
                    given.push((key.clone(), self.constant_text(value)?));
                }
                let (fields, rows) = stage::infer::infer(self.cx, &given)?;
                self.rows(&fields, &rows, cast_cell, alias, name)
            }
            "RESULT_SCAN" => self.result_scan(&args, alias),
            "DIRECTORY" if args.len() == 1 => {
                let stage = self.constant_text(&args[0].1)?;
                self.directory(&stage, alias)
            }
            "SPLIT_TO_TABLE" | "STRTOK_SPLIT_TO_TABLE" => self.split_to_table(name, &args, alias),
            _ => self.user_table_function(parts, &args, alias),
        }
    }

    fn table_args(&mut self, args: &[FunctionArg], scope: &Scope<'_>) -> SfResult<Args> {
        let mut out = Vec::new();
        for (i, arg) in args.iter().enumerate() {
            let (name, e) = match arg {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(e)) => ((i + 1).to_string(), e),
                FunctionArg::Named { name, arg: FunctionArgExpr::Expr(e), .. } => (fold(name), e),
                FunctionArg::ExprNamed { name: Expr::Identifier(name), arg: FunctionArgExpr::Expr(e), .. } => {
                    (fold(name), e)
                }
                other => return Err(SfError::unsupported(&format!("argument {other}"))),
            };
            out.push((name, self.expr(e, scope)?));
        }
        Ok(out)
    }

    fn flatten(&mut self, args: &Args, alias: Option<&TableAlias>) -> SfResult<(Source, Rel)> {
        let get = |name: &str| args.iter().find(|(k, _)| k == name).map(|(_, v)| v);
        let input = get("INPUT").or_else(|| get("1")).ok_or_else(|| {
            SfError::compile("000938", "22023", "not enough arguments for function [FLATTEN()], expected 1, got 0")
        })?;
        let mut f = Flatten::new(input.clone());
        if let Some(path) = get("PATH").and_then(|p| p.literal.clone()) {
            f.steps = variant::parse_path(&path)?;
            f.path = path;
        }
        if let Some(mode) = get("MODE").and_then(|m| m.literal.clone()) {
            f.mode = flatten::Mode::parse(&mode)?;
        }
        f.outer = get("OUTER").is_some_and(|b| b.sql == "true");
        f.recursive = get("RECURSIVE").is_some_and(|b| b.sql == "true");
        if let Some(used) = self.names_used(alias) {
            for (wanted, (name, _)) in f.wanted.iter_mut().zip(flatten::COLUMNS) {
                *wanted = used.contains(name);
            }
        }
        let duck = self.alias("r");
        let fields: Vec<Field> = flatten::COLUMNS.iter().map(|(n, t)| Field::new(*n, *t)).collect();
        let mut rel = Rel::of_fields(&duck, &fields);
        rel.name = vec!["FLATTEN".into()];
        Ok((Source::Flatten(Box::new(f)), named(rel, alias)?))
    }

    /// SPLIT_TO_TABLE and STRTOK_SPLIT_TO_TABLE: FLATTEN of the parts, counted from 1.
    fn split_to_table(&mut self, name: &str, args: &Args, alias: Option<&TableAlias>) -> SfResult<(Source, Rel)> {
        let (function, least) = if name == "SPLIT_TO_TABLE" { ("SPLIT", 2) } else { ("STRTOK_TO_ARRAY", 1) };
        if args.len() < least || args.len() > 2 {
            let text = format!("wrong number of arguments for function [{name}()], expected 2, got {}", args.len());
            return Err(SfError::compile("000938", "22023", text));
        }
        let parts = self.call_bound(function, args.iter().map(|(_, b)| b.clone()).collect())?;
        let mut f = Flatten::new(parts);
        f.wanted = [true, false, false, true, true, false];
        let duck = self.alias("r");
        let fields: Vec<Field> = flatten::COLUMNS.iter().map(|(n, t)| Field::new(*n, *t)).collect();
        let mut rel = Rel::of_fields(&duck, &fields);
        rel.cols.retain(|c| matches!(c.name.as_str(), "SEQ" | "INDEX" | "VALUE"));
        for col in &mut rel.cols {
            match col.name.as_str() {
                "INDEX" => col.sql = format!("CAST({} + 1 AS DECIMAL(38,0))", col.sql),
                "VALUE" => (col.sql, col.ty) = (variant::text_of(&col.sql), Ty::TEXT),
                _ => {}
            }
        }
        rel.name = vec![name.to_owned()];
        Ok((Source::Flatten(Box::new(f)), named(rel, alias)?))
    }

    fn generator(&mut self, args: &Args, alias: Option<&TableAlias>) -> SfResult<(Source, Rel)> {
        let count = args.iter().find(|(k, _)| k == "ROWCOUNT" || k == "1").map(|(_, v)| v);
        let Some(count) = count else { return Err(SfError::unsupported("GENERATOR without ROWCOUNT")) };
        let n: i64 = self
            .constant_text(count)?
            .parse()
            .map_err(|_| SfError::compile("001014", "22023", "invalid value for parameter 'ROWCOUNT' of GENERATOR"))?;
        let duck = self.alias("r");
        let rel =
            Rel { alias: duck.clone(), generator: Some(format!("CAST({duck}.n AS DECIMAL(38,0))")), ..Rel::default() };
        Ok((Source::Sql(format!("range({}) AS {duck}(n)", n.max(0))), named(rel, alias)?))
    }

    fn result_scan(&mut self, args: &Args, alias: Option<&TableAlias>) -> SfResult<(Source, Rel)> {
        let wanted = match args.first() {
            Some((_, b)) => self.constant_text(b)?,
            None => "-1".to_owned(),
        };
        let ids = &self.cx.s.query_ids;
        let id = match wanted.parse::<i64>() {
            Ok(n) if n < 0 => {
                ids.len().checked_sub(usize::try_from(-n).unwrap_or(usize::MAX)).and_then(|i| ids.get(i)).cloned()
            }
            Ok(n) => usize::try_from(n - 1).ok().and_then(|i| ids.get(i)).cloned(),
            Err(_) => Some(wanted.clone()),
        };
        let id = id.ok_or_else(|| SfError::compile("000709", "02000", format!("Statement {wanted} not found")))?;
        let answer = self.cx.engine.result(&id, &self.cx.s.user)?;
        self.answer_relation(&answer, alias)
    }

    /// A kept result as a relation. Duplicate names get `_1`, `_2` …
    fn answer_relation(&mut self, answer: &Answer, alias: Option<&TableAlias>) -> SfResult<(Source, Rel)> {
        let mut fields = answer.fields.clone();
        for (i, field) in fields.iter_mut().enumerate() {
            let same = answer.fields[..i].iter().filter(|f| f.name == field.name).count();
            if same > 0 {
                field.name = format!("{}_{same}", field.name);
            }
        }
        let mut rows = Vec::new();
        for r in 0..answer.rows.len() {
            rows.push((0..fields.len()).map(|c| encode::cell_text(answer, r, c)).collect::<SfResult<Vec<_>>>()?);
        }
        self.rows(&fields, &rows, wire_cell, alias, "RESULT_SCAN")
    }

    /// Rows of text as a relation.
    ///
    /// # Errors
    /// A column list of another length.
    pub fn rows(
        &mut self,
        fields: &[Field],
        rows: &[Vec<Option<String>>],
        cell: fn(&str, Ty) -> String,
        alias: Option<&TableAlias>,
        name: &str,
    ) -> SfResult<(Source, Rel)> {
        let duck = self.alias("r");
        let used: Vec<bool> = match self.names_used(alias) {
            Some(names) => fields.iter().map(|f| names.contains(&f.name.to_uppercase())).collect(),
            None => vec![true; fields.len()],
        };
        let kept: Vec<Vec<Option<&str>>> = rows
            .iter()
            .map(|row| row.iter().zip(&used).filter(|(_, used)| **used).map(|(cell, _)| cell.as_deref()).collect())
            .collect();
        // One JSON text: as many VALUES would take DuckDB seconds to plan.
        let json = serde_json::to_string(&kept).map_err(SfError::internal)?;
        let mut at = 0;
        let cells: Vec<String> = (1..=fields.len())
            .zip(fields.iter().zip(&used))
            .map(|(i, (f, used))| {
                at += usize::from(*used);
                let value =
                    if *used { cell(&format!("r[{at}]"), f.ty) } else { format!("CAST(NULL AS {})", f.ty.duck()) };
                format!("{value} AS c{i}")
            })
            .collect();
        let sql = format!(
            "(SELECT {} FROM (SELECT unnest(from_json({}, '[[\"VARCHAR\"]]')) AS r)) AS {duck}",
            cells.join(", "),
            quote_text(&json)
        );
        let mut rel = Rel::of_fields(&duck, fields);
        rel.name = vec![name.to_owned()];
        Ok((Source::Sql(sql), named(rel, alias)?))
    }

    /// The names, in upper case, by which the SELECT around a relation knows its columns; `None` where all columns count: it has
    /// a wildcard, uses places (`$1`), or the alias gives them other names.
    fn names_used(&self, alias: Option<&TableAlias>) -> Option<&HashSet<String>> {
        if alias.is_some_and(|a| !a.columns.is_empty()) {
            return None;
        }
        self.mentioned.last().filter(|names| !names.iter().any(|name| name.starts_with(['*', '$'])))
    }

    /// A view of the information schema.
    ///
    /// # Errors
    /// 002003 for one that is not there.
    pub fn information_schema(&mut self, name: &ObjectName, alias: Option<&TableAlias>) -> SfResult<(Source, Rel)> {
        let database = if name.0.len() == 3 { Some(name.0[0].clone()) } else { self.namespace().database };
        let view = name.last().to_owned();
        if let Some(notes) = &mut self.notes {
            notes.system = Some(name.display());
        }
        let found = info::relation(self.cx, database.as_deref(), &view)?;
        let Some((fields, rows)) = found else { return Err(SfError::missing("Object", &name.display())) };
        self.rows(&fields, &rows, cast_cell, alias, &view)
    }
}

/// DuckDB SQL for a cell, given an SQL expression for its text in the form that DuckDB's CAST reads.
#[must_use]
pub fn cast_cell(text: &str, ty: Ty) -> String {
    match ty {
        Ty::Text { .. } | Ty::Variant | Ty::Object | Ty::Array | Ty::Null => text.to_owned(),
        Ty::Binary { .. } => format!("from_hex({text})"),
        Ty::Tz { .. } => {
            format!(
                "CASE WHEN {text} IS NOT NULL \
                 THEN struct_pack(t := CAST({text} AS TIMESTAMP), o := CAST(0 AS SMALLINT)) END"
            )
        }
        _ => format!("CAST({text} AS {})", ty.duck()),
    }
}

/// DuckDB SQL for a cell, given an SQL expression for its text in the wire's JSON form: epochs for dates and times.
#[must_use]
pub fn wire_cell(text: &str, ty: Ty) -> String {
    let micros = |t: &str| format!("make_timestamp(CAST(CAST({t} AS DECIMAL(38,9)) * 1000000 AS BIGINT))");
    match ty {
        Ty::Date => format!("(DATE '1970-01-01' + CAST({text} AS INTEGER))"),
        Ty::Time { .. } => format!("CAST({} AS TIME)", micros(text)),
        Ty::Ntz { .. } | Ty::Ltz { .. } => micros(text),
        Ty::Tz { .. } => {
            format!(
                "CASE WHEN {text} IS NOT NULL THEN struct_pack(t := {}, \
                 o := CAST(CAST(split_part({text}, ' ', 2) AS INTEGER) - 1440 AS SMALLINT)) END",
                micros(&format!("split_part({text}, ' ', 1)"))
            )
        }
        _ => cast_cell(text, ty),
    }
}

#[cfg(test)]
mod tests {
    use crate::local::snowflake::testing::{check, session};

    #[test]
    fn columns_that_are_used_without_their_names_are_there() {
        // In a block, as statements of a script are kept for RESULT_SCAN.
        let scan = |sql: &str| {
            let sql = sql.replace("{}", "TABLE(RESULT_SCAN(LAST_QUERY_ID()))");
            format!("BEGIN SELECT 1 AS A, 'x' AS B; LET V VARCHAR := ({sql}); RETURN V; END")
        };
        check(
            &session(),
            &[
                (&scan("SELECT B FROM {} WHERE A = 1"), "x"),
                (&scan("SELECT Q FROM {} AS T(P, Q) WHERE P = 1"), "x"),
                (&scan("SELECT $2 FROM {}"), "x"),
                (&scan("SELECT R.B FROM {} AS R INNER JOIN (SELECT 1 AS A) AS S USING (A)"), "x"),
                (&scan("SELECT COUNT(*) FROM {}"), "1"),
                (&scan("SELECT MAX(C) FROM (SELECT * FROM {}) AS R(D, C)"), "x"),
                ("SELECT V FROM TABLE(FLATTEN(INPUT => PARSE_JSON('[7]'))) AS F(S, K, P, I, V, T)", "7"),
            ],
        );
    }
}
