use super::*;
use crate::app::fixture;
use rstest::rstest;

#[rstest]
#[case(0, "0:00")]
#[case(1, "0:01")]
#[case(1_000, "0:01")]
#[case(1_001, "0:02")]
#[case(57 * 60_000 + 12_000, "57:12")]
#[case(3_723_000, "1:02:03")]
#[case(-5, "0:00")]
fn time_left(#[case] ms: i64, #[case] want: &str) {
    assert_eq!(countdown(ms), want);
}

#[test]
fn the_countdown_goes_by_the_servers_clock() {
    let mut state = State::default();
    state.take(fixture::tree(), vec![]);
    assert_eq!(state.until_next_ms(1_000), None);
    state.tell_time(TreeTiming { server_ms: Some(61_000), next_ms: Some(65_000) }, 1_000);
    assert_eq!(state.until_next_ms(1_000), Some(4_000));
    assert_eq!(state.until_next_ms(3_000), Some(2_000));
    assert_eq!(state.until_next_ms(9_000), Some(0));
    state.nodes.iter_mut().for_each(|n| n.started = false);
    assert_eq!(state.until_next_ms(1_000), None, "a suspended root is never due");
}

#[test]
fn depth_is_the_longest_way_and_a_circle_ends() {
    let node = |name: &str, after: &[&str]| TaskNode {
        name: name.into(),
        predecessors: after.iter().map(|s| (*s).to_owned()).collect(),
        ..TaskNode::default()
    };
    let nodes = [node("A", &[]), node("B", &["A"]), node("C", &["A", "B"]), node("D", &["C", "NOWHERE"])];
    assert_eq!(depths(&nodes), [0, 1, 2, 3]);
    let circle = [node("A", &["B"]), node("B", &["A"])];
    assert!(depths(&circle).iter().all(|d| *d <= 2));
}

#[test]
fn an_older_run_that_was_chosen_stays_so_when_a_new_one_comes() {
    let mut state = State::default();
    state.take(fixture::tree(), fixture::runs());
    state.run.set(1, 2);
    let chosen = state.run_id();
    let mut new = fixture::runs()[1].clone();
    new.run_id += 60_000;
    assert!(state.merge(vec![new.clone()]));
    assert!(!state.merge(vec![new]), "the same again is nothing new");
    assert_eq!((state.run_id(), state.run.at()), (chosen, 2));
}

#[test]
fn following_selects_what_runs_then_what_failed() {
    let mut state = State { follow: true, ..State::default() };
    state.take(fixture::tree(), fixture::runs());
    assert_eq!(state.selected().map(|n| n.name.as_str()), Some("DIM_CUSTOMER"));
    let mut failed = fixture::runs()[3].clone();
    failed.state = TaskState::Failed;
    let mut over = fixture::runs()[5].clone();
    over.state = TaskState::Succeeded;
    over.completed_ms = over.started_ms;
    state.merge(vec![failed, over]);
    assert_eq!(state.selected().map(|n| n.name.as_str()), Some("VAULT_CUSTOMER"));
}

#[test]
fn a_run_that_waits_for_its_time_is_no_run_yet() {
    let mut waiting = fixture::runs()[1].clone();
    (waiting.state, waiting.started_ms, waiting.query_id) = (TaskState::Scheduled, None, None);
    let mut state = State::default();
    state.take(fixture::tree(), vec![waiting]);
    assert!(state.summaries().is_empty());
    assert!(state.retry_problem().is_some_and(|p| p.contains("nothing has run")));
}

#[test]
fn a_retry_is_possible_after_a_failure_only() {
    let mut state = State::default();
    state.take(fixture::tree(), fixture::runs());
    assert!(state.retry_problem().is_some_and(|p| p.contains("still going")));
    let mut over = fixture::runs();
    over[5].state = TaskState::Failed;
    state.merge(over.clone());
    assert_eq!(state.retry_problem(), None);
    over[5].attempt = 2;
    over[5].state = TaskState::Succeeded;
    state.merge(over);
    assert!(state.retry_problem().is_some_and(|p| p.contains("no failures")));
}

#[test]
fn rows_are_not_asked_for_of_blocks_whose_answer_is_always_one() {
    let asks = |body: &str| {
        let mut model = fixture::loaded();
        model.pane = crate::app::PaneId::Tasks;
        model.tasks.asked.clear();
        model.tasks.touched.clear();
        model.tasks.nodes.iter_mut().for_each(|n| n.definition = body.into());
        let mut runs = fixture::runs();
        for run in &mut runs {
            (run.state, run.query_id) = (TaskState::Succeeded, Some("01c8c487-2a12".into()));
        }
        let nodes = model.tasks.nodes.clone();
        model.tasks.take(nodes, runs);
        let down = crate::app::Key { code: crate::app::Code::Down, ctrl: false, alt: false, shift: false };
        let commands = crate::app::update(&mut model, crate::app::Msg::Key(down));
        format!("{commands:?}").contains("TaskRows")
    };
    assert!(asks("INSERT INTO A SELECT 1"));
    assert!(!asks("begin\n  INSERT INTO A SELECT 1;\nend"));
}

#[test]
fn a_ladder_that_a_run_has_outlived_is_told_as_old() {
    let mut model = fixture::loaded();
    assert!(!model.ladder_is_old(), "what ran had ended before");
    let run = model.tasks.runs.iter_mut().find(|r| r.name == "DIM_CUSTOMER").expect("it runs");
    run.completed_ms = Some(fixture::NOW + 1);
    assert!(!model.ladder_is_old(), "it is not over");
    let run = model.tasks.runs.iter_mut().find(|r| r.name == "DIM_CUSTOMER").expect("it runs");
    run.state = TaskState::Failed;
    assert!(model.ladder_is_old());
    model.marts.take_checks(vec![], fixture::NOW, fixture::NOW + 2);
    assert!(!model.ladder_is_old(), "made again, by the server's clock");
}
