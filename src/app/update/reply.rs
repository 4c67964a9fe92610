//! What jobs report, and how they end.

use super::{show_error, with_cx};
use crate::app::{Counts, Effect, Failure, Job, Link, Model, PaneId, Reply, Running, Slot, Tone};
use crate::domain::{JobId, RunReport, StepState, TaskState};
use crate::jobs::Event;

/// A transition of a job. Calls are always recorded: they happened, whoever asked for them.
pub fn event(model: &mut Model, id: JobId, event: Event) {
    if let Event::Call(call) = event {
        return model.record(call);
    }
    let Some(running) = model.jobs.get_mut(id) else { return };
    let work = running.job.slot() == Slot::Work;
    match event {
        Event::Phase(phase) => {
            running.progress = None;
            if work {
                model.overview.note(model.now_ms, Tone::Plain, format!("{phase} …"));
            }
            running.phase = Some(phase);
        }
        Event::Step { stage, step, state, answer } => {
            note_step(model, stage, step, &state);
            model.deploy.step(stage, step, state, answer);
        }
        Event::Tasks(runs) => {
            for run in &runs {
                let known = model.tasks.runs.iter().any(|r| {
                    r.run_id == run.run_id && r.name == run.name && r.attempt == run.attempt && r.state == run.state
                });
                if !known {
                    note_task(model, run);
                }
            }
            merge_runs(model, runs);
        }
        Event::Note(text) => model.overview.note(model.now_ms, Tone::Plain, text),
        Event::Call(_) => {}
    }
}

fn merge_runs(model: &mut Model, runs: Vec<crate::domain::TaskRun>) {
    meter(model, &runs);
    if model.tasks.merge(runs) {
        tasks_changed(model);
    }
}

/// Tasks run on the warehouse, too.
fn meter(model: &mut Model, runs: &[crate::domain::TaskRun]) {
    if !model.env.local {
        model.overview.meter.saw(runs, model.tasks.lead_ms, model.started_ms, model.now_ms);
    }
}

/// The runs have changed: what depends on them is told.
fn tasks_changed(model: &mut Model) {
    model.tasks.changed_ms = model.now_ms;
    if let Some(id) = model.tasks.summaries().first().map(|s| s.id) {
        model.marts.run_began(id);
    }
    if !model.tasks.going() {
        // Marts are made anew with the same number of rows, too.
        model.marts.forget_rows();
    }
}

fn note_step(model: &mut Model, stage: usize, step: usize, state: &StepState) {
    let title = model.deploy.plan.as_ref().and_then(|p| p.stages.get(stage)?.steps.get(step)).map(|s| s.title.clone());
    let (Some(title), StepState::Failed { error }) = (title, state) else { return };
    model.overview.note(model.now_ms, Tone::Bad, format!("{title}: {error}"));
}

fn note_task(model: &mut Model, run: &crate::domain::TaskRun) {
    let now = model.now_ms;
    match run.state {
        TaskState::Succeeded => {
            let millis = run.millis().map_or(String::new(), |ms| format!("  {ms} ms"));
            model.overview.note(now, Tone::Good, format!("{}{millis}", run.name));
        }
        TaskState::Failed | TaskState::FailedAndAutoSuspended => {
            let why = run.error_message.as_deref().unwrap_or("failed");
            model.overview.note(now, Tone::Bad, format!("{}: {why}", run.name));
        }
        TaskState::Cancelled => model.overview.note(now, Tone::Warn, format!("{} cancelled", run.name)),
        _ => {}
    }
}

/// A job ended; `running` is what it was.
pub fn ended(model: &mut Model, running: &Running, result: Result<Reply, Failure>, effects: &mut Vec<Effect>) {
    let work = running.job.slot() == Slot::Work;
    let good = result.is_ok();
    match result {
        Ok(reply) => done(model, running, reply, effects),
        Err(failure) => failed(model, running, &failure, effects),
    }
    if work {
        let took = (model.now_ms - running.since_ms).max(0);
        if good {
            model.overview.took.insert(running.job.title(), took);
        }
        model.deploy.stopped();
        deploy_goes_on(model, running, good, effects);
        after_work(model, &running.job, good, effects);
    }
}

