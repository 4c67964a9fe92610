//! Why a rung of the ladder holds what it holds.

use super::LayerCheck;
use std::fmt::Write as _;

/// A count that the pipeline itself has compared and explained.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reason {
    /// The layer.
    pub layer: String,
    /// What it should have held.
    pub expected: i64,
    /// What it held.
    pub actual: i64,
    /// Why the two differ; empty where they do not.
    pub text: String,
}

/// A file, or a row of one, about which something is to be said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Flaw {
    /// What kind: `malformed`, `duplicate`, `late`, `unknown_product` …
    pub kind: String,
    /// The file.
    pub file: String,
    /// The row in it; `None` where the whole file is meant.
    pub row: Option<i64>,
    /// In words.
    pub detail: String,
}

/// All that is known about a rung.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Explained {
    /// Counts of the last run, in the ladder's order.
    pub reasons: Vec<Reason>,
    /// Flaws by kind, with how many there are.
    pub kinds: Vec<(String, i64)>,
    /// The first of them.
    pub flaws: Vec<Flaw>,
    /// Why nothing could be read.
    pub unread: Option<String>,
}

impl Explained {
    /// As a text about one rung.
    #[must_use]
    pub fn text(&self, check: &LayerCheck) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "the files hold    {}\nthe layer holds   {}", check.expected, check.actual);
        let difference = check.actual - check.expected;
        let _ = match difference {
            0 => writeln!(out, "They agree."),
            d if d < 0 => writeln!(out, "{} are missing.", -d),
            d => writeln!(out, "{d} are too many."),
        };
        if let Some(why) = &self.unread {
            let _ = write!(out, "\nThe pipeline's own explanations could not be read:\n{why}");
            return out;
        }
        let of: Vec<&Reason> = self.reasons.iter().filter(|r| r.layer.eq_ignore_ascii_case(&check.layer)).collect();
        let rest: Vec<&Reason> =
            self.reasons.iter().filter(|r| !r.layer.eq_ignore_ascii_case(&check.layer) && !r.text.is_empty()).collect();
        for reason in &of {
            let agreed = if difference == 0 { "nothing to explain" } else { "it agreed then" };
            let why = if reason.text.is_empty() { agreed } else { &reason.text };
            let _ = writeln!(out, "\nThe last run counted {} of {}: {why}", reason.actual, reason.expected);
            let since = check.expected - reason.expected;
            if since > 0 && difference < 0 {
                let _ =
                    writeln!(out, "The files hold {since} more now: a load, then a run of the tree, takes them in.");
            }
        }
        if !rest.is_empty() {
            out.push_str("\nExplained on other rungs\n");
            for reason in rest {
                let _ = writeln!(out, "  {}  {} of {}: {}", reason.layer, reason.actual, reason.expected, reason.text);
            }
        }
        if !self.kinds.is_empty() {
            out.push_str("\nWhat was found in the files\n");
            for (kind, count) in &self.kinds {
                let _ = writeln!(out, "  {count:>8}  {kind}");
            }
        }
        if !self.flaws.is_empty() {
            let _ = writeln!(out, "\nThe first {}", self.flaws.len());
            for flaw in &self.flaws {
                let row = flaw.row.map_or(String::new(), |r| format!(":{r}"));
                let _ = writeln!(out, "  {}{row}  {}: {}", flaw.file, flaw.kind, flaw.detail);
            }
        }
        if self.kinds.is_empty() && of.is_empty() {
            out.push_str("\nThe pipeline has recorded no flaw in any file.\n");
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rung_is_explained_in_words() {
        let check = LayerCheck { layer: "vault.HUB".into(), expected: 10, actual: 7, ok: false };
        let reason =
            |layer: &str, text: &str| Reason { layer: layer.into(), expected: 10, actual: 7, text: text.into() };
        let known = Explained {
            reasons: vec![reason("vault.hub", "3 rejected"), reason("stage.RAW", "")],
            kinds: vec![("malformed".into(), 3)],
            flaws: vec![Flaw {
                kind: "malformed".into(),
                file: "a.json".into(),
                row: Some(4),
                detail: "no end".into(),
            }],
            unread: None,
        };
        let text = known.text(&check);
        for part in ["3 are missing", "7 of 10: 3 rejected", "3  malformed", "a.json:4  malformed: no end"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("stage.RAW"), "what has nothing to explain is left out");
        assert!(!text.contains("more now"));
        let later = LayerCheck { expected: 14, ..check.clone() };
        assert!(known.text(&later).contains("The files hold 4 more now"), "{}", known.text(&later));
        assert!(Explained::default().text(&check).contains("no flaw"));
    }
}
