//! What is kept of the statements that were written: a history, and queries that were given a name. Secrets are masked
//! before anything is written.

use crate::domain::redact;
use crate::jobs::JobError;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Statements that the history keeps; the file is cut when it holds twice as many.
pub const KEPT: usize = 500;
/// The history: a JSON string a line, so that several consoles can add to it.
const HISTORY: &str = "history.jsonl";
/// The folder of named queries, a `.sql` file each.
const SAVED: &str = "queries";

/// A query with a name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Saved {
    /// The name.
    pub name: String,
    /// The text.
    pub sql: String,
}

/// All that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Memory {
    /// Statements, the newest last, each once.
    pub history: Vec<String>,
    /// Named queries, by name.
    pub saved: Vec<Saved>,
}

/// Reads what is kept below `folder`; what is not there is nothing.
///
/// # Errors
/// [`JobError::File`].
pub fn load(folder: &Path) -> Result<Memory, JobError> {
    let path = folder.join(HISTORY);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == ErrorKind::NotFound => String::new(),
        Err(e) => return Err(at(&path, e)),
    };
    let lines = text.lines().count();
    let history = newest(&text);
    if lines > 2 * KEPT {
        rewrite(&path, &history)?;
    }
    Ok(Memory { history, saved: saved(&folder.join(SAVED))? })
}

/// The newest statements, each at its last place. A line that was cut by a full disk is passed over.
fn newest(text: &str) -> Vec<String> {
    let mut history: Vec<String> = Vec::new();
    for sql in text.lines().rev().filter_map(|l| serde_json::from_str::<String>(l).ok()) {
        if history.len() == KEPT {
            break;
        }
        if !history.contains(&sql) {
            history.push(sql);
        }
    }
    history.reverse();
    history
}

fn rewrite(path: &Path, history: &[String]) -> Result<(), JobError> {
    let folder = path.parent().unwrap_or(path);
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|e| at(path, e))?;
    let text: String = history.iter().map(|sql| line(sql)).collect();
    file.write_all(text.as_bytes()).map_err(|e| at(path, e))?;
    file.persist(path).map_err(|e| at(path, e.error))?;
    Ok(())
}

fn line(sql: &str) -> String {
    format!("{}\n", serde_json::Value::from(sql))
}

fn saved(folder: &Path) -> Result<Vec<Saved>, JobError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(at(folder, e)),
    };
    let mut found = Vec::new();
    for path in entries.filter_map(|e| Some(e.ok()?.path())) {
        let Some(name) = path.file_name().and_then(|n| n.to_str()?.strip_suffix(".sql")) else { continue };
        found.push(Saved { name: name.to_owned(), sql: fs::read_to_string(&path).map_err(|e| at(&path, e))? });
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// Adds a statement to the history.
///
/// # Errors
/// [`JobError::File`].
pub fn remember(folder: &Path, sql: &str) -> Result<(), JobError> {
    let path = folder.join(HISTORY);
    fs::create_dir_all(folder).map_err(|e| at(folder, e))?;
    let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(&path).map_err(|e| at(&path, e))?;
    // One write, so that the lines of two consoles do not mix.
    file.write_all(line(&redact(sql)).as_bytes()).map_err(|e| at(&path, e))
}

/// Keeps a query under a name; one of that name is replaced. Returns the file.
///
/// # Errors
/// [`JobError::Usage`] for a name that is none, [`JobError::File`].
pub fn save(folder: &Path, query: &Saved) -> Result<PathBuf, JobError> {
    if let Some(problem) = name_problem(&query.name) {
        return Err(JobError::Usage(format!("{:?} cannot be a query's name: {problem}", query.name)));
    }
    let folder = folder.join(SAVED);
    fs::create_dir_all(&folder).map_err(|e| at(&folder, e))?;
    let path = folder.join(format!("{}.sql", query.name));
    fs::write(&path, redact(&query.sql).as_bytes()).map_err(|e| at(&path, e))?;
    Ok(path)
}

/// What keeps a text from being a query's name, if anything.
#[must_use]
pub fn name_problem(name: &str) -> Option<&'static str> {
    let fine = |c: char| c.is_alphanumeric() || " _-.".contains(c);
    match name.trim() {
        "" => Some("give it a name"),
        name if name.len() > 80 => Some("at most 80 characters"),
        name if name.starts_with('.') => Some("it must not begin with a dot"),
        name if !name.chars().all(fine) => Some("letters, digits, blanks, - _ and . only"),
        _ => None,
    }
}

fn at(path: &Path, source: std::io::Error) -> JobError {
    JobError::File { path: path.display().to_string(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_each_statement_once_and_no_secret() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(load(dir.path()).unwrap(), Memory::default());
        for sql in ["SELECT 1", "SELECT\n 2", "SELECT 1", "ALTER USER u SET PASSWORD = 'hunter2'"] {
            remember(dir.path(), sql).unwrap();
        }
        let kept = load(dir.path()).unwrap().history;
        assert_eq!(kept[..2], ["SELECT\n 2", "SELECT 1"]);
        assert!(!kept[2].contains("hunter2"), "{}", kept[2]);
    }

    #[test]
    fn named_queries_are_files_and_names_stay_in_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let query = Saved { name: "best customers".into(), sql: "SELECT 1".into() };
        save(dir.path(), &query).unwrap();
        assert_eq!(load(dir.path()).unwrap().saved, [query]);
        for bad in ["", "../x", "a/b", ".hidden", "a\0"] {
            assert!(save(dir.path(), &Saved { name: bad.into(), sql: String::new() }).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_long_history_is_cut() {
        let text: String = (0..3 * KEPT).map(|i| line(&format!("SELECT {i}"))).collect();
        let kept = newest(&format!("{text}\"half"));
        assert_eq!((kept.len(), kept.last().map(String::as_str)), (KEPT, Some("SELECT 1499")));
    }
}