/// What was asked for while a deployment ran comes next; once nothing does, the journal is read again.
fn deploy_goes_on(model: &mut Model, running: &Running, good: bool, effects: &mut Vec<Effect>) {
    let deploys = matches!(running.job, Job::Deploy { .. } | Job::Undo { .. } | Job::Rehearse | Job::RunAll { .. });
    if !deploys || model.link.info().is_none() {
        return;
    }
    with_cx(model, effects, |panes, cx| {
        if let Job::Deploy { steps, .. } = &running.job {
            panes.deploy.go_on(steps, good, cx);
        }
        if cx.jobs.work().is_none() {
            cx.start(Job::Survey);
        }
    });
}

fn done(model: &mut Model, running: &Running, reply: Reply, effects: &mut Vec<Effect>) {
    let took = (model.now_ms - running.since_ms).max(0);
    match reply {
        Reply::Connected(info) => {
            model.marts.about.clone_from(&info.about);
            model.link = Link::Up(info);
            (model.polled_ms, model.tasks.polled_ms) = (model.now_ms, model.now_ms);
            model.alerts.polled_ms = model.now_ms;
            with_cx(model, effects, |_, cx| {
                cx.start(Job::Plan);
                cx.start(Job::List { prefix: String::new(), after: None });
                cx.start(Job::Counts);
                cx.start(Job::Tasks);
            });
            super::arrive(model, effects);
        }
        Reply::Plan(plan) => {
            model.deploy.take_plan(plan);
            with_cx(model, effects, |_, cx| {
                cx.start(Job::Survey);
            });
        }
        Reply::Surveyed(survey) => model.deploy.take_survey(survey),
        Reply::UndoPlan(from, plan) => undo_asked(model, from, &plan),
        Reply::Rehearsed(text, good) => {
            let tone = if good { Tone::Good } else { Tone::Warn };
            model.overlays.push(crate::app::overlay::Overlay::reader("Rehearsal", text, tone));
        }
        Reply::Counts(counts) => {
            take_counts(model, counts);
            read_mart(model, effects);
        }
        Reply::Mart(name, seen) => {
            model.marts.seen.insert(name, *seen);
        }
        Reply::Explained(check, known) => {
            let tone = if check.ok { Tone::Plain } else { Tone::Warn };
            let title = format!("Why: {}", check.layer);
            model.overlays.push(crate::app::overlay::Overlay::reader(title, known.text(&check), tone));
        }
        Reply::Tasks(nodes, runs, timing) => {
            let known = model.tasks.known;
            model.tasks.tell_time(timing, model.now_ms);
            model.tasks.read_ms = model.now_ms;
            meter(model, &runs);
            if model.tasks.take(nodes, runs) && known {
                tasks_changed(model);
            }
            if model.pane == PaneId::Tasks {
                with_cx(model, effects, |panes, cx| panes.tasks.look(cx));
            }
        }
        Reply::TaskRows(rows) => model.tasks.touched.extend(rows),
        Reply::RunCancelled(0) => say(model, Tone::Warn, "Nothing was running any more".into()),
        Reply::RunCancelled(n) => say(model, Tone::Warn, format!("Cancelled: {n} task execution(s)")),
        Reply::Advanced(runs) => {
            if runs.is_empty() {
                say(model, Tone::Warn, "Time went ahead, but no run came of it: another was under way".into());
            } else {
                tree_ended(model, runs);
            }
        }
        Reply::Page(prefix, page) => {
            if let Job::List { after, .. } = &running.job {
                model.s3.page(&prefix, after.as_deref(), page);
                with_cx(model, effects, |panes, cx| panes.s3.paged(cx));
            }
        }
        Reply::Preview(preview) => {
            model.s3.take_preview(preview);
            // Where another object is selected by now, that one is read.
            with_cx(model, effects, |panes, cx| panes.s3.look(cx));
        }
        Reply::Bucket(reply) => {
            if let Job::Bucket(job) = &running.job {
                with_cx(model, effects, |panes, cx| panes.s3.done(job, reply, cx));
            }
        }
        Reply::Made(made) => {
            if let Job::Make(job) = &running.job {
                let fed = matches!(made, crate::app::Made::Fed(_));
                with_cx(model, effects, |panes, cx| {
                    panes.generate.made(job, made, cx);
                    if fed {
                        cx.start(Job::Counts);
                        panes.s3.reload(cx);
                    }
                });
            }
        }
        Reply::Generated(made, sent) => {
            if let Job::Generate { order, .. } = &running.job {
                model.generate.last_order = Some(order.clone());
            }
            model.overview.files = Some(made);
            model.generate.last = Some((made, sent));
            let files = made.files;
            let sent = sent.map_or(String::new(), |u| format!(", {} objects uploaded", u.objects));
            say(model, Tone::Good, format!("{files} files written{sent}"));
        }
        Reply::Uploaded(sent) => {
            if let Some((_, uploaded)) = &mut model.generate.last {
                *uploaded = Some(sent);
            }
            say(model, Tone::Good, format!("{} objects uploaded", sent.objects));
        }
        Reply::Deployed => deployed(model),
        Reply::Undone(from) => {
            model.deploy.forget_from(from.as_deref());
            model.tasks = crate::app::panes::tasks::State::default();
            model.marts.forget_rows();
            let text =
                from.map_or_else(|| "The deployment is gone".to_owned(), |id| format!("Gone from stage {id} on"));
            say(model, Tone::Good, text);
            if running.job == Job::ResetAll {
                crate::app::tour::restart(model);
            }
        }
        Reply::Executed(runs) => tree_ended(model, runs),
        Reply::Toggled => toggled(model, &running.job),
        Reply::Reconciled(checks) => take_checks(model, checks),
        Reply::Alerts(all) => crate::app::alerts::take(model, all, effects),
        Reply::Acknowledged(n) => {
            with_cx(model, effects, |_, cx| {
                cx.start(Job::Alerts);
            });
            say(model, Tone::Good, format!("{n} alert(s) acknowledged"));
        }
        Reply::Holds(yes) => crate::app::tour::answered(model, yes),
        Reply::Fetched(fetched) => {
            if let Job::Query { sql, result } = &running.job {
                with_cx(model, effects, |panes, cx| panes.query.fetched(sql, *result, *fetched, took, cx));
            }
        }
        Reply::Asked(asked) => with_cx(model, effects, |panes, cx| panes.query.asked(asked, cx)),
        Reply::Ran(report) => {
            if let Job::RunAll { order } = &running.job {
                model.generate.last_order = Some(order.clone());
            }
            ran(model, *report, took);
        }
    }
}

