//! How the console begins: its settings, keys and themes, and what was kept from the last time. All of it is small
//! files, read before the first frame; a mistake in one is shown and survived.

use super::colours;
use crate::app::keymap::KeymapError;
use crate::app::{Key, Keymap, Model, PaneId, Settings, Tone};
use crate::config::{ConsoleSettings, Paths, Saved};
use crate::ui::{Theme, Themes};
use std::path::Path;

/// What was read.
pub struct Setup {
    /// How it looks.
    pub settings: Settings,
    /// What can be chosen.
    pub themes: Themes,
    /// The keys.
    pub keymap: Keymap,
    /// The file as read.
    pub console: ConsoleSettings,
    /// As it was left.
    saved: Saved,
    /// As it was last written down.
    kept: Saved,
    /// What could not be used.
    problems: Vec<String>,
}

impl Setup {
    /// Reads it all.
    pub fn read(paths: &Paths) -> Self {
        let (console, problem) = ConsoleSettings::load(&paths.console);
        let mut problems: Vec<String> = problem.into_iter().collect();
        let saved = Saved::load(&paths.kept);
        let themes = themes(&paths.themes, &mut problems);
        let keymap = keymap(&console, &mut problems);
        let settings = settings(&console, &saved, &themes, &mut problems);
        Self { settings, themes, keymap, console, kept: saved.clone(), saved, problems }
    }

    /// Puts the model where the console was left. What could not be used is said.
    pub fn apply(&self, model: &mut Model) {
        model.themes = self.themes.names();
        model.keymap = self.keymap.clone();
        if let Some(pane) = pane(&self.saved.pane) {
            model.pane = pane;
        }
        for (name, text) in &self.saved.filters {
            if let Some(pane) = pane(name) {
                model.set_filter(pane, text.clone());
            }
        }
        if let Some(first) = self.problems.first() {
            let more = self.problems.len() - 1;
            let text = if more > 0 { format!("{first} (and {more} more: E shows all)") } else { first.clone() };
            crate::app::update(model, crate::app::Msg::Say(Tone::Warn, text));
            model.last_error = Some(self.problems.join("\n"));
        }
    }

    /// Keeps the console as it is now, where that is not written down yet.
    pub fn keep(&mut self, model: &Model, paths: &Paths) {
        let names = self.themes.names();
        let theme = names.get(model.settings.theme % names.len().max(1)).cloned();
        // Only what was changed is kept, so that the file and the terminal go on deciding the rest.
        let changed =
            |now: bool, at_start: bool, before: Option<bool>| if now == at_start { before } else { Some(now) };
        let start = &self.settings;
        let filters = PaneId::ALL.into_iter().filter_map(|p| {
            let text = model.filter_of(p).filter(|t| !t.is_empty())?;
            Some((p.title().to_owned(), text.to_owned()))
        });
        let saved = Saved {
            pane: model.pane.title().to_owned(),
            theme: if model.settings.theme == start.theme { self.saved.theme.clone() } else { theme },
            asked: self.console.theme.clone(),
            ascii: changed(model.settings.ascii, start.ascii, self.saved.ascii),
            mouse: changed(model.settings.mouse, start.mouse, self.saved.mouse),
            still: changed(model.settings.still, start.still, self.saved.still),
            filters: filters.collect(),
        };
        if saved != self.kept {
            saved.save(&paths.kept);
            self.kept = saved;
        }
    }
}

fn pane(name: &str) -> Option<PaneId> {
    PaneId::ALL.into_iter().find(|p| p.title() == name)
}

/// The built-in themes and those of the user's folder, by file name.
fn themes(folder: &Path, problems: &mut Vec<String>) -> Themes {
    let mut themes = Themes::default();
    let Ok(entries) = std::fs::read_dir(folder) else { return themes };
    let mut files: Vec<_> = entries.filter_map(|e| e.ok().map(|e| e.path())).collect();
    files.retain(|p| p.extension().is_some_and(|e| e == "toml"));
    files.sort();
    for path in files {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let read = std::fs::read_to_string(&path).map_err(|e| e.to_string());
        match read.and_then(|text| Theme::parse(&text).map_err(|e| e.to_string())) {
            Ok(theme) => themes.add(&name, theme),
            Err(why) => problems.push(format!("{}: {}", path.display(), why.trim().replace('\n', " "))),
        }
    }
    themes
}

