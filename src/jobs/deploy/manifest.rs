//! `pipeline.toml`: what a pipeline deploys, runs, counts and is counted against.

mod check;

use crate::domain::{Chart, Dataset};
use serde::Deserialize;
use std::collections::BTreeMap;
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
    /// stages without files, names that are there twice, tables without a schema, layers without a count or that expect what
    /// nobody counts, sources whose files are not there or whose prefix has no closing slash, access trials that no role may
    /// pass.
    pub fn parse(text: &str, has_file: impl Fn(&str) -> bool) -> Result<Self, ManifestError> {
        let manifest: Self = toml::from_str(text).map_err(|e| ManifestError {
            line: line_at(text, e.span().map_or(0, |s| s.start)),
            message: told(e.message()),
        })?;
        check::check(&manifest, text, &has_file)?;
        Ok(manifest)
    }

    /// Whether its files are its own: brought along, or in the bucket already. Otherwise the generator makes them.
    #[must_use]
    pub fn has_own_files(&self) -> bool {
        let generated = |name: &str| Dataset::ALL.iter().any(|d| d.name() == name);
        self.sources.iter().any(|s| s.files.is_some() || !generated(&s.name))
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

/// The reader's words, and what to do where they do not say it.
fn told(message: &str) -> String {
    if message.starts_with("missing field") {
        return format!("{message}: `snowdeck init DIR` writes a manifest that has them all");
    }
    message.to_owned()
}

fn line_at(text: &str, offset: usize) -> u32 {
    let before = &text.as_bytes()[..offset.min(text.len())];
    u32::try_from(memchr::memchr_iter(b'\n', before).count() + 1).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
