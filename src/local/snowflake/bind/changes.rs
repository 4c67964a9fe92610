//! Streams and CHANGES in FROM.

use super::super::catalog::{Body, Object, View, quote_name};
use super::super::delta::{self, Side, Window, Windows};
use super::super::error::{SfError, SfResult};
use super::super::types::Ty;
use super::binder::Binder;
use super::relation::table_columns;
use super::scope::{Col, Rel};
use super::track::{Track, refused, stale};
use sqlparser::ast::{Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments};
use std::sync::Arc;

impl Binder<'_, '_> {
    /// A stream's changes. The stream counts as read.
    ///
    /// # Errors
    /// 003001; a source that is gone; a stale stream.
    pub fn stream(&mut self, object: &Object) -> SfResult<(String, Rel)> {
        self.require(object, "SELECT")?;
        if self.track.is_some() {
            return Err(refused("STREAM"));
        }
        let source = self.readable(object)?;
        self.require(&source, "SELECT")?;
        let Body::Stream(stream) = &object.body else { return Err(SfError::internal("not a stream")) };
        let windows = delta::windows(self.cx, object.id)?;
        let out = self.changed(&source, &windows, stream.append_only, object.bare())?;
        self.streams.push((object.id, windows.keys().copied().collect()));
        for (store, w) in &windows {
            let end = self.stream_ends.entry(*store).or_insert(w.to);
            *end = (*end).min(w.to);
        }
        Ok(out)
    }

    /// The source of a stream that can be read.
    ///
    /// # Errors
    /// 002003 where the source or a table under it is gone; 000707 for a stale stream.
    pub fn readable(&mut self, object: &Object) -> SfResult<Arc<Object>> {
        let Body::Stream(stream) = &object.body else { return Err(SfError::internal("not a stream")) };
        let live = |id: i64| self.catalog.by_id(id).filter(|s| s.dropped_ms.is_none()).cloned();
        let source = live(stream.source);
        let Some(source) = source.filter(|_| stream.base.iter().all(|id| live(*id).is_some())) else {
            return Err(SfError::compile(
                "002003",
                "02000",
                format!("Base table of stream '{}' was dropped, cannot read from stream.", object.bare()),
            ));
        };
        let catalog = self.catalog.clone();
        if self.cx.engine.clock.now_ms() > delta::stale_after(self.cx, &catalog, object)? {
            return Err(stale(object.bare()));
        }
        Ok(source)
    }

    /// `CHANGES (INFORMATION => …) AT (…) [END (…)]` of a table or view.
    ///
    /// # Errors
    /// Where change tracking is off; what AT, BEFORE and END refuse.
    pub fn changes(
        &mut self,
        source: &Arc<Object>,
        changes: &Expr,
        at: &Expr,
        end: Option<&Expr>,
    ) -> SfResult<(String, Rel)> {
        if self.track.is_some() {
            return Err(refused("CHANGES"));
        }
        let append_only = information(changes)?;
        let tables = match &source.body {
            Body::Table(t) if t.change_tracking => vec![source.clone()],
            Body::View(v) if v.change_tracking => {
                let found = self.tables_under(source, v)?;
                found.into_iter().filter_map(|id| self.catalog.by_id(id).cloned()).collect()
            }
            _ => return Err(not_tracked(source)),
        };
        let mut windows = Windows::new();
        for object in &tables {
            let Some(table) = object.table() else { continue };
            if !table.change_tracking {
                return Err(not_tracked(object));
            }
            let (Expr::Function(at), None | Some(Expr::Function(_))) = (at, end) else {
                return Err(SfError::unsupported(&format!("{at}")));
            };
            let from = self.version_at(object, table, at)?;
            let to = match end {
                Some(Expr::Function(f)) => self.version_at(object, table, f)?,
                _ => self.cx.base_version(table.store)?,
            };
            windows.insert(table.store, Window { from: from.min(to), to, initial: false });
        }
        self.changed(source, &windows, append_only, source.bare())
    }

    /// The tables under a view, whose form must allow change tracking.
    ///
    /// # Errors
    /// By name for a form that does not.
    pub fn tables_under(&mut self, object: &Object, view: &View) -> SfResult<Vec<i64>> {
        let reads = self.reads.len();
        let (_, track) = self.track_view(object, view, Side::New, None)?;
        self.reads.truncate(reads);
        Ok(track.tables)
    }