fn keymap(console: &ConsoleSettings, problems: &mut Vec<String>) -> Keymap {
    let mut changes = Vec::new();
    for (place, actions) in &console.keys {
        for (action, keys) in actions {
            let read: Result<Vec<Key>, _> = keys.list().iter().map(|k| k.parse::<Key>()).collect();
            match read {
                Ok(keys) => changes.push((place.clone(), action.clone(), keys)),
                Err(why) => problems.push(format!("[keys.{place}] {action}: {why}")),
            }
        }
    }
    let (map, errors) = Keymap::new(&changes);
    problems.extend(errors.iter().map(KeymapError::to_string));
    map
}

fn settings(console: &ConsoleSettings, saved: &Saved, themes: &Themes, problems: &mut Vec<String>) -> Settings {
    let names = themes.names();
    let index = |name: &str| names.iter().position(|n| n == name);
    // What was chosen in the console holds until the file asks for something else.
    let chosen = saved.theme.as_deref().filter(|_| saved.asked == console.theme).and_then(index);
    let asked = console.theme.as_deref().and_then(|name| {
        let found = index(name);
        if found.is_none() {
            problems.push(format!("console.toml: there is no theme {name:?}; there are: {}", names.join(", ")));
        }
        found
    });
    Settings {
        theme: chosen.or(asked).unwrap_or_else(colours::theme),
        ascii: saved.ascii.or(console.ascii).unwrap_or(!colours::unicode()),
        mouse: saved.mouse.unwrap_or(console.mouse),
        still: saved.still.unwrap_or(!console.motion),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Env;

    fn model(setup: &Setup) -> Model {
        let mut model = Model::new(Env::default(), setup.settings, 0, (80, 24));
        setup.apply(&mut model);
        model
    }

    #[test]
    fn a_bad_file_is_said_and_survived() {
        let home = tempfile::tempdir().expect("a folder");
        let paths = Paths::in_home(home.path());
        std::fs::create_dir(&paths.themes).expect("writable");
        std::fs::write(paths.themes.join("mine.toml"), "text = { fg = \"#112233\" }").expect("writable");
        std::fs::write(paths.themes.join("odd.toml"), "text = { fg = \"rde\" }").expect("writable");
        std::fs::write(&paths.console, "theme = \"mine\"\n[keys.tasks]\nexecute-task = \"hyper-x\"\n")
            .expect("writable");
        let setup = Setup::read(&paths);
        let model = model(&setup);
        assert_eq!(model.themes[setup.settings.theme], "mine");
        assert!(!model.themes.contains(&"odd".to_owned()));
        let all = model.last_error.expect("what was wrong");
        assert!(all.contains("odd.toml") && all.contains("rde") && all.contains("hyper-x"), "{all}");
        assert!(model.toast.is_some_and(|t| t.text.contains("1 more")));
    }

    #[test]
    fn the_console_begins_as_it_was_left() {
        let home = tempfile::tempdir().expect("a folder");
        let paths = Paths::in_home(home.path());
        let mut setup = Setup::read(&paths);
        let mut left = model(&setup);
        left.pane = PaneId::Tasks;
        left.settings.theme = setup.themes.names().iter().position(|n| n == "dusk").expect("a built-in theme");
        left.set_filter(PaneId::Log, "copy".into());
        setup.keep(&left, &paths);
        let again = Setup::read(&paths);
        let model = model(&again);
        assert_eq!((model.pane, model.settings.theme), (PaneId::Tasks, left.settings.theme));
        assert_eq!(model.filter_of(PaneId::Log), Some("copy"));
        assert_eq!(model.settings.ascii, left.settings.ascii);
        std::fs::write(&paths.console, "theme = \"light\"\n").expect("writable");
        let wished = Setup::read(&paths);
        assert_eq!(wished.themes.names()[wished.settings.theme], "light", "a new wish in the file holds");
    }
}
