//! VALIDATION_MODE: what a COPY would meet, without loading anything; and VALIDATE, which looks again at a COPY that has run.

use super::plan::Plan;
use super::report;
use super::run::{load_of, missing};
use super::survey::{BadRecord, Surveyor};
use super::{Copy, history};
use crate::local::snowflake::answer::{Answer, Field, kind};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::load::{Load, OnBadRecord, StagedFile};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::types::Ty;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// VALIDATION_MODE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validation {
    /// RETURN_n_ROWS.
    Rows(u64),
    /// RETURN_ERRORS.
    Errors,
    /// RETURN_ALL_ERRORS: in files that an earlier COPY has loaded in part, too.
    AllErrors,
}

impl Validation {
    /// Reads the option's value.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let upper = text.trim().to_ascii_uppercase();
        match upper.as_str() {
            "RETURN_ERRORS" => Some(Self::Errors),
            "RETURN_ALL_ERRORS" => Some(Self::AllErrors),
            other => {
                let n = other.strip_prefix("RETURN_")?.strip_suffix("_ROWS")?;
                n.parse().ok().filter(|n| *n > 0).map(Self::Rows)
            }
        }
    }
}

/// The columns of an error list.
#[must_use]
pub fn fields() -> Vec<Field> {
    [
        ("ERROR", Ty::TEXT),
        ("FILE", Ty::TEXT),
        ("LINE", Ty::INT),
        ("CHARACTER", Ty::INT),
        ("BYTE_OFFSET", Ty::INT),
        ("CATEGORY", Ty::TEXT),
        ("CODE", Ty::INT),
        ("SQL_STATE", Ty::TEXT),
        ("COLUMN_NAME", Ty::TEXT),
        ("ROW_NUMBER", Ty::INT),
        ("ROW_START_LINE", Ty::INT),
    ]
    .map(|(n, t)| Field::new(n, t))
    .to_vec()
}

/// A row of an error list.
fn row(file: &StagedFile, bad: &BadRecord) -> Vec<Option<String>> {
    let e = &bad.error;
    let place = |n: u64| (n > 0).then(|| n.to_string());
    vec![
        Some(e.message.clone()),
        Some(file.name.clone()),
        place(e.line),
        place(e.character),
        // Not known: a record's place is counted in lines.
        None,
        Some(if bad.parsing { "parsing" } else { "conversion" }.to_owned()),
        Some(e.code.trim_start_matches('0').to_owned()),
        Some(e.state.to_owned()),
        bad.column.clone(),
        place(e.row),
        place(e.line),
    ]
}

impl Copy {
    /// Answers VALIDATION_MODE.
    ///
    /// # Errors
    /// What keeps the files from being read; with RETURN_n_ROWS, the first error.
    pub fn validate(&self, cx: &mut Cx<'_>, mode: Validation) -> SfResult<Answer> {
        let plan = self.plan(cx)?;
        let pending = self.pending(cx, &plan)?;
        if let Some(file) = pending.missing.first() {
            return Err(report::refusal(file, &missing(file), None));
        }
        let mut files = pending.new;
        match mode {
            Validation::Rows(n) => return rows(cx, &plan, files, n),
            Validation::Errors => {}
            Validation::AllErrors => {
                let partly = history::partly(cx, &plan)?;
                let listed = self.listed(cx, &plan)?;
                files.extend(listed.into_iter().filter(|f| partly.contains(&(f.shown.clone(), f.etag.clone()))));
                files.sort_by(|a, b| a.shown.cmp(&b.shown));
                files.dedup();
            }
        }
        let rows = errors(cx, &plan, &files)?;
        Ok(Answer::texts(kind::COPY, fields(), &rows))
    }
}

fn errors(cx: &Cx<'_>, plan: &Plan, files: &[StagedFile]) -> SfResult<Vec<Vec<Option<String>>>> {
    let surveyor = Surveyor::new(cx.engine, plan, cx.q.now_us)?;
    let mut out = Vec::new();
    for file in files {
        if cx.q.cancelled.load(Ordering::Relaxed) {
            return Err(SfError::new("000604", "57014", "SQL execution canceled"));
        }
        let (bad, _) = surveyor.errors(file, None)?;
        out.extend(bad.iter().map(|b| row(file, b)));
    }
    Ok(out)
}

