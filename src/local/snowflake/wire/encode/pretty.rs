//! Semi-structured values as Snowflake sends them: one member a line.

/// Appends compact JSON with line breaks and `indent` blanks a level. Strings are copied as they are; `{}` and `[]` stay
/// together.
pub fn pretty(compact: &str, indent: usize, out: &mut String) {
    let bytes = compact.as_bytes();
    if indent == 0 || !matches!(bytes.first(), Some(b'{' | b'[')) {
        out.push_str(compact);
        return;
    }
    let mut depth = 0;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                let end = string_end(bytes, at);
                out.push_str(&compact[at..end]);
                at = end;
                continue;
            }
            open @ (b'{' | b'[') => {
                out.push(char::from(open));
                if matches!(bytes.get(at + 1), Some(b'}' | b']')) {
                    out.push(char::from(bytes[at + 1]));
                    at += 2;
                    continue;
                }
                depth += 1;
                line(depth, indent, out);
            }
            close @ (b'}' | b']') => {
                depth = depth.saturating_sub(1);
                line(depth, indent, out);
                out.push(char::from(close));
            }
            b',' => {
                out.push(',');
                line(depth, indent, out);
            }
            b':' => out.push_str(": "),
            b' ' | b'\n' | b'\r' | b'\t' => {}
            _ => {
                // A number or a word: all ASCII.
                let end = (at..bytes.len()).find(|i| matches!(bytes[*i], b',' | b'}' | b']' | b':' | b' ' | b'\n'));
                let end = end.unwrap_or(bytes.len());
                out.push_str(compact.get(at..end).unwrap_or(""));
                at = end;
                continue;
            }
        }
        at += 1;
    }
}

/// Behind the string that opens at `at`.
fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut i = at + 1;
    while i < bytes.len() {
        match bytes[i] {
            b'\\' => i += 2,
            b'"' => return i + 1,
            _ => i += 1,
        }
    }
    bytes.len()
}

fn line(depth: usize, indent: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', depth * indent));
}

#[cfg(test)]
mod tests {
    use super::pretty;

    #[test]
    fn one_member_a_line() {
        let mut out = String::new();
        pretty(r#"{"a":1,"b":["x, {y}",{},[],null],"c":{"d":-1.5e3}}"#, 2, &mut out);
        let want = "{\n  \"a\": 1,\n  \"b\": [\n    \"x, {y}\",\n    {},\n    [],\n    null\n  ],\n  \"c\": {\n    \"d\": -1.5e3\n  }\n}";
        assert_eq!(out, want);
    }

    #[test]
    fn scalars_stay_as_they_are() {
        for text in ["\"a\\\"b\"", "12", "null", "true"] {
            let mut out = String::new();
            pretty(text, 2, &mut out);
            assert_eq!(out, text);
        }
    }
}
