//! Alerts that the warehouse has raised: each is told once, and stays in the list until it is acknowledged.

use super::{Effect, Model, Toast, Tone};
use crate::domain::Alert;
use std::collections::BTreeSet;

/// How long an alert stays above the footer, milliseconds: longer than what merely informs.
const SHOWN_MS: i64 = 15_000;

/// What is known of alerts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    /// The latest, newest first.
    pub all: Vec<Alert>,
    /// When they were last asked for, epoch milliseconds.
    pub polled_ms: i64,
    /// Which have been told, by cause and time; `None` before the first look.
    told: Option<BTreeSet<(String, i64)>>,
}

impl State {
    /// Those that ask for attention.
    pub fn open(&self, now_ms: i64) -> impl Iterator<Item = &Alert> {
        self.all.iter().filter(move |a| a.is_open(now_ms))
    }
}

/// Takes alerts as read: new ones are said, rung for, and noted. What was open before the console came is only counted.
pub fn take(model: &mut Model, all: Vec<Alert>, effects: &mut Vec<Effect>) {
    model.alerts.all = all;
    let now_ms = model.now_ms;
    let open: Vec<(String, i64, String)> =
        model.alerts.open(now_ms).map(|a| (a.cause.clone(), a.raised_ms, a.text.clone())).collect();
    let first = model.alerts.told.is_none();
    let told = model.alerts.told.get_or_insert_with(BTreeSet::new);
    let fresh: Vec<String> =
        open.into_iter().filter(|(cause, at, _)| told.insert((cause.clone(), *at))).map(|(.., text)| text).collect();
    let Some(text) = fresh.first() else { return };
    let more = fresh.len() - 1;
    let words = match (first, more) {
        (true, _) => format!("{} open alert(s): W shows them", fresh.len()),
        (false, 0) => format!("{text}  (W)"),
        (false, _) => format!("{text} (and {more} more: W)"),
    };
    model.toast = Some(Toast { text: words.clone(), tone: Tone::Bad, until_ms: now_ms + SHOWN_MS });
    if !first {
        for text in &fresh {
            model.overview.note(now_ms, Tone::Bad, text.clone());
        }
        effects.push(Effect::Notify(words));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture;

    fn alert(cause: &str, raised_ms: i64) -> Alert {
        Alert {
            cause: cause.into(),
            kind: "failed_task".into(),
            severity: "error".into(),
            text: format!("{cause} has failed"),
            raised_ms,
            acknowledged_ms: None,
            acknowledged_by: None,
            silenced_until_ms: None,
            claimed_ms: None,
            delivered_ms: None,
        }
    }

    #[test]
    fn an_alert_is_told_once() {
        let mut model = fixture::empty();
        let mut effects = Vec::new();
        take(&mut model, vec![alert("old", 1)], &mut effects);
        assert_eq!(effects, [], "what was there before is not rung for");
        assert!(model.toast.as_ref().is_some_and(|t| t.text.contains("1 open")));
        take(&mut model, vec![alert("new", 2), alert("old", 1)], &mut effects);
        assert!(matches!(&effects[..], [Effect::Notify(text)] if text.contains("new has failed")), "{effects:?}");
        take(&mut model, vec![alert("new", 2), alert("old", 1)], &mut effects);
        assert_eq!(effects.len(), 1);
        take(&mut model, vec![alert("new", 3)], &mut effects);
        assert_eq!(effects.len(), 2, "raised again is another time");
    }
}
