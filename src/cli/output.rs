//! Results on standard output.

#![allow(clippy::print_stdout, reason = "this is the one place that writes results")]

use super::failure::Failure;
use crate::domain::{Cell, Column, QueryOutcome, printable};
use chrono::DateTime;
use serde::Serialize;
use std::io::Write;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns wider than this are cut in tables; CSV and JSON give all.
const WIDEST: usize = 60;

/// Writes text as it is, with a line end.
pub fn line(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}

/// Writes bytes as they are.
pub fn bytes(content: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(content)?;
    Ok(out.flush()?)
}

/// Writes one JSON document, indented.
pub fn json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|e| Failure::failed(e.to_string()))?;
    line(&text)
}

/// A moment in UTC, to the second.
pub fn moment(epoch_ms: i64) -> Option<String> {
    Some(DateTime::from_timestamp_millis(epoch_ms)?.format("%Y-%m-%d %H:%M:%S").to_string())
}

/// A table for people: headers, a rule, rows; numbers flush right; control characters escaped.
#[derive(Debug, Default)]
pub struct Table {
    headers: Vec<(String, bool)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// With these headers; a trailing `>` marks a column of numbers.
    pub fn new(headers: &[&str]) -> Self {
        let header = |h: &&str| h.strip_suffix('>').map_or(((*h).to_owned(), false), |h| (h.to_owned(), true));
        Self { headers: headers.iter().map(header).collect(), rows: Vec::new() }
    }

    /// Of a query's answer.
    ///
    /// A cell of several lines takes several lines; where there is more than one row, `↵` says that it goes on. What stands
    /// in the last column pushes nothing aside, so it is not cut.
    pub fn of(outcome: &QueryOutcome) -> Self {
        let header = |c: &Column| (printable(&c.name).into_owned(), c.is_number());
        let mut table = Self { headers: outcome.columns.iter().map(header).collect(), rows: Vec::new() };
        let last = outcome.columns.len().saturating_sub(1);
        for row in &outcome.rows {
            let goes_on = if outcome.rows.len() > 1 { "↵" } else { "" };
            let cells: Vec<Vec<String>> =
                row.iter().enumerate().map(|(i, cell)| cell_lines(cell, i == last, goes_on)).collect();
            let height = cells.iter().map(Vec::len).max().unwrap_or(0);
            for at in 0..height {
                table.rows.push(cells.iter().map(|lines| lines.get(at).cloned().unwrap_or_default()).collect());
            }
        }
        table
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(|c| shorten(&printable(&c))).collect());
    }

    /// As text, without a closing line end.
    pub fn text(&self) -> String {
        let width = |i: usize, header: &str| {
            let cells = self.rows.iter().filter_map(|row| row.get(i)).map(|c| c.width());
            cells.max().unwrap_or(0).max(header.width())
        };
        let widths: Vec<usize> = self.headers.iter().enumerate().map(|(i, (h, _))| width(i, h)).collect();
        let mut lines = vec![self.one_line(self.headers.iter().map(|(h, _)| h.as_str()), &widths)];
        let most = self.headers.iter().map(|(h, _)| h.width()).max().unwrap_or(0).max(WIDEST);
        lines.push(widths.iter().map(|w| "─".repeat((*w).min(most))).collect::<Vec<_>>().join("  "));
        lines.extend(self.rows.iter().map(|row| self.one_line(row.iter().map(String::as_str), &widths)));
        lines.join("\n")
    }

    fn one_line<'a>(&self, cells: impl Iterator<Item = &'a str>, widths: &[usize]) -> String {
        let padded: Vec<String> = cells
            .zip(widths)
            .zip(&self.headers)
            .map(|((cell, width), (_, number))| {
                let blank = " ".repeat(width.saturating_sub(cell.width()));
                if *number { format!("{blank}{cell}") } else { format!("{cell}{blank}") }
            })
            .collect();
        padded.join("  ").trim_end().to_owned()
    }
}

/// A cell's lines, `goes_on` behind all but the last. Cut to [`WIDEST`], unless `whole`.
fn cell_lines(cell: &Cell, whole: bool, goes_on: &str) -> Vec<String> {
    let Some(text) = cell.as_deref() else { return vec!["NULL".to_owned()] };
    let lines: Vec<&str> = text.split('\n').map(|l| l.strip_suffix('\r').unwrap_or(l)).collect();
    let last = lines.len() - 1;
    let shown = |(at, line): (usize, &&str)| {
        // Tabs lay a text out; they are no danger to a terminal.
        let line = if last > 0 { line.replace('\t', "    ") } else { (*line).to_owned() };
        let line = printable(&line);
        let line = if whole { line.into_owned() } else { shorten(&line) };
        if at < last { format!("{line}{goes_on}") } else { line }
    };
    lines.iter().enumerate().map(shown).collect()
}

/// At most [`WIDEST`] columns.
fn shorten(text: &str) -> String {
    if text.width() <= WIDEST {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut room = WIDEST - 1;
    for c in text.chars() {
        let width = c.width().unwrap_or(0);
        if width > room {
            break;
        }
        room -= width;
        out.push(c);
    }
    out.push('…');
    out
}

/// A query's answer as CSV with a header; NULL is an empty field.
pub fn csv(outcome: &QueryOutcome) -> Result<(), Failure> {
    let mut writer = csv::Writer::from_writer(std::io::stdout().lock());
    let failed = |e: csv::Error| match e.into_kind() {
        csv::ErrorKind::Io(e) => Failure::from(e),
        other => Failure::failed(format!("{other:?}")),
    };
    writer.write_record(outcome.columns.iter().map(|c| &c.name)).map_err(failed)?;
    for row in &outcome.rows {
        writer.write_record(row.iter().map(|cell| cell.as_deref().unwrap_or_default())).map_err(failed)?;
    }
    Ok(writer.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_line_up() {
        let mut table = Table::new(&["NAME", "ROWS>"]);
        table.row(["MART".to_owned(), "1 866".to_owned()]);
        table.row(["数\x1b".to_owned(), "31".to_owned()]);
        assert_eq!(table.text(), "NAME       ROWS\n────────  ─────\nMART      1 866\n数\\u{1b}     31");
    }

    #[test]
    fn a_cell_of_several_lines_takes_several_lines() {
        let column = |name: &str| Column { name: name.into(), kind: "text".into(), scale: None };
        let row = |a: &str, b: &str| vec![Some(a.to_owned()), Some(b.to_owned())];
        let outcome = |rows: Vec<Vec<Cell>>| QueryOutcome {
            columns: vec![column("NAME"), column("BODY")],
            total: rows.len() as u64,
            rows,
            ..QueryOutcome::default()
        };
        let one = Table::of(&outcome(vec![row("P", "BEGIN\r\n\tRETURN 1;\nEND")]));
        let rule = "────  ─────────────";
        assert_eq!(one.text(), format!("NAME  BODY\n{rule}\nP     BEGIN\n          RETURN 1;\n      END"));
        let two = Table::of(&outcome(vec![row("a\nb", "1"), row("c", &"x".repeat(100))]));
        let (x, rule) = ("x".repeat(100), "─".repeat(60));
        assert_eq!(two.text(), format!("NAME  BODY\n────  {rule}\na↵    1\nb\nc     {x}"));
    }

    #[test]
    fn long_cells_are_cut_on_a_character() {
        let cut = shorten(&"数".repeat(100));
        assert!(cut.width() <= WIDEST && cut.ends_with('…'), "{cut}");
    }
}
