//! From a pipeline's folder and a profile's values to a plan of captioned statements.

use super::builtin::FILES;
use super::manifest::{MANIFEST, Manifest, StageSpec};
use super::splitter::{Statement, sets_context, split};
use super::template::{Rendered, render};
use super::title::title;
use crate::domain::{Plan, Stage, Step};
use crate::jobs::JobError;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// Stands for a secret wherever people can see it.
const HIDDEN: &str = "***";

/// The variable that every file has: the id of the stage that it is rendered for.
const STAGE: &str = "stage";

/// Values of a pipeline's template variables. Not shown by `Debug`: some are secret.
#[derive(Clone, Default)]
pub struct Variables(BTreeMap<String, String>);

impl Variables {
    /// Adds or replaces a value.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }
}

impl Variables {
    /// With another's values over these.
    #[must_use]
    pub fn under(mut self, over: &Self) -> Self {
        self.0.extend(over.0.iter().map(|(name, value)| (name.clone(), value.clone())));
        self
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Where a pipeline's files are.
#[derive(Debug, Clone)]
enum Files {
    Builtin,
    Folder(PathBuf),
}

impl Files {
    fn read(&self, path: &str) -> Result<String, JobError> {
        match self {
            Self::Builtin => FILES
                .iter()
                .find(|(name, _)| *name == path)
                .map(|(_, text)| (*text).to_owned())
                .ok_or_else(|| JobError::Failed(format!("{path} is not part of the built-in pipeline"))),
            Self::Folder(folder) => {
                let file = folder.join(path);
                std::fs::read_to_string(&file)
                    .map_err(|source| JobError::File { path: file.display().to_string(), source })
            }
        }
    }

    /// What stands before a file's name, so that messages lead to it.
    fn place(&self) -> String {
        match self {
            Self::Builtin => String::new(),
            Self::Folder(folder) => folder.join("").display().to_string(),
        }
    }

    fn has(&self, path: &str) -> bool {
        match self {
            Self::Builtin => FILES.iter().any(|(name, _)| *name == path),
            // A folder of data, too.
            Self::Folder(folder) => folder.join(path).exists(),
        }
    }
}

/// A pipeline: its manifest and its files.
#[derive(Debug, Clone)]
pub struct Pipeline {
    manifest: Manifest,
    files: Files,
}

impl Pipeline {
    /// The pipeline that ships.
    ///
    /// # Errors
    /// None that a test would not have found; still typed, as for a folder.
    pub fn builtin() -> Result<Self, JobError> {
        Self::load(Files::Builtin)
    }

    /// A pipeline of one's own: a folder with a `pipeline.toml`.
    ///
    /// # Errors
    /// The folder or its manifest cannot be read; manifest errors name the line.
    pub fn open(folder: &Path) -> Result<Self, JobError> {
        if !folder.join(MANIFEST).exists() {
            let shown = folder.display();
            return Err(JobError::Failed(format!(
                "there is no {MANIFEST} in {shown}: `snowdeck init` with a new folder's name writes a small pipeline to start from"
            )));
        }
        Self::load(Files::Folder(folder.to_owned()))
    }

    fn load(files: Files) -> Result<Self, JobError> {
        let text = files.read(MANIFEST)?;
        let manifest = Manifest::parse(&text, |path| files.has(path));
        let manifest = manifest.map_err(|e| JobError::Usage(format!("{}{e}", files.place())))?;
        Ok(Self { manifest, files })
    }

    /// What the pipeline says of itself.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The path of a file of a pipeline of one's own.
    #[must_use]
    pub fn path(&self, file: &str) -> Option<PathBuf> {
        match &self.files {
            Files::Builtin => None,
            Files::Folder(folder) => Some(folder.join(file)),
        }
    }

    /// The deployment for a profile's values.
    ///
    /// # Errors
    /// A variable without a value, or SQL that cannot be cut into statements; both name file and line.
    pub fn prepare(&self, given: &Variables) -> Result<Deployment, JobError> {
        let stages = self.manifest.stages.iter().map(|s| (s.id.get_ref(), &*s.title, Kind::of(s), paths(&s.files)));
        self.assemble(given, stages.collect())
    }

    /// What takes the stages from `first` on back, last stage first. A stage without undo files has no part in it.
    ///
    /// # Errors
    /// As [`Self::prepare`]; and where no stage is called `first`.
    pub fn prepare_undo(&self, given: &Variables, first: &str) -> Result<Deployment, JobError> {
        let from = self.stage_index(first)?;
        let stages = self.manifest.stages[from..].iter().rev().filter(|s| !s.undo.is_empty());
        let stages = stages.map(|s| (s.id.get_ref(), &*s.title, Kind::default(), paths(&s.undo))).collect();
        let voids = self.manifest.stages[from..].iter().map(|s| s.id.get_ref().clone()).collect();
        Ok(Deployment { voids, ..self.assemble(given, stages)? })
    }

    fn stage_index(&self, id: &str) -> Result<usize, JobError> {
        self.manifest.stages.iter().position(|s| s.id.get_ref() == id).ok_or_else(|| {
            let known: Vec<&str> = self.manifest.stages.iter().map(|s| s.id.get_ref().as_str()).collect();
            JobError::Usage(format!("there is no stage `{id}`; the stages are {}", known.join(", ")))
        })
    }

    fn assemble(&self, given: &Variables, stages: Vec<StageFiles>) -> Result<Deployment, JobError> {
        let (mut real, mut shown, secrets) = self.values(given);
        let mut deployment = Deployment {
            plan: Plan { pipeline: self.manifest.name.clone(), stages: Vec::new() },
            sql: Vec::new(),
            kinds: Vec::new(),
            secrets,
            owner: (self.manifest.role.clone(), self.manifest.warehouse.clone()),
            database: self.manifest.database.clone(),
            voids: Vec::new(),
            journal: self.manifest.journal.as_deref().map(|table| self.manifest.qualified(table)),
        };
        for (id, title, kind, files) in stages {
            let mut stage = Stage { id: id.to_owned(), title: title.to_owned(), steps: Vec::new() };
            let mut sql = Vec::new();
            // A file may belong to several stages.
            for values in [&mut real, &mut shown] {
                values.insert(STAGE.to_owned(), id.clone());
            }
            for file in files {
                self.add_file(file, &real, &shown, &mut stage.steps, &mut sql)?;
            }
            deployment.plan.stages.push(stage);
            deployment.sql.push(sql);
            deployment.kinds.push(kind);
        }
        Ok(deployment)
    }

    /// The value of a variable, the profile's or else its default; `None` where it has none, or is secret.
    #[must_use]
    pub fn value(&self, name: &str, given: &Variables) -> Option<String> {
        let variable = self.manifest.variables.get(name).filter(|v| !v.secret)?;
        given.0.get(name).or(variable.default.as_ref()).cloned()
    }

    /// The values to run with, the values to show, and the secrets among them.
    fn values(&self, given: &Variables) -> (BTreeMap<String, String>, BTreeMap<String, String>, Vec<String>) {
        let (mut real, mut shown, mut secrets) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        for (name, variable) in &self.manifest.variables {
            let Some(value) = given.0.get(name).or(variable.default.as_ref()) else { continue };
            // An empty secret stays empty, so that a template's conditions come out the same.
            let hide = variable.secret && !value.is_empty();
            if hide {
                secrets.push(value.clone());
            }
            real.insert(name.clone(), value.clone());
            shown.insert(name.clone(), if hide { HIDDEN.to_owned() } else { value.clone() });
        }
        (real, shown, secrets)
    }

    fn add_file(
        &self,
        file: &str,
        real: &BTreeMap<String, String>,
        shown: &BTreeMap<String, String>,
        steps: &mut Vec<Step>,
        sql: &mut Vec<String>,
    ) -> Result<(), JobError> {
        let (source, place) = (self.files.read(file)?, self.files.place());
        let statements = |values| -> Result<(Vec<Statement>, Rendered), JobError> {
            let rendered = render(file, &source, values).map_err(|e| JobError::Usage(format!("{place}{e}")))?;
            let statements = split(&rendered.text).map_err(|e| {
                JobError::Usage(format!("{place}{file}:{}: {} is never closed", rendered.source_line(e.line), e.what))
            })?;
            Ok((statements, rendered))
        };
        let ((to_run, _), (to_show, rendered)) = (statements(real)?, statements(shown)?);
        if to_run.len() != to_show.len() {
            // Only a secret that is not put through `quote` can do this.
            return Err(JobError::Usage(format!(
                "{place}{file}: a secret variable must be written as {{{{ name | quote }}}}"
            )));
        }
        for (run, show) in to_run.into_iter().zip(to_show) {
            steps.push(Step {
                title: title(&show.sql),
                caption: show.caption,
                sql: show.sql,
                file: file.to_owned(),
                line: rendered.source_line(show.line),
            });
            sql.push(run.sql);
        }
        Ok(())
    }
}

/// What is special about a stage.
#[derive(Debug, Clone, Copy, Default)]
struct Kind {
    load: bool,
    whole: bool,
}

impl Kind {
    const fn of(stage: &StageSpec) -> Self {
        Self { load: stage.load, whole: stage.whole }
    }
}

/// A stage's id, title, kind, and its files.
type StageFiles<'a> = (&'a String, &'a str, Kind, Vec<&'a str>);

fn paths(files: &[toml::Spanned<String>]) -> Vec<&str> {
    files.iter().map(|f| f.get_ref().as_str()).collect()
}

/// A plan together with the statements as they are run: those hold the secrets that the plan hides.
pub struct Deployment {
    plan: Plan,
    sql: Vec<Vec<String>>,
    kinds: Vec<Kind>,
    secrets: Vec<String>,
    /// Role and warehouse.
    owner: (String, String),
    database: String,
    /// Stages that this takes back.
    voids: Vec<String>,
    journal: Option<String>,
}

impl fmt::Debug for Deployment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deployment").field("plan", &self.plan).finish_non_exhaustive()
    }
}

