//! What a pane's update may do besides changing its own state.

use super::overlay::{Overlay, Then};
use super::{Effect, Env, Job, Jobs, Link, LinkInfo, PaneId, Slot, Toast, Tone};
use crate::domain::JobId;

/// The world as a pane sees it.
pub struct Cx<'a> {
    /// Where.
    pub env: &'a Env,
    /// Whether the services answer.
    pub link: &'a Link,
    /// What runs.
    pub jobs: &'a mut Jobs,
    /// What lies on top.
    pub overlays: &'a mut Vec<Overlay>,
    /// The passing message.
    pub toast: &'a mut Option<Toast>,
    /// What the runtime is asked for.
    pub effects: &'a mut Vec<Effect>,
    /// The time.
    pub now_ms: i64,
    /// Rows of half a screen.
    pub half: usize,
    /// Columns of the screen.
    pub columns: usize,
    /// SQL that should go to the Query pane.
    pub open_sql: Option<String>,
    /// The pane to show next.
    pub go: Option<PaneId>,
}

impl Cx<'_> {
    /// A passing message.
    pub fn say(&mut self, tone: Tone, text: impl Into<String>) {
        *self.toast = Some(Toast::new(tone, text.into(), self.now_ms));
    }

    /// What is known of the services; says why not otherwise.
    pub fn need_link(&mut self) -> Option<&LinkInfo> {
        match self.link {
            Link::Up(info) => Some(info),
            Link::Connecting => {
                self.say(Tone::Warn, "Still connecting; try again in a moment");
                None
            }
            Link::Down(_) => {
                self.say(Tone::Bad, "Not connected: E shows why");
                None
            }
        }
    }

    /// Starts a job that only reads; the one before in its slot is cancelled.
    pub fn start(&mut self, job: Job) -> JobId {
        let (id, replaced) = self.jobs.start(job.clone(), self.now_ms);
        if let Some(old) = replaced {
            self.effects.push(Effect::Cancel(old));
        }
        self.effects.push(Effect::Start(id, job));
        id
    }

    /// Starts a job that changes something: refused while another runs, when read-only, or without a connection.
    pub fn start_work(&mut self, job: Job) -> bool {
        if self.refuse_readonly() {
            return false;
        }
        if let Some(running) = self.jobs.work() {
            let text = format!("Still at it: {}. c cancels it.", running.job.title());
            self.say(Tone::Warn, text);
            return false;
        }
        if self.need_link().is_none() {
            return false;
        }
        self.start(job);
        true
    }

    /// Says so, where the console was started read-only.
    pub fn refuse_readonly(&mut self) -> bool {
        if self.env.readonly {
            self.say(Tone::Warn, "Read-only: started with --readonly, so nothing is changed");
        }
        self.env.readonly
    }

    /// Starts a job that reads, unless one like it is still under way.
    pub fn start_unless_busy(&mut self, job: Job) {
        if !self.jobs.busy(&job.slot()) {
            self.start(job);
        }
    }

    /// Asks first; No is the default.
    pub fn ask(&mut self, question: impl Into<String>, detail: impl Into<String>, job: Job) {
        if !self.refuse_readonly() {
            let (question, detail) = (question.into(), detail.into());
            self.overlays.push(Overlay::Confirm { question, detail, then: Then::Start(job) });
        }
    }

    /// Asks for a name to be typed.
    pub fn ask_name(&mut self, question: impl Into<String>, name: impl Into<String>, job: Job) {
        if !self.refuse_readonly() {
            let (question, name) = (question.into(), name.into());
            let input = tui_input::Input::default();
            self.overlays.push(Overlay::TypeName { question, name, input, then: Then::Start(job) });
        }
    }

    /// Puts text on the clipboard and says so.
    pub fn copy(&mut self, what: &str, text: impl Into<String>) {
        let text = text.into();
        if text.is_empty() {
            self.say(Tone::Warn, format!("No {what} to copy here"));
        } else {
            self.effects.push(Effect::Copy(text));
            self.say(Tone::Good, format!("Copied the {what}"));
        }
    }

    /// Ends the work, or else the query, under way.
    pub fn cancel(&mut self) {
        let found =
            [Slot::Work, Slot::Query, Slot::Reconcile].iter().find_map(|s| self.jobs.in_slot(s)).map(|(id, _)| id);
        match found {
            Some(id) => {
                if let Some(running) = self.jobs.get_mut(id) {
                    running.stopping = true;
                }
                self.effects.push(Effect::Cancel(id));
                self.say(Tone::Plain, "Stopping…");
            }
            None => {
                let moving: Vec<JobId> =
                    self.jobs.iter().filter(|(_, r)| super::job::stops(&r.job)).map(|(id, _)| id).collect();
                let words = if moving.is_empty() { "Nothing is running" } else { "Stopping…" };
                self.effects.extend(moving.into_iter().map(Effect::Cancel));
                self.say(Tone::Plain, words);
            }
        }
    }
}
