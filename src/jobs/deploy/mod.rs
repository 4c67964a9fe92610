//! Deploys a pipeline: manifest and SQL files to a plan of captioned statements, and the plan run step by step.

mod builtin;
mod journal;
mod lexer;
mod manifest;
mod plan;
mod run;
mod splitter;
mod template;
mod title;

pub use lexer::Unclosed;
pub use manifest::{
    Access, Explain, Layer, MANIFEST, Manifest, ManifestError, Mart, Source, StageSpec, TaskTree, Variable,
};
pub use plan::{Deployment, Pipeline, Variables};
pub use run::{DeployOutcome, Failure, Selection, run, summary};
pub use splitter::{Statement, sets_context, split};
pub use template::TemplateError;
pub use title::title;
