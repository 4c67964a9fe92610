//! Work that the console asks the runtime for, and what comes back.

use super::panes::marts::Seen;
use super::{Ask, Asked, Bucket, Bucketed, Fetched, Made, Make, Order};
use crate::domain::{
    Explained, Generated, JobId, LayerCheck, MartInfo, ObjectPage, Plan, RunReport, SqlError, Survey, TaskNode,
    TaskRun, TreeTiming, Uploaded,
};
use crate::jobs::Progress;
use std::collections::BTreeMap;

/// One piece of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Job {
    /// Reach the profile's services, starting the embedded cloud where it is one's own.
    Connect,
    /// Read and render the pipeline.
    Plan,
    /// Count the tables' rows and the objects under each prefix.
    Counts,
    /// Read the task tree and its history.
    Tasks,
    /// List one level of a prefix.
    List {
        /// The prefix, ending in `/` or empty.
        prefix: String,
        /// Where the page starts.
        after: Option<String>,
    },
    /// Read the head of an object.
    Preview {
        /// Its key.
        key: String,
        /// Its size, as listed.
        size: u64,
    },
    /// Something else for the S3 pane.
    Bucket(Bucket),
    /// Generate files, and upload them where asked.
    Generate {
        /// What.
        order: Order,
        /// Whether S3 gets them.
        upload: bool,
    },
    /// Something else for the Generate pane.
    Make(Make),
    /// Upload the files that were generated last.
    Upload,
    /// Run statements in this order: `(stage, step)`.
    Deploy {
        /// Which.
        steps: Vec<(usize, usize)>,
        /// Texts that take the place of steps' own.
        edits: Vec<((usize, usize), String)>,
        /// Steps that are passed over, each with its reason.
        skips: Vec<((usize, usize), String)>,
    },
    /// Hold the plan against the journal.
    Survey,
    /// Run the plan on a fresh embedded cloud, then here.
    Rehearse,
    /// Read what an undo would run.
    UndoPlan {
        /// Id of the first stage that is taken back; `None` for all.
        from: Option<String>,
    },
    /// Take the deployment back.
    Undo {
        /// Id of the first stage that is taken back; `None` for all.
        from: Option<String>,
    },
    /// Run the task tree now and follow it to its end.
    Execute {
        /// The root's bare name.
        root: String,
    },
    /// Run what failed in the last run again and follow it to its end.
    Retry {
        /// The root's bare name.
        root: String,
    },
    /// End what runs of the tree.
    CancelRun {
        /// Tasks that are left alone: the finalizer.
        but: Vec<String>,
    },
    /// Move the embedded cloud's clock to the next scheduled run, and follow that to its end.
    FastForward {
        /// The root's bare name.
        root: String,
    },
    /// Resume or suspend one task that is not the root.
    ToggleOne {
        /// The task as it is.
        task: Box<TaskNode>,
        /// The root has to be suspended for the change.
        root_started: bool,
    },
    /// Ask how many rows statements produced.
    TaskRows {
        /// Their query ids.
        ids: Vec<String>,
    },
    /// Resume or suspend the root.
    Toggle {
        /// The root's bare name.
        root: String,
        /// Resume rather than suspend.
        resume: bool,
    },
    /// Compare the layers with the files.
    Reconcile,
    /// Read some rows of a mart, and what its chart shows.
    Mart {
        /// Which.
        info: Box<MartInfo>,
    },
    /// Ask the pipeline why a layer holds what it holds.
    Explain {
        /// The rung of the ladder.
        check: LayerCheck,
    },
    /// Run one statement.
    Query {
        /// Its text.
        sql: String,
        /// The number that its answer has.
        result: u64,
    },
    /// Something else for the Query pane.
    Ask(Ask),
    /// Read the alerts that the warehouse has raised.
    Alerts,
    /// Acknowledge alerts.
    Acknowledge {
        /// By cause.
        causes: Vec<String>,
    },
    /// Ask the warehouse whether something holds.
    Holds {
        /// A query whose first cell says so.
        sql: String,
    },
    /// Take everything back: the deployment, the objects, the files.
    ResetAll,
    /// Everything, from files to reconciliation.
    RunAll {
        /// What to generate.
        order: Order,
    },
}

