//! Editing a statement where it stands, to try it again.

use super::queue::{Ask, Place};
use super::{Row, State};
use crate::app::{Action, Cx, Effect, Key, Tone, editor};
use tui_textarea::TextArea;

/// A statement that is being edited.
#[derive(Debug, Clone)]
pub struct Editing {
    /// Its place in the plan.
    pub place: Place,
    /// The text.
    pub editor: TextArea<'static>,
}

impl Editing {
    fn new(place: Place, text: &str) -> Self {
        Self { place, editor: TextArea::new(editor::clean(text).split('\n').map(str::to_owned).collect()) }
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> String {
        self.editor.lines().join("\n")
    }

    /// A key while typing.
    pub fn typed(&mut self, key: Key) {
        if let Some(input) = editor::input(key) {
            self.editor.input(input);
        }
    }

    /// Pasted text.
    pub fn paste(&mut self, text: &str) {
        self.editor.insert_str(editor::pasted(text));
    }
}

impl State {
    /// Opens the selected statement for editing, as it was last tried.
    pub(super) fn edit(&mut self, cx: &mut Cx<'_>) {
        let (Some(Row::Step(i, j)), Some(text)) = (self.selected(), self.sql().map(str::to_owned)) else {
            return cx.say(Tone::Warn, "Select a statement: e edits it, to try it with another text");
        };
        if !cx.refuse_readonly() {
            self.editing = Some(Editing::new((i, j), &text));
            self.panel = 1;
            self.scroll = 0;
        }
    }

    /// What an action does while a statement is edited.
    pub(super) fn act_editing(&mut self, action: Action, cx: &mut Cx<'_>) {
        let Some(editing) = &self.editing else { return };
        match action {
            Action::RunSql => {
                let (place, text) = (editing.place, editing.text());
                if text.trim().is_empty() {
                    return cx.say(Tone::Warn, "An empty statement cannot be run; Esc leaves it as it was");
                }
                self.editing = None;
                self.keep_edit(place, &text);
                self.ask(Ask::Edited(place, text), cx);
            }
            Action::OpenEditor => cx.effects.push(Effect::Editor(editing.text())),
            Action::Back => {
                let (place, text) = (editing.place, editing.text());
                self.editing = None;
                let edited = self.keep_edit(place, &text);
                cx.say(
                    Tone::Plain,
                    if edited { "The edited text is kept: x runs it, e goes on" } else { "Left as it was" },
                );
            }
            _ => {}
        }
    }

    /// Remembers the text of a statement where it differs from the plan's. Whether it does.
    fn keep_edit(&mut self, place: Place, text: &str) -> bool {
        let own = self.plan.as_ref().and_then(|p| p.stages.get(place.0)?.steps.get(place.1)).map(|s| s.sql.as_str());
        if own == Some(text) {
            self.edits.remove(&place);
            return false;
        }
        self.edits.insert(place, text.to_owned());
        true
    }

    /// The text came back from the operator's own editor.
    pub fn edited(&mut self, text: &str) {
        if let Some(editing) = &mut self.editing {
            *editing = Editing::new(editing.place, text.trim_end_matches('\n'));
        }
    }
}
