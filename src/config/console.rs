//! The console's own settings, `console.toml`: how it looks, and its keys. A mistake in them never keeps the console
//! from being shown.

use super::file::place;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

/// What `console.toml` may say.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConsoleSettings {
    /// A theme's name; without it the terminal's background decides.
    pub theme: Option<String>,
    /// Mouse reporting.
    pub mouse: bool,
    /// ASCII only; without it the locale decides.
    pub ascii: Option<bool>,
    /// Things that move while work goes on; `false` for less of it.
    pub motion: bool,
    /// Ring the terminal's bell at an alert.
    pub bell: bool,
    /// Tell the desktop of an alert (OSC 9).
    pub notify: bool,
    /// Keys by place and action: `[keys.tasks]`, `execute-task = ["x", "f9"]`.
    pub keys: BTreeMap<String, BTreeMap<String, Keys>>,
}

/// One key or several.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Keys {
    /// One.
    One(String),
    /// Several; the first is the one that hints show.
    Several(Vec<String>),
}

impl Keys {
    /// As a list.
    #[must_use]
    pub fn list(&self) -> &[String] {
        match self {
            Self::One(key) => std::slice::from_ref(key),
            Self::Several(keys) => keys,
        }
    }
}

impl Default for ConsoleSettings {
    fn default() -> Self {
        Self { theme: None, mouse: true, ascii: None, motion: true, bell: true, notify: true, keys: BTreeMap::new() }
    }
}

impl ConsoleSettings {
    /// Reads the file. One that is not there gives the defaults; one that does not read gives them with the reason.
    #[must_use]
    pub fn load(path: &Path) -> (Self, Option<String>) {
        let name = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, &name),
            Err(error) if error.kind() == ErrorKind::NotFound => (Self::default(), None),
            Err(error) => (Self::default(), Some(format!("{name}: {error}; the defaults hold"))),
        }
    }

    fn parse(text: &str, name: &str) -> (Self, Option<String>) {
        match toml::from_str(text) {
            Ok(settings) => (settings, None),
            Err(error) => {
                let place = place(text, name, error.span().map_or(0, |s| s.start));
                let why = error.message().trim().replace('\n', "; ");
                (Self::default(), Some(format!("{place}: {why}; the defaults hold")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_one_or_several() {
        let (read, problem) = ConsoleSettings::parse(
            "theme = \"paper\"\nmouse = false\n[keys.tasks]\nexecute-task = [\"x\", \"f9\"]\n[keys.global]\nhelp = \"f1\"\n",
            "console.toml",
        );
        assert_eq!(problem, None);
        assert_eq!((read.theme.as_deref(), read.mouse, read.motion), (Some("paper"), false, true));
        assert_eq!(read.keys["tasks"]["execute-task"].list(), ["x", "f9"]);
        assert_eq!(read.keys["global"]["help"].list(), ["f1"]);
    }

    #[test]
    fn a_mistake_is_told_by_place_and_survived() {
        let (read, problem) = ConsoleSettings::parse("mouse = false\ntehme = \"paper\"\n", "console.toml");
        assert_eq!(read, ConsoleSettings::default());
        assert!(problem.is_some_and(|p| p.starts_with("console.toml:2:1: unknown field `tehme`")));
    }
}
