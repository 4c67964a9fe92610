//! Keys as a user has changed them: the table stays, a row may have other keys.

use super::{Binding, Context, TABLE};
use crate::app::{Action, Key, PaneId};
use std::collections::HashMap;

/// The table of keys with a user's changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keymap {
    changed: HashMap<(Context, Action), Vec<Key>>,
}

/// Why a change of keys is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// No such context.
    #[error("[keys.{name}]: there is no such place; there are: {known}")]
    NoContext {
        /// As written.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// No such action there.
    #[error("[keys.{context}] {name}: there is no such action here; there are: {known}")]
    NoAction {
        /// Where.
        context: String,
        /// As written.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// The key has a meaning there already.
    #[error("[keys.{context}] {name}: {key} already means {other}; give that another key, too")]
    Taken {
        /// Where.
        context: String,
        /// The action.
        name: String,
        /// The key.
        key: String,
        /// What it means.
        other: String,
    },
    /// No key at all.
    #[error("[keys.{context}] {name}: at least one key is needed")]
    NoKey {
        /// Where.
        context: String,
        /// The action.
        name: String,
    },
}

/// One change as a file has it: place, action, keys.
pub type Change = (String, String, Vec<Key>);

impl Keymap {
    /// Takes changes. Those that cannot be taken are told, the others hold.
    #[must_use]
    pub fn new(changes: &[Change]) -> (Self, Vec<KeymapError>) {
        let (mut map, mut errors) = (Self::default(), Vec::new());
        // All first, so that two actions can swap their keys.
        let mut taken = Vec::new();
        for (context, name, keys) in changes {
            match row(context, name) {
                Ok(_) if keys.is_empty() => {
                    errors.push(KeymapError::NoKey { context: context.clone(), name: name.clone() });
                }
                Ok(row) => {
                    map.changed.insert((row.context, row.action), keys.clone());
                    taken.push((context, name, row));
                }
                Err(error) => errors.push(error),
            }
        }
        for (context, name, row) in taken {
            if let Some((key, other)) = map.clash(row) {
                map.changed.remove(&(row.context, row.action));
                let (context, name, key) = (context.clone(), name.clone(), key.to_string());
                errors.push(KeymapError::Taken { context, name, key, other: action_name(other.action) });
            }
        }
        (map, errors)
    }

    fn clash(&self, row: &'static Binding) -> Option<(Key, &'static Binding)> {
        let others = TABLE.iter().filter(|o| o.context == row.context && o.action != row.action);
        others.flat_map(|o| self.keys(o).iter().map(move |k| (*k, o))).find(|(k, _)| self.keys(row).contains(k))
    }

    /// The keys of a row.
    #[must_use]
    pub fn keys(&self, row: &Binding) -> &[Key] {
        self.changed.get(&(row.context, row.action)).map_or(row.keys, Vec::as_slice)
    }

    /// The key that hints show for a row.
    #[must_use]
    pub fn first(&self, row: &Binding) -> String {
        self.keys(row).first().map(ToString::to_string).unwrap_or_default()
    }

    /// What a key means where `contexts` are active, the narrowest first.
    #[must_use]
    pub fn lookup(&self, contexts: &[Context], key: Key) -> Option<Action> {
        contexts
            .iter()
            .find_map(|c| TABLE.iter().find(|b| b.context == *c && self.keys(b).contains(&key)).map(|b| b.action))
    }
}

fn row(context: &str, name: &str) -> Result<&'static Binding, KeymapError> {
    let Some(found) = contexts().into_iter().find(|c| context_name(*c) == context) else {
        let known = contexts().into_iter().map(context_name).collect::<Vec<_>>().join(", ");
        return Err(KeymapError::NoContext { name: context.to_owned(), known });
    };
    let here = || TABLE.iter().filter(|b| b.context == found);
    here().find(|b| action_name(b.action) == name).ok_or_else(|| {
        let known = here().map(|b| action_name(b.action)).collect::<Vec<_>>().join(", ");
        KeymapError::NoAction { context: context.to_owned(), name: name.to_owned(), known }
    })
}

fn contexts() -> Vec<Context> {
    let mut all: Vec<Context> = vec![Context::Global, Context::List];
    all.extend(PaneId::ALL.map(Context::Pane));
    all.extend([Context::Editor, Context::Statement, Context::Line, Context::Palette, Context::Confirm]);
    all.extend([Context::Reader, Context::Choice, Context::Present, Context::Inspect]);
    all
}

/// A context's name in the file: `global`, `tasks`.
#[must_use]
pub fn context_name(context: Context) -> String {
    match context {
        Context::Pane(pane) => pane.title().to_lowercase(),
        other => format!("{other:?}").to_lowercase(),
    }
}

/// An action's name in the file: `run-all`, `go-tasks`.
#[must_use]
pub fn action_name(action: Action) -> String {
    let mut out = String::new();
    for c in format!("{action:?}").chars() {
        match c {
            '(' | ')' => {}
            c if c.is_uppercase() => {
                if !out.is_empty() {
                    out.push('-');
                }
                out.extend(c.to_lowercase());
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::key::{ch, ctrl};
    use std::collections::HashSet;

    fn change(context: &str, name: &str, key: Key) -> Change {
        (context.into(), name.into(), vec![key])
    }

    #[test]
    fn a_key_can_be_given_another_meaning() {
        let (map, errors) = Keymap::new(&[change("tasks", "execute-task", ctrl('e'))]);
        assert_eq!(errors, []);
        let here = [Context::Pane(PaneId::Tasks), Context::List, Context::Global];
        assert_eq!(map.lookup(&here, ctrl('e')), Some(Action::ExecuteTask));
        assert_eq!(map.lookup(&here, ch('x')), None, "the old key is free");
        assert_eq!(map.lookup(&here, ch('q')), Some(Action::Quit), "the rest stays");
    }

    #[test]
    fn two_actions_can_swap_their_keys_but_not_share_one() {
        let swap = [change("global", "help", ch('q')), change("global", "quit", ch('?'))];
        let (map, errors) = Keymap::new(&swap);
        assert_eq!(errors, []);
        assert_eq!(map.lookup(&[Context::Global], ch('q')), Some(Action::Help));
        let (map, errors) = Keymap::new(&[change("global", "help", ch('q'))]);
        assert!(matches!(&errors[..], [KeymapError::Taken { .. }]), "{errors:?}");
        assert_eq!(map.lookup(&[Context::Global], ch('?')), Some(Action::Help), "the default stays");
    }

    #[test]
    fn wrong_names_are_told_with_those_that_there_are() {
        let wrong = [change("taks", "execute-task", ch('x')), change("tasks", "exectue", ch('x'))];
        let (map, errors) = Keymap::new(&wrong);
        assert_eq!(map, Keymap::default());
        assert!(errors[0].to_string().contains("overview"), "{}", errors[0]);
        assert!(errors[1].to_string().contains("execute-task"), "{}", errors[1]);
    }

    #[test]
    fn every_row_has_a_name_of_its_own() {
        let mut seen = HashSet::new();
        for row in TABLE {
            let name = (context_name(row.context), action_name(row.action));
            assert!(seen.insert(name.clone()), "{name:?} twice");
            assert!(contexts().contains(&row.context), "{name:?}");
        }
    }
}
