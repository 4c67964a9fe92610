//! What the console keeps between two starts. Losing it costs nothing but habits, so nothing here is an error.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// The console as it was left.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Saved {
    /// The pane that was shown, by name.
    pub pane: String,
    /// The theme that was chosen, by name.
    pub theme: Option<String>,
    /// What `console.toml` asked for when it was chosen: another wish there holds again.
    pub asked: Option<String>,
    /// ASCII only.
    pub ascii: Option<bool>,
    /// Mouse reporting.
    pub mouse: Option<bool>,
    /// Less motion.
    pub still: Option<bool>,
    /// Filters by pane.
    pub filters: BTreeMap<String, String>,
}

impl Saved {
    /// Reads what was kept; nothing where there is nothing, or nothing that reads.
    #[must_use]
    pub fn load(path: &Path) -> Self {
        std::fs::read_to_string(path).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    /// Keeps it, whole or not at all.
    pub fn save(&self, path: &Path) {
        let write = || -> std::io::Result<()> {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let beside = path.with_extension("new");
            std::fs::write(&beside, serde_json::to_string_pretty(self)?)?;
            std::fs::rename(&beside, path)
        };
        if let Err(error) = write() {
            tracing::warn!("{}: the console's state was not kept: {error}", path.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_saved_is_read_and_rubbish_is_nothing() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("deep").join("console.json");
        let saved = Saved { pane: "Tasks".into(), theme: Some("dusk".into()), ..Saved::default() };
        saved.save(&path);
        assert_eq!(Saved::load(&path), saved);
        std::fs::write(&path, "{\"pane\": 7").expect("writable");
        assert_eq!(Saved::load(&path), Saved::default());
        assert_eq!(Saved::load(&home.path().join("none")), Saved::default());
    }
}
