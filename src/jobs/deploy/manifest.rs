//! `pipeline.toml`: what a pipeline deploys, runs, counts and is counted against.

use crate::domain::Chart;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;

/// The manifest's file name.
pub const MANIFEST: &str = "pipeline.toml";

/// A manifest that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{MANIFEST}:{line}: {message}")]
pub struct ManifestError {
    /// The line, from 1.
    pub line: u32,
    /// What is wrong and what would be right.
    pub message: String,
}

/// The whole manifest.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Name for people.
    pub name: String,
    /// The database that the pipeline lives in.
    pub database: String,
    /// The warehouse that it works with.
    pub warehouse: String,
    /// The role that owns it.
    pub role: String,
    /// The table that keeps a record of every deployed statement, `SCHEMA.TABLE`.
    pub journal: Option<String>,
    /// The table that keeps the alerts which the pipeline raises, `SCHEMA.TABLE`.
    pub alerts: Option<String>,
    /// Template variables.
    #[serde(default)]
    pub variables: BTreeMap<String, Variable>,
    /// Where its files lie in the bucket.
    #[serde(default, rename = "source")]
    pub sources: Vec<Source>,
    /// Deployment stages in order.
    #[serde(rename = "stage")]
    pub stages: Vec<StageSpec>,
    /// The task tree.
    pub tasks: TaskTree,
    /// The marts.
    #[serde(default, rename = "mart")]
    pub marts: Vec<Mart>,
    /// The ladder of counts.
    #[serde(default, rename = "layer")]
    pub layers: Vec<Layer>,
    /// What each role can and cannot do, to be tried.
    #[serde(default)]
    pub access: Vec<Trial>,
    /// What the pipeline says about its own counts.
    pub explain: Option<Explain>,
}

/// A template variable.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// Its value where the profile gives none. Without one, the profile must.
    pub default: Option<String>,
    /// What it is for.
    #[serde(default)]
    pub about: String,
    /// Never shown: plans have `***` in its place.
    #[serde(default)]
    pub secret: bool,
}

/// Files of one kind in the bucket.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Name, as the generator has it, or of one's own.
    pub name: String,
    /// A file or folder of the pipeline's folder that `run` sends under the prefix. Without one the generator makes it.
    pub files: Option<Spanned<String>>,
    /// Prefix of its keys, with the closing slash.
    pub prefix: String,
    /// The raw table that it is loaded into, `SCHEMA.TABLE`.
    pub table: String,
}

/// A deployment stage.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageSpec {
    /// Short name for commands.
    pub id: Spanned<String>,
    /// Title for people.
    pub title: String,
    /// SQL files, in order.
    pub files: Vec<Spanned<String>>,
    /// SQL files that take the stage back, in order.
    #[serde(default)]
    pub undo: Vec<Spanned<String>>,
    /// Its statements belong together: where one is to run, all are.
    #[serde(default)]
    pub whole: bool,
    /// Loads data: run again with every load.
    #[serde(default)]
    pub load: bool,
}

/// Where the task tree is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskTree {
    /// The schema of all tasks.
    pub schema: String,
    /// The root's bare name.
    pub root: String,
    /// A statement that writes down how runs ended whose finalizer did not. Run in the pipeline's database, as its owner,
    /// after a run whose finalizer did not succeed.
    pub settle: Option<String>,
}

/// A mart and what its readers should know.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mart {
    /// Bare name.
    pub name: String,
    /// `SCHEMA.TABLE`.
    pub table: String,
    /// What one row stands for.
    #[serde(default)]
    pub grain: String,
    /// Who answers for it.
    #[serde(default)]
    pub owner: String,
    /// How fresh it is.
    #[serde(default)]
    pub freshness: String,
    /// What its chart shows.
    pub chart: Option<Chart>,
}

/// Queries that explain the ladder. Their columns are read by place.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explain {
    /// Counts of the last run with their explanation: layer, expected, actual, text.
    pub counts: Option<String>,
    /// What was found in the files: kind, how often.
    pub kinds: Option<String>,
    /// The same one by one: kind, file, row, detail.
    pub flaws: Option<String>,
    /// Deliveries of files as the pipeline has noted them, which may be longer ago than Snowflake remembers: file, table,
    /// pipe (empty for COPY), status, rows read, rows loaded, rows refused, first error, its line, milliseconds since 1970.
    pub loads: Option<String>,
    /// Rows that are kept aside, by delivery and kind: file, milliseconds since 1970 as `loads` has them (empty where the
    /// delivery is not noted yet), kind, how many, row of the first, its reason.
    pub rejects: Option<String>,
}

/// A rung of the ladder: a count that must equal a measure of the files.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// Layer and table, `vault.HUB_CUSTOMER`.
    pub name: Spanned<String>,
    /// The measure that it must equal.
    pub expects: Spanned<String>,
    /// The table or view whose rows are counted, `SCHEMA.TABLE`.
    pub table: Option<String>,
    /// A query that gives the count instead.
    pub sql: Option<String>,
}

