//! From files to keys, and from keys to files.

use super::unreadable;
use crate::jobs::JobError;
use std::fs;
use std::path::{Path, PathBuf};

/// One file and the key that it is to have, or has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// The file.
    pub path: PathBuf,
    /// The whole key.
    pub key: String,
}

/// The files of a generated folder and their keys, by key: a file `NAME.EXT` goes to `{start}NAME/NAME.EXT`, a folder
/// `NAME` with all below it to `{start}NAME/…`. Names that start with a dot are left out.
///
/// # Errors
/// [`JobError::File`] for what cannot be read, [`JobError::Usage`] for a name that is not UTF-8.
pub fn folder(dir: &Path, start: &str) -> Result<Vec<Transfer>, JobError> {
    let mut out = Vec::new();
    for (path, name) in entries(dir)? {
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            walk(&path, &format!("{start}{name}"), false, &mut out)?;
        } else {
            let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
            out.push(Transfer { key: format!("{start}{stem}/{name}"), path });
        }
    }
    out.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(out)
}

/// All files below a folder, hidden ones too, and their keys: `{start}` and the path below the folder. By key.
///
/// # Errors
/// As [`folder`].
pub fn tree(dir: &Path, start: &str) -> Result<Vec<Transfer>, JobError> {
    let mut out = Vec::new();
    for (path, name) in entries(dir)? {
        if path.is_dir() {
            walk(&path, &format!("{start}{name}"), true, &mut out)?;
        } else {
            out.push(Transfer { key: format!("{start}{name}"), path });
        }
    }
    out.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(out)
}

fn walk(dir: &Path, key: &str, hidden: bool, out: &mut Vec<Transfer>) -> Result<(), JobError> {
    for (path, name) in entries(dir)? {
        if name.starts_with('.') && !hidden {
            continue;
        }
        let key = format!("{key}/{name}");
        if path.is_dir() {
            walk(&path, &key, hidden, out)?;
        } else {
            out.push(Transfer { path, key });
        }
    }
    Ok(())
}

fn entries(dir: &Path) -> Result<Vec<(PathBuf, String)>, JobError> {
    let mut out = Vec::new();
    for entry in fs::read_dir(dir).map_err(|e| unreadable(dir, e))? {
        let path = entry.map_err(|e| unreadable(dir, e))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).map(str::to_owned).ok_or_else(|| {
            JobError::Usage(format!("{}: a key needs a name in UTF-8: rename the file", path.display()))
        })?;
        out.push((path, name));
    }
    Ok(out)
}

/// Where below `dir` the rest of a key goes, behind what the listing started with. `None` for a folder marker.
///
/// # Errors
/// [`JobError::Failed`] for a key that is no path of a file below `dir`: nothing from outside decides where is written.
pub fn below(dir: &Path, key: &str, start: &str) -> Result<Option<PathBuf>, JobError> {
    let rest = key.strip_prefix(start).unwrap_or(key);
    if rest.is_empty() || (rest.ends_with('/') && safe(rest.trim_end_matches('/'))) {
        return Ok(None);
    }
    if !safe(rest) {
        return Err(JobError::Failed(format!(
            "the key {key:?} cannot be a file's path: fetch it by itself, with a file name of your own"
        )));
    }
    Ok(Some(dir.join(rest)))
}

fn safe(path: &str) -> bool {
    !path.contains('\0') && path.split('/').all(|part| !matches!(part, "" | "." | "..") && part.len() <= 255)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_folder_gets_the_keys_of_the_pipeline() {
        let dir = tempfile::tempdir().unwrap();
        let day = dir.path().join("transactions/d=2018-12-01");
        fs::create_dir_all(&day).unwrap();
        for path in [dir.path().join("customers.csv"), dir.path().join(".hidden"), day.join("transactions.json")] {
            fs::write(path, "x").unwrap();
        }
        let keys: Vec<_> = folder(dir.path(), "convex-").unwrap().into_iter().map(|t| t.key).collect();
        assert_eq!(keys, ["convex-customers/customers.csv", "convex-transactions/d=2018-12-01/transactions.json"]);
        let keys: Vec<_> = tree(dir.path(), "in/").unwrap().into_iter().map(|t| t.key).collect();
        assert_eq!(keys, ["in/.hidden", "in/customers.csv", "in/transactions/d=2018-12-01/transactions.json"]);
    }

    #[test]
    fn no_key_leads_out_of_the_folder() {
        let dir = Path::new("/d");
        let path = |key| below(dir, key, "in/").unwrap();
        assert_eq!(path("in/a/b"), Some("/d/a/b".into()));
        assert_eq!((path("in/"), path("in/folder/")), (None, None));
        for key in ["in/../b", "in/a/../b", "in//b", "in/a//b", "in/./b", "in/a\0b", "in/..", "in/../", "in//"] {
            assert!(below(dir, key, "in/").is_err(), "{key:?}");
        }
    }
}