/// Jobs of one slot replace each other: the newest wins, and the replies of the one before are dropped.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// Reaching the services.
    Connect,
    /// Reading the plan.
    Plan,
    /// Reading the journal.
    Survey,
    /// Reading what an undo would run.
    UndoPlan,
    /// Counting.
    Counts,
    /// Reading the task tree.
    Tasks,
    /// Asking what the tasks' statements touched.
    TaskRows,
    /// Ending what runs, beside the work that waits for it.
    Control,
    /// Listing one prefix.
    List(String),
    /// Reading an object.
    Preview,
    /// Something else for the S3 pane.
    Bucket(String),
    /// Looking ahead at what would be made.
    Outlook,
    /// The live feed.
    Feed,
    /// A statement of the Query pane.
    Query,
    /// Something else for the Query pane, by its kind.
    Ask(&'static str),
    /// Comparing layers.
    Reconcile,
    /// Reading a mart.
    Mart,
    /// Asking for explanations.
    Explain,
    /// Reading alerts.
    Alerts,
    /// Acknowledging alerts.
    Acknowledge,
    /// What a tour waits for.
    Tour,
    /// Work that changes the pipeline: one at a time.
    Work,
}

impl Job {
    /// The slot that it takes.
    #[must_use]
    pub fn slot(&self) -> Slot {
        match self {
            Self::Connect => Slot::Connect,
            Self::Plan => Slot::Plan,
            Self::Survey => Slot::Survey,
            Self::UndoPlan { .. } => Slot::UndoPlan,
            Self::Counts => Slot::Counts,
            Self::Tasks => Slot::Tasks,
            Self::TaskRows { .. } => Slot::TaskRows,
            Self::CancelRun { .. } => Slot::Control,
            Self::List { prefix, .. } => Slot::List(prefix.clone()),
            Self::Preview { .. } => Slot::Preview,
            Self::Query { .. } => Slot::Query,
            Self::Ask(ask) => Slot::Ask(ask.kind()),
            Self::Bucket(Bucket::Move(transfer)) => Slot::Bucket(format!("move {}", transfer.id)),
            Self::Make(Make::Outlook(_)) => Slot::Outlook,
            Self::Make(Make::Feed { .. }) => Slot::Feed,
            Self::Bucket(Bucket::Details(_)) => Slot::Bucket("details".into()),
            Self::Bucket(Bucket::Link(_)) => Slot::Bucket("link".into()),
            Self::Bucket(Bucket::Loads) => Slot::Bucket("loads".into()),
            Self::Reconcile => Slot::Reconcile,
            Self::Mart { .. } => Slot::Mart,
            Self::Explain { .. } => Slot::Explain,
            Self::Alerts => Slot::Alerts,
            Self::Acknowledge { .. } => Slot::Acknowledge,
            Self::Holds { .. } => Slot::Tour,
            _ => Slot::Work,
        }
    }

    /// What is going on, for the header and for messages.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Connect => "connecting".into(),
            Self::Plan => "reading the plan".into(),
            Self::Counts => "counting".into(),
            Self::Tasks => "reading the task tree".into(),
            Self::List { prefix, .. } => format!("listing /{prefix}"),
            Self::Preview { key, .. } => format!("reading {key}"),
            Self::Bucket(bucket) => bucket.title(),
            Self::Make(make) => make.title().into(),
            Self::Generate { upload: true, .. } => "generate and upload".into(),
            Self::Generate { .. } => "generate".into(),
            Self::Upload => "upload".into(),
            Self::Deploy { skips, .. } if !skips.is_empty() => "skip a statement".into(),
            Self::Deploy { steps, .. } if steps.len() == 1 => "deploy 1 statement".into(),
            Self::Deploy { steps, .. } => format!("deploy {} statements", steps.len()),
            Self::Survey => "reading the journal".into(),
            Self::Rehearse => "rehearse and deploy".into(),
            Self::UndoPlan { .. } => "reading what an undo would run".into(),
            Self::Undo { from: None } => "undo the deployment".into(),
            Self::Undo { from: Some(stage) } => format!("undo from stage {stage}"),
            Self::Execute { root } => format!("run {root}"),
            Self::Retry { root } => format!("retry {root}"),
            Self::CancelRun { .. } => "cancel the run".into(),
            Self::FastForward { root } => format!("move time ahead to the next run of {root}"),
            Self::ToggleOne { task, .. } if task.started => format!("suspend {}", task.name),
            Self::ToggleOne { task, .. } => format!("resume {}", task.name),
            Self::TaskRows { .. } => "reading what the tasks did".into(),
            Self::Toggle { root, resume: true } => format!("resume {root}"),
            Self::Toggle { root, .. } => format!("suspend {root}"),
            Self::Reconcile => "reconcile".into(),
            Self::Mart { info } => format!("reading {}", info.name),
            Self::Explain { check } => format!("explaining {}", check.layer),
            Self::Query { .. } => "query".into(),
            Self::Ask(ask) => ask.title(),
            Self::Alerts => "reading alerts".into(),
            Self::Acknowledge { .. } => "acknowledging".into(),
            Self::Holds { .. } => "asking".into(),
            Self::ResetAll => "take everything back".into(),
            Self::RunAll { .. } => "run".into(),
        }
    }
}

