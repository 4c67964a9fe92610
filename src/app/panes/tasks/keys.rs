//! What keys do in the Tasks pane.

use super::State;
use crate::app::panes::query::is_block;
use crate::app::panes::{moved, scrolled};
use crate::app::{Action, Cx, Job, Slot, Tone, reading};
use crate::domain::TaskState;

impl State {
    /// What an action does here.
    pub fn act(&mut self, action: Action, cx: &mut Cx<'_>) {
        if self.navigate(action, cx) {
            return self.look(cx);
        }
        match action {
            Action::Enter => self.read(cx),
            Action::ExecuteTask => {
                if let Some(root) = self.root_to_run(cx) {
                    self.run_newest(cx, Job::Execute { root });
                }
            }
            Action::RetryTask => self.retry(cx),
            Action::RunFromHere => self.run_from_here(cx),
            Action::CancelTask => self.cancel(cx),
            Action::ToggleTask => self.toggle_root(cx),
            Action::ToggleOne => self.toggle_one(cx),
            Action::FastForward => self.fast_forward(cx),
            Action::Refresh if cx.need_link().is_some() => {
                cx.start(Job::Tasks);
            }
            Action::EditSql => cx.open_sql = self.selected().map(|n| n.definition.clone()),
            Action::Copy => {
                let id = self.selected().and_then(|n| self.task_run(&n.name)).and_then(|r| r.query_id.clone());
                cx.copy("query id", id.unwrap_or_default());
            }
            _ => {}
        }
    }

    /// Moves in the panel that has the keys. Left and right go through the runs, as these lie side by side.
    fn navigate(&mut self, action: Action, cx: &Cx<'_>) -> bool {
        let runs = self.summaries().len();
        // As many as the panel has at most: the statement, and what is told above it.
        let columns = cx.columns.saturating_sub(4);
        let lines = self.selected().map_or(0, |n| reading::lines(&n.definition, columns).len()) + 12;
        if self.panel == 1 && scrolled(&mut self.scroll, action, lines, cx.half) {
            return true;
        }
        match action {
            Action::Left => self.run.step(-1, runs),
            Action::Right => self.run.step(1, runs),
            _ if self.panel == 2 => return moved(&mut self.run, action, runs, cx.half),
            _ if moved(&mut self.cursor, action, self.rows.len(), cx.half) => self.scroll = 0,
            _ => return false,
        }
        self.follow = false;
        true
    }

    /// Asks for what the selected run's statements touched, once it is over.
    pub fn look(&mut self, cx: &mut Cx<'_>) {
        let Some(id) = self.summaries().get(self.run.at()).filter(|s| !s.going).map(|s| s.id) else { return };
        if cx.link.info().is_none() || !self.asked.insert((id, self.runs_of(id).count())) {
            return;
        }
        // A block's own answer is one row, whatever its statements touched: its return value tells.
        let block = |name: &str| self.nodes.iter().any(|n| n.name == name && is_block(&n.definition));
        let ids: Vec<String> =
            self.runs_of(id).filter(|r| !block(&r.name)).filter_map(|r| r.query_id.clone()).collect();
        let new = ids.iter().any(|id| !self.touched.contains_key(id));
        if new {
            cx.start(Job::TaskRows { ids });
        }
    }

    /// Starts a run and goes with it.
    fn run_newest(&mut self, cx: &mut Cx<'_>, job: Job) {
        if cx.start_work(job) {
            self.run.set(0, self.summaries().len());
            self.follow = true;
        }
    }

    fn retry(&mut self, cx: &mut Cx<'_>) {
        let Some(root) = self.need_root(cx) else { return };
        match self.retry_problem() {
            Some(problem) => cx.say(Tone::Warn, format!("No retry: {problem}")),
            None => self.run_newest(cx, Job::Retry { root }),
        }
    }

    /// Why the last run cannot be retried, in words; `None` where it can.
    #[must_use]
    pub fn retry_problem(&self) -> Option<String> {
        let Some(last) = self.summaries().first() else { return Some("nothing has run yet; x runs the tree".into()) };
        match last.state {
            _ if last.going => Some("the run is still going; c cancels it".into()),
            TaskState::Succeeded => Some("the last run had no failures; x runs the tree again".into()),
            TaskState::Skipped => Some("the last run was skipped, as nothing new had landed".into()),
            _ => None,
        }
    }

