//! Every pane at three sizes, as text. Read them: they are the screens.

use super::{Colours, Look, draw};
use crate::app::fixture::{self, end};
use crate::app::{Failure, Key, Model, Msg, PaneId, Reply, Slot, keymap, update};
use crate::domain::StepState;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

pub fn screen(model: &Model, (columns, rows): (u16, u16), ascii: bool) -> String {
    let mut model = model.clone();
    update(&mut model, Msg::Resize(columns, rows));
    model.settings.ascii = ascii;
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).expect("a test backend");
    let look = Look::new(model.settings, Colours::None);
    terminal.draw(|frame| drop(draw(frame, &model, &look))).expect("drawing into memory");
    if columns == 0 { String::new() } else { terminal.backend().to_string() }
}

pub fn snap(name: &str, model: &Model) {
    for size in [(80, 24), (120, 40)] {
        insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), screen(model, size, false));
    }
}

pub fn press(model: &mut Model, keys: &str) {
    for c in keys.chars() {
        let key = keymap::TABLE.iter().flat_map(|b| b.keys).find(|k| k.typed() == Some(c)).copied();
        let key = key.unwrap_or(Key { code: crate::app::Code::Char(c), ctrl: false, alt: false, shift: false });
        update(model, Msg::Key(key));
    }
}

#[test]
fn empty_panes_say_what_to_press() {
    let mut model = fixture::empty();
    for pane in PaneId::ALL {
        model.pane = pane;
        snap(&format!("empty_{}", pane.title()), &model);
    }
}

#[test]
fn loaded_panes() {
    let mut model = fixture::loaded();
    for pane in PaneId::ALL {
        model.pane = pane;
        snap(&format!("loaded_{}", pane.title()), &model);
    }
    model.pane = PaneId::Overview;
    let large = screen(&model, (200, 60), false);
    for number in ["137", "2 216", "6 580", "4 364", "1 866"] {
        assert!(large.contains(number), "{number} is seen on a large screen, too\n{large}");
    }
}

#[test]
fn work_shows_what_goes_on() {
    let mut model = fixture::loaded();
    fixture::working(&mut model);
    snap("working_Overview", &model);
    model.pane = PaneId::Generate;
    snap("working_Generate", &model);
}

#[test]
fn overlays() {
    let mut model = fixture::loaded();
    press(&mut model, "?");
    snap("overlay_help", &model);
    let mut model = fixture::loaded();
    press(&mut model, ":task");
    snap("overlay_palette", &model);
    let mut model = fixture::loaded();
    model.pane = PaneId::S3;
    press(&mut model, "D");
    snap("overlay_confirm", &model);
    let mut model = fixture::loaded();
    model.pane = PaneId::Deploy;
    press(&mut model, "u");
    end(&mut model, &Slot::UndoPlan, Ok(Reply::UndoPlan(None, fixture::plan())));
    snap("overlay_undo", &model);
    update(&mut model, Msg::Key(Key { code: crate::app::Code::Esc, ctrl: false, alt: false, shift: false }));
    press(&mut model, "Convex");
    snap("overlay_type_name", &model);
    let mut model = fixture::loaded();
    model.pane = PaneId::Tasks;
    press(&mut model, "/vault");
    snap("overlay_filter", &model);
}

#[test]
fn a_mart_with_a_chart() {
    let mut model = fixture::loaded();
    model.pane = PaneId::Marts;
    press(&mut model, "j");
    snap("chart_Marts", &model);
    model.marts.about[1].chart.as_mut().expect("a chart").kind = crate::domain::ChartKind::Bars;
    snap("bars_Marts", &model);
    press(&mut model, "ll");
    press(&mut model, "h");
    snap("ladder_Marts", &model);
}

#[test]
fn a_failed_task_is_told_with_its_error() {
    let mut model = fixture::loaded();
    model.pane = PaneId::Tasks;
    press(&mut model, "l");
    snap("failed_Tasks", &model);
    press(&mut model, "h");
    model.tasks.follow = false;
    model.tasks.cursor.set(3, model.tasks.rows.len());
    snap("older_Tasks", &model);
}

#[test]
fn themes_are_chosen_beside_what_they_colour() {
    let mut model = fixture::loaded();
    model.themes = super::Themes::default().names();
    press(&mut model, "Tjj");
    assert_eq!(model.settings.theme, 2, "seen as one goes");
    snap("overlay_theme", &model);
    update(&mut model, Msg::Key(Key { code: crate::app::Code::Esc, ctrl: false, alt: false, shift: false }));
    assert_eq!(model.settings.theme, 0);
}

#[test]
fn the_tour() {
    let mut model = fixture::loaded();
    let ids: Vec<_> = model.jobs.iter().map(|(id, _)| id).collect();
    for id in ids {
        model.jobs.finish(id);
    }
    let pace = crate::app::tour::Pace { key_ms: 0, ..crate::app::tour::Pace::default() };
    model.tour = crate::app::tour::Tour::shipped(pace, true).ok();
    update(&mut model, Msg::Clock(fixture::NOW));
    snap("tour_slide", &model);
    press(&mut model, " ");
    snap("tour_caption", &model);
    press(&mut model, "J");
    snap("tour_chapters", &model);
}

