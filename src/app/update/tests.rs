//! Messages in, model and effects out.

use super::*;
use crate::app::fixture::{self, end, id_of};
use crate::app::key::{Code, ch, ctrl, f, key};
use crate::app::{Bucket, Failure, Reply};
use crate::domain::{JobId, QueryOutcome, SqlError, StepState, TaskState};
use crate::jobs::Event;
use proptest::prelude::*;
use rstest::rstest;

fn press(model: &mut Model, keys: &str) -> Vec<Effect> {
    keys.chars().flat_map(|c| update(model, Msg::Key(if c == '\n' { key(Code::Enter) } else { ch(c) }))).collect()
}

fn jobs(effects: &[Effect]) -> Vec<&Job> {
    effects.iter().filter_map(|e| if let Effect::Start(_, job) = e { Some(job) } else { None }).collect()
}

#[rstest]
#[case("2", PaneId::Generate)]
#[case("8]", PaneId::Overview)]
#[case("[", PaneId::Log)]
#[case("d", PaneId::Deploy)]
#[case("ll\n", PaneId::Deploy)]
#[case("G\n", PaneId::Marts)]
fn keys_lead_to_panes(#[case] keys: &str, #[case] want: PaneId) {
    let mut model = fixture::loaded();
    press(&mut model, keys);
    assert_eq!(model.pane, want);
}

#[test]
fn connecting_then_looks_at_everything() {
    let mut model = fixture::fresh();
    let id = id_of(&model.jobs, &Slot::Connect);
    let effects = update(&mut model, Msg::Ended(id, Ok(Reply::Connected(fixture::link()))));
    assert!(matches!(jobs(&effects)[..], [Job::Plan, Job::List { .. }, Job::Counts, Job::Tasks]));
}

#[test]
fn no_connection_is_said_in_full_and_refuses_work() {
    let mut model = fixture::fresh();
    end(&mut model, &Slot::Connect, Err(Failure { text: "port 4566 is in use".into(), ..Failure::default() }));
    assert!(matches!(&model.overlays[..], [Overlay::Reader { text, .. }] if text.contains("4566")));
    press(&mut model, "\n");
    assert_eq!(press(&mut model, "r"), []);
    assert!(model.toast.as_ref().is_some_and(|t| t.text.contains("Not connected")));
    press(&mut model, "E");
    assert_eq!(model.overlays.len(), 1);
}

#[test]
fn a_stale_reply_is_dropped() {
    let mut model = fixture::loaded();
    model.pane = PaneId::Marts;
    let effects = press(&mut model, "rr");
    let [Effect::Start(old, Job::Counts), .., Effect::Cancel(gone), Effect::Start(..)] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(old, gone);
    let before = model.counts.clone();
    update(&mut model, Msg::Ended(*old, Ok(Reply::Counts(Counts::default()))));
    assert_eq!(model.counts, before);
}

use crate::app::Counts;