/// A statement that some roles may run and others may not. It must do no harm where it runs: it is run.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// What it tries, in words: `read a mart`.
    pub name: Spanned<String>,
    /// The statement. Changes of rows are rolled back.
    pub sql: String,
    /// Roles that may; at least one, so that a name that is wrong does not look like a refusal.
    pub allowed: Vec<String>,
    /// Roles that may not.
    #[serde(default)]
    pub refused: Vec<String>,
}

impl Manifest {
    /// Reads a manifest. `has_file` tells whether the pipeline's folder holds a file.
    ///
    /// # Errors
    /// [`ManifestError`] with the line: TOML that cannot be read, unknown or missing settings, files that are not there,
    /// stages without files or with the same id, layers without a count, sources whose files are not there or whose prefix
    /// has no closing slash, access trials that no role may pass.
    pub fn parse(text: &str, has_file: impl Fn(&str) -> bool) -> Result<Self, ManifestError> {
        let manifest: Self = toml::from_str(text).map_err(|e| ManifestError {
            line: line_at(text, e.span().map_or(0, |s| s.start)),
            message: e.message().to_owned(),
        })?;
        manifest.check(text, has_file)?;
        Ok(manifest)
    }

    fn check(&self, text: &str, has_file: impl Fn(&str) -> bool) -> Result<(), ManifestError> {
        let fail = |at: usize, message: String| Err(ManifestError { line: line_at(text, at), message });
        let mut ids = BTreeSet::new();
        for stage in &self.stages {
            let (id, at) = (stage.id.get_ref(), stage.id.span().start);
            if !ids.insert(id) {
                return fail(at, format!("two stages are called `{id}`; each needs an id of its own"));
            }
            if stage.files.is_empty() {
                return fail(at, format!("stage `{id}` has no files"));
            }
            for file in stage.files.iter().chain(&stage.undo) {
                if !has_file(file.get_ref()) {
                    return fail(
                        file.span().start,
                        format!("there is no file `{}` in the pipeline's folder", file.get_ref()),
                    );
                }
            }
        }
        for source in &self.sources {
            let Some(files) = &source.files else { continue };
            let (path, at) = (files.get_ref(), files.span().start);
            if !has_file(path) {
                return fail(at, format!("there is no `{path}` in the pipeline's folder"));
            }
            if !source.prefix.ends_with('/') {
                return fail(
                    at,
                    format!("the prefix of source `{}` must end in a slash: `{}/`", source.name, source.prefix),
                );
            }
        }
        for trial in &self.access {
            let (name, at) = (trial.name.get_ref(), trial.name.span().start);
            if trial.allowed.is_empty() {
                return fail(
                    at,
                    format!("access trial `{name}` needs a role in `allowed`: else a wrong name passes as refused"),
                );
            }
            if let Some(role) = trial.allowed.iter().find(|role| trial.refused.contains(role)) {
                return fail(at, format!("access trial `{name}` has {role} both as allowed and as refused"));
            }
        }
        for layer in &self.layers {
            if layer.table.is_some() == layer.sql.is_some() {
                let message = format!("layer `{}` needs either `table` or `sql`", layer.name.get_ref());
                return fail(layer.name.span().start, message);
            }
        }
        Ok(())
    }

    /// `DATABASE.SCHEMA.TABLE` for a manifest's `SCHEMA.TABLE`.
    #[must_use]
    pub fn qualified(&self, name: &str) -> String {
        format!("{}.{name}", self.database)
    }

    /// The prefix of a source's keys.
    #[must_use]
    pub fn prefix(&self, source: &str) -> Option<&str> {
        self.sources.iter().find(|s| s.name == source).map(|s| s.prefix.as_str())
    }
}

fn line_at(text: &str, offset: usize) -> u32 {
    let before = &text.as_bytes()[..offset.min(text.len())];
    u32::try_from(memchr::memchr_iter(b'\n', before).count() + 1).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
name = "P"
database = "D"
warehouse = "W"
role = "R"

[[stage]]
id = "one"
title = "One"
files = ["a.sql"]

[tasks]
schema = "S"
root = "T"
"#;

    fn error(text: &str) -> String {
        Manifest::parse(text, |f| f == "a.sql").unwrap_err().to_string()
    }

    #[test]
    fn errors_name_file_and_line() {
        assert!(Manifest::parse(GOOD, |_| true).is_ok());
        assert!(
            error(&GOOD.replace("\"a.sql\"", "\"a.sql\",\n \"b.sql\""))
                .starts_with("pipeline.toml:11: there is no file `b.sql`")
        );
        assert!(error(&GOOD.replace("title", "titel")).starts_with("pipeline.toml:9: unknown field `titel`"));
        assert!(error(&GOOD.replace("root = \"T\"", "root = 5")).starts_with("pipeline.toml:14: "));
        assert!(error(&GOOD.replace("schema", "schema = ")).starts_with("pipeline.toml:13: "));
        let twice = GOOD.replace("[tasks]", "[[stage]]\nid = \"one\"\ntitle = \"Two\"\nfiles = [\"a.sql\"]\n[tasks]");
        assert!(error(&twice).starts_with("pipeline.toml:13: two stages are called `one`"));
        let layer = format!("{GOOD}\n[[layer]]\nname = \"a\"\nexpects = \"b\"\n");
        assert!(error(&layer).starts_with("pipeline.toml:17: layer `a` needs either"));
    }
}
