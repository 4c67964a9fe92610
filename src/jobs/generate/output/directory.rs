//! Files in a folder. Each is written under a hidden name beside its place and renamed when whole, so that nobody
//! meets half a file, and threads write into the same file at places that are settled in turn.

use super::{Output, Rows, Slot, Unit};
use crate::domain::Dataset;
use crate::jobs::JobError;
use crate::jobs::generate::calendar::Calendar;
use parking_lot::Mutex;
use std::collections::HashSet;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::AcqRel, Ordering::Relaxed};

/// The folder.
pub struct Directory {
    root: PathBuf,
    current: Mutex<Option<Arc<Group>>>,
}

/// Files that are written side by side.
pub struct Group {
    files: Vec<PartFile>,
    ends: Mutex<Vec<u64>>,
    left: AtomicU64,
}

struct PartFile {
    file: File,
    part: PathBuf,
    whole: PathBuf,
    kept: AtomicBool,
}

impl Directory {
    /// Below `root`, which is made if it is not there.
    #[must_use]
    pub const fn new(root: PathBuf) -> Self {
        Self { root, current: Mutex::new(None) }
    }

    fn open(&self, unit: &Unit, slots: &[Slot]) -> Result<Arc<Group>, JobError> {
        let create = |slot: &Slot| PartFile::create(self.root.join(&slot.path));
        let files = slots.iter().map(create).collect::<Result<Vec<_>, _>>()?;
        let ends = Mutex::new(vec![0; files.len()]);
        Ok(Arc::new(Group { files, ends, left: AtomicU64::new(unit.of) }))
    }
}

impl Output for Directory {
    type Ticket = (Arc<Group>, Vec<u64>);

    fn in_turn(&self, unit: &Unit, slots: &[Slot], rows: &[Rows]) -> Result<Self::Ticket, JobError> {
        let mut current = self.current.lock();
        let group = match current.take() {
            Some(group) if !unit.opens => group,
            _ => self.open(unit, slots)?,
        };
        // The folder lets go of the files with their last unit, so that they are closed soon after.
        *current = (!unit.closes).then(|| group.clone());
        drop(current);
        let mut ends = group.ends.lock();
        let starts = ends.clone();
        for (end, rows) in ends.iter_mut().zip(rows) {
            *end += rows.bytes().len() as u64;
        }
        drop(ends);
        Ok((group, starts))
    }

    fn at_leisure(&self, (group, starts): Self::Ticket, rows: &[Rows]) -> Result<(), JobError> {
        for ((file, start), rows) in group.files.iter().zip(starts).zip(rows) {
            file.file.write_all_at(rows.bytes(), start).map_err(|e| at(&file.part, e))?;
        }
        if group.left.fetch_sub(1, AcqRel) == 1 {
            group.files.iter().try_for_each(PartFile::keep)?;
        }
        Ok(())
    }
}

impl PartFile {
    fn create(whole: PathBuf) -> Result<Self, JobError> {
        let name = whole.file_name().map(|n| n.to_string_lossy()).unwrap_or_default();
        let part = whole.with_file_name(format!(".{name}.part"));
        if let Some(folder) = whole.parent() {
            std::fs::create_dir_all(folder).map_err(|e| at(folder, e))?;
        }
        let file = File::create(&part).map_err(|e| at(&part, e))?;
        Ok(Self { file, part, whole, kept: AtomicBool::new(false) })
    }

    fn keep(&self) -> Result<(), JobError> {
        std::fs::rename(&self.part, &self.whole).map_err(|e| at(&self.whole, e))?;
        self.kept.store(true, Relaxed);
        Ok(())
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        if !*self.kept.get_mut() {
            // Best effort: a file that cannot be removed is hidden and is written over by the next run.
            let _ = std::fs::remove_file(&self.part);
            if let Some(folder) = self.part.parent() {
                let _ = std::fs::remove_dir(folder); // only if it is empty
            }
        }
    }
}

fn at(path: &Path, source: std::io::Error) -> JobError {
    JobError::File { path: path.display().to_string(), source }
}

/// Days' folders below `root` that are not of `calendar`: left by an earlier run with another range.
#[must_use]
pub fn strangers(root: &Path, calendar: &Calendar) -> Vec<String> {
    let ours: HashSet<String> = (0..calendar.days).map(|i| format!("d={}", calendar.day(i))).collect();
    let Ok(entries) = std::fs::read_dir(root.join(Dataset::Transactions.name())) else { return Vec::new() };
    let mut found: Vec<String> = entries
        .filter_map(|e| e.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with("d=") && !ours.contains(name))
        .collect();
    found.sort_unstable();
    found
}
