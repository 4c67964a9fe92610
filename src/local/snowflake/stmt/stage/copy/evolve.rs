//! Schema evolution: a table with ENABLE_SCHEMA_EVOLUTION gets the columns that new files have, and no longer asks for those
//! that they lack.

use super::options::MatchBy;
use super::plan::Plan;
use super::run::{PipeBatch, load_of, sent};
use super::{Copy, guess::Guess};
use crate::local::snowflake::catalog::ColumnDef;
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::load::{self, Batch, Format, Kind, Load, StagedFile};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::stmt::ddl::table::{Change, ColumnSpec, change_table};
use std::sync::atomic::Ordering;

/// Most columns that one COPY adds.
const MOST: usize = 100;

/// What files hold: names in the order in which they appear, with what their values look like.
#[derive(Default)]
struct Found {
    fields: Vec<(String, Guess)>,
    any_case: bool,
}

impl Found {
    fn same(&self, a: &str, b: &str) -> bool {
        if self.any_case { a.to_lowercase() == b.to_lowercase() } else { a == b }
    }

    fn add(&mut self, name: &str, guess: Guess) {
        let at = (0..self.fields.len()).find(|i| self.same(&self.fields[*i].0, name));
        match at.and_then(|i| self.fields.get_mut(i)) {
            Some((_, old)) => *old = old.and(guess),
            None => self.fields.push((name.to_owned(), guess)),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(n, _)| self.same(n, name))
    }
}

impl Copy {
    /// Changes the table as its new files ask for, if it lets them and the role may. This is a DDL of its own, before the load.
    ///
    /// # Errors
    /// 000002 inside a transaction; what the files and the change meet.
    pub fn evolve(&self, cx: &mut Cx<'_>, batch: Option<&PipeBatch>) -> SfResult<()> {
        if self.options.match_by == MatchBy::Place {
            return Ok(());
        }
        let plan = self.plan(cx)?;
        let object = plan.target.object.clone();
        let may = cx.in_scope("COPY", |s| s.require_any(&object, &["OWNERSHIP", "EVOLVE SCHEMA"]).is_ok());
        if !plan.target.table().schema_evolution || !may {
            return Ok(());
        }
        let files = match batch {
            Some(batch) => sent(cx, &plan, batch)?.new,
            None => self.pending(cx, &plan)?.new,
        };
        let changes = self.changes(cx, &plan, &files)?;
        if changes.is_empty() {
            return Ok(());
        }
        if cx.s.tx.as_ref().is_some_and(|t| t.explicit) {
            return Err(SfError::unsupported("schema evolution inside a transaction"));
        }
        change_table(cx, &object, changes)
    }

    fn changes(&self, cx: &Cx<'_>, plan: &Plan, files: &[StagedFile]) -> SfResult<Vec<Change>> {
        let any_case = self.options.match_by == MatchBy::AnyCase;
        let columns = &plan.target.table().columns;
        let mut all = Found { any_case, ..Found::default() };
        let mut lacking: Vec<&ColumnDef> = Vec::new();
        let asked = |c: &&ColumnDef| {
            !c.nullable
                && c.default.is_none()
                && c.identity.is_none()
                && !self.options.metadata.iter().any(|m| m.0 == c.name)
        };
        for file in files {
            if cx.q.cancelled.load(Ordering::Relaxed) {
                return Err(SfError::new("000604", "57014", "SQL execution canceled"));
            }
            let found = survey(cx, plan, file, any_case)?;
            lacking.extend(columns.iter().filter(asked).filter(|c| !found.has(&c.name)));
            for (name, guess) in &found.fields {
                all.add(name, *guess);
            }
        }
        lacking.sort_by(|a, b| a.phys.cmp(&b.phys));
        lacking.dedup_by(|a, b| a.phys == b.phys);
        let mut out: Vec<Change> = lacking.iter().map(|c| Change::Nullable(c.name.clone(), true)).collect();
        let new =
            all.fields.iter().filter(|(name, _)| !name.is_empty() && !columns.iter().any(|c| all.same(&c.name, name)));
        let new: Vec<_> = new.collect();
        if new.len() > MOST {
            let text = format!(
                "schema evolution would add {} columns, more than the {MOST} that one COPY may add.",
                new.len()
            );
            return Err(SfError::compile("001008", "22023", text));
        }
        for (name, guess) in new {
            let name = if any_case { name.to_uppercase() } else { name.clone() };
            let ty = guess.ty(plan.format.is_json());
            let spec = ColumnSpec {
                name,
                ty: Some(ty),
                nullable: true,
                default: None,
                identity: None,
                comment: None,
                mask: None,
            };
            out.push(Change::AddColumn { spec: Box::new(spec), if_not_exists: true });
        }
        Ok(out)
    }
}

/// Reads a file's names and values.
fn survey(cx: &Cx<'_>, plan: &Plan, file: &StagedFile, any_case: bool) -> SfResult<Found> {
    let mut found = Found { any_case, ..Found::default() };
    // The header as a record like the others, and whole documents.
    let mut format: Format = plan.format.clone();
    if let Kind::Csv(csv) = &mut format.kind {
        csv.parse_header = false;
    }
    let load = Load { exact: None, names: None, format, ..load_of(cx.engine, plan, vec![file.clone()], cx.q.now_us)? };
    // Where it cannot be opened, the load itself will say what is wrong.
    let Ok((mut records, _)) = load::open(&load, 0) else { return Ok(found) };
    let json = plan.format.is_json();
    let mut header: Option<Vec<String>> = None;
    loop {
        let mut batch = Batch::default();
        match records.next(&mut batch) {
            Ok(false) => return Ok(found),
            Err(e) if e.fatal => return Ok(found),
            Err(_) => continue,
            Ok(true) => {}
        }
        let text = |i: usize| batch.get(0, i).map(|b| String::from_utf8_lossy(b).into_owned());
        if json {
            let value = text(0).and_then(|t| serde_json::from_str::<serde_json::Value>(&t).ok());
            if let Some(serde_json::Value::Object(members)) = value {
                members.iter().for_each(|(name, v)| found.add(name, Guess::of_json(v)));
            }
            continue;
        }
        match &header {
            None => {
                let names: Vec<String> = (0..batch.fields()).map(|i| text(i).unwrap_or_default()).collect();
                for name in &names {
                    found.add(name, Guess::Nothing);
                }
                header = Some(names);
            }
            Some(names) => {
                for (i, name) in names.iter().enumerate() {
                    found.add(name, text(i).map_or(Guess::Nothing, |t| Guess::of_text(&t)));
                }
            }
        }
    }
}
