//! What the terminal can show, as far as the environment tells.

use crate::ui::Colours;
use std::env;

/// How many colours there are. `NO_COLOR` (any text) means none.
pub fn depth() -> Colours {
    let set = |name: &str| env::var(name).unwrap_or_default();
    if !set("NO_COLOR").is_empty() || set("TERM") == "dumb" {
        return Colours::None;
    }
    match set("COLORTERM").as_str() {
        "truecolor" | "24bit" => Colours::True,
        _ if set("TERM").ends_with("-direct") => Colours::True,
        _ => Colours::Indexed,
    }
}

/// Whether the locale's characters are Unicode's.
pub fn unicode() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|n| env::var(n).ok().filter(|v| !v.is_empty()));
    // Without a locale most of today's terminals still show UTF-8; only one that says otherwise is believed.
    locale.is_none_or(|l| {
        let l = l.to_lowercase();
        l.contains("utf-8") || l.contains("utf8") || l == "c" || l == "posix"
    })
}

/// The theme for the terminal's background: the light one where `COLORFGBG` tells of a light background.
pub fn theme() -> usize {
    let told = env::var("COLORFGBG").ok();
    let background = told.as_deref().and_then(|v| v.rsplit(';').next()).and_then(|b| b.parse::<u8>().ok());
    usize::from(matches!(background, Some(7 | 15)))
}
