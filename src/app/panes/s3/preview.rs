//! The head of an object, set out by what it is.

use crate::app::Preview;
use crate::app::panes::query::inspect::{JsonLine, lay_out};
use crate::app::panes::shown_width;

/// The widest that a column of a table is drawn.
const WIDEST: usize = 32;
/// Rows by which columns are measured.
const MEASURED: usize = 400;

/// What is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// A table: its header, its rows, its columns' widths and whether they hold numbers only.
    Table {
        /// Names of the columns.
        header: Vec<String>,
        /// Rows.
        rows: Vec<Vec<String>>,
        /// Width of each column, and whether it is set flush right.
        widths: Vec<(usize, bool)>,
    },
    /// JSON laid out; each document begins with its number, from 1.
    Json(Vec<(Option<usize>, JsonLine)>),
    /// Lines as they are.
    Text(Vec<String>),
}

impl Body {
    /// Of a preview, by the key's end and by what the lines look like.
    #[must_use]
    pub fn of(preview: &Preview) -> Self {
        let name = preview.key.trim_end_matches(".gz").to_lowercase();
        if preview.binary {
            return Self::Text(preview.lines.clone());
        }
        let ends = |all: &[&str]| all.iter().any(|end| name.ends_with(end));
        if ends(&[".csv", ".tsv"]) {
            return table(&preview.lines, if ends(&[".tsv"]) { b'\t' } else { b',' });
        }
        let json = ends(&[".json", ".jsonl", ".ndjson"]) || preview.lines.first().is_some_and(|l| l.starts_with('{'));
        if json { documents(&preview.lines) } else { Self::Text(preview.lines.clone()) }
    }

    /// Lines in all.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Table { rows, .. } => rows.len(),
            Self::Json(lines) => lines.len(),
            Self::Text(lines) => lines.len(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn table(lines: &[String], delimiter: u8) -> Body {
    let text = lines.join("\n");
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut rows: Vec<Vec<String>> =
        reader.records().map_while(Result::ok).map(|r| r.iter().map(str::to_owned).collect()).collect();
    if rows.is_empty() {
        return Body::Text(lines.to_vec());
    }
    let header = rows.remove(0);
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0).max(header.len());
    let column = |i: usize| {
        let cells = || rows.iter().take(MEASURED).filter_map(move |r| r.get(i));
        let name = header.get(i).map_or(0, |h| shown_width(h));
        let widest = cells().map(|c| shown_width(c)).max().unwrap_or(0).max(name).clamp(1, WIDEST);
        let numbers = cells().all(|c| c.is_empty() || c.parse::<f64>().is_ok()) && cells().next().is_some();
        (widest, numbers)
    };
    let widths = (0..columns).map(column).collect();
    Body::Table { header, rows, widths }
}

/// Each line is a document, or all of them are one.
fn documents(lines: &[String]) -> Body {
    let plain = |text: &str| JsonLine::new(0, text.to_owned());
    if let Some(whole) = lay_out(&lines.join("\n")).filter(|_| lines.len() > 1) {
        return Body::Json(whole.into_iter().map(|line| (None, line)).collect());
    }
    let mut out = Vec::new();
    for (i, text) in lines.iter().enumerate() {
        // What is no document stands as it is: that is what one looks for.
        let laid = lay_out(text).unwrap_or_else(|| vec![plain(text)]);
        out.extend(laid.into_iter().enumerate().map(|(at, line)| ((at == 0).then_some(i + 1), line)));
    }
    Body::Json(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(key: &str, lines: &[&str]) -> Body {
        let lines = lines.iter().map(|l| (*l).to_owned()).collect();
        Body::of(&Preview { key: key.into(), lines, ..Preview::default() })
    }

    #[test]
    fn csv_is_a_table() {
        let Body::Table { header, rows, widths } = of("a/x.csv.gz", &["id,name", "1,\"Z, x\"", "22"]) else { panic!() };
        assert_eq!(header, ["id", "name"]);
        assert_eq!(rows, [vec!["1", "Z, x"], vec!["22"]]);
        assert_eq!(widths, [(2, true), (4, false)]);
    }

    #[test]
    fn ndjson_is_laid_out_and_what_is_broken_stands_as_it_is() {
        let Body::Json(lines) = of("t.json", &[r#"{"a":1}"#, "{broken", ""]) else { panic!() };
        let text: Vec<_> = lines.iter().map(|(n, l)| (*n, l.text.as_str())).collect();
        assert_eq!(text, [(Some(1), "{"), (None, "\"a\": 1"), (None, "}"), (Some(2), "{broken"), (Some(3), "")]);
        assert_eq!(of("x.bin", &["plain"]), Body::Text(vec!["plain".into()]));
    }
}
