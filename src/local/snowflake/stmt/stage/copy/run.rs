//! Running a COPY.

use super::super::location;
use super::options::OnError;
use super::plan::Plan;
use super::report::{self, FileResult, Status};
use super::survey::{Survey, Surveyor};
use super::{Copy, history};
use crate::local::snowflake::answer::{Answer, Field};
use crate::local::snowflake::engine::Engine;
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::load::{Load, StagedFile};
use crate::local::snowflake::pipe::memory;
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::stmt::dml::insert_rows;
use crate::local::snowflake::stmt::{Class, Statement};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// A load of files as a plan reads them.
///
/// # Errors
/// 091003 without an object store.
pub fn load_of(engine: &Engine, plan: &Plan, files: Vec<StagedFile>, now_us: i64) -> SfResult<Load> {
    let store = location::store(engine)?;
    let load = Load::new(store, files, plan.format.clone(), plan.width, now_us);
    Ok(Load { exact: plan.exact, names: plan.names.clone(), ..load })
}

/// A file that a pipe has heard of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    /// Its key in the object store.
    pub key: String,
    /// When, epoch microseconds.
    pub received_us: i64,
}

/// Files for a pipe to load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PipeBatch {
    /// The pipe's object id.
    pub pipe: i64,
    /// The files.
    pub files: Vec<Arrived>,
}

impl PipeBatch {
    /// When the pipe heard of a file, epoch microseconds.
    #[must_use]
    pub fn received_us(&self, key: &str) -> Option<i64> {
        self.files.iter().find(|f| f.key == key).map(|f| f.received_us)
    }
}

/// The files of a COPY.
#[derive(Default)]
pub(super) struct Pending {
    /// To be loaded.
    pub new: Vec<StagedFile>,
    /// Named in FILES but loaded before.
    pub known: Vec<StagedFile>,
    /// Named in FILES but not there.
    pub missing: Vec<StagedFile>,
}

impl Statement for Copy {
    fn class(&self) -> Class {
        Class::Dml
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        cx.need_warehouse()?;
        if let Some(mode) = self.options.validation {
            return self.validate(cx, mode);
        }
        let results = self.load(cx, None)?;
        if self.options.purge {
            purge(cx, &results);
        }
        if self.options.failed_only {
            let failed: Vec<_> = results.into_iter().filter(|r| r.status != Status::Loaded).collect();
            return Ok(report::answer(&failed));
        }
        Ok(report::answer(&results))
    }

    fn describe(&self, _cx: &mut Cx<'_>) -> SfResult<Vec<Field>> {
        Ok(match self.options.validation {
            Some(_) => super::validate::fields(),
            None => report::fields(),
        })
    }
}

impl Copy {
    /// Loads a pipe's files in one transaction; gives what became of each. One that is missing from the results was changed
    /// meanwhile and has to be tried again.
    ///
    /// # Errors
    /// What keeps all of them from being loaded.
    pub fn ingest(&self, cx: &mut Cx<'_>, batch: &PipeBatch) -> SfResult<Vec<FileResult>> {
        self.load(cx, Some(batch))
    }

    fn load(&self, cx: &mut Cx<'_>, batch: Option<&PipeBatch>) -> SfResult<Vec<FileResult>> {
        self.evolve(cx, batch)?;
        let mut locks = vec![self.plan(cx)?.target.store()];
        locks.extend(batch.map(|b| b.pipe));
        let mut tried: Option<Arc<Load>> = None;
        let first = cx.atomically(&locks, |cx| self.attempt(cx, batch, None, &mut tried));
        match (first, tried) {
            (Err(e), Some(load)) if e.code != "000604" => {
                let surveys = self.survey(cx, &load, e)?;
                cx.atomically(&locks, |cx| self.attempt(cx, batch, Some(&surveys), &mut None))
            }
            (other, _) => other,
        }
    }

