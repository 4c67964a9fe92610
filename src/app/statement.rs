//! Where statements begin and end in an editor's text.

use crate::jobs::deploy::{Statement, split};
use std::ops::Range;

/// Byte ranges of the statements in `text`, without their semicolons and the comments between them. Something that is
/// never closed, as happens while it is being written, runs to the end.
#[must_use]
pub fn spans(text: &str) -> Vec<Range<usize>> {
    let open = match split(text) {
        Ok(statements) => return located(text, statements),
        Err(open) => open,
    };
    let head = line_start(text, open.line);
    let mut spans = split(&text[..head]).map(|s| located(text, s)).unwrap_or_default();
    // The last before the open line may be the one that goes on there.
    if spans.last().is_some_and(|s| !text[s.end..head].trim_start().starts_with(';')) {
        spans.pop();
    }
    let start = spans.last().map_or(0, |s| s.end + text[s.end..].find(';').map_or(0, |at| at + 1));
    let rest = &text[start..];
    let start = start + (rest.len() - rest.trim_start().len());
    spans.push(start..start + rest.trim().len());
    spans
}

/// The statement that holds byte `at`, or the nearest before it.
#[must_use]
pub fn around(text: &str, at: usize) -> Option<Range<usize>> {
    let spans = spans(text);
    let holding = spans.iter().position(|s| at <= s.end);
    match holding {
        // Between two statements the one before the cursor is meant, as long as it ends on the cursor's line.
        Some(i) if i > 0 && at < spans[i].start && !text[spans[i - 1].end..at].contains('\n') => spans.get(i - 1),
        Some(i) => spans.get(i),
        None => spans.last(),
    }
    .cloned()
}

/// The statements' places: each is cut from the text as it stands there.
fn located(text: &str, statements: Vec<Statement>) -> Vec<Range<usize>> {
    let mut from = 0;
    let mut spans = Vec::with_capacity(statements.len());
    for statement in statements {
        let start = from.max(line_start(text, statement.line));
        let Some(at) = text[start..].find(&statement.sql) else { continue };
        from = start + at + statement.sql.len();
        spans.push(start + at..from);
    }
    spans
}

/// The byte at which a line begins, counted from 1.
fn line_start(text: &str, line: u32) -> usize {
    let before = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
    text.split_inclusive('\n').take(before).map(str::len).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("SELECT 1; SELECT 2", &["SELECT 1", "SELECT 2"])]
    #[case("SELECT ';' ; -- a; b\n SELECT \"a;b\"", &["SELECT ';'", "SELECT \"a;b\""])]
    #[case("SELECT $$ x; y $$; SELECT 2", &["SELECT $$ x; y $$", "SELECT 2"])]
    #[case("BEGIN; SELECT 1; COMMIT", &["BEGIN", "SELECT 1", "COMMIT"])]
    #[case("SELECT CASE WHEN a THEN 1 END; SELECT 2", &["SELECT CASE WHEN a THEN 1 END", "SELECT 2"])]
    #[case(" ;; -- nothing\n", &[])]
    #[case("SELECT 1; SELECT 1;\nSELECT 1", &["SELECT 1", "SELECT 1", "SELECT 1"])]
    #[case("SELECT 1;\nSELECT 'open", &["SELECT 1", "SELECT 'open"])]
    #[case("SELECT 1;\nSELECT\n 'open; x", &["SELECT 1", "SELECT\n 'open; x"])]
    fn splits(#[case] text: &str, #[case] want: &[&str]) {
        let got: Vec<_> = spans(text).into_iter().map(|s| &text[s]).collect();
        assert_eq!(got, want);
    }

    #[test]
    fn finds_the_one_under_the_cursor() {
        let text = "SELECT 1;\nSELECT 2;\n";
        let at = |n| around(text, n).map(|s| &text[s]);
        assert_eq!(at(0), Some("SELECT 1"));
        assert_eq!(at(9), Some("SELECT 1"));
        assert_eq!(at(10), Some("SELECT 2"));
        assert_eq!(at(20), Some("SELECT 2"));
        assert_eq!(around("  ", 1), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

        #[test]
        fn any_text_can_be_cut(text in "[-/*'\"$; \naSELECT]{0,40}") {
            let spans = spans(&text);
            prop_assert!(spans.windows(2).all(|w| w[0].end <= w[1].start));
            prop_assert!(spans.iter().all(|s| text.get(s.clone()).is_some()));
        }
    }
}