impl Deployment {
    /// The plan: for people, without secrets.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The statement to run, secrets included.
    pub(super) fn sql(&self, stage: usize, step: usize) -> Option<&str> {
        self.sql.get(stage)?.get(step).map(String::as_str)
    }

    /// The role that owns the pipeline, and its warehouse.
    pub(super) fn owner(&self) -> (&str, &str) {
        (&self.owner.0, &self.owner.1)
    }

    /// The database that the pipeline lives in.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The stages that this takes back; empty for a deployment that makes something.
    pub(super) fn voids(&self) -> &[String] {
        &self.voids
    }

    /// An edited text with the secrets that the step's own text holds in place of its `***`, in order.
    ///
    /// # Errors
    /// [`JobError::Usage`] where the edited text hides another number of secrets than the step does.
    pub(super) fn unhide(&self, (stage, step): (usize, usize), edited: &str) -> Result<String, JobError> {
        let hidden = edited.matches(HIDDEN).count();
        let secrets = self.secrets_of(stage, step).unwrap_or_default();
        if hidden != secrets.len() {
            return Err(JobError::Usage(format!(
                "the edited statement hides {hidden} secrets as {HIDDEN} and its own text {}: leave them as they are, or \
                 edit the file",
                secrets.len()
            )));
        }
        let mut pieces = edited.split(HIDDEN);
        let mut text = pieces.next().unwrap_or_default().to_owned();
        for (secret, piece) in secrets.iter().zip(pieces) {
            text.push_str(secret);
            text.push_str(piece);
        }
        Ok(text)
    }

