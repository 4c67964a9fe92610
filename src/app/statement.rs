//! Where statements begin and end in an editor's text.

use std::ops::Range;

/// Byte ranges of the statements in `text`, without their semicolons and surrounding blanks. Strings, quoted names,
/// comments, `$$` bodies and `BEGIN … END` blocks are kept whole.
#[must_use]
pub fn spans(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let (mut spans, mut start, mut at, mut depth) = (Vec::new(), 0, 0, 0_usize);
    while at < bytes.len() {
        match bytes[at] {
            b';' if depth == 0 => {
                push(text, start..at, &mut spans);
                at += 1;
                start = at;
            }
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => {
                let end = word_end(bytes, at);
                depth = depth_after(&text[at..end], &text[end..], depth);
                at = end;
            }
            _ => at = skip(bytes, at),
        }
    }
    push(text, start..bytes.len(), &mut spans);
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

fn push(text: &str, span: Range<usize>, spans: &mut Vec<Range<usize>>) {
    let part = &text[span.clone()];
    let trimmed = part.trim();
    if trimmed.is_empty() || only_comments(trimmed) {
        return;
    }
    let start = span.start + (part.len() - part.trim_start().len());
    spans.push(start..start + trimmed.len());
}

fn only_comments(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let next = skip(bytes, at);
        if next == at + 1 && !bytes[at].is_ascii_whitespace() || matches!(bytes[at], b'\'' | b'"' | b'$') {
            return false;
        }
        at = next;
    }
    true
}

fn word_end(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || matches!(bytes[at], b'_' | b'$')) {
        at += 1;
    }
    at
}

/// The byte after the string, quoted name, comment, `$$` body or single byte at `at`.
fn skip(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    let until = |end: &[u8], from: usize| {
        rest[from.min(rest.len())..]
            .windows(end.len())
            .position(|w| w == end)
            .map_or(bytes.len(), |p| at + from + p + end.len())
    };
    match rest {
        [b'\'', ..] => string_end(bytes, at),
        [b'"', ..] => until(b"\"", 1),
        [b'$', b'$', ..] => until(b"$$", 2),
        [b'-', b'-', ..] | [b'/', b'/', ..] => until(b"\n", 2),
        [b'/', b'*', ..] => until(b"*/", 2),
        _ => at + 1,
    }
}

fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'\'' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn depth_after(word: &str, rest: &str, depth: usize) -> usize {
    let next: String = rest
        .trim_start()
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == ';')
        .collect::<String>()
        .to_uppercase();
    match word.to_uppercase().as_str() {
        "BEGIN"
            if !(next.is_empty()
                || next.starts_with(';')
                || matches!(next.as_str(), "TRANSACTION" | "WORK" | "NAME")) =>
        {
            depth + 1
        }
        "CASE" => depth + 1,
        "END" if !["IF", "LOOP", "WHILE", "FOR", "REPEAT"].contains(&next.trim_end_matches(';')) => {
            depth.saturating_sub(1)
        }
        _ => depth,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("SELECT 1; SELECT 2", &["SELECT 1", "SELECT 2"])]
    #[case("SELECT ';' ; -- a; b\n SELECT \"a;b\"", &["SELECT ';'", "-- a; b\n SELECT \"a;b\""])]
    #[case("a $$ x; y $$; b", &["a $$ x; y $$", "b"])]
    #[case("BEGIN; SELECT 1; COMMIT", &["BEGIN", "SELECT 1", "COMMIT"])]
    #[case("BEGIN LET x := 1; IF (x > 0) THEN RETURN CASE WHEN 1 THEN 2 END; END IF; END; SELECT 2", 
        &["BEGIN LET x := 1; IF (x > 0) THEN RETURN CASE WHEN 1 THEN 2 END; END IF; END", "SELECT 2"])]
    #[case("SELECT CASE WHEN a THEN 1 END; SELECT 2", &["SELECT CASE WHEN a THEN 1 END", "SELECT 2"])]
    #[case(" ;; -- nothing\n", &[])]
    #[case("SELECT 'it''s; \\'; '; x", &["SELECT 'it''s; \\'; '", "x"])]
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
}
