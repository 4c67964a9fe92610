//! Coloured lines broken to a width.

use crate::ui::text;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Columns by which what goes on from a line is set in, besides the line's own indentation.
const HANG: usize = 4;

/// A line of code in as many as it takes: broken at blanks where there are any, what follows set in.
#[must_use]
pub fn folded(spans: Vec<Span<'static>>, columns: usize) -> Vec<Line<'static>> {
    if spans.iter().map(Span::width).sum::<usize>() <= columns || columns < 2 * HANG {
        return vec![Line::from(spans)];
    }
    let letters: Vec<(char, Style)> = spans.iter().flat_map(|s| s.content.chars().map(|c| (c, s.style))).collect();
    let indent = letters.iter().take_while(|(c, _)| *c == ' ').count();
    let hang = (indent + HANG).min(columns / 2);
    let mut lines = Vec::new();
    let (mut from, mut lead) = (0, 0);
    while from < letters.len() {
        let end = from + reach(&letters[from..], columns - lead);
        let own = letters[from..end].iter().take_while(|(c, _)| *c == ' ').count();
        let blank = letters[from + own..end].iter().rposition(|(c, _)| *c == ' ');
        let stop = match blank {
            Some(at) if end < letters.len() && letters[end].0 != ' ' => from + own + at + 1,
            _ => end,
        };
        lines.push(line(&letters[from..stop], lead));
        from = stop + letters[stop..].iter().take_while(|(c, _)| *c == ' ').count();
        lead = hang;
    }
    lines
}

/// How many of the letters find room; at least one.
fn reach(letters: &[(char, Style)], room: usize) -> usize {
    let mut used = 0;
    let fits = letters.iter().take_while(|(c, _)| {
        used += text::width(c.encode_utf8(&mut [0; 4]));
        used <= room
    });
    fits.count().max(1)
}

/// Letters of one style are one span.
fn line(letters: &[(char, Style)], lead: usize) -> Line<'static> {
    let mut spans = vec![Span::raw(" ".repeat(lead))];
    for same in letters.chunk_by(|a, b| a.1 == b.1) {
        spans.push(Span::styled(same.iter().map(|(c, _)| *c).collect::<String>(), same[0].1));
    }
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold(words: &str, columns: usize) -> Vec<String> {
        folded(vec![Span::raw(words.to_owned())], columns).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn lines_are_broken_at_blanks_and_nothing_is_lost() {
        assert_eq!(fold("  ON TABLE RAW", 14), ["  ON TABLE RAW"]);
        assert_eq!(fold("CREATE STREAM RAW_TRANSACTIONS", 20), ["CREATE STREAM ", "    RAW_TRANSACTIONS"]);
        assert_eq!(fold("abcdefghijklmnop", 10), ["abcdefghij", "    klmnop"]);
        for columns in 8..40 {
            let words =
                "  SELECT 東京, 'a text with blanks', A_VERY_LONG_NAME_THAT_IS_LONGER_THAN_ANY_OF_THE_LINES FROM T";
            let lines = fold(words, columns);
            assert!(lines.iter().all(|l| text::width(l.trim_end()) <= columns), "{columns} {lines:?}");
            let squeezed = |s: &str| s.split_whitespace().collect::<String>();
            assert_eq!(squeezed(&lines.concat()), squeezed(words), "{columns}");
        }
    }
}