    /// The texts that a step's shown statement hides, in order; `None` where they cannot be told.
    fn secrets_of(&self, stage: usize, step: usize) -> Option<Vec<String>> {
        let shown = &self.plan.stages.get(stage)?.steps.get(step)?.sql;
        let mut pieces = shown.split(HIDDEN);
        let mut rest = self.sql(stage, step)?.strip_prefix(pieces.next()?)?;
        let mut secrets = Vec::new();
        for piece in pieces {
            let at = if piece.is_empty() { rest.len() } else { rest.find(piece)? };
            secrets.push(rest[..at].to_owned());
            rest = &rest[at + piece.len()..];
        }
        rest.is_empty().then_some(secrets)
    }

    /// Whether a stage only loads data.
    #[must_use]
    pub fn is_load(&self, stage: usize) -> bool {
        self.kinds.get(stage).is_some_and(|k| k.load)
    }

    /// Whether a stage's statements belong together: where one is to run, all are.
    #[must_use]
    pub fn is_whole(&self, stage: usize) -> bool {
        self.kinds.get(stage).is_some_and(|k| k.whole)
    }

    /// The journal's qualified name, where the pipeline keeps one.
    pub(super) fn journal(&self) -> Option<&str> {
        self.journal.as_deref()
    }

    /// A text without the secrets that it may repeat (an error that quotes its statement).
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), HIDDEN))
    }

    /// The statements above a step in its file that set the scene for it.
    pub(super) fn context_of(&self, stage: usize, step: usize) -> Vec<usize> {
        let Some(steps) = self.plan.stages.get(stage).map(|s| &s.steps) else { return Vec::new() };
        let file = steps.get(step).map(|s| s.file.as_str());
        (0..step).filter(|&i| Some(steps[i].file.as_str()) == file && sets_context(&steps[i].sql)).collect()
    }
}
