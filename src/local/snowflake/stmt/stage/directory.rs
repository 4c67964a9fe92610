//! Directory tables: what a stage remembers of its files, brought up to date by ALTER STAGE … REFRESH (or always so, with
//! AUTO_REFRESH), and read by `DIRECTORY(@stage)`.

use super::location::{Location, Place, StageRef};
use crate::local::snowflake::answer::{Answer, Field, kind};
use crate::local::snowflake::bind::binder::Binder;
use crate::local::snowflake::bind::from::Source;
use crate::local::snowflake::bind::quote_text;
use crate::local::snowflake::bind::scope::Rel;
use crate::local::snowflake::catalog::{Catalog, Kind, Object, ObjectName, Options, Stage};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::load::StagedFile;
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::types::Ty;
use chrono::DateTime;
use duckdb::{Connection, params};
use sqlparser::ast::TableAlias;
use std::collections::BTreeMap;

/// DIRECTORY's options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Directory {
    /// ENABLE.
    pub enabled: bool,
    /// AUTO_REFRESH: what is staged is known at once.
    pub auto: bool,
    /// REFRESH_ON_CREATE.
    pub on_create: bool,
}

impl Directory {
    /// A stage's.
    #[must_use]
    pub fn of(stage: &Stage) -> Self {
        let given: Options =
            stage.options.get("DIRECTORY").and_then(|v| serde_json::from_str(v).ok()).unwrap_or_default();
        let is = |key: &str, default: bool| given.get(key).map_or(default, |v| v.eq_ignore_ascii_case("true"));
        Self {
            enabled: is("ENABLE", false),
            auto: is("AUTO_REFRESH", false),
            on_create: is("REFRESH_ON_CREATE", stage.url.is_some()),
        }
    }
}

/// Makes the table of all directory tables, where it is missing, and forgets those of stages that are gone.
///
/// # Errors
/// DuckDB's.
pub fn prepare(conn: &Connection, catalog: &Catalog) -> SfResult<()> {
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS sd.directory(stage BIGINT, key VARCHAR, size BIGINT, etag VARCHAR, modified_ms BIGINT)",
    )?;
    let known: Vec<i64> = {
        let mut statement = conn.prepare("SELECT DISTINCT stage FROM sd.directory")?;
        let rows = statement.query_map([], |r| r.get(0))?;
        rows.collect::<Result<_, _>>()?
    };
    for stage in known.into_iter().filter(|id| catalog.by_id(*id).is_none()) {
        conn.execute("DELETE FROM sd.directory WHERE stage = ?", params![stage])?;
    }
    Ok(())
}

/// What is remembered: entity tag by key.
type Known = BTreeMap<String, (u64, String, i64)>;

