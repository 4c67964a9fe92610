//! What a manifest must keep beyond its form: every refusal names the line.

use super::{Manifest, ManifestError, line_at};
use std::collections::BTreeSet;

type Checked = Result<(), ManifestError>;

/// Checks a manifest. `text` is what it was read from; `has_file` tells whether the pipeline's folder holds a file.
pub(super) fn check(manifest: &Manifest, text: &str, has_file: &dyn Fn(&str) -> bool) -> Checked {
    let page = Page { manifest, text, has_file };
    page.stages()?;
    page.sources()?;
    page.tables()?;
    page.marts()?;
    page.trials()?;
    page.layers()
}

/// A manifest with the text that it was read from.
struct Page<'a> {
    manifest: &'a Manifest,
    text: &'a str,
    has_file: &'a dyn Fn(&str) -> bool,
}

impl Page<'_> {
    fn fail(&self, at: usize, message: String) -> Checked {
        Err(ManifestError { line: line_at(self.text, at), message })
    }

    /// Where a value first stands as `key = "value"`; the beginning where it cannot be found.
    fn at(&self, key: &str, value: &str) -> usize {
        let mut start = 0;
        for line in self.text.split_inclusive('\n') {
            let is_it = line.trim_start().starts_with(key) && line.contains(&format!("\"{value}\""));
            if is_it {
                return start;
            }
            start += line.len();
        }
        0
    }

    /// Where a value stands for the second time.
    fn again(&self, key: &str, value: &str) -> usize {
        let first = self.at(key, value);
        let behind = self.text[first..].find('\n').map_or(self.text.len(), |i| first + i + 1);
        let rest = Page { text: &self.text[behind..], ..*self };
        behind + rest.at(key, value)
    }

    fn stages(&self) -> Checked {
        let mut ids = BTreeSet::new();
        for stage in &self.manifest.stages {
            let (id, at) = (stage.id.get_ref(), stage.id.span().start);
            if !ids.insert(id) {
                return self.fail(at, format!("two stages are called `{id}`; each needs an id of its own"));
            }
            if stage.files.is_empty() {
                return self.fail(at, format!("stage `{id}` has no files"));
            }
            for file in stage.files.iter().chain(&stage.undo) {
                let (path, at) = (file.get_ref(), file.span().start);
                if !(self.has_file)(path) {
                    return self.fail(at, format!("there is no file `{path}` in the pipeline's folder"));
                }
            }
        }
        Ok(())
    }

    fn sources(&self) -> Checked {
        let (mut names, mut prefixes) = (BTreeSet::new(), BTreeSet::new());
        for source in &self.manifest.sources {
            let (name, prefix) = (&source.name, &source.prefix);
            if !names.insert(name) {
                return self.fail(self.again("name", name), format!("two sources are called `{name}`"));
            }
            if !prefixes.insert(prefix) {
                let message = format!("two sources have the prefix `{prefix}`: each would load the other's files too");
                return self.fail(self.again("prefix", prefix), message);
            }
            if !prefix.ends_with('/') {
                let message = format!("the prefix of source `{name}` must end in a slash: `{prefix}/`");
                return self.fail(self.at("prefix", prefix), message);
            }
            let Some(files) = &source.files else { continue };
            if !(self.has_file)(files.get_ref()) {
                let message = format!("there is no `{}` in the pipeline's folder", files.get_ref());
                return self.fail(files.span().start, message);
            }
        }
        Ok(())
    }

    /// Tables are named with their schema, and without the database, which is the pipeline's.
    fn tables(&self) -> Checked {
        let manifest = self.manifest;
        let named = [("journal", &manifest.journal), ("alerts", &manifest.alerts)];
        let named = named.into_iter().filter_map(|(key, table)| Some((key, table.as_ref()?)));
        let sources = manifest.sources.iter().map(|s| ("table", &s.table));
        let marts = manifest.marts.iter().map(|m| ("table", &m.table));
        let layers = manifest.layers.iter().filter_map(|l| Some(("table", l.table.as_ref()?)));
        for (key, table) in named.chain(sources).chain(marts).chain(layers) {
            if !has_schema(table) {
                let database = &manifest.database;
                let message = format!("`{table}` must be SCHEMA.TABLE, a table of the database {database}");
                return self.fail(self.at(key, table), message);
            }
        }
        Ok(())
    }

    fn marts(&self) -> Checked {
        let mut names = BTreeSet::new();
        for mart in &self.manifest.marts {
            if !names.insert(&mart.name) {
                return self.fail(self.again("name", &mart.name), format!("two marts are called `{}`", mart.name));
            }
        }
        Ok(())
    }

    fn trials(&self) -> Checked {
        for trial in &self.manifest.access {
            let (name, at) = (trial.name.get_ref(), trial.name.span().start);
            if trial.allowed.is_empty() {
                return self.fail(
                    at,
                    format!("access trial `{name}` needs a role in `allowed`: else a wrong name passes as refused"),
                );
            }
            if let Some(role) = trial.allowed.iter().find(|role| trial.refused.contains(role)) {
                return self.fail(at, format!("access trial `{name}` has {role} both as allowed and as refused"));
            }
        }
        Ok(())
    }

    fn layers(&self) -> Checked {
        let mut names = BTreeSet::new();
        let counted: Vec<String> = self.manifest.sources.iter().map(|s| format!("{}_rows", s.name)).collect();
        for layer in &self.manifest.layers {
            let (name, at) = (layer.name.get_ref(), layer.name.span().start);
            if !names.insert(name) {
                return self.fail(at, format!("two layers are called `{name}`"));
            }
            if layer.table.is_some() == layer.sql.is_some() {
                return self.fail(at, format!("layer `{name}` needs either `table` or `sql`"));
            }
            // What the generator makes is measured in more ways: its layers are checked when they are counted.
            let expects = layer.expects.get_ref();
            if self.manifest.has_own_files() && !counted.contains(expects) {
                let known = counted.join(", ");
                let message = format!("layer `{name}` expects `{expects}`, which is not counted; known: {known}");
                return self.fail(layer.expects.span().start, message);
            }
        }
        Ok(())
    }
}

/// Whether a name has two parts; a point inside of quotes is part of a name.
fn has_schema(name: &str) -> bool {
    let (mut quoted, mut parts) = (false, vec![0_usize]);
    for c in name.chars() {
        match c {
            '"' => quoted = !quoted,
            '.' if !quoted => parts.push(0),
            _ => {
                if let Some(length) = parts.last_mut() {
                    *length += 1;
                }
            }
        }
    }
    !quoted && parts.len() == 2 && parts.iter().all(|length| *length > 0)
}
