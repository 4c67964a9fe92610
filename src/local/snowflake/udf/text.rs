//! Functions over text.

use super::super::error::{SfError, SfResult};
use super::json::value::Json;
use super::row::Row;
use super::udf;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use duckdb::Connection;

/// Registers `sf_bool`, `sf_unhex`, `sf_fit` …
pub(super) fn register(conn: &Connection) -> SfResult<()> {
    udf!(conn;
        "sf_bool"(Text) -> Bool = |r: Row<'_>| match r.text(0) {
            Some(t) => boolean(t).map(Some).ok_or_else(|| {
                SfError::execution("100037", "22018", format!("Boolean value '{t}' is not recognized"))
            }),
            None => Ok(None),
        };
        "sf_try_bool"(Text) -> Bool = |r: Row<'_>| Ok(r.text(0).and_then(boolean));
        "sf_unhex"(Text) -> Bytes = |r: Row<'_>| match r.text(0) {
            Some(t) => hex::decode(t).map(Some).map_err(|_| {
                SfError::execution("100115", "22000", format!("The following string is not a legal hex-encoded value: '{t}'"))
            }),
            None => Ok(None),
        };
        "sf_try_unhex"(Text) -> Bytes = |r: Row<'_>| Ok(r.text(0).and_then(|t| hex::decode(t).ok()));
        "sf_initcap"(Text, Text) -> Text = |r: Row<'_>| match (r.text(0), r.text(1)) {
            (Some(t), Some(d)) => Ok(Some(initcap(t, d))),
            _ => Ok(None),
        };
        "sf_tokens"(Text, Text) -> Text = |r: Row<'_>| match (r.text(0), r.text(1)) {
            (Some(t), Some(d)) => {
                let tokens = t.split(|c| d.contains(c)).filter(|p| !p.is_empty()).map(|p| Json::Text(p.into()));
                Ok(Some(Json::Array(tokens.collect()).text()))
            }
            _ => Ok(None),
        };
        "sf_sha2"(Bytes, Int) -> Text = |r: Row<'_>| match (r.bytes(0), r.int(1)) {
            (Some(b), Some(bits)) => Ok(Some(sha2(b, bits))),
            _ => Ok(None),
        };
        "sf_uuid5"(Text, Text) -> Text = |r: Row<'_>| match (r.text(0), r.text(1)) {
            (Some(space), Some(name)) => uuid5(space, name).map(Some),
            _ => Ok(None),
        };
        "sf_utf8"(Bytes) -> Text = |r: Row<'_>| match r.bytes(0) {
            Some(b) => String::from_utf8(b.to_vec()).map(Some).map_err(|_| {
                SfError::execution("100132", "22000", "The bytes are not a valid UTF-8 text")
            }),
            None => Ok(None),
        };
        "sf_try_utf8"(Bytes) -> Text = |r: Row<'_>| Ok(r.bytes(0).and_then(|b| String::from_utf8(b.to_vec()).ok()));
        "sf_unbase64"(Text) -> Bytes = |r: Row<'_>| match r.text(0) {
            Some(t) => STANDARD.decode(t).map(Some).map_err(|_| {
                let text = format!("The following string is not a legal base64-encoded value: '{t}'");
                SfError::execution("100115", "22000", text)
            }),
            None => Ok(None),
        };
        "sf_try_unbase64"(Text) -> Bytes = |r: Row<'_>| Ok(r.text(0).and_then(|t| STANDARD.decode(t).ok()));
        "sf_number_in"(Text, Text) -> Text = |r: Row<'_>| match (r.text(0), r.text(1)) {
            (Some(t), Some(f)) => number_in(t, f).map(Some).ok_or_else(|| {
                SfError::execution("100140", "22007", format!("Can't parse '{t}' as number with format '{f}'"))
            }),
            _ => Ok(None),
        };
        "sf_try_number_in"(Text, Text) -> Text = |r: Row<'_>| match (r.text(0), r.text(1)) {
            (Some(t), Some(f)) => Ok(number_in(t, f)),
            _ => Ok(None),
        };
        "sf_number_out"(Text, Text) -> Text = |r: Row<'_>| match (r.text(0), r.text(1)) {
            (Some(t), Some(f)) => number_out(t, f).map(Some).ok_or_else(|| {
                SfError::unsupported(&format!("number format {f}"))
            }),
            _ => Ok(None),
        };
        // DuckDB's own error() counts as volatile, which window functions refuse in ORDER BY.
        "sf_fail"(Text) -> Text = |r: Row<'_>| match r.text(0) {
            Some(t) => Err(super::super::duck::map_error(t)),
            None => Ok(None),
        };
        "sf_nullif"(Text, Text) -> Text = |r: Row<'_>| Ok(match (r.text(0), r.text(1)) {
            (Some(a), Some(b)) if a == b => None,
            (a, _) => a.map(str::to_owned),
        });
        "sf_fit"(Text, Int) -> Text = |r: Row<'_>| match (r.text(0), r.int(1)) {
            (Some(t), Some(n)) if longer(t.len(), n) && longer(t.chars().count(), n) => Err(too_long(t)),
            (t, _) => Ok(t.map(str::to_owned)),
        };
    );
    Ok(())
}