    /// Loads the new files; with surveys, those without what they found bad.
    fn attempt(
        &self,
        cx: &mut Cx<'_>,
        batch: Option<&PipeBatch>,
        surveys: Option<&[Survey]>,
        tried: &mut Option<Arc<Load>>,
    ) -> SfResult<Vec<FileResult>> {
        let plan = self.plan(cx)?;
        let pending = match batch {
            Some(batch) => sent(cx, &plan, batch)?,
            None => self.pending(cx, &plan)?,
        };
        let mut results: Vec<FileResult> = pending.known.iter().map(known).collect();
        for file in &pending.missing {
            let e = missing(file);
            if self.options.on_error == OnError::Abort {
                return Err(report::refusal(file, &e, None));
            }
            results.push(FileResult { first: Some(e), errors: 1, ..empty(file, Status::Failed, 1) });
        }
        let mut files = pending.new;
        let mut skip: BTreeMap<usize, HashSet<u64>> = BTreeMap::new();
        if let Some(surveys) = surveys {
            let mut kept = Vec::new();
            for s in surveys.iter().filter(|s| files.contains(&s.file)) {
                let errors = s.bad.len() as u64;
                if s.broken || self.options.on_error.skips(errors, s.rows) {
                    results.push(self.failed(s));
                } else {
                    if !s.bad.is_empty() {
                        skip.insert(kept.len(), s.bad.clone());
                    }
                    kept.push(s.file.clone());
                }
            }
            files = kept;
        }
        if !files.is_empty() {
            let load = Arc::new(Load { skip, ..load_of(cx.engine, &plan, files, cx.q.now_us)? });
            *tried = Some(load.clone());
            let inserted = insert(cx, &plan, &load)?;
            let loaded = self.loaded(&load, surveys.unwrap_or_default());
            let expected: u64 = loaded.iter().map(|r| r.loaded).sum();
            if inserted != expected {
                return Err(SfError::internal(format!("COPY read {expected} records and inserted {inserted}")));
            }
            results.extend(loaded);
        }
        results.sort_by(|a, b| a.file.shown.cmp(&b.file.shown));
        history::note(cx, &plan, &results, batch)?;
        if batch.is_none() {
            history::note_job(cx, &plan)?;
        }
        Ok(results)
    }

    /// The files that PATTERN leaves, all where there is none.
    ///
    /// # Errors
    /// 091003; 100048 for a PATTERN that is none.
    pub(super) fn listed(&self, cx: &Cx<'_>, plan: &Plan) -> SfResult<Vec<StagedFile>> {
        let pattern = self.options.pattern.as_deref().map(location::pattern).transpose()?;
        plan.location.list(cx.engine, pattern.as_ref())
    }

    /// Which files are new.
    ///
    /// # Errors
    /// As [`Copy::listed`].
    pub(super) fn pending(&self, cx: &Cx<'_>, plan: &Plan) -> SfResult<Pending> {
        let mut out = Pending::default();
        let listed = if self.options.files.is_empty() {
            self.listed(cx, plan)?
        } else {
            let store = location::store(cx.engine)?;
            let mut listed = Vec::new();
            for name in &self.options.files {
                let prefix = &plan.location.prefix;
                let keys = [format!("{prefix}{name}"), format!("{prefix}/{name}")];
                let found = keys.iter().find_map(|k| store.head(&plan.location.bucket, k).ok().map(|m| (k, m)));
                match found {
                    Some((key, m)) => listed.push(plan.location.file(key, &m.etag, m.size, m.modified_ms)),
                    None => out.missing.push(plan.location.file(&keys[0], "", 0, 0)),
                }
            }
            listed
        };
        let known = if self.options.force { HashSet::new() } else { history::loaded(cx, plan)? };
        let first_load = history::first_load_us(cx, plan)?;
        let sure = self.options.force || self.options.uncertain;
        let mut bytes = 0;
        for file in listed {
            if !sure && history::is_uncertain(file.modified_ms, first_load, cx.q.now_us) {
                continue;
            }
            if known.contains(&(file.shown.clone(), file.etag.clone())) {
                if !self.options.files.is_empty() {
                    out.known.push(file);
                }
                continue;
            }
            // At least one file is loaded, and the one that passes the limit too.
            if self.options.size_limit.is_some_and(|limit| bytes > limit) {
                break;
            }
            bytes += file.size;
            out.new.push(file);
        }
        Ok(out)
    }

    /// Finds the bad records of a load that failed with `met`. With ABORT_STATEMENT the first of them is the refusal.
    fn survey(&self, cx: &mut Cx<'_>, load: &Load, met: SfError) -> SfResult<Vec<Survey>> {
        let plan = self.plan(cx)?;
        let surveyor = Surveyor::new(cx.engine, &plan, cx.q.now_us)?;
        let mut out = Vec::new();
        for file in &load.files {
            if cx.q.cancelled.load(std::sync::atomic::Ordering::Relaxed) {
                return Err(SfError::new("000604", "57014", "SQL execution canceled"));
            }
            let s = surveyor.survey(file)?;
            if let (OnError::Abort, Some(bad)) = (self.options.on_error, &s.first) {
                return Err(report::refusal(&s.file, &bad.error, bad.column.as_deref()));
            }
            out.push(s);
        }
        // Nothing is wrong with the files: the failure was another.
        if out.iter().all(|s| s.bad.is_empty() && !s.broken) { Err(met) } else { Ok(out) }
    }