    /// Snowflake starts a tree at its root, or at what failed in its last run.
    fn run_from_here(&mut self, cx: &mut Cx<'_>) {
        let Some(root) = self.need_root(cx) else { return };
        let Some(node) = self.selected().map(|n| n.name.clone()) else { return };
        if node == root {
            return self.run_newest(cx, Job::Execute { root });
        }
        let failed = self.summaries().first().is_some_and(|last| {
            let run = self.attempts(last.id, &node).pop();
            run.is_some_and(|r| r.state.is_over() && !matches!(r.state, TaskState::Succeeded | TaskState::Skipped))
        });
        if failed {
            return self.retry(cx);
        }
        cx.say(
            Tone::Warn,
            format!("{node} did not fail in the last run: a tree starts at its root (x) or at a failure"),
        );
    }

    fn cancel(&mut self, cx: &mut Cx<'_>) {
        let names: Vec<String> = self.nodes.iter().filter(|n| n.finalizes.is_some()).map(|n| n.name.clone()).collect();
        if !self.going() {
            return cx.cancel();
        }
        if cx.refuse_readonly() || cx.need_link().is_none() {
            return;
        }
        // The job that waits for the run learns of its end by itself.
        cx.jobs.stopping(&Slot::Work, |job| matches!(job, Job::Execute { .. } | Job::Retry { .. }));
        cx.start(Job::CancelRun { but: names });
        cx.say(Tone::Plain, "Cancelling what runs; what has been done stays");
    }

    fn toggle_root(&self, cx: &mut Cx<'_>) {
        let Some(root) = self.need_root(cx) else { return };
        let resume = !self.root().is_some_and(|r| r.started);
        if resume {
            cx.start_work(Job::Toggle { root, resume });
        } else {
            let detail = "Its schedule stops until it is resumed. A run that is under way goes on.";
            cx.ask(format!("Suspend {root}?"), detail, Job::Toggle { root, resume });
        }
    }

    fn toggle_one(&self, cx: &mut Cx<'_>) {
        let (Some(root), Some(node)) = (self.need_root(cx), self.selected()) else { return };
        if node.name == root {
            return self.toggle_root(cx);
        }
        let root_started = self.root().is_some_and(|r| r.started);
        let job = Job::ToggleOne { task: Box::new(node.clone()), root_started };
        let (question, first) = if node.started {
            (format!("Suspend {}?", node.name), "Runs pass it over until it is resumed; those after it still run.")
        } else {
            (format!("Resume {}?", node.name), "It takes part in the next run again.")
        };
        let second = " The tree can only be changed while its root is suspended: the root is suspended for a moment.";
        cx.ask(question, format!("{first}{}", if root_started { second } else { "" }), job);
    }

    fn fast_forward(&self, cx: &mut Cx<'_>) {
        if !cx.env.local {
            return cx.say(Tone::Warn, "Time can only be moved on the embedded cloud; x runs the tree now");
        }
        let Some(root) = self.need_root(cx) else { return };
        if !self.root().is_some_and(|r| r.started) {
            return cx.say(Tone::Warn, format!("{root} is suspended, so it is never due: s resumes it"));
        }
        let Some(ms) = self.until_next_ms(cx.now_ms) else {
            return cx.say(Tone::Warn, format!("{root} is not due at any known time; R reads the tree again"));
        };
        let detail = "The clock of the embedded cloud goes ahead to that time, and the run that is due starts. \
                      It never goes back: whatever is dated from then on carries the later time.";
        let question = format!("Move time ahead by {}, to when {root} is due?", super::countdown(ms));
        cx.ask(question, detail, Job::FastForward { root });
    }

    /// The root's name. A tree that is still being read is not waited for: the manifest names its root, and the
    /// server says if there is none.
    fn root_to_run(&self, cx: &mut Cx<'_>) -> Option<String> {
        if self.root().is_none() && self.reading(cx) {
            return cx.link.info().map(|info| info.root.clone());
        }
        self.need_root(cx)
    }

    fn need_root(&self, cx: &mut Cx<'_>) -> Option<String> {
        let root = self.root().map(|r| r.name.clone());
        if root.is_none() && self.reading(cx) {
            cx.say(Tone::Warn, "The task tree is still being read; try again in a moment");
        } else if root.is_none() {
            cx.say(Tone::Warn, "There is no task tree yet: 4 deploys it");
        }
        root
    }

    fn reading(&self, cx: &Cx<'_>) -> bool {
        cx.link.info().is_some() && (!self.known || cx.jobs.busy(&Slot::Tasks))
    }
}