    fn changed(
        &mut self,
        source: &Object,
        windows: &Windows,
        append_only: bool,
        name: &str,
    ) -> SfResult<(String, Rel)> {
        match &source.body {
            Body::Table(table) => {
                let w = *windows.get(&table.store).ok_or_else(|| stale(name))?;
                let sql = if append_only { delta::append_only(table, w) } else { delta::standard(table, w) };
                let duck = self.alias("r");
                let mut rel = table_columns(&duck, table);
                rel.cols.extend(metadata(&duck));
                self.table_policies(source, table, &sql, rel)
            }
            Body::View(view) => self.view_changes(source, view, windows, append_only),
            _ => Err(SfError::internal("a stream on neither table nor view")),
        }
    }

    fn view_changes(
        &mut self,
        object: &Object,
        view: &View,
        windows: &Windows,
        append_only: bool,
    ) -> SfResult<(String, Rel)> {
        let sides: &[Side] = if append_only { &[Side::Append] } else { &[Side::New, Side::Old] };
        let (mut parts, mut columns) = (Vec::new(), None);
        for side in sides {
            let ((sql, rel), _) = self.track_view(object, view, *side, Some(windows.clone()))?;
            parts.push(format!("SELECT * FROM {sql}"));
            columns.get_or_insert(rel);
        }
        let mut rel = columns.ok_or_else(|| SfError::internal("no side"))?;
        let names: Vec<String> = (1..=view.columns.len()).map(|i| format!("c{i}")).collect();
        let list: Vec<&str> = names.iter().map(String::as_str).collect();
        let id = "sha1(y._id)";
        let sql = match parts.as_slice() {
            [new, old] => delta::net(&list, new, old, id),
            _ => format!(
                "SELECT {}, 'INSERT' AS \"metadata$action\", false AS \"metadata$isupdate\", {id} AS \"metadata$row_id\" \
                 FROM ({}) AS y WHERE y._ch",
                list.join(", "),
                parts.join(" ")
            ),
        };
        let duck = self.alias("r");
        for (col, name) in rel.cols.iter_mut().zip(&names) {
            col.sql = format!("{duck}.{name}");
        }
        rel.cols.extend(metadata(&duck));
        (rel.alias, rel.track) = (duck.clone(), None);
        Ok((format!("({sql}) AS {duck}"), rel))
    }

    fn track_view(
        &mut self,
        object: &Object,
        view: &View,
        side: Side,
        windows: Option<Windows>,
    ) -> SfResult<((String, Rel), Track)> {
        if view.materialized {
            return Err(refused("MATERIALIZED VIEW"));
        }
        self.track = Some(Track { side, windows, tables: Vec::new() });
        let bound = self.view(object, view);
        let track = self.track.take().ok_or_else(|| SfError::internal("tracking ended early"))?;
        let bound = bound.map_err(|mut e| {
            if e.code == "000002" {
                e.message = format!("{} (inside view '{}').", e.message, quote_name(&object.name));
            }
            e
        })?;
        Ok((bound, track))
    }
}

/// The three columns that streams add.
fn metadata(duck: &str) -> Vec<Col> {
    [("METADATA$ACTION", Ty::TEXT), ("METADATA$ISUPDATE", Ty::Boolean), ("METADATA$ROW_ID", Ty::TEXT)]
        .into_iter()
        .map(|(name, ty)| Col {
            name: name.into(),
            sql: format!("{duck}.\"{}\"", name.to_ascii_lowercase()),
            ty,
            nullable: false,
            hidden: false,
            merged: false,
        })
        .collect()
}

/// INFORMATION => DEFAULT | APPEND_ONLY: whether the latter.
fn information(changes: &Expr) -> SfResult<bool> {
    let bad = || SfError::unsupported(&format!("{changes}"));
    let Expr::Function(Function { args: FunctionArguments::List(list), .. }) = changes else { return Err(bad()) };
    let [arg] = list.args.as_slice() else { return Err(bad()) };
    let (name, value) = match arg {
        FunctionArg::Named { name, arg: FunctionArgExpr::Expr(e), .. } => (name.to_string(), e.to_string()),
        FunctionArg::ExprNamed { name, arg: FunctionArgExpr::Expr(e), .. } => (name.to_string(), e.to_string()),
        _ => return Err(bad()),
    };
    match (name.to_ascii_uppercase().as_str(), value.to_ascii_uppercase().as_str()) {
        ("INFORMATION", "DEFAULT") => Ok(false),
        ("INFORMATION", "APPEND_ONLY") => Ok(true),
        _ => Err(bad()),
    }
}

fn not_tracked(o: &Object) -> SfError {
    SfError::compile(
        "000707",
        "02000",
        format!(
            "Change tracking is not enabled or has been missing for the time range requested on {} '{}'.",
            o.kind().sql().to_ascii_lowercase(),
            o.bare()
        ),
    )
}