#[test]
fn the_whole_job_makes_what_generate_is_set_to() {
    use crate::app::panes::generate::fields::FIRST_FAULT;
    let mut model = fixture::empty();
    model.generate.values[5] = "retail".into();
    model.generate.values[FIRST_FAULT + 6] = "0.02".into();
    let effects = press(&mut model, "r");
    let [Job::RunAll { order }] = &jobs(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!((order.preset.as_str(), order.faults.as_str()), ("retail", "malformed=0.02"));
}

#[test]
fn a_retry_that_went_well_is_no_failure() {
    let mut model = fixture::loaded();
    let mut runs = fixture::runs();
    let again = crate::domain::TaskRun { state: TaskState::Succeeded, attempt: 2, ..runs[0].clone() };
    runs.truncate(1);
    runs.push(again);
    model.pane = PaneId::Tasks;
    with_cx(&mut model, &mut Vec::new(), |_, cx| {
        cx.start(Job::Retry { root: "LOAD_CONVEX".into() });
    });
    end(&mut model, &Slot::Work, Ok(Reply::Executed(runs)));
    assert!(model.toast.as_ref().is_some_and(|t| t.tone == Tone::Good), "{:?}", model.toast);
}

#[test]
fn work_is_done_one_at_a_time_and_cancelled_by_c() {
    let mut model = fixture::loaded();
    let effects = press(&mut model, "r");
    assert!(matches!(jobs(&effects)[..], [Job::RunAll { .. }]));
    assert_eq!(press(&mut model, "r"), []);
    let id = id_of(&model.jobs, &Slot::Work);
    assert_eq!(press(&mut model, "c"), [Effect::Cancel(id)]);
    let failure = Failure { text: "cancelled".into(), sql: None, cancelled: true };
    update(&mut model, Msg::Ended(id, Err(failure)));
    assert!(model.jobs.work().is_none());
    assert!(model.overlays.is_empty(), "what was asked for is no error");
}

#[test]
fn leaving_during_work_asks_and_no_is_the_default() {
    let mut model = fixture::loaded();
    press(&mut model, "r");
    assert_eq!(press(&mut model, "q\n"), []);
    assert_eq!(press(&mut model, "qy"), [Effect::Quit]);
}

#[rstest]
#[case(PaneId::Overview, "r")]
#[case(PaneId::Generate, "x")]
#[case(PaneId::Generate, "f")]
#[case(PaneId::Generate, "u")]
#[case(PaneId::S3, "D")]
#[case(PaneId::Deploy, "n")]
#[case(PaneId::Deploy, "a")]
#[case(PaneId::Deploy, "u")]
#[case(PaneId::Tasks, "x")]
#[case(PaneId::Tasks, "s")]
fn read_only_refuses(#[case] pane: PaneId, #[case] keys: &str) {
    let mut model = fixture::loaded();
    model.env.readonly = true;
    model.pane = pane;
    assert_eq!(press(&mut model, keys), []);
    assert!(model.overlays.is_empty());
    assert!(model.toast.as_ref().is_some_and(|t| t.text.starts_with("Read-only")), "{:?}", model.toast);
}

#[test]
fn a_prefix_goes_only_when_its_name_is_typed() {
    let mut model = fixture::loaded();
    model.pane = PaneId::S3;
    press(&mut model, "gD");
    assert_eq!(press(&mut model, "y\n"), []);
    assert_eq!(model.overlays.len(), 1, "a wrong name leaves the question");
    update(&mut model, Msg::Key(ctrl('u')));
    let effects = press(&mut model, "convex-customers/\n");
    assert!(matches!(jobs(&effects)[..], [Job::Bucket(Bucket::Delete(keys))] if keys[..] == ["convex-customers/"]));
}

#[test]
fn an_object_is_deleted_after_a_yes_only() {
    let mut model = fixture::loaded();
    model.pane = PaneId::S3;
    assert_eq!(press(&mut model, "D\n"), []);
    assert!(matches!(jobs(&press(&mut model, "Dy"))[..], [Job::Bucket(Bucket::Delete(_))]));
}

#[rstest]
#[case("n", vec![(1, 1)])]
#[case("a", vec![(1, 1), (2, 0)])]
#[case("s", vec![(1, 1)])]
#[case("t", vec![(1, 1)])]
#[case("Gt", vec![(1, 1), (2, 0)])]
fn steps(#[case] keys: &str, #[case] want: Vec<(usize, usize)>) {
    let mut model = fixture::loaded();
    model.pane = PaneId::Deploy;
    let effects = press(&mut model, keys);
    assert!(matches!(jobs(&effects)[..], [Job::Deploy { steps, .. }] if *steps == want), "{effects:?}");
}

#[test]
fn a_failed_statement_is_selected_and_its_running_mark_goes_with_its_job() {
    let mut model = fixture::empty();
    model.pane = PaneId::Deploy;
    press(&mut model, "a");
    let id = id_of(&model.jobs, &Slot::Work);
    let step = |state| Event::Step { stage: 2, step: 0, state, answer: None };
    update(&mut model, Msg::Event(id, step(StepState::Running)));
    assert_eq!(model.deploy.sql(), Some("CREATE TABLE HUB_CUSTOMER (HK BINARY)"));
    update(&mut model, Msg::Ended(id, Err(Failure { cancelled: true, ..Failure::default() })));
    assert_eq!(model.deploy.state(2, 0), Some(&StepState::Waiting));
}

#[test]
fn keys_pressed_while_a_statement_runs_are_kept_in_order() {
    let mut model = fixture::empty();
    model.pane = PaneId::Deploy;
    press(&mut model, "nn");
    assert_eq!(press(&mut model, "a"), [], "what runs is not disturbed");
    assert_eq!(model.deploy.queue.len(), 2);
    let step = |stage, step| {
        let state = StepState::Done { query_id: "q".into(), ms: 1, summary: "done".into() };
        Event::Step { stage, step, state, answer: None }
    };
    let id = id_of(&model.jobs, &Slot::Work);
    update(&mut model, Msg::Event(id, step(0, 0)));
    let effects = update(&mut model, Msg::Ended(id, Ok(Reply::Deployed)));
    assert!(jobs(&effects).iter().any(|j| matches!(j, Job::Deploy { steps, .. } if *steps == [(0, 1)])), "{effects:?}");
    let id = id_of(&model.jobs, &Slot::Work);
    update(&mut model, Msg::Event(id, step(0, 1)));
    let effects = update(&mut model, Msg::Ended(id, Ok(Reply::Deployed)));
    let all = [(1, 0), (1, 1), (2, 0)];
    assert!(jobs(&effects).iter().any(|j| matches!(j, Job::Deploy { steps, .. } if *steps == all)), "{effects:?}");
}

#[test]
fn a_failure_leaves_what_was_queued_undone() {
    let mut model = fixture::empty();
    model.pane = PaneId::Deploy;
    press(&mut model, "nnn");
    let id = id_of(&model.jobs, &Slot::Work);
    let failed = StepState::Failed { error: SqlError::client("no") };
    update(&mut model, Msg::Event(id, Event::Step { stage: 0, step: 0, state: failed, answer: None }));
    let effects = update(&mut model, Msg::Ended(id, Ok(Reply::Deployed)));
    assert!(!jobs(&effects).iter().any(|j| matches!(j, Job::Deploy { .. })));
    assert!(model.deploy.queue.is_empty());
    assert!(model.toast.as_ref().is_some_and(|t| t.text.contains("2 more")), "{:?}", model.toast);
}

#[test]
fn a_statement_is_skipped_with_a_reason_only() {
    let mut model = fixture::loaded();
    model.pane = PaneId::Deploy;
    assert_eq!(press(&mut model, "K\n"), []);
    assert!(model.toast.as_ref().is_some_and(|t| t.text.contains("reason")));
    let effects = press(&mut model, "Kmade by hand\n");
    let want = [((1, 1), "made by hand".to_owned())];
    assert!(matches!(jobs(&effects)[..], [Job::Deploy { skips, .. }] if *skips == want), "{effects:?}");
}

#[test]
fn an_edited_statement_is_tried_and_its_text_is_kept() {
    let mut model = fixture::loaded();
    model.pane = PaneId::Deploy;
    let own = model.deploy.sql().expect("a statement").to_owned();
    press(&mut model, "e");
    assert_eq!(contexts(&model), [Context::Statement]);
    press(&mut model, "q");
    let effects = update(&mut model, Msg::Key(ctrl('r')));
    let want = [((1, 1), format!("q{own}"))];
    assert!(matches!(jobs(&effects)[..], [Job::Deploy { edits, .. }] if *edits == want), "{effects:?}");
    assert_eq!(model.deploy.sql(), Some(want[0].1.as_str()));
    update(&mut model, Msg::Edited(Ok("late".into())));
    assert_eq!(model.deploy.sql(), Some(want[0].1.as_str()), "nothing is being edited any more");
}

#[test]
fn an_undo_shows_what_would_run_and_then_asks_for_the_name() {
    let mut model = fixture::loaded();
    model.pane = PaneId::Deploy;
    let effects = press(&mut model, "U");
    let from = Some("stage".to_owned());
    assert!(matches!(jobs(&effects)[..], [Job::UndoPlan { from: f }] if *f == from), "{effects:?}");
    end(&mut model, &Slot::UndoPlan, Ok(Reply::UndoPlan(from.clone(), fixture::plan())));
    assert!(matches!(model.overlays[..], [Overlay::TypeName { .. }, Overlay::Reader { .. }]));
    update(&mut model, Msg::Key(key(Code::Esc)));
    let effects = press(&mut model, "Convex Insurance\n");
    assert!(matches!(jobs(&effects)[..], [Job::Undo { from: f }] if *f == from), "{effects:?}");
    end(&mut model, &Slot::Work, Ok(Reply::Undone(from)));
    assert_eq!(model.deploy.done(0), (2, 2), "what came before is still there");
    assert_eq!(model.deploy.done(1).0, 0);
}

#[test]
fn what_the_journal_knows_as_done_is_not_run_again() {
    let mut model = fixture::empty();
    model.pane = PaneId::Deploy;
    let standing = |change| crate::domain::Standing { change, ..crate::domain::Standing::default() };
    use crate::domain::Change::{Changed, New, Skipped, Unchanged};
    let standings = [vec![Unchanged, Skipped], vec![Unchanged, Changed], vec![New]];
    let standings = standings.map(|s| s.into_iter().map(standing).collect()).to_vec();
    model.jobs.start(Job::Survey, fixture::NOW);
    end(&mut model, &Slot::Survey, Ok(Reply::Surveyed(crate::domain::Survey { standings, ..Default::default() })));
    let text = model.deploy.plan_text().expect("a plan");
    assert!(text.contains("2 would run: 1 new, 1 changed"), "{text}");
    let effects = press(&mut model, "a");
    assert!(matches!(jobs(&effects)[..], [Job::Deploy { steps, .. }] if *steps == [(1, 1), (2, 0)]), "{effects:?}");
}

#[test]
fn the_filter_follows_typing_survives_new_data_and_escape_clears_it() {
    let mut model = fixture::loaded();
    model.pane = PaneId::Tasks;
    let all = model.tasks.rows.len();
    press(&mut model, "/vault");
    assert_eq!(model.tasks.rows.len(), 2);
    press(&mut model, "\n");
    model.tasks.take(fixture::tree(), fixture::runs());
    assert_eq!(model.tasks.rows.len(), 2);
    update(&mut model, Msg::Key(key(Code::Esc)));
    assert_eq!(model.tasks.rows.len(), all);
}

#[test]
fn letters_are_text_while_typing() {
    let mut model = fixture::loaded();
    model.pane = PaneId::Query;
    model.query.set_text("");
    assert_eq!(press(&mut model, "iSELECT q;"), []);
    assert_eq!(model.query.text(), "SELECT q;");
    let effects = update(&mut model, Msg::Key(ctrl('r')));
    assert!(matches!(jobs(&effects)[..], [Job::Query { sql, .. }] if sql == "SELECT q"));
    update(&mut model, Msg::Key(key(Code::Esc)));
    assert!(!model.query.typing);
    assert!(matches!(update(&mut model, Msg::Key(f(5)))[..], []), "one statement at a time");
    end(&mut model, &Slot::Query, Ok(fixture::fetched(QueryOutcome::default())));
    assert_eq!(press(&mut model, "q"), [Effect::Quit]);
}

#[test]
fn a_refused_statement_shows_where() {
    let mut model = fixture::loaded();
    model.pane = PaneId::Query;
    update(&mut model, Msg::Key(f(5)));
    let sql = SqlError { code: "001003".into(), line: Some(1), position: Some(7), ..SqlError::default() };
    end(&mut model, &Slot::Query, Err(Failure { text: "syntax".into(), sql: Some(sql), cancelled: false }));
    assert!(matches!(&model.query.answer, crate::app::panes::query::Answer::Failed(e, _) if e.position == Some(7)));
    assert!(model.overlays.is_empty());
}

#[test]
fn a_wrong_field_is_not_started() {
    let mut model = fixture::empty();
    model.pane = PaneId::Generate;
    press(&mut model, "\n");
    update(&mut model, Msg::Key(ctrl('u')));
    press(&mut model, "none\n");
    assert_eq!(press(&mut model, "x"), []);
    assert!(model.toast.as_ref().is_some_and(|t| t.text.starts_with("Customers")));
    press(&mut model, "zx");
    assert!(model.jobs.work().is_some());
}

#[test]
fn nothing_is_polled_without_focus() {
    let mut model = fixture::loaded();
    update(&mut model, Msg::Focus(false));
    let later = model.now_ms + 3_600_000;
    assert_eq!(update(&mut model, Msg::Clock(later)), []);
    assert!(next_wake_ms(&model) - later <= 60_000);
    assert!(jobs(&update(&mut model, Msg::Focus(true))).contains(&&Job::Counts));
}

#[test]
fn on_an_account_a_quiet_tree_is_left_alone() {
    let mut model = fixture::empty();
    model.env.local = false;
    let later = |ms: i64| Msg::Clock(fixture::NOW + ms);
    let minute = update(&mut model, later(61_000));
    assert!(jobs(&minute).contains(&&Job::Counts) && !jobs(&minute).contains(&&Job::Tasks), "{minute:?}");
    assert_eq!(model.tasks.stale_ms(fixture::NOW + 61_000), None);
    assert_eq!(model.tasks.stale_ms(fixture::NOW + 300_000), Some(300_000), "it is said how old it is");
    assert!(jobs(&update(&mut model, later(600_000))).contains(&&Job::Tasks));
}

#[test]
fn a_stage_that_loads_runs_again() {
    let mut model = fixture::loaded();
    model.pane = PaneId::Deploy;
    press(&mut model, "g");
    assert_eq!(model.deploy.done(0), (2, 2));
    assert_eq!(jobs(&press(&mut model, "s")), [] as [&Job; 0], "all of it has run");
    if let Link::Up(info) = &mut model.link {
        info.traits.loads = vec!["account".into()];
    }
    let effects = press(&mut model, "s");
    assert!(matches!(jobs(&effects)[..], [Job::Deploy { steps, .. }] if steps[..] == [(0, 0), (0, 1)]), "{effects:?}");
}

#[test]
fn a_picture_is_taken_of_what_lies_on_top() {
    let mut model = fixture::loaded();
    press(&mut model, "?");
    assert_eq!(press(&mut model, "!"), [Effect::Picture]);
    assert!(matches!(model.overlays[..], [Overlay::Help { .. }]), "and it stays");
    press(&mut model, "q:");
    assert_eq!(press(&mut model, "!"), [], "it is typed");
    assert_eq!(update(&mut model, Msg::Key(f(12))), [Effect::Picture]);
}

#[test]
fn a_click_selects_and_a_second_one_opens() {
    let mut model = fixture::loaded();
    model.pane = PaneId::Log;
    let row = |panel, row| Msg::Click(Target::Row { panel, row });
    update(&mut model, row(0, 3));
    assert!(model.overlays.is_empty() && model.log.cursor.at() == 3);
    update(&mut model, row(0, 3));
    assert!(matches!(model.overlays[..], [Overlay::Reader { .. }]));
    update(&mut model, row(0, 5));
    assert_eq!(model.log.cursor.at(), 3, "what lies below is covered");
    update(&mut model, Msg::Click(Target::Do(Action::Back)));
    press(&mut model, ":");
    let wanted = crate::app::overlay::palette_rows("", PaneId::Log).iter().position(|r| r.action == Action::Help);
    let wanted = wanted.expect("help is offered");
    update(&mut model, row(crate::app::overlay::ON_TOP, wanted));
    assert!(matches!(model.overlays[..], [Overlay::Palette { .. }]));
    update(&mut model, row(crate::app::overlay::ON_TOP, wanted));
    assert!(matches!(model.overlays[..], [Overlay::Help { .. }]));
}

#[test]
fn an_idle_console_sleeps_until_the_next_poll() {
    let model = fixture::loaded();
    let sleep = next_wake_ms(&model) - model.now_ms;
    assert!(sleep >= 1_000, "{sleep}");
    let mut model = model;
    press(&mut model, "r");
    assert_eq!(next_wake_ms(&model) - model.now_ms, FRAME_MS);
}

#[test]
fn what_the_palette_finds_is_done_in_its_pane() {
    let mut model = fixture::loaded();
    let effects = press(&mut model, ":run the task tree\n");
    assert_eq!(model.pane, PaneId::Tasks);
    assert!(matches!(jobs(&effects)[..], [Job::Execute { root }] if root == "LOAD_CONVEX"));
}

#[test]
fn a_tree_that_is_still_being_read_can_be_run() {
    let mut model = fixture::loaded();
    model.pane = PaneId::Tasks;
    model.tasks = crate::app::panes::tasks::State::default();
    let effects = press(&mut model, "x");
    assert!(matches!(jobs(&effects)[..], [Job::Execute { root }] if root == "LOAD_CONVEX"));
}

#[test]
fn without_a_tree_the_operator_is_told_where_it_comes_from() {
    let mut model = fixture::loaded();
    model.pane = PaneId::Tasks;
    model.tasks = crate::app::panes::tasks::State::default();
    model.tasks.take(vec![], vec![]);
    assert_eq!(press(&mut model, "x"), []);
    assert!(model.toast.as_ref().is_some_and(|t| t.text.contains("4 deploys it")));
}

#[test]
fn copies() {
    let mut model = fixture::loaded();
    model.pane = PaneId::S3;
    assert_eq!(press(&mut model, "y"), [Effect::Copy("s3://convex-insurance/convex-customers/customers.csv".into())]);
}

/// What must hold whatever happened.
fn check(model: &Model) {
    let within = |at: usize, len: usize, what: &str| assert!(at == 0 || at < len, "{what}: {at} of {len}");
    within(model.overview.part.at(), crate::app::picture::PARTS, "part");
    within(model.generate.row.at(), generate::fields::ROWS, "field");
    within(model.s3.cursor.at(), model.s3.rows.len(), "s3");
    within(model.deploy.cursor.at(), model.deploy.rows.len(), "deploy");
    within(model.tasks.cursor.at(), model.tasks.rows.len(), "tasks");
    within(model.tasks.run.at(), model.tasks.summaries().len(), "runs");
    within(model.marts.cursor.at(), model.marts.rows.len(), "marts");
    within(model.marts.rung.at(), model.marts.checks.len(), "rungs");
    within(model.log.cursor.at(), model.log.rows.len(), "log");
    assert!(next_wake_ms(model) > model.now_ms);
}

fn any_key() -> impl Strategy<Value = Msg> {
    let bound: Vec<Key> = crate::app::keymap::TABLE.iter().flat_map(|b| b.keys.iter().copied()).collect();
    prop_oneof![
        6 => proptest::sample::select(bound).prop_map(Msg::Key),
        2 => any::<char>().prop_map(|c| Msg::Key(ch(c))),
        1 => proptest::sample::select(vec![Code::Backspace, Code::Delete, Code::Home, Code::Tab]).prop_map(|c| Msg::Key(key(c))),
    ]
}

fn any_target() -> impl Strategy<Value = Target> {
    prop_oneof![
        proptest::sample::select(&PaneId::ALL[..]).prop_map(Target::Pane),
        (0_usize..5, 0_usize..100).prop_map(|(panel, row)| {
            let panel = if panel == 4 { crate::app::overlay::ON_TOP } else { panel };
            Target::Row { panel, row }
        }),
    ]
}

fn any_result() -> impl Strategy<Value = Result<Reply, Failure>> {
    prop_oneof![
        Just(Ok(Reply::Connected(fixture::link()))),
        Just(Ok(Reply::Plan(fixture::plan()))),
        Just(Ok(Reply::Plan(crate::domain::Plan::default()))),
        Just(Ok(Reply::Counts(fixture::counts()))),
        Just(Ok(Reply::Counts(Counts::default()))),
        Just(Ok(Reply::Tasks(fixture::tree(), fixture::runs(), fixture::timing()))),
        Just(Ok(Reply::Tasks(vec![], vec![], crate::domain::TreeTiming::default()))),
        Just(Ok(fixture::fetched(fixture::answer()))),
        Just(Ok(Reply::Asked(crate::app::Asked::Databases(vec!["A".into(), "B".into()], fixture::place())))),
        Just(Ok(Reply::Asked(crate::app::Asked::Roles(vec!["A".into()])))),
        Just(Ok(Reply::Undone(None))),
        Just(Ok(Reply::Reconciled(vec![]))),
        Just(Err(Failure::default())),
        Just(Err(Failure { cancelled: true, ..Failure::default() })),
    ]
}

pub(crate) fn any_msg() -> impl Strategy<Value = Msg> {
    prop_oneof![
        12 => any_key(),
        1 => ".{0,20}".prop_map(Msg::Paste),
        1 => any_target().prop_map(Msg::Click),
        1 => (-5_isize..5).prop_map(Msg::Scroll),
        1 => (0_u16..300, 0_u16..100).prop_map(|(c, r)| Msg::Resize(c, r)),
        1 => any::<bool>().prop_map(Msg::Focus),
        1 => (0_i64..100_000).prop_map(|ms| Msg::Clock(fixture::NOW + ms)),
        3 => (1_u64..12, any_result()).prop_map(|(id, r)| Msg::Ended(JobId(id), r)),
        1 => (1_u64..12, 0_usize..5, 0_usize..5).prop_map(|(id, stage, step)| {
            Msg::Event(JobId(id), Event::Step { stage, step, state: StepState::Running, answer: None })
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_messages_breaks_it(loaded in any::<bool>(), msgs in proptest::collection::vec(any_msg(), 1..60)) {
        let mut model = if loaded { fixture::loaded() } else { fixture::fresh() };
        for msg in msgs {
            update(&mut model, msg);
            check(&model);
        }
    }
}