/// 100078.
#[must_use]
pub fn too_long(text: &str) -> SfError {
    SfError::execution("100078", "22000", format!("String '{text}' is too long and would be truncated"))
}

/// Snowflake's words for true and false.
#[must_use]
pub fn boolean(text: &str) -> Option<bool> {
    const YES: [&str; 6] = ["true", "t", "yes", "y", "on", "1"];
    const NO: [&str; 6] = ["false", "f", "no", "n", "off", "0"];
    let t = text.trim();
    if YES.iter().any(|w| t.eq_ignore_ascii_case(w)) {
        Some(true)
    } else if NO.iter().any(|w| t.eq_ignore_ascii_case(w)) {
        Some(false)
    } else {
        None
    }
}

/// The first letter of each word in upper case, the others in lower case.
fn initcap(text: &str, delimiters: &str) -> String {
    let mut start = true;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if delimiters.contains(c) {
            start = true;
            out.push(c);
        } else if start {
            out.extend(c.to_uppercase());
            start = false;
        } else {
            out.extend(c.to_lowercase());
        }
    }
    out
}

/// SHA-2 of other lengths than 256, in hex.
fn sha2(bytes: &[u8], bits: i64) -> String {
    use sha2::Digest;
    match bits {
        224 => hex::encode(sha2::Sha224::digest(bytes)),
        384 => hex::encode(sha2::Sha384::digest(bytes)),
        512 => hex::encode(sha2::Sha512::digest(bytes)),
        _ => hex::encode(sha2::Sha256::digest(bytes)),
    }
}

/// A version 5 UUID.
fn uuid5(namespace: &str, name: &str) -> SfResult<String> {
    use sha1::Digest;
    let space = uuid::Uuid::parse_str(namespace)
        .map_err(|_| SfError::execution("100096", "22023", format!("UUID '{namespace}' is not recognized")))?;
    let mut hash = sha1::Sha1::new();
    hash.update(space.as_bytes());
    hash.update(name.as_bytes());
    let digest = hash.finalize();
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x50;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    Ok(uuid::Uuid::from_bytes(bytes).to_string())
}

