//! The panes' own state and what actions do to it, one file each. Each has `State` and `act(&mut State, Action, &mut
//! Cx)`; whatever concerns several panes is decided in `update`.

pub mod deploy;
pub mod generate;
pub mod log;
pub mod marts;
pub mod overview;
pub mod query;
pub mod s3;
pub mod tasks;

use super::{Action, Cursor};
use unicode_width::UnicodeWidthStr;

/// Whether `text` passes a pane's filter: all of its words occur, whatever their case.
#[must_use]
pub fn passes(filter: &str, text: &str) -> bool {
    let text = text.to_lowercase();
    filter.split_whitespace().all(|word| text.contains(&word.to_lowercase()))
}

/// A text of several lines as one line of a table: its first line that says something, and the mark that tells of others.
/// `None` where it has one line.
#[must_use]
pub fn several_lines(text: &str) -> Option<(&str, String)> {
    if !text.contains('\n') {
        return None;
    }
    let all = text.trim_end().split('\n').map(str::trim_end);
    let first = all.clone().find(|l| !l.is_empty()).unwrap_or_default();
    let more = all.count().saturating_sub(1);
    Some((first, if more == 0 { "↵".to_owned() } else { format!("↵+{more}") }))
}

/// Columns that the beginning of a text takes in a table; control characters are shown as four.
#[must_use]
pub fn shown_width(text: &str) -> usize {
    if let Some((first, mark)) = several_lines(text) {
        return shown_width(first) + 1 + mark.width();
    }
    let head: String = text.chars().take(160).collect();
    head.width() + head.chars().filter(|c| c.is_control()).count() * 3
}

/// Moves a cursor where `action` is a movement. Whether it was.
pub fn moved(cursor: &mut Cursor, action: Action, len: usize, half: usize) -> bool {
    let half = isize::try_from(half).unwrap_or(isize::MAX);
    match action {
        Action::Up => cursor.step(-1, len),
        Action::Down => cursor.step(1, len),
        Action::Top => cursor.set(0, len),
        Action::Bottom => cursor.set(usize::MAX, len),
        Action::PageUp => cursor.step(-half, len),
        Action::PageDown => cursor.step(half, len),
        _ => return false,
    }
    true
}

/// Scrolls a text where `action` is a movement. Whether it was. The drawing stops at the last line.
pub fn scrolled(scroll: &mut usize, action: Action, lines: usize, half: usize) -> bool {
    let mut cursor = Cursor::default();
    cursor.set(*scroll, lines.max(1));
    let done = moved(&mut cursor, action, lines.max(1), half);
    *scroll = cursor.at();
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_several_lines_says_so() {
        assert_eq!(several_lines("one line \\n of text"), None);
        assert_eq!(several_lines("\r\nBEGIN\r\n  x\nEND\n"), Some(("BEGIN", "↵+3".to_owned())));
        assert_eq!(several_lines("END\n"), Some(("END", "↵".to_owned())));
        assert_eq!(shown_width("BEGIN\n  x\nEND"), 9);
    }
}
