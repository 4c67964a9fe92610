//! Text as a screen can show it: escaped, measured in columns, numbers grouped.

use std::borrow::Cow;
use std::fmt::Write as _;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Text from outside, made safe to draw on one line: control characters and those that reorder text are escaped.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\t' => out.push(' '),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            c if is_unsafe(c) && u32::from(c) < 0x100 => {
                let _ = write!(out, "\\x{:02x}", u32::from(c));
            }
            c if is_unsafe(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Control characters (C0, DEL, C1), and the marks that turn the direction of text or take no room.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Columns that text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// Text cut to `columns`, with an ellipsis where it was cut.
#[must_use]
pub fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    let mut used = 0;
    for part in text.graphemes(true) {
        let w = width(part);
        if used + w + 1 > columns {
            break;
        }
        out.push_str(part);
        used += w;
    }
    if columns > 0 {
        out.push('…');
    }
    Cow::Owned(out)
}

/// Text cut to `columns` in its middle: its beginning and its end stay.
#[must_use]
pub fn cut_middle(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns || columns < 3 {
        return cut(text, columns);
    }
    let tail = (columns - 1) / 2;
    let head = columns - 1 - tail;
    let parts: Vec<&str> = text.graphemes(true).collect();
    let within = |parts: &mut dyn Iterator<Item = &&str>, room: usize| {
        let mut used = 0;
        parts
            .take_while(|p| {
                used += width(p);
                used <= room
            })
            .count()
    };
    let first = within(&mut parts.iter(), head);
    let last = within(&mut parts.iter().rev(), tail);
    Cow::Owned(format!("{}…{}", parts[..first].concat(), parts[parts.len() - last..].concat()))
}

/// Cleaned text in exactly `columns` columns, flush left.
#[must_use]
pub fn left(text: &str, columns: usize) -> String {
    let clean = clean(text);
    let mut out = cut(&clean, columns).into_owned();
    out.extend(std::iter::repeat_n(' ', columns.saturating_sub(width(&out))));
    out
}

/// Cleaned text in exactly `columns` columns, flush right.
#[must_use]
pub fn right(text: &str, columns: usize) -> String {
    let clean = clean(text);
    let text = cut(&clean, columns);
    let mut out = " ".repeat(columns.saturating_sub(width(&text)));
    out.push_str(&text);
    out
}

/// A number in groups of three: `4 364`.
#[must_use]
pub fn group(number: impl TryInto<i128>) -> String {
    let number: i128 = number.try_into().unwrap_or(i128::MAX);
    let digits = number.unsigned_abs().to_string();
    let mut out = String::new();
    if number < 0 {
        out.push('-');
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// A change: `+112`, `-3`, or `0`.
#[must_use]
pub fn change(number: i64) -> String {
    if number > 0 { format!("+{}", group(number)) } else { group(number) }
}

/// Bytes in units of a thousand: `812 kB`.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "one digit after the point is shown")]
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if number < 1_000 {
        return format!("{number} B");
    }
    let mut value = number as f64 / 1_000.0;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1_000.0;
        unit += 1;
    }
    if value < 9.95 { format!("{value:.1} {}", UNITS[unit]) } else { format!("{value:.0} {}", UNITS[unit]) }
}

/// A duration from milliseconds: `12 ms`, `1.2 s`, `2:05 min`.
#[must_use]
pub fn duration(ms: i64) -> String {
    match ms.max(0) {
        ms @ 0..1_000 => format!("{ms} ms"),
        ms @ 1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        ms @ 60_000..3_600_000 => format!("{}:{:02} min", ms / 60_000, ms / 1_000 % 60),
        ms => format!("{}:{:02} h", ms / 3_600_000, ms / 60_000 % 60),
    }
}

/// How long ago, roughly: `4 s`, `3 min`, `2 h`, `5 d`.
#[must_use]
pub fn age(ms: i64) -> String {
    match ms.max(0) / 1_000 {
        s @ 0..100 => format!("{s} s"),
        s @ 100..6_000 => format!("{} min", s / 60),
        s @ 6_000..172_800 => format!("{} h", s / 3_600),
        s => format!("{} d", s / 86_400),
    }
}

/// The time of day: `14:02`.
#[must_use]
pub fn clock(ms: i64, offset_s: i32) -> String {
    let of_day = (ms.div_euclid(1_000) + i64::from(offset_s)).rem_euclid(86_400);
    format!("{:02}:{:02}", of_day / 3_600, of_day / 60 % 60)
}

/// Day and time of day: `2018-12-31 14:02`.
#[must_use]
pub fn day_clock(ms: i64, offset_s: i32) -> String {
    let days = (ms.div_euclid(1_000) + i64::from(offset_s)).div_euclid(86_400);
    // Civil from days: March-based years put the leap day last.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let of_year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * of_year + of_year / 4 - of_year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, over) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    format!("{:04}-{month:02}-{day:02} {}", era * 400 + of_year + over, clock(ms, offset_s))
}

/// The time of day with seconds: `14:02:31`.
#[must_use]
pub fn clock_s(ms: i64, offset_s: i32) -> String {
    let of_day = (ms.div_euclid(1_000) + i64::from(offset_s)).rem_euclid(86_400);
    format!("{}:{:02}", clock(ms, offset_s), of_day % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_escape_sequence_survives() {
        assert_eq!(clean("a\x1b[31mb\u{9b}1m\u{202e}x\n"), "a\\x1b[31mb\\x9b1m\\u{202e}x\\n");
        assert!(matches!(clean("Zürich 東京"), Cow::Borrowed(_)));
    }

    #[test]
    fn columns_are_kept_whatever_the_script() {
        for text in ["", "abc", "東京都庁", "e\u{301}e\u{301}e\u{301}", "👩‍👩‍👧 family", "a\tb\x07"] {
            for n in 0..9 {
                assert_eq!(width(&left(text, n)), n, "{text:?} in {n}");
                assert_eq!(width(&right(text, n)), n, "{text:?} in {n}");
            }
        }
    }

    #[test]
    fn beginning_and_end_stay() {
        assert_eq!(cut_middle("FACT_PURCHASE_LINE", 12), "FACT_P…_LINE");
        assert_eq!(cut_middle("FACT", 4), "FACT");
        for text in ["", "abcdefgh", "東京都庁 station", "e\u{301}e\u{301}e\u{301}e\u{301}"] {
            for n in 0..9 {
                assert!(width(&cut_middle(text, n)) <= n, "{text:?} in {n}");
            }
        }
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(group(0), "0");
        assert_eq!(group(-1_234_567), "-1 234 567");
        assert_eq!(group(u64::MAX), "18 446 744 073 709 551 615");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(812_345), "812 kB");
        assert_eq!(bytes(1_500_000), "1.5 MB");
        assert_eq!(bytes(u64::MAX), "18447 PB");
        assert_eq!(duration(1_234), "1.2 s");
        assert_eq!(duration(125_000), "2:05 min");
        assert_eq!(age(180_000), "3 min");
        assert_eq!(clock_s(50_551_000, 0), "14:02:31");
        assert_eq!(clock(-1, 0), "23:59");
        assert_eq!(day_clock(1_546_264_951_000, 0), "2018-12-31 14:02");
        assert_eq!(day_clock(1_582_934_400_000, -60), "2020-02-28 23:59");
        assert_eq!(day_clock(-1, 0), "1969-12-31 23:59");
    }
}