#[test]
fn an_alert_is_seen_while_the_tour_is_given() {
    let mut model = fixture::loaded();
    model.tour = crate::app::tour::Tour::shipped(crate::app::tour::Pace::default(), true).ok();
    let text = "Task VAULT_CUSTOMER failed: Object 'CONVEX_VAULT.SAT_CUSTOMER' does not exist  (W)".to_owned();
    model.toast = Some(crate::app::Toast { text, tone: crate::app::Tone::Bad, until_ms: fixture::NOW + 15_000 });
    for step in [0, 1] {
        model.tour.as_mut().expect("a tour").step = step;
        let shown = screen(&model, (80, 24), false);
        let words: String = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("✗ Task VAULT_CUSTOMER failed"), "step {step}: {shown}");
        assert!(words.contains("(W)"), "to its end, step {step}: {shown}");
    }
}

#[test]
fn a_message_is_read_to_its_end_whatever_goes_on() {
    let mut model = fixture::loaded();
    fixture::working(&mut model);
    let text = "The job ended after 38.2 s, but not all is well: VAULT_PRODUCT failed at its third attempt. See 4, 5 and 6; \
                c cancels what still runs.";
    model.toast = Some(crate::app::Toast::new(crate::app::Tone::Bad, text.into(), fixture::NOW));
    snap("toast", &model);
    for size in [(60, 16), (80, 24), (120, 40), (200, 60)] {
        let shown = screen(&model, size, false);
        let words: String = shown.split(['"', '│', '\n', ' ']).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ");
        assert!(text.split(' ').all(|w| words.contains(w)) && words.contains("still runs."), "{size:?}\n{shown}");
    }
}

#[test]
fn a_tree_that_does_not_fit_scrolls_and_keeps_its_names() {
    let mut model = fixture::loaded();
    fixture::whole_tree(&mut model);
    model.pane = PaneId::Tasks;
    snap("wide_Tasks", &model);
    let last = model.tasks.rows.len() - 2;
    model.tasks.cursor.set(last, model.tasks.rows.len());
    snap("wide_end_Tasks", &model);
}

#[test]
fn a_statement_is_edited_where_it_stands() {
    let mut model = fixture::loaded();
    model.pane = PaneId::Deploy;
    press(&mut model, "e");
    snap("editing_Deploy", &model);
}

#[test]
fn a_statement_s_answer() {
    let mut model = fixture::loaded();
    model.pane = PaneId::Deploy;
    let done =
        StepState::Done { query_id: "01b2c3d4-0000-0001-0000-000000000044".into(), ms: 77, summary: "30 rows".into() };
    model.deploy.step(1, 1, done, Some(fixture::answer()));
    snap("answer_Deploy", &model);
}

#[test]
fn errors() {
    let mut model = fixture::fresh();
    let text = "cannot listen on 127.0.0.1:4566: the port is in use.\nEnd the other program, or choose another port with local.s3_port.";
    end(&mut model, &Slot::Connect, Err(Failure { text: text.into(), ..Failure::default() }));
    snap("error_connect", &model);
}

#[test]
fn too_small_says_so() {
    let model = fixture::loaded();
    insta::assert_snapshot!("small_40x10", screen(&model, (40, 10), false));
    for size in [(0, 0), (1, 1), (20, 5), (59, 16), (60, 15), (60, 16), (61, 17), (250, 80)] {
        screen(&model, size, false);
    }
}

#[test]
fn ascii_mode_draws_ascii_only() {
    let mut model = fixture::loaded();
    fixture::working(&mut model);
    for pane in PaneId::ALL {
        model.pane = pane;
        let shown = screen(&model, (100, 30), true);
        // Data keep their letters; the frame around them must not need any but ASCII's.
        let odd: String = shown.chars().filter(|c| !c.is_ascii() && !"東京".contains(*c)).collect();
        assert_eq!(odd, "", "{pane:?}\n{shown}");
    }
}

#[test]
fn no_escape_from_data_reaches_the_screen() {
    let mut model = fixture::loaded();
    model.pane = PaneId::S3;
    let shown = screen(&model, (120, 40), false);
    assert!(shown.contains("\\x1b[31mred") && !shown.contains('\u{1b}'), "{shown}");
}

mod any {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        #[test]
        fn state_and_size_can_be_drawn(
            keys in proptest::collection::vec(0_usize..200, 0..40),
            size in (0_u16..160, 0_u16..50),
            loaded in proptest::bool::ANY,
        ) {
            let mut model = if loaded { fixture::loaded() } else { fixture::fresh() };
            let all: Vec<Key> = keymap::TABLE.iter().flat_map(|b| b.keys.iter().copied()).collect();
            for key in keys {
                update(&mut model, Msg::Key(all[key % all.len()]));
            }
            screen(&model, size, false);
        }
    }
}
