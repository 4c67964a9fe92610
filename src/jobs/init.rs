//! Writes a small complete pipeline into a folder, to start one's own from.

use super::JobError;
use std::path::Path;

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../assets/init/", $path)))),*]
    };
}

const FILES: &[(&str, &str)] = files![
    "pipeline.toml",
    "README.md",
    "data/bikes/bikes.csv",
    "data/rides/rides.json",
    "data/stations/stations.csv",
    "sql/10_account.sql",
    "sql/20_raw.sql",
    "sql/30_load.sql",
    "sql/40_serve.sql",
    "sql/50_tasks.sql",
    "sql/60_access.sql",
    "sql/undo/10_account.sql",
    "sql/undo/20_raw.sql",
    "sql/undo/40_serve.sql",
    "sql/undo/50_tasks.sql",
    "sql/undo/60_access.sql",
];

/// Writes the pipeline's files. The folder is made where it is not there. Returns the files' paths in it.
///
/// # Errors
/// [`JobError::Usage`] for a folder that holds something already, [`JobError::File`] for what cannot be written.
pub fn write(folder: &Path) -> Result<Vec<&'static str>, JobError> {
    let refused = |path: &Path| {
        let path = path.display().to_string();
        |source| JobError::File { path, source }
    };
    std::fs::create_dir_all(folder).map_err(refused(folder))?;
    if std::fs::read_dir(folder).map_err(refused(folder))?.next().is_some() {
        return Err(JobError::Usage(format!("{} is not empty: name a new folder", folder.display())));
    }
    for (name, text) in FILES {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(refused(parent))?;
        }
        std::fs::write(&path, text).map_err(refused(&path))?;
    }
    Ok(FILES.iter().map(|(name, _)| *name).collect())
}
