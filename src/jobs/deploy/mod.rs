//! Deploys a pipeline: manifest and SQL files to a plan of captioned statements, the plan held against the journal, and what
//! is not done yet run step by step.

mod advice;
mod builtin;
mod checksum;
mod journal;
mod lexer;
mod losses;
mod manifest;
mod plan;
mod rehearse;
mod run;
mod savepoint;
mod selection;
mod splitter;
mod summary;
mod survey;
mod template;
mod title;

pub use advice::{Advice, Caret, advise};
pub use checksum::checksum;
pub use lexer::Unclosed;
pub use losses::losses;
pub use manifest::{
    Explain, Layer, MANIFEST, Manifest, ManifestError, Mart, Source, StageSpec, TaskTree, Trial, Variable,
};
pub use plan::{Deployment, Pipeline, Variables};
pub use rehearse::{Difference, Rehearsal, Target, rehearse};
pub use run::{DeployOutcome, Failure, run, survey, undo};
pub use savepoint::{restore, savepoint_name};
pub use selection::{Order, Selection};
pub use splitter::{Statement, sets_context, split};
pub use summary::summary;
pub use template::TemplateError;
pub(super) use template::quote;
pub use title::title;