/// The tree or a task of it was suspended or resumed.
fn toggled(model: &mut Model, job: &Job) {
    let (name, resumed) = match job {
        Job::Toggle { root, resume } => (root, *resume),
        Job::ToggleOne { task, .. } => (&task.name, !task.started),
        _ => return,
    };
    say(model, Tone::Good, format!("{name} is {}", if resumed { "resumed" } else { "suspended" }));
}

/// Number and title of the first stage that loads files.
fn first_load(model: &Model) -> Option<(usize, &str)> {
    let loads = &model.link.info()?.traits.loads;
    let stages = &model.deploy.plan.as_ref()?.stages;
    let at = stages.iter().position(|s| loads.contains(&s.id))?;
    Some((at + 1, &stages[at].title))
}

/// A run of the tree is over.
fn tree_ended(model: &mut Model, runs: Vec<crate::domain::TaskRun>) {
    // What failed and then went well at another attempt has not failed.
    let tried_again = |r: &crate::domain::TaskRun| {
        runs.iter().any(|o| o.run_id == r.run_id && o.name == r.name && o.attempt > r.attempt)
    };
    let bad = |s: TaskState| matches!(s, TaskState::Failed | TaskState::FailedAndAutoSuspended);
    let failed = runs.iter().find(|r| bad(r.state) && !tried_again(r));
    let (tone, text) = match failed {
        Some(run) => (Tone::Bad, format!("{} failed: 5 shows why", run.name)),
        None if runs.iter().all(|r| r.state == TaskState::Skipped) => {
            let text = match first_load(model) {
                Some((at, title)) => {
                    format!("Nothing new had landed. New files in S3? 4, stage {at} {title}, s loads them")
                }
                None => "Nothing new had landed: the tree had nothing to do".into(),
            };
            (Tone::Good, text)
        }
        None => (Tone::Good, "The task tree ran to its end".into()),
    };
    merge_runs(model, runs);
    say(model, tone, text);
}

