//! A refusal with its place: the line of the statement, and a caret under the position.

use crate::domain::SqlError;
use crate::ui::widgets::wrapped;
use crate::ui::{Look, text};
use ratatui::text::{Line, Span};

/// Cells before a message's lines, and before the statement's line.
const INDENT: usize = 2;
const CODE: usize = 4;

/// An error in lines of `columns`.
pub fn wrapped_error(error: &SqlError, sql: &str, columns: usize, look: &Look) -> Vec<Line<'static>> {
    let mut head = vec![Span::styled(format!("{} ", look.glyphs.failed), look.theme.bad)];
    if !error.code.is_empty() {
        let code = format!("{} ({})", text::clean(&error.code), text::clean(&error.sqlstate));
        head.push(Span::styled(code, look.theme.bad));
    }
    if let (Some(line), Some(position)) = (error.line, error.position) {
        head.push(Span::styled(format!("  line {line}, position {position}"), look.theme.muted));
    }
    let mut messages: Vec<String> =
        error.message.lines().flat_map(|l| wrapped(l, columns.saturating_sub(INDENT))).collect();
    if error.code.is_empty() && !messages.is_empty() {
        // Without a code there is nothing to put above the message.
        head.push(Span::raw(messages.remove(0)));
    }
    let mut lines = vec![Line::from(head)];
    lines.extend(messages.into_iter().map(|l| Line::raw(format!("  {l}"))));
    let place = error.line.and_then(|n| sql.lines().nth(usize::try_from(n).ok()?.checked_sub(1)?));
    if let (Some(words), Some(position)) = (place, error.position) {
        lines.extend(caret(words, usize::try_from(position).unwrap_or(usize::MAX), columns, look));
    }
    lines
}

/// The statement's line with a caret under the word at `position`, moved along so that the caret is seen.
fn caret(words: &str, position: usize, columns: usize, look: &Look) -> [Line<'static>; 2] {
    let room = columns.saturating_sub(CODE).max(1);
    let word = words.chars().skip(position).take_while(|c| c.is_alphanumeric() || "_.$".contains(*c)).count().max(1);
    let before: String = words.chars().take(position).collect();
    let reach = text::width(&text::clean(&before)) + word;
    // Whole characters go at the left until the word's end is in the room.
    let mut skip = 0;
    let mut width = reach;
    for c in before.chars() {
        if width <= room {
            break;
        }
        width -= text::width(&text::clean(c.encode_utf8(&mut [0; 4])));
        skip += 1;
    }
    let shown: String = words.chars().skip(skip).collect();
    let indent = width.saturating_sub(word);
    let shown = text::clean(&shown);
    let shown = text::cut(&shown, room);
    let pad = " ".repeat(CODE);
    [
        Line::styled(format!("{pad}{shown}"), look.theme.string),
        Line::styled(format!("{pad}{}{}", " ".repeat(indent), "^".repeat(word.min(room))), look.theme.bad),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Settings;
    use crate::ui::Colours;

    #[test]
    fn the_caret_is_under_the_word_and_in_the_room() {
        let look = Look::new(Settings::default(), Colours::None);
        let long = format!("{} FROM NOWHERE", "A, ".repeat(60));
        for (words, position, columns) in [("SELECT 東京 FROM NOWHERE", 15, 40), (long.as_str(), 186, 40)] {
            let [line, caret] = caret(words, position, columns, &look).map(|l| l.to_string());
            assert!(text::width(&caret) <= columns, "{caret:?}");
            let start = caret.find('^').expect("a caret");
            let mut column = 0;
            let under: String = line
                .chars()
                .skip_while(|c| {
                    let here = column;
                    column += text::width(c.encode_utf8(&mut [0; 4]));
                    here < start
                })
                .collect();
            assert!(under.starts_with("NOWHERE"), "{line:?} {caret:?}");
        }
    }
}
