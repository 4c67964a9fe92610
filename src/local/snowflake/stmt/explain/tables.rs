//! From DuckDB's scans back to the catalog's tables.

use super::super::super::bind::notes::{Notes, Scan};
use super::super::super::catalog::{Object, Table, quote_ident};
use super::super::super::error::SfResult;
use super::super::super::session::Cx;
use super::plan::list;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A scan as it is shown.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// The table's full name, or that of what hides it.
    pub object: String,
    /// Its alias.
    pub alias: Option<String>,
    /// What qualifies its columns.
    pub qualifier: String,
    /// Bytes that it has in the database file; 0 while they are in the log alone.
    pub bytes: u64,
    columns: BTreeMap<String, String>,
}

impl Shown {
    /// A column by its physical name; `None` for those that no statement can name.
    #[must_use]
    pub fn column(&self, phys: &str) -> Option<&str> {
        self.columns.get(phys).map(String::as_str)
    }
}

/// The scans of a plan.
pub struct Tables {
    /// By DuckDB's number of the scan.
    scans: BTreeMap<u64, Shown>,
}

/// What a scan reads: a store's current rows or its history.
fn store_of(get: &Value) -> Option<(i64, bool)> {
    let data = &get["function_data"];
    if data["schema"].as_str() != Some("d") {
        return None;
    }
    let table = data["table"].as_str()?;
    let number = table.get(1..)?.parse().ok()?;
    match table.as_bytes().first()? {
        b't' => Some((number, false)),
        b'h' => Some((number, true)),
        _ => None,
    }
}

fn gets<'v>(node: &'v Value, out: &mut Vec<(u64, &'v Value)>) {
    if node["type"].as_str() == Some("LOGICAL_GET") {
        out.push((super::plan::number(&node["table_index"]), node));
    }
    for child in list(&node["children"]) {
        gets(child, out);
    }
}

/// The alias of each of a store's scans: DuckDB numbers them in the order in which they were noted. Where it made more or
/// fewer of them than were written, only an alias that all have is sure.
fn aliases(noted: &[&Scan], found: usize) -> Vec<Option<String>> {
    let first = noted.first().and_then(|s| s.alias.clone());
    if noted.len() == found {
        return noted.iter().map(|s| s.alias.clone()).collect();
    }
    let same = noted.iter().all(|s| s.alias == first);
    vec![first.filter(|_| same); found]
}

impl Tables {
    /// Looks up what a plan scans.
    ///
    /// # Errors
    /// DuckDB's.
    pub fn new(cx: &mut Cx<'_>, notes: &Notes, plan: &Value) -> SfResult<Self> {
        let mut all = Vec::new();
        gets(plan, &mut all);
        all.sort_by_key(|(index, _)| *index);
        let mut by_store: BTreeMap<i64, Vec<(u64, bool)>> = BTreeMap::new();
        for (index, get) in all {
            if let Some((store, old)) = store_of(get) {
                by_store.entry(store).or_default().push((index, old));
            }
        }
        let mut scans = BTreeMap::new();
        for (store, found) in by_store {
            let noted: Vec<&Scan> = notes.scans.iter().filter(|s| s.store == store).collect();
            let veil = noted.iter().find_map(|s| s.veil.clone());
            let current = found.iter().filter(|(_, old)| !old).count();
            let mut aliases = aliases(&noted, current).into_iter();
            let Some((object, table)) = owner(cx, store) else { continue };
            for (index, old) in found {
                let alias = if old { None } else { aliases.next().flatten() };
                let bytes = bytes(cx, if old { 'h' } else { 't' }, store)?;
                let shown = match &veil {
                    Some(veil) => Shown { object: veil.clone(), bytes, ..Shown::default() },
                    None => shown(&object, &table, alias, old, bytes),
                };
                scans.insert(index, shown);
            }
        }
        Ok(Self { scans })
    }

    /// The table behind a scan; `None` where it is none of the catalog's.
    #[must_use]
    pub fn get(&self, scan: &Value) -> Option<&Shown> {
        self.scans.get(&super::plan::number(&scan["table_index"]))
    }
}

fn shown(object: &Object, table: &Table, alias: Option<String>, old: bool, bytes: u64) -> Shown {
    let name = super::shown(&object.name);
    let columns = table.columns.iter().map(|c| (c.phys.clone(), quote_ident(&c.name))).collect();
    let alias = alias.map(|a| quote_ident(&a));
    let qualifier = alias.clone().unwrap_or_else(|| quote_ident(object.bare()));
    Shown { object: if old { format!("ARCHIVE OF {name}") } else { name }, alias, qualifier, bytes, columns }
}

/// The table of a store, temporary and dropped ones too.
fn owner(cx: &Cx<'_>, store: i64) -> Option<(Arc<Object>, Table)> {
    let catalog = cx.catalog();
    let mut all = cx.s.temp.values().chain(catalog.all());
    all.find_map(|o| o.table().filter(|t| t.store == store).map(|t| (o.clone(), t.clone())))
}

/// The size of the blocks of the database file that a table's rows lie in.
fn bytes(cx: &mut Cx<'_>, letter: char, store: i64) -> SfResult<u64> {
    let sql = format!(
        "SELECT count(DISTINCT block_id) * 262144 FROM pragma_storage_info('d.{letter}{store}') WHERE persistent"
    );
    Ok(u64::try_from(cx.scalar(&sql)?).unwrap_or(0))
}
