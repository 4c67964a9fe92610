//! Lines of text that a pane asks for.

use crate::jobs::query::export::Format;
use crate::jobs::query::memory::name_problem;

/// What a typed line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt {
    /// A file for an answer's rows.
    Export,
    /// A name for a query.
    SaveQuery,
    /// A prefix to show the bucket from.
    Jump,
    /// A file or folder to put into the bucket.
    Upload,
    /// A folder for objects.
    Download,
}

impl Prompt {
    /// The question.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Export => "Export all rows to",
            Self::SaveQuery => "Keep the statement as",
            Self::Jump => "Show the bucket from a prefix on",
            Self::Upload => "Upload a file or folder to the selected prefix",
            Self::Download => "Download into the folder",
        }
    }

    /// What is expected.
    #[must_use]
    pub const fn help(self) -> &'static str {
        match self {
            Self::Export => "a file ending in .csv, .json or .parquet",
            Self::SaveQuery => "a name; o brings it back",
            Self::Jump => "the beginning of the keys; nothing for the whole bucket",
            Self::Upload => "a path; ~/ is your home",
            Self::Download => "a folder, made if it is not there; ~/ is your home",
        }
    }

    /// What keeps `text` from being taken, if anything.
    #[must_use]
    pub fn problem(self, text: &str) -> Option<String> {
        match self {
            Self::Export if Format::of(text).is_none() => Some(self.help().into()),
            Self::Export => None,
            Self::SaveQuery => name_problem(text).map(str::to_owned),
            Self::Upload | Self::Download if text.is_empty() => Some(self.help().into()),
            Self::Jump | Self::Upload | Self::Download => None,
        }
    }
}
