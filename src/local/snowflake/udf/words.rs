//! SOUNDEX, PARSE_URL, RANDSTR.

use super::super::error::{SfError, SfResult};
use super::json::value::Json;
use super::row::Row;
use super::udf;
use duckdb::Connection;
use rand::SeedableRng;
use rand::distr::SampleString;
use rand_xoshiro::Xoshiro256PlusPlus;

/// Registers `sf_soundex`, `sf_parse_url`, `sf_randstr`, `sf_zip_arrays`.
pub(super) fn register(conn: &Connection) -> SfResult<()> {
    udf!(conn;
        "sf_soundex"(Text, Bool) -> Text = |r: Row<'_>| match (r.text(0), r.boolean(1)) {
            (Some(t), Some(double_first)) => Ok(Some(soundex(t, double_first))),
            _ => Ok(None),
        };
        "sf_parse_url"(Text) -> Text = |r: Row<'_>| match r.text(0) {
            Some(t) => parse_url(t).map(Some).map_err(|why| {
                SfError::execution("100139", "22P02", format!("Error parsing URL: {why}"))
            }),
            None => Ok(None),
        };
        "sf_try_parse_url"(Text) -> Text = |r: Row<'_>| match r.text(0) {
            Some(t) => Ok(Some(parse_url(t).unwrap_or_else(|why| {
                Json::Object(vec![("error".into(), Json::Text(why.into()))]).text()
            }))),
            None => Ok(None),
        };
        "sf_randstr"(Int, Int) -> Text = |r: Row<'_>| match (r.int(0), r.int(1)) {
            (Some(n), Some(seed)) => {
                let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed.cast_unsigned());
                let n = usize::try_from(n.clamp(0, 16_777_216)).unwrap_or(0);
                Ok(Some(rand::distr::Alphanumeric.sample_string(&mut rng, n)))
            }
            _ => Ok(None),
        };
    );
    Ok(())
}

/// The code of a consonant; vowels have none.
fn code(c: char) -> Option<char> {
    match c {
        'B' | 'F' | 'P' | 'V' => Some('1'),
        'C' | 'G' | 'J' | 'K' | 'Q' | 'S' | 'X' | 'Z' => Some('2'),
        'D' | 'T' => Some('3'),
        'L' => Some('4'),
        'M' | 'N' => Some('5'),
        'R' => Some('6'),
        _ => None,
    }
}

/// The first letter and three digits. `double_first`: the second letter counts even where it has the first one's code
/// (SOUNDEX_P123).
fn soundex(text: &str, double_first: bool) -> String {
    let mut letters = text.chars().map(|c| c.to_ascii_uppercase()).filter(char::is_ascii_alphabetic);
    let Some(first) = letters.next() else { return String::new() };
    let mut out = String::from(first);
    let mut last = if double_first { None } else { code(first) };
    for c in letters {
        let this = code(c);
        if let Some(digit) = this
            && this != last
        {
            out.push(digit);
            if out.len() == 4 {
                return out;
            }
        }
        // H and W do not part letters of one code; vowels do.
        if !matches!(c, 'H' | 'W') {
            last = this;
        }
    }
    format!("{out:0<4}")
}

/// PARSE_URL's object.
fn parse_url(text: &str) -> Result<String, String> {
    let (scheme, rest) = text.split_once(':').ok_or_else(|| "scheme not specified".to_owned())?;
    if scheme.is_empty() || !scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')) {
        return Err("scheme not specified".into());
    }
    let (rest, fragment) = rest.split_once('#').map_or((rest, None), |(r, f)| (r, Some(f)));
    let (rest, query) = rest.split_once('?').map_or((rest, None), |(r, q)| (r, Some(q)));
    let (authority, path) = match rest.strip_prefix("//") {
        Some(r) => match r.split_once('/') {
            Some((a, p)) => (Some(a), Some(p)),
            None => (Some(r), None),
        },
        None => (None, Some(rest)),
    };
    let host = authority.map(|a| a.rsplit_once('@').map_or(a, |(_, h)| h));
    let (host, port) = match host {
        Some(h) => match h.rsplit_once(':') {
            Some((h, p)) if !p.is_empty() && p.chars().all(|c| c.is_ascii_digit()) => (Some(h), Some(p)),
            _ => (Some(h), None),
        },
        None => (None, None),
    };
    let some = |v: Option<&str>| match v.filter(|v| !v.is_empty()) {
        Some(v) => Json::Text(v.to_owned().into()),
        None => Json::Null,
    };
    let mut pairs: Vec<(String, String)> = query
        .into_iter()
        .flat_map(|q| q.split('&'))
        .filter(|p| !p.is_empty())
        .map(|p| p.split_once('=').map_or((p.to_owned(), String::new()), |(k, v)| (k.to_owned(), v.to_owned())))
        .collect();
    pairs.sort();
    pairs.dedup_by(|b, a| a.0 == b.0);
    let parameters = match query {
        Some(_) => Json::Object(pairs.into_iter().map(|(k, v)| (k.into(), Json::Text(v.into()))).collect()),
        None => Json::Null,
    };
    Ok(Json::Object(vec![
        ("fragment".into(), some(fragment)),
        ("host".into(), some(host)),
        ("parameters".into(), parameters),
        ("path".into(), some(path)),
        ("port".into(), some(port)),
        ("query".into(), some(query)),
        ("scheme".into(), some(Some(scheme))),
    ])
    .text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sounds() {
        for (text, code) in [("Robert", "R163"), ("Rupert", "R163"), ("Tymczak", "T522"), ("Pfister", "P236"), ("", "")]
        {
            assert_eq!(soundex(text, false), code, "{text}");
        }
        assert_eq!(soundex("Pfister", true), "P123");
    }

    #[test]
    fn urls() {
        let text = parse_url("https://u@a.com:8080/p/q?x=1&y=2#f").unwrap();
        assert_eq!(
            text,
            r#"{"fragment":"f","host":"a.com","parameters":{"x":"1","y":"2"},"path":"p/q","port":"8080","query":"x=1&y=2","scheme":"https"}"#
        );
        assert!(parse_url("nothing").is_err());
    }
}
