//! Regular expressions with Snowflake's parameters (`c`, `i`, `m`, `s`, `e`).

use super::super::error::{SfError, SfResult};
use super::row::{Last, Row};
use super::udf;
use duckdb::Connection;
use regex::{Regex, RegexBuilder};

/// Registers `sf_regexp_…`.
pub(super) fn register(conn: &Connection) -> SfResult<()> {
    udf!(conn;
        "sf_regexp_like"(Text, Text, Text) -> Bool = {
            let mut cache = Last::new();
            move |r: Row<'_>| match (r.text(0), r.text(1), r.text(2)) {
                (Some(t), Some(p), Some(o)) => Ok(Some(compiled(&mut cache, p, o, true)?.is_match(t))),
                _ => Ok(None),
            }
        };
        "sf_regexp_replace"(Text, Text, Text, Int, Int, Text) -> Text = {
            let mut cache = Last::new();
            move |r: Row<'_>| match (r.text(0), r.text(1), r.text(2), r.int(3), r.int(4), r.text(5)) {
                (Some(t), Some(p), Some(by), Some(at), Some(n), Some(o)) => {
                    Ok(Some(replace(compiled(&mut cache, p, o, false)?, t, by, at, n)))
                }
                _ => Ok(None),
            }
        };
        "sf_regexp_substr"(Text, Text, Int, Int, Text, Int) -> Text = {
            let mut cache = Last::new();
            move |r: Row<'_>| match (r.text(0), r.text(1), r.int(2), r.int(3), r.text(4), r.int(5)) {
                (Some(t), Some(p), Some(at), Some(n), Some(o), Some(g)) => {
                    let found = nth(compiled(&mut cache, p, o, false)?, t, at, n, g);
                    Ok(found.map(|(from, to)| t[from..to].to_owned()))
                }
                _ => Ok(None),
            }
        };
        "sf_regexp_all"(Text, Text, Int, Int, Text, Int) -> Text = {
            let mut cache = Last::new();
            move |r: Row<'_>| match (r.text(0), r.text(1), r.int(2), r.int(3), r.text(4), r.int(5)) {
                (Some(t), Some(p), Some(at), Some(n), Some(o), Some(g)) => {
                    let regex = compiled(&mut cache, p, o, false)?;
                    let (from, group) = (byte(t, at), usize::try_from(g).unwrap_or(0));
                    let skip = usize::try_from(n - 1).unwrap_or(0);
                    let found = regex.captures_iter(&t[from..]).skip(skip).filter_map(|c| c.get(group));
                    let all: Vec<_> = found.map(|m| super::json::value::Json::Text(m.as_str().into())).collect();
                    Ok(Some(super::json::value::Json::Array(all).text()))
                }
                _ => Ok(None),
            }
        };
        "sf_regexp_count"(Text, Text, Int, Text) -> Int = {
            let mut cache = Last::new();
            move |r: Row<'_>| match (r.text(0), r.text(1), r.int(2), r.text(3)) {
                (Some(t), Some(p), Some(at), Some(o)) => {
                    let n = compiled(&mut cache, p, o, false)?.find_iter(&t[byte(t, at)..]).count();
                    Ok(i64::try_from(n).ok())
                }
                _ => Ok(None),
            }
        };
        "sf_regexp_instr"(Text, Text, Int, Int, Int, Text, Int) -> Int = {
            let mut cache = Last::new();
            move |r: Row<'_>| match (r.text(0), r.text(1), r.int(2), r.int(3), r.int(4), r.text(5), r.int(6)) {
                (Some(t), Some(p), Some(at), Some(n), Some(option), Some(o), Some(g)) => {
                    let found = nth(compiled(&mut cache, p, o, false)?, t, at, n, g);
                    let place = found.map_or(0, |(from, to)| t[..if option == 1 { to } else { from }].chars().count() + 1);
                    Ok(i64::try_from(place).ok())
                }
                _ => Ok(None),
            }
        };
    );
    Ok(())
}

/// A compiled pattern; `full` makes it match the whole text.
fn compiled<'c>(cache: &'c mut Last<Regex>, pattern: &str, options: &str, full: bool) -> SfResult<&'c Regex> {
    cache.get(&format!("{options}\u{0}{pattern}"), |_| {
        // Of `c` and `i` the last one counts.
        let insensitive = options.rfind('i') > options.rfind('c');
        let text = if full { format!("^(?:{pattern})$") } else { pattern.to_owned() };
        let text = if full { text.replacen('^', "\\A", 1).trim_end_matches('$').to_owned() + "\\z" } else { text };
        RegexBuilder::new(&text)
            .case_insensitive(insensitive)
            .multi_line(options.contains('m'))
            .dot_matches_new_line(options.contains('s'))
            .build()
            .map_err(|_| SfError::execution("100048", "2201B", format!("Invalid regular expression: '{pattern}'")))
    })
}

/// The byte of a 1-based character position.
fn byte(text: &str, position: i64) -> usize {
    let n = usize::try_from(position - 1).unwrap_or(0);
    text.char_indices().nth(n).map_or(text.len(), |(i, _)| i)
}

/// Where the nth match (or a group of it) is.
fn nth(regex: &Regex, text: &str, position: i64, n: i64, group: i64) -> Option<(usize, usize)> {
    let from = byte(text, position);
    let captures = regex.captures_iter(&text[from..]).nth(usize::try_from(n - 1).unwrap_or(0))?;
    let found = captures.get(usize::try_from(group).unwrap_or(0))?;
    Some((from + found.start(), from + found.end()))
}

/// Replaces every match (`n` = 0) or the nth.
fn replace(regex: &Regex, text: &str, by: &str, position: i64, n: i64) -> String {
    let from = byte(text, position);
    let mut out = text[..from].to_owned();
    let mut at = from;
    for (i, captures) in regex.captures_iter(&text[from..]).enumerate() {
        if n != 0 && i64::try_from(i + 1) != Ok(n) {
            continue;
        }
        let Some(whole) = captures.get(0) else { continue };
        out.push_str(&text[at..from + whole.start()]);
        expand(by, &captures, &mut out);
        at = from + whole.end();
    }
    out.push_str(&text[at..]);
    out
}

/// `\1` … `\9` stand for groups.
fn expand(by: &str, captures: &regex::Captures<'_>, out: &mut String) {
    let mut chars = by.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek().and_then(|d| d.to_digit(10))) {
            ('\\', Some(group)) => {
                chars.next();
                out.push_str(captures.get(group as usize).map_or("", |m| m.as_str()));
            }
            ('\\', None) => out.extend(chars.next()),
            _ => out.push(c),
        }
    }
}