fn say(model: &mut Model, tone: Tone, text: String) {
    model.overview.note(model.now_ms, tone, text.clone());
    with_cx(model, &mut Vec::new(), |_, cx| cx.say(tone, text));
}

/// The mart that is seen is read again where its count has changed.
fn read_mart(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.pane == PaneId::Marts {
        with_cx(model, effects, |panes, cx| panes.marts.read(cx));
    }
}

/// What an undo would run is shown; below it waits the question.
fn undo_asked(model: &mut Model, from: Option<String>, plan: &crate::domain::Plan) {
    use crate::app::overlay::Overlay;
    use crate::app::panes::deploy::undo_text;
    let name = model.deploy.plan.as_ref().map_or_else(|| plan.pipeline.clone(), |p| p.pipeline.clone());
    let (question, heading) = match &from {
        None => ("Drop everything that the deployment made?".to_owned(), "Undo: all of it".to_owned()),
        Some(id) => (format!("Drop what stage {id} and those after it made?"), format!("Undo: from stage {id} on")),
    };
    if plan.steps().next().is_none() {
        return say(model, Tone::Warn, "There is nothing to take back: no undo files for these stages".into());
    }
    let heading = format!("{heading}   Esc, then type the name");
    with_cx(model, &mut Vec::new(), |_, cx| cx.ask_name(question, name, Job::Undo { from }));
    model.overlays.push(Overlay::reader(heading, undo_text(plan), Tone::Warn));
}

fn take_counts(model: &mut Model, counts: Counts) {
    if let Some(info) = model.link.info() {
        let schema = info.layers.last().map(|l| l.schema.clone()).unwrap_or_default();
        let marts = info.marts.clone();
        model.marts.take_counts(&counts, &marts, &schema, model.now_ms);
    }
    if model.counts.as_ref() != Some(&counts) {
        model.counts_before = model.counts.replace(counts);
        model.changed_ms = model.now_ms;
    }
    model.counts_ms = model.now_ms;
}

fn take_checks(model: &mut Model, checks: Vec<crate::domain::LayerCheck>) {
    let bad = checks.iter().filter(|c| !c.ok).count();
    let all = checks.len();
    model.marts.take_checks(checks, model.now_ms, model.tasks.server_ms(model.now_ms));
    if bad == 0 {
        say(model, Tone::Good, format!("All {all} layers hold what the files hold"));
    } else {
        say(model, Tone::Bad, format!("{bad} of {all} layers differ from the files: 6 shows which"));
    }
}

fn deployed(model: &mut Model) {
    let failed = model.deploy.states.iter().flatten().filter(|s| matches!(s, StepState::Failed { .. })).count();
    let (done, all) = model.deploy.totals();
    if failed > 0 {
        say(model, Tone::Bad, "A statement failed: 4 shows it".into());
    } else if done == all {
        say(model, Tone::Good, format!("All {all} statements have run"));
    }
}