/// Whether a job beside the work is one that is ended when nothing else runs: it moves or makes something.
pub(super) const fn stops(job: &Job) -> bool {
    matches!(
        job,
        Job::Bucket(Bucket::Move(_)) | Job::Make(Make::Feed { .. }) | Job::Ask(Ask::Export { .. }) | Job::List { .. }
    )
}

/// A job's result.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// The services answer.
    Connected(LinkInfo),
    /// The plan.
    Plan(Plan),
    /// Counts.
    Counts(Counts),
    /// The tree, its runs, the newest run last, and its time.
    Tasks(Vec<TaskNode>, Vec<TaskRun>, TreeTiming),
    /// Rows that statements produced, by query id.
    TaskRows(BTreeMap<String, i64>),
    /// How many executions were ended.
    RunCancelled(usize),
    /// Time went ahead, and this is the run that came due; none where another was under way.
    Advanced(Vec<TaskRun>),
    /// One page of a prefix.
    Page(String, ObjectPage),
    /// The head of an object.
    Preview(Preview),
    /// Something else for the S3 pane.
    Bucket(Bucketed),
    /// Something else for the Generate pane.
    Made(Made),
    /// Files were written, and uploaded where asked.
    Generated(Generated, Option<Uploaded>),
    /// Files were uploaded.
    Uploaded(Uploaded),
    /// The statements ran; how many failed is in the steps' states.
    Deployed,
    /// What the journal knows.
    Surveyed(Survey),
    /// What an undo from this stage would run.
    UndoPlan(Option<String>, Plan),
    /// The deployment was rehearsed and run; in words, and whether all went well.
    Rehearsed(String, bool),
    /// The deployment, or what of it was to go, is gone.
    Undone(Option<String>),
    /// The tree ran to its end.
    Executed(Vec<TaskRun>),
    /// The root was resumed or suspended.
    Toggled,
    /// The ladder.
    Reconciled(Vec<LayerCheck>),
    /// Some rows of a mart, by name, and its chart's values.
    Mart(String, Box<Seen>),
    /// What the pipeline says of its counts, asked for about a rung.
    Explained(LayerCheck, Box<Explained>),
    /// A statement's answer.
    Fetched(Box<Fetched>),
    /// Something else for the Query pane.
    Asked(Asked),
    /// The alerts, newest first.
    Alerts(Vec<crate::domain::Alert>),
    /// So many alerts have been acknowledged.
    Acknowledged(i64),
    /// Whether what was asked holds.
    Holds(bool),
    /// The whole job's report.
    Ran(Box<RunReport>),
}

/// Why a job ended without its result.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Failure {
    /// In words.
    pub text: String,
    /// What the server said, where it was the server.
    pub sql: Option<SqlError>,
    /// The operator wanted it.
    pub cancelled: bool,
}

/// What the console learns when the services answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LinkInfo {
    /// Where Snowflake is, in words.
    pub snowflake: String,
    /// The bucket.
    pub bucket: String,
    /// The layers of the picture, from stage to mart.
    pub layers: Vec<Layer>,
    /// The prefixes of the picture.
    pub prefixes: Vec<String>,
    /// The root of the task tree.
    pub root: String,
    /// The pipeline's database.
    pub database: String,
    /// What else the manifest and the profile say of the pipeline.
    pub traits: Box<Traits>,
    /// Tables and views that are marts, in the order of the manifest.
    pub marts: Vec<String>,
    /// What the manifest says of them.
    pub about: Vec<MartInfo>,
}

