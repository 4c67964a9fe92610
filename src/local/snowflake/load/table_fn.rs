//! `sf_stage(n)`: a registered load as a DuckDB relation.

use super::super::error::SfResult;
use super::batch::Batch;
use super::scan::{Piece, start};
use super::{Load, Loads};
use duckdb::Connection;
use duckdb::core::{DataChunkHandle, Inserter, LogicalTypeHandle, LogicalTypeId};
use duckdb::vtab::{BindInfo, InitInfo, TableFunctionInfo, VTab};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

/// The columns behind the fields: name in DuckDB, type.
pub const META: [(&str, LogicalTypeId); 7] = [
    ("m_file", LogicalTypeId::Varchar),
    ("m_row", LogicalTypeId::Bigint),
    ("m_line", LogicalTypeId::Bigint),
    ("m_no", LogicalTypeId::Bigint),
    ("m_etag", LogicalTypeId::Varchar),
    ("m_modified", LogicalTypeId::Timestamp),
    ("m_scan", LogicalTypeId::Timestamp),
];

/// Registers the function; it finds its loads in `loads`.
///
/// # Errors
/// DuckDB's.
pub fn register(conn: &Connection, loads: &Loads) -> SfResult<()> {
    conn.register_table_function_with_extra_info::<Stage, Loads>("sf_stage", loads)?;
    Ok(())
}

struct Stage;

struct Scan {
    load: Arc<Load>,
    /// Which columns DuckDB wants, in order.
    columns: Vec<usize>,
    pieces: Mutex<Option<Receiver<Piece>>>,
}

type Failure = Box<dyn std::error::Error>;

impl VTab for Stage {
    type InitData = Scan;
    type BindData = Arc<Load>;

    fn bind(bind: &BindInfo) -> Result<Self::BindData, Failure> {
        let id = bind.get_parameter(0).to_int64();
        // SAFETY: the function was registered with `Loads` as its extra info, which DuckDB keeps as long as the function.
        let loads = unsafe { bind.get_extra_info::<Loads>().as_ref() };
        let load = loads.and_then(|l| l.get(id)).ok_or("the staged files are no longer registered")?;
        for i in 1..=load.width {
            bind.add_result_column(&format!("f{i}"), LogicalTypeHandle::from(LogicalTypeId::Varchar));
        }
        for (name, ty) in META {
            bind.add_result_column(name, LogicalTypeHandle::from(ty));
        }
        Ok(load)
    }

    fn init(init: &InitInfo) -> Result<Self::InitData, Failure> {
        // SAFETY: DuckDB keeps what `bind` gave as long as the statement.
        let load = unsafe { init.get_bind_data::<Arc<Load>>().as_ref() }.ok_or("no bind data")?.clone();
        let columns = init.get_column_indices().into_iter().map(usize::try_from).collect::<Result<_, _>>()?;
        let pieces = start(load.clone())?;
        Ok(Scan { load, columns, pieces: Mutex::new(Some(pieces)) })
    }

    fn func(func: &TableFunctionInfo<Self>, output: &mut DataChunkHandle) -> Result<(), Failure> {
        let scan = func.get_init_data();
        let mut pieces = scan.pieces.lock();
        let Some(receiver) = pieces.as_ref() else {
            output.set_len(0);
            return Ok(());
        };
        match receiver.recv() {
            Ok(Piece::Batch(batch)) => {
                fill(scan, &batch, output);
                Ok(())
            }
            Ok(Piece::End) => {
                *pieces = None;
                output.set_len(0);
                Ok(())
            }
            Ok(Piece::Failed(file, e)) => {
                let shown = scan.load.files.get(file).map_or("", |f| f.shown.as_str());
                let place =
                    if e.line > 0 { format!(", line {}, character {}", e.line, e.character) } else { String::new() };
                let text = format!("SF|{}|{}|{}\n  File '{shown}'{place}", e.code, e.state, e.message);
                if let Some(report) = scan.load.reports.lock().get_mut(file) {
                    report.errors.push(e);
                }
                Err(text.into())
            }
            Err(_) => Err("the staged files' reader stopped before the end".into()),
        }
    }

    fn supports_pushdown() -> bool {
        true
    }

    fn parameters() -> Option<Vec<LogicalTypeHandle>> {
        Some(vec![LogicalTypeHandle::from(LogicalTypeId::Bigint)])
    }
}

fn fill(scan: &Scan, batch: &Batch, output: &DataChunkHandle) {
    let rows = batch.len();
    let file = &scan.load.files[batch.file];
    for (place, column) in scan.columns.iter().enumerate() {
        if place >= output.num_columns() {
            break;
        }
        let Some(meta) = column.checked_sub(scan.load.width) else {
            let mut vector = output.flat_vector(place);
            for record in 0..rows {
                match batch.get(record, *column) {
                    Some(bytes) => vector.insert(record, bytes),
                    None => vector.set_null(record),
                }
            }
            continue;
        };
        match META.get(meta).map(|m| m.0) {
            Some("m_file") => texts(output, place, rows, &file.name),
            Some("m_etag") => texts(output, place, rows, &batch.etag),
            Some("m_row") => numbers(output, place, rows, |i| number(batch.place(i).0)),
            Some("m_line") => numbers(output, place, rows, |i| number(batch.place(i).1)),
            Some("m_no") => numbers(output, place, rows, |_| number(batch.file as u64)),
            Some("m_modified") => numbers(output, place, rows, |_| file.modified_ms.saturating_mul(1000)),
            Some("m_scan") => numbers(output, place, rows, |_| scan.load.now_us),
            // A count asks for no column or a nameless one, whose values nobody reads.
            _ => {}
        }
    }
    output.set_len(rows);
}

fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn texts(output: &DataChunkHandle, place: usize, rows: usize, text: &str) {
    let vector = output.flat_vector(place);
    for i in 0..rows {
        vector.insert(i, text);
    }
}

fn numbers(output: &DataChunkHandle, place: usize, rows: usize, value: impl Fn(usize) -> i64) {
    let mut vector = output.flat_vector(place);
    // SAFETY: the column was declared as BIGINT or TIMESTAMP, both 64 bits; a vector holds more than a batch's rows.
    let slots = unsafe { vector.as_mut_slice_with_len::<i64>(rows) };
    for (i, slot) in slots.iter_mut().enumerate() {
        *slot = value(i);
    }
}