fn ran(model: &mut Model, report: RunReport, took_ms: i64) {
    model.overview.runs += 1;
    model.overview.files = Some(report.generated);
    model.generate.last = Some((report.generated, Some(report.uploaded)));
    let server_ms = model.tasks.server_ms(model.now_ms);
    model.marts.take_checks(report.reconciliation.clone(), model.now_ms, server_ms);
    let seconds = format!("{}.{} s", took_ms / 1000, took_ms % 1000 / 100);
    if report.ok {
        say(model, Tone::Good, format!("The whole job ran in {seconds}; every layer holds what the files hold"));
    } else {
        say(model, Tone::Bad, format!("The job ended after {seconds}, but not all is well: see 4, 5 and 6"));
    }
    model.overview.report = Some(report);
}

fn failed(model: &mut Model, running: &Running, failure: &Failure, effects: &mut Vec<Effect>) {
    if let Job::Query { sql, result } = &running.job {
        model.query.failed(sql, *result, failure);
    }
    if let Job::Bucket(job) = &running.job {
        let mut told = false;
        with_cx(model, effects, |panes, cx| told = panes.s3.undone(job, failure, cx));
        if told {
            return;
        }
    }
    // The run was ended on the server: the job that waited for it tells of a failure, but it was wanted.
    let wanted = running.stopping && matches!(running.job, Job::Execute { .. } | Job::Retry { .. });
    if failure.cancelled || wanted {
        return say(model, Tone::Warn, format!("Cancelled: {}", running.job.title()));
    }
    let text = failure.text.clone();
    match &running.job {
        Job::Connect => {
            model.link = Link::Down(text.clone());
            show_error(model, "Cannot connect", text);
        }
        Job::Plan => model.deploy.error = Some(text),
        Job::Tasks => model.tasks.error = Some(text),
        // Asked again in a moment: what is not there yet may come.
        Job::Holds { .. } | Job::Alerts => {}
        Job::Counts | Job::TaskRows { .. } | Job::Survey => model.last_error = Some(text),
        Job::List { prefix, .. } => model.s3.failed(prefix, &text),
        Job::Preview { .. } => model.s3.preview_error = Some(text),
        Job::Query { .. } => {}
        Job::Mart { info } => {
            model.marts.unread.insert(info.name.clone(), text);
        }
        Job::Make(job) => with_cx(model, effects, |panes, cx| panes.generate.unmade(job, failure, cx)),
        Job::Ask(ask) => with_cx(model, effects, |panes, cx| panes.query.ask_failed(ask, failure, cx)),
        Job::Reconcile => {
            model.marts.error = Some(text.clone());
            say(model, Tone::Bad, "Reconciling failed: 6 shows why".into());
        }
        job => {
            if *job == Job::ResetAll {
                crate::app::tour::not_reset(model, &text);
            }
            let title = format!("{} failed", job.title());
            model.overview.note(model.now_ms, Tone::Bad, format!("{title}: {text}"));
            show_error(model, &title, text);
        }
    }
}

/// What has become stale through work is looked at again.
fn after_work(model: &mut Model, job: &Job, good: bool, effects: &mut Vec<Effect>) {
    if model.link.info().is_none() {
        return;
    }
    (model.polled_ms, model.tasks.polled_ms) = (model.now_ms, model.now_ms);
    let touches_s3 = matches!(
        job,
        Job::Bucket(_) | Job::Generate { upload: true, .. } | Job::Upload | Job::RunAll { .. } | Job::ResetAll
    );
    let reconcile = good && matches!(job, Job::Execute { .. } | Job::Retry { .. } | Job::FastForward { .. });
    with_cx(model, effects, |panes, cx| {
        cx.start(Job::Counts);
        cx.start(Job::Tasks);
        cx.start_unless_busy(Job::Alerts);
        if touches_s3 {
            panes.s3.reload(cx);
        }
        if panes.s3.loads.is_some() {
            panes.s3.arrive(cx);
        }
        if matches!(job, Job::Deploy { .. } | Job::Undo { .. } | Job::RunAll { .. }) {
            // Other names are there now: they are read when they are needed.
            panes.query.catalog.asked = false;
            if panes.pane == PaneId::Query {
                panes.query.arrive(cx);
            }
        }
        if reconcile {
            cx.start_unless_busy(Job::Reconcile);
        }
    });
}