/// What a pipeline's manifest and the profile's values say of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Traits {
    /// Ids of the stages that load files: they run again with every load.
    pub loads: Vec<String>,
    /// The size of the warehouse, as the variable of that name gives it.
    pub warehouse_size: String,
}

/// One schema as a part of the picture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layer {
    /// Its heading, `VAULT`.
    pub title: String,
    /// Its schema, `CONVEX_VAULT`.
    pub schema: String,
}

/// Rows of every table and objects under every prefix, at one time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// Rows of tables.
    pub tables: Vec<TableCount>,
    /// Objects under prefixes.
    pub prefixes: Vec<PrefixTotal>,
}

/// One table's rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableCount {
    /// Bare schema name.
    pub schema: String,
    /// Bare table name.
    pub table: String,
    /// Rows.
    pub rows: i64,
}

/// What lies under a prefix.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PrefixTotal {
    /// The prefix, ending in `/`.
    pub prefix: String,
    /// Objects counted.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Counting stopped before the end.
    pub more: bool,
}

/// The head of an object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preview {
    /// Its key.
    pub key: String,
    /// Its lines, as text.
    pub lines: Vec<String>,
    /// There is more than was read.
    pub cut: bool,
    /// It was unpacked.
    pub gzip: bool,
    /// It is no text: the lines are a dump.
    pub binary: bool,
}

/// A job that has been started and has not ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Running {
    /// What.
    pub job: Job,
    /// Since when, epoch milliseconds.
    pub since_ms: i64,
    /// The part it is in.
    pub phase: Option<String>,
    /// Its counters as last seen.
    pub progress: Option<Progress>,
    /// The operator asked it to stop.
    pub stopping: bool,
}

/// All running jobs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Jobs {
    last: u64,
    running: BTreeMap<JobId, Running>,
}

impl Jobs {
    /// Takes a job in. Returns its id, and that of the job that it replaces.
    pub fn start(&mut self, job: Job, now_ms: i64) -> (JobId, Option<JobId>) {
        let slot = job.slot();
        let replaced = self.running.iter().find(|(_, r)| r.job.slot() == slot).map(|(id, _)| *id);
        if let Some(id) = replaced {
            self.running.remove(&id);
        }
        self.last += 1;
        let id = JobId(self.last);
        self.running.insert(id, Running { job, since_ms: now_ms, phase: None, progress: None, stopping: false });
        (id, replaced)
    }

    /// A running job, to note its progress. `None` for one that has ended or was replaced.
    pub fn get_mut(&mut self, id: JobId) -> Option<&mut Running> {
        self.running.get_mut(&id)
    }

    /// Takes a job out. `None` for a stale id.
    pub fn finish(&mut self, id: JobId) -> Option<Running> {
        self.running.remove(&id)
    }

    /// The job in a slot.
    #[must_use]
    pub fn in_slot(&self, slot: &Slot) -> Option<(JobId, &Running)> {
        self.running.iter().find(|(_, r)| r.job.slot() == *slot).map(|(id, r)| (*id, r))
    }

    /// The work under way, if any.
    #[must_use]
    pub fn work(&self) -> Option<&Running> {
        self.in_slot(&Slot::Work).map(|(_, r)| r)
    }

    /// Marks the job in a slot as ending because the operator wants it, where it is one that `meant` knows.
    pub fn stopping(&mut self, slot: &Slot, meant: impl Fn(&Job) -> bool) {
        let found = self.running.values_mut().find(|r| r.job.slot() == *slot && meant(&r.job));
        if let Some(running) = found {
            running.stopping = true;
        }
    }

    /// Whether a slot is taken.
    #[must_use]
    pub fn busy(&self, slot: &Slot) -> bool {
        self.in_slot(slot).is_some()
    }

    /// Whether nothing runs; looking for alerts, which comes by itself, does not count.
    #[must_use]
    pub fn idle(&self) -> bool {
        self.running.values().all(|r| r.job.slot() == Slot::Alerts)
    }

    /// Every running job.
    pub fn iter(&self) -> impl Iterator<Item = (JobId, &Running)> {
        self.running.iter().map(|(id, r)| (*id, r))
    }
}
