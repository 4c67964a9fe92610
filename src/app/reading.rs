//! How a text on top is laid out: the keys that scroll it must know how many lines the drawing makes of it.

use super::Model;
use super::tour::caption_rows;
use unicode_width::UnicodeWidthStr;

/// The widest that a text to read, and a cell in full, are drawn; with their frames.
const READER: usize = 100;
const INSPECTOR: usize = 110;

/// The widest that the help is drawn.
pub const HELP: usize = 84;
/// Columns of the keys in it.
pub const KEYS: usize = 24;

/// Columns that frame and padding take, and rows.
const FRAME: usize = 4;
const BORDERS: usize = 2;

/// Columns and rows of what lies on top: a tour keeps the rows of its caption.
#[must_use]
pub fn stage(model: &Model) -> (usize, usize) {
    let (columns, rows) = model.size;
    let captioned = model.tour.as_ref().is_some_and(|t| !t.now().is_some_and(|s| s.slide));
    let rows = if captioned { rows.saturating_sub(1 + caption_rows(rows)) } else { rows };
    (usize::from(columns), usize::from(rows))
}

/// Columns and rows for the lines of a text to read.
#[must_use]
pub fn reader((columns, rows): (usize, usize)) -> (usize, usize) {
    let inside = columns.saturating_sub(4).min(READER).saturating_sub(FRAME).max(1);
    // One of the rows parts the heading from the text.
    (inside, rows.saturating_sub(2 + BORDERS + 1))
}

/// Columns and rows for what keys do, behind the keys, in the help.
#[must_use]
pub fn help((columns, rows): (usize, usize)) -> (usize, usize) {
    let inside = columns.saturating_sub(4).min(HELP).saturating_sub(FRAME + KEYS);
    (inside.max(16), rows.saturating_sub(2 + BORDERS))
}

/// Columns for the lines of a cell in full.
#[must_use]
pub fn inspector((columns, _): (usize, usize)) -> usize {
    columns.saturating_sub(4).min(INSPECTOR).saturating_sub(FRAME).max(1)
}

/// Columns of the list in the Deploy pane.
#[must_use]
pub const fn deploy_list(columns: usize) -> usize {
    match columns {
        0..100 => 34,
        100..140 => 42,
        _ => 52,
    }
}

/// Columns for a line of the statement beside it.
#[must_use]
pub const fn statement(columns: usize) -> usize {
    columns.saturating_sub(deploy_list(columns) + FRAME)
}

/// A text's lines, broken to `columns`.
#[must_use]
pub fn lines(text: &str, columns: usize) -> Vec<String> {
    text.lines().flat_map(|line| fold(line, columns)).collect()
}

/// A line broken at blanks, or within words that are too long. What follows is indented as the line is; nothing is lost.
#[must_use]
pub fn fold(line: &str, columns: usize) -> Vec<String> {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let indent = if indent < columns / 2 { indent } else { 0 };
    let mut out = vec![String::new()];
    let mut used = 0;
    for word in line.split_inclusive(' ') {
        let width = word.width();
        if used + word.trim_end().width() > columns && used > indent {
            out.push(" ".repeat(indent));
            used = indent;
        }
        if width <= columns {
            used += width;
            out.last_mut().into_iter().for_each(|l| l.push_str(word));
            continue;
        }
        for c in word.chars() {
            let wide = c.encode_utf8(&mut [0; 4]).width();
            if used + wide > columns {
                out.push(String::new());
                used = 0;
            }
            used += wide;
            out.last_mut().into_iter().for_each(|l| l.push(c));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_and_loses_nothing() {
        assert_eq!(fold("one two three", 8), ["one two ", "three"]);
        assert_eq!(fold("  one two three", 9), ["  one two ", "  three"]);
        assert_eq!(fold("", 8), [""]);
        assert_eq!(fold("abcdefghij k", 4).concat(), "abcdefghij k");
        assert!(fold("東京都庁 abc", 3).iter().all(|l| l.trim_end().width() <= 3));
    }
}