fn known(conn: &Connection, stage: i64) -> SfResult<Known> {
    let mut statement = conn.prepare("SELECT key, size, etag, modified_ms FROM sd.directory WHERE stage = ?")?;
    let rows = statement
        .query_map(params![stage], |r| Ok((r.get(0)?, (r.get::<_, i64>(1)?.unsigned_abs(), r.get(2)?, r.get(3)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn location(cx: &Cx<'_>, name: &ObjectName, path: &str, write: bool) -> SfResult<(Location, i64)> {
    let place = StageRef { place: Place::Named(name.clone()), path: path.to_owned() };
    let found = cx.in_scope("DIRECTORY", |s| Location::find(s, &cx.s.user, &place, write))?;
    let off = || {
        let text = format!(
            "Stage '{}' has no directory table. Use ALTER STAGE … SET DIRECTORY = (ENABLE = TRUE).",
            name.display()
        );
        SfError::compile("001008", "22023", text)
    };
    let stage = found.definition().ok_or_else(off)?;
    if !Directory::of(stage).enabled {
        return Err(off());
    }
    let id = found.stage.as_ref().map_or(0, |o| o.id);
    Ok((found, id))
}

/// The columns of ALTER STAGE … REFRESH.
#[must_use]
pub fn refresh_fields() -> Vec<Field> {
    ["file", "status", "description"].map(|n| Field::new(n, Ty::TEXT)).to_vec()
}

/// ALTER STAGE … REFRESH [SUBPATH = '…'].
///
/// # Errors
/// 002003, 003001; 001008 for a stage without a directory table; 091003 where the files cannot be listed.
pub fn refresh(cx: &mut Cx<'_>, name: &ObjectName, subpath: &str) -> SfResult<Answer> {
    let (location, id) = location(cx, name, subpath, true)?;
    let mut old = known(&cx.s.conn, id)?;
    old.retain(|key, _| key.starts_with(&location.prefix));
    let mut rows = Vec::new();
    let mut told = |file: &StagedFile, status: &str, text: &str| {
        rows.push(vec![Some(relative(&location, file)), Some(status.to_owned()), Some(text.to_owned())]);
    };
    let mut sql = String::from("BEGIN TRANSACTION");
    for f in location.list(cx.engine, None)? {
        match old.remove(&f.key) {
            Some((_, etag, _)) if etag == f.etag => continue,
            Some(_) => {
                told(&f, "REGISTERED_UPDATE", "File registered (updated) successfully.");
                sql.push_str(&format!(
                    "; DELETE FROM sd.directory WHERE stage = {id} AND key = {}",
                    quote_text(&f.key)
                ));
            }
            None => told(&f, "REGISTERED_NEW", "File registered successfully."),
        }
        sql.push_str(&format!(
            "; INSERT INTO sd.directory VALUES ({id}, {}, {}, {}, {})",
            quote_text(&f.key),
            f.size,
            quote_text(&f.etag),
            f.modified_ms
        ));
    }
    for key in old.keys() {
        told(&location.file(key, "", 0, 0), "UNREGISTERED", "File unregistered successfully.");
        sql.push_str(&format!("; DELETE FROM sd.directory WHERE stage = {id} AND key = {}", quote_text(key)));
    }
    if !rows.is_empty()
        && let Err(e) = cx.s.conn.execute_batch(&format!("{sql}; COMMIT"))
    {
        let _ = cx.s.conn.execute_batch("ROLLBACK");
        return Err(e.into());
    }
    Ok(Answer::texts(kind::DDL, refresh_fields(), &rows))
}

/// After CREATE STAGE: the first refresh, where it was asked for.
///
/// # Errors
/// As [`refresh`].
pub fn created(cx: &mut Cx<'_>, stage: &Object) -> SfResult<()> {
    let crate::local::snowflake::catalog::Body::Stage(s) = &stage.body else { return Ok(()) };
    let directory = Directory::of(s);
    if directory.enabled && directory.on_create {
        refresh(cx, &ObjectName(stage.name.clone()), "")?;
    }
    Ok(())
}

fn relative(location: &Location, file: &StagedFile) -> String {
    file.shown.strip_prefix(&location.url).unwrap_or(&file.shown).trim_start_matches('/').to_owned()
}

fn fields() -> Vec<Field> {
    [
        ("RELATIVE_PATH", Ty::TEXT),
        ("SIZE", Ty::INT),
        ("LAST_MODIFIED", Ty::Tz { scale: 3 }),
        ("MD5", Ty::TEXT),
        ("ETAG", Ty::TEXT),
        ("FILE_URL", Ty::TEXT),
    ]
    .map(|(n, t)| Field::new(n, t))
    .to_vec()
}

impl Binder<'_, '_> {
    /// `DIRECTORY(@stage)` in FROM.
    ///
    /// # Errors
    /// 001003 for what names no stage; 002003, 003001; 001008 for a stage without a directory table.
    pub fn directory(&mut self, stage: &str, alias: Option<&TableAlias>) -> SfResult<(Source, Rel)> {
        let place = StageRef::parse(stage)?;
        let Place::Named(name) = place.place else {
            return Err(SfError::unsupported("DIRECTORY of a user or table stage"));
        };
        let object = self.find(Kind::Stage, &name)?;
        let full = ObjectName(object.name.clone());
        let (location, id) = location(self.cx, &full, "", false)?;
        let auto = location.definition().is_some_and(|s| Directory::of(s).auto);
        let files: Vec<StagedFile> = if auto {
            location.list(self.cx.engine, None)?
        } else {
            let known = known(&self.cx.s.conn, id)?;
            known.iter().map(|(key, (size, etag, ms))| location.file(key, etag, *size, *ms)).collect()
        };
        let rows: Vec<Vec<Option<String>>> = files
            .iter()
            .map(|f| {
                let modified = DateTime::from_timestamp_millis(f.modified_ms);
                vec![
                    Some(relative(&location, f)),
                    Some(f.size.to_string()),
                    modified.map(|t| t.format("%Y-%m-%d %H:%M:%S%.3f").to_string()),
                    Some(f.etag.clone()),
                    Some(f.etag.clone()),
                    // There is no endpoint that would serve it.
                    None,
                ]
            })
            .collect();
        self.rows(&fields(), &rows, crate::local::snowflake::bind::table_fn::cast_cell, alias, "DIRECTORY")
    }
}
