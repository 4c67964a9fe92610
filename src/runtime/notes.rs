//! The speaker's notes: what the tour shows and what may be said, kept in a file that a second terminal follows.

use crate::app::tour::Tour;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// One page of the notes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Page {
    /// The chapter's heading.
    pub chapter: String,
    /// Place of the step, from 1.
    pub at: usize,
    /// Steps in all.
    pub of: usize,
    /// What the audience reads.
    pub caption: String,
    /// What may be said.
    pub notes: String,
    /// What comes next.
    pub next: String,
}

impl Page {
    /// The page of the tour's step; empty where no tour is given.
    #[must_use]
    pub fn of(tour: Option<&Tour>) -> Self {
        let Some((tour, step)) = tour.and_then(|t| Some((t, t.now()?))) else { return Self::default() };
        let (at, of) = tour.place();
        let chapter = tour.script.chapters.get(tour.chapter);
        let rest = chapter.and_then(|c| c.steps.get(tour.step + 1));
        let following = || tour.script.chapters.get(tour.chapter + 1)?.steps.first();
        let next =
            rest.or_else(following).map_or("the end", |s| if s.title.is_empty() { &s.caption } else { &s.title });
        Self {
            chapter: chapter.map_or_else(String::new, |c| c.title.clone()),
            at,
            of,
            caption: one_line(&step.caption),
            notes: step.notes.trim().to_owned(),
            next: one_line(next),
        }
    }

    /// Where a home's notes are.
    #[must_use]
    pub fn file(kept: &Path) -> PathBuf {
        kept.with_file_name("tour.json")
    }

    /// Reads a page; nothing where there is none, or one that is just being written.
    #[must_use]
    pub fn read(file: &Path) -> Option<Self> {
        serde_json::from_str(&std::fs::read_to_string(file).ok()?).ok()
    }

    /// Writes the page over one that is there; without one there is nobody to tell.
    pub fn write_over(&self, file: &Path) {
        if file.exists() {
            self.write(file);
        }
    }

    /// Writes the page, whole or not at all.
    pub fn write(&self, file: &Path) {
        let write = || -> std::io::Result<()> {
            if let Some(folder) = file.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let beside = file.with_extension("new");
            std::fs::write(&beside, serde_json::to_string(self)?)?;
            std::fs::rename(&beside, file)
        };
        if let Err(error) = write() {
            tracing::warn!("{}: the notes were not written: {error}", file.display());
        }
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