/// The first rows as the table would hold them, or the first error among them.
fn rows(cx: &mut Cx<'_>, plan: &Plan, files: Vec<StagedFile>, n: u64) -> SfResult<Answer> {
    let surveyor = Surveyor::new(cx.engine, plan, cx.q.now_us)?;
    let mut left = n;
    let mut read = Vec::new();
    for file in files {
        let (bad, records) = surveyor.errors(&file, Some(left))?;
        if let Some(b) = bad.first() {
            return Err(report::refusal(&file, &b.error, b.column.as_deref()));
        }
        read.push(file);
        left = left.saturating_sub(records);
        if left == 0 {
            break;
        }
    }
    let columns = &plan.target.table().columns;
    let fields = columns.iter().map(|c| Field { nullable: c.nullable, ..Field::new(&c.name, c.ty) }).collect();
    // Bad records behind the last row must not count.
    let load = Load { on_bad: OnBadRecord::Note, ..load_of(cx.engine, plan, read, cx.q.now_us)? };
    let guard = cx.engine.loads.add(Arc::new(load));
    let list: Vec<String> = plan.list.iter().zip(columns).map(|(sql, c)| format!("{sql} AS {}", c.phys)).collect();
    let sql =
        format!("SELECT {} FROM (SELECT * FROM sf_stage({}) LIMIT {n}) AS {}", list.join(", "), guard.id, plan.alias);
    Ok(Answer { kind: kind::COPY, ..Answer::query(fields, cx.query(&sql)?) })
}

/// TABLE(VALIDATE(t, JOB_ID => …)): the errors of a COPY that has run, found by looking at its files again.
///
/// # Errors
/// 000709 for a COPY that is not known; what its statement meets now.
pub fn again(cx: &mut Cx<'_>, table: i64, job: &str) -> SfResult<Vec<Vec<Option<String>>>> {
    let ids: Vec<String> = if job.eq_ignore_ascii_case("_last") {
        cx.s.query_ids.iter().rev().cloned().collect()
    } else {
        vec![job.to_owned()]
    };
    let Some(past) = history::job(cx, &ids, table)? else {
        if job.eq_ignore_ascii_case("_last") {
            return Ok(Vec::new());
        }
        return Err(SfError::compile("000709", "02000", format!("Statement {job} not found")));
    };
    let mut c = Cursor::new(&past.text)?;
    c.expect("COPY INTO")?;
    let copy = super::read(&mut c)?;
    if copy.select.is_some() {
        return Err(SfError::unsupported("VALIDATE of a COPY with a transformation"));
    }
    let plan = in_place(cx, &past, |cx| copy.plan(cx))?;
    let bad = history::failed_in(cx, &past.id)?;
    // A file that has gone or changed cannot be looked at again.
    let mut files = plan.location.list(cx.engine, None)?;
    files.retain(|f| bad.contains(&(f.shown.clone(), f.etag.clone())));
    errors(cx, &plan, &files)
}

/// Runs `f` where the COPY ran.
fn in_place<T>(cx: &mut Cx<'_>, past: &history::Job, f: impl FnOnce(&mut Cx<'_>) -> SfResult<T>) -> SfResult<T> {
    let here = (cx.s.database.clone(), cx.s.schema.clone());
    (cx.s.database, cx.s.schema) = (past.database.clone(), past.schema.clone());
    let out = f(cx);
    (cx.s.database, cx.s.schema) = here;
    out
}

#[cfg(test)]
mod tests {
    use super::Validation;

    #[test]
    fn modes() {
        assert_eq!(Validation::parse("return_10_rows"), Some(Validation::Rows(10)));
        assert_eq!(Validation::parse("RETURN_ERRORS"), Some(Validation::Errors));
        assert_eq!(Validation::parse("RETURN_ALL_ERRORS"), Some(Validation::AllErrors));
        assert_eq!(Validation::parse("RETURN_0_ROWS"), None);
        assert_eq!(Validation::parse("RETURN_ROWS"), None);
    }
}