/// A number as text by a numeric format (`999,990.00`, `$9.9`, `FM000`, `S9`, `9MI`).
fn number_out(number: &str, format: &str) -> Option<String> {
    let upper = format.to_ascii_uppercase();
    let (fill, body) = upper.strip_prefix("FM").map_or((false, upper.as_str()), |b| (true, b));
    let model: String = body.chars().filter(|c| matches!(c, '0' | '9' | '.' | ',')).collect();
    if body.chars().any(|c| !matches!(c, '0' | '9' | '.' | ',' | '$' | 'S' | 'M' | 'I')) {
        return None;
    }
    let (whole_model, frac_model) = model.split_once('.').unwrap_or((&model, ""));
    let value: f64 = number.parse().ok()?;
    let rounded =
        round_text(number, frac_model.len()).unwrap_or_else(|| format!("{:.*}", frac_model.len(), value.abs()));
    let (whole, frac) = rounded.split_once('.').unwrap_or((&rounded, ""));
    let whole = whole.trim_start_matches('0');
    let digits = whole_model.chars().filter(|c| *c != ',').count();
    if whole.len() > digits {
        return Some("#".repeat(format.len() + 1));
    }
    let mut out = String::new();
    let mut left = whole.chars().rev();
    // From the first `0` of the model on, digits are printed even where the number has none.
    let zeros_from = whole_model.chars().filter(|c| *c != ',').position(|c| c == '0').map_or(0, |i| digits - i);
    let mut placed = 0;
    for m in whole_model.chars().rev() {
        let more = placed < whole.len() || placed < zeros_from;
        if m == ',' {
            out.push(if more { ',' } else { ' ' });
        } else {
            out.push(left.next().unwrap_or(if more { '0' } else { ' ' }));
            placed += 1;
        }
    }
    let mut text: String = out.chars().rev().collect();
    let blanks = text.len() - text.trim_start().len();
    let negative = value < 0.0;
    let mut head = text.split_off(blanks);
    if body.contains('$') {
        head.insert(0, '$');
    }
    let sign = if negative {
        "-"
    } else if body.contains('S') {
        "+"
    } else {
        " "
    };
    let mut result = if body.ends_with("MI") || body.ends_with('S') && body.len() > 1 {
        format!("{}{head}", " ".repeat(blanks))
    } else {
        format!("{}{sign}{head}", " ".repeat(blanks))
    };
    if !frac_model.is_empty() {
        result.push('.');
        result.push_str(frac);
    }
    if body.ends_with("MI") {
        result.push(if negative { '-' } else { ' ' });
    } else if body.ends_with('S') && body.len() > 1 {
        result.push_str(sign);
    }
    Some(if fill { result.replace(' ', "") } else { result })
}

/// Rounds plain decimal text half away from zero; the sign is dropped. `None` for exponents.
fn round_text(number: &str, places: usize) -> Option<String> {
    let bare = number.trim_start_matches('-');
    let (whole, frac) = bare.split_once('.').unwrap_or((bare, ""));
    if !whole.chars().chain(frac.chars()).all(|c| c.is_ascii_digit()) {
        return None;
    }
    let mut digits: Vec<u8> = whole.bytes().chain(frac.bytes().chain(std::iter::repeat(b'0')).take(places)).collect();
    if frac.as_bytes().get(places).is_some_and(|d| *d >= b'5') {
        let mut i = digits.len();
        loop {
            if i == 0 {
                digits.insert(0, b'1');
                break;
            }
            i -= 1;
            if digits[i] == b'9' {
                digits[i] = b'0';
            } else {
                digits[i] += 1;
                break;
            }
        }
    }
    let text = String::from_utf8(digits).ok()?;
    let (w, f) = text.split_at(text.len() - places);
    Some(if places == 0 { w.to_owned() } else { format!("{w}.{f}") })
}

/// Text by a numeric format as plain decimal text: blanks, `$` and group commas go where the format has them.
fn number_in(text: &str, format: &str) -> Option<String> {
    let upper = format.to_ascii_uppercase();
    let mut out = String::new();
    for c in text.trim().chars() {
        match c {
            ',' if upper.contains(',') => {}
            '$' if upper.contains('$') => {}
            '0'..='9' | '.' | '-' | '+' => out.push(c),
            _ => return None,
        }
    }
    let trailing = out.ends_with('-') || out.ends_with('+');
    if trailing && (upper.ends_with('S') || upper.ends_with("MI")) {
        let sign = out.pop()?;
        out.insert(0, sign);
    }
    Some(out)
}
/// Whether a length is beyond a limit.
fn longer(length: usize, limit: i64) -> bool {
    i64::try_from(length).unwrap_or(i64::MAX) > limit
}