    fn failed(&self, s: &Survey) -> FileResult {
        let (first, column) = s.first.clone().map_or((None, None), |b| (Some(b.error), b.column));
        FileResult {
            etag: s.etag.clone(),
            parsed: s.rows,
            errors: s.bad.len().max(1) as u64,
            limit: Some(self.options.on_error.limit(s.rows)),
            first,
            column,
            ..empty(&s.file, Status::Failed, 0)
        }
    }

    fn loaded(&self, load: &Load, surveys: &[Survey]) -> Vec<FileResult> {
        let reports = load.reports.lock();
        load.files
            .iter()
            .zip(reports.iter())
            .map(|(file, r)| {
                let survey = surveys.iter().find(|s| s.file == *file).filter(|s| !s.bad.is_empty());
                let errors = survey.map_or(0, |s| s.bad.len() as u64);
                let (first, column) =
                    survey.and_then(|s| s.first.clone()).map_or((None, None), |b| (Some(b.error), b.column));
                let loaded = r.rows.saturating_sub(errors);
                let status = match (errors, loaded) {
                    (0, _) => Status::Loaded,
                    (_, 0) => Status::Failed,
                    _ => Status::Partly,
                };
                FileResult {
                    etag: r.etag.clone(),
                    parsed: r.rows,
                    loaded,
                    limit: Some(self.options.on_error.limit(r.rows)),
                    errors,
                    first,
                    column,
                    ..empty(file, status, 0)
                }
            })
            .collect()
    }
}

/// A pipe's files that it does not remember.
pub(super) fn sent(cx: &Cx<'_>, plan: &Plan, batch: &PipeBatch) -> SfResult<Pending> {
    let store = location::store(cx.engine)?;
    let keys: Vec<&str> = batch.files.iter().map(|f| f.key.as_str()).collect();
    let known = memory::loaded(&cx.s.conn, batch.pipe, &keys, cx.q.now_us)?;
    let mut out = Pending::default();
    for key in keys {
        if known.contains(key) {
            out.known.push(plan.location.file(key, "", 0, 0));
            continue;
        }
        match store.head(&plan.location.bucket, key) {
            Ok(m) => out.new.push(plan.location.file(key, &m.etag, m.size, m.modified_ms)),
            Err(crate::local::s3::Error::NoSuchKey(_) | crate::local::s3::Error::NoSuchBucket(_)) => {
                out.missing.push(plan.location.file(key, "", 0, 0));
            }
            Err(e) => return Err(location::failed(&e)),
        }
    }
    Ok(out)
}

fn insert(cx: &mut Cx<'_>, plan: &Plan, load: &Arc<Load>) -> SfResult<u64> {
    let guard = cx.engine.loads.add(load.clone());
    let from = format!("FROM sf_stage({}) AS {}", guard.id, plan.alias);
    // Kept until the transaction ends: a failed statement later in it may need this one to run again.
    cx.s.tx.get_or_insert_default().loads.push(guard);
    insert_rows(cx, plan.target.table(), &plan.list, &from)
}

fn empty(file: &StagedFile, status: Status, limit: u64) -> FileResult {
    FileResult {
        file: file.clone(),
        etag: file.etag.clone(),
        status,
        parsed: 0,
        loaded: 0,
        limit: Some(limit),
        errors: 0,
        first: None,
        column: None,
    }
}

fn known(file: &StagedFile) -> FileResult {
    let e = crate::local::snowflake::load::RowError::fatal("000000", "00000", "File was loaded before.");
    FileResult { limit: None, errors: 1, first: Some(e), ..empty(file, Status::Skipped, 0) }
}

/// Why a file that FILES names cannot be loaded.
#[must_use]
pub(super) fn missing(file: &StagedFile) -> crate::local::snowflake::load::RowError {
    crate::local::snowflake::load::not_found(&file.shown)
}

/// Deletes what was loaded; a file that cannot be deleted stays without a word, as in Snowflake.
fn purge(cx: &Cx<'_>, results: &[FileResult]) {
    let Ok(store) = location::store(cx.engine) else { return };
    for r in results.iter().filter(|r| matches!(r.status, Status::Loaded | Status::Partly)) {
        if let Err(e) = store.delete(&r.file.bucket, &[&r.file.key]) {
            tracing::warn!(error = %e, "a loaded file could not be purged");
        }
    }
}
