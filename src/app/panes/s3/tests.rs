//! The tree and what is done in it.

use super::tree::parent;
use super::*;
use crate::app::{Model, Msg, PaneId, Reply, Slot, fixture, update};
use crate::domain::{JobId, ObjectPage};

fn object(key: &str) -> ObjectInfo {
    ObjectInfo { key: key.into(), size: 1, ..ObjectInfo::default() }
}

#[test]
fn parents() {
    assert_eq!(parent("a/b/c.txt"), "a/b/");
    assert_eq!(parent("a/b/"), "a/");
    assert_eq!(parent("a/"), "");
    assert_eq!(parent("a"), "");
}

#[test]
fn the_selection_stays_on_its_key_when_pages_come() {
    let mut s = State::default();
    s.page("", None, ObjectPage { prefixes: vec!["b/".into()], objects: vec![object("z")], next: None });
    s.cursor.set(1, 2);
    s.folders.entry("b/".into()).or_default().open = true;
    let page = ObjectPage { prefixes: vec![], objects: vec![object("b/1"), object("b/2")], next: Some("x".into()) };
    s.page("b/", None, page);
    assert_eq!(s.selected().map(Row::key), Some("z"));
    assert_eq!(s.rows.len(), 5);
    s.set_filter("2".into());
    assert_eq!(s.rows.iter().filter(|r| matches!(r, Row::Object(..))).count(), 1);
    s.set_filter(String::new());
    assert_eq!(s.rows.len(), 5);
}

/// Answers every listing that is asked for, from a bucket with one prefix of `count` objects.
fn serve(model: &mut Model, count: usize) {
    for _ in 0..10_000 {
        let found = model.jobs.iter().find_map(|(id, r)| match &r.job {
            Job::List { prefix, after } => Some((id, prefix.clone(), after.clone())),
            _ => None,
        });
        let Some((id, prefix, after)) = found else { return };
        let from: usize = after.as_ref().map_or(0, |a| a.parse().unwrap());
        let to = (from + 1_000).min(count);
        let objects = (from..to).map(|i| object(&format!("big/{i:07}"))).collect();
        let next = (to < count).then(|| to.to_string());
        let page = match prefix.as_str() {
            "" => ObjectPage { prefixes: vec!["big/".into()], ..ObjectPage::default() },
            _ => ObjectPage { prefixes: vec![], objects, next },
        };
        update(model, Msg::Ended(id, Ok(Reply::Page(prefix, page))));
    }
    panic!("it never stops listing");
}

fn press(model: &mut Model, keys: &str) {
    for c in keys.chars() {
        update(model, Msg::Key(crate::app::key::ch(c)));
    }
}

#[test]
fn a_long_prefix_is_walked_to_its_end_and_back_in_bounded_memory() {
    let mut model = fixture::empty();
    model.pane = PaneId::S3;
    press(&mut model, "r");
    serve(&mut model, 60_000);
    press(&mut model, "gl");
    serve(&mut model, 60_000);
    press(&mut model, "G");
    serve(&mut model, 60_000);
    assert_eq!(model.s3.selected().map(Row::key), Some("big/0059999"));
    assert!(model.s3.rows.len() <= 13_000, "{}", model.s3.rows.len());
    assert_eq!(model.s3.folders["big/"].known(), 60_000);
    // Upwards the pages that were let go come back, one when its place is reached.
    for page in 1..=40 {
        let before = model.s3.rows.iter().position(|r| matches!(r, Row::Before(..))).expect("pages before");
        model.s3.cursor.set(before + 1, model.s3.rows.len());
        press(&mut model, "k");
        serve(&mut model, 60_000);
        assert_eq!(model.s3.folders["big/"].skipped(), 48_000 - page * 1_000);
        let want = format!("big/{:07}", 48_000 - (page - 1) * 1_000 - 1);
        assert_eq!(model.s3.selected().map(Row::key), Some(want.as_str()));
        assert!(model.s3.rows.len() <= 13_000);
    }
}

#[test]
fn the_first_key_of_a_long_prefix_is_one_key_away_from_its_end() {
    let mut model = fixture::empty();
    model.pane = PaneId::S3;
    press(&mut model, "p");
    update(&mut model, Msg::Paste("big/".into()));
    update(&mut model, Msg::Key(crate::app::key::key(crate::app::Code::Enter)));
    serve(&mut model, 60_000);
    press(&mut model, "G");
    serve(&mut model, 60_000);
    assert_eq!(model.s3.selected().map(Row::key), Some("big/0059999"));
    press(&mut model, "g");
    serve(&mut model, 60_000);
    assert_eq!(model.s3.selected().map(Row::key), Some("big/0000000"));
    assert!(model.s3.folders["big/"].before.is_empty());
}

#[test]
fn the_end_of_what_is_here_whole_is_not_listed_for() {
    let mut model = fixture::loaded();
    model.pane = PaneId::S3;
    press(&mut model, "G");
    assert!(!model.s3.to_end && model.s3.cursor.at() + 1 == model.s3.rows.len());
}

#[test]
fn the_selection_does_not_run_away_with_the_row_that_stands_for_more() {
    let mut model = fixture::empty();
    model.pane = PaneId::S3;
    press(&mut model, "r");
    serve(&mut model, 9_000);
    press(&mut model, "gl");
    serve(&mut model, 9_000);
    assert_eq!(model.s3.rows.len(), 1_002);
    model.s3.cursor.set(1_000, model.s3.rows.len());
    press(&mut model, "j");
    serve(&mut model, 9_000);
    assert_eq!(model.s3.selected().map(Row::key), Some("big/0001000"));
    assert_eq!(model.s3.folders["big/"].known(), 2_000);
}

/// The head that is being read, by its key; it arrives.
fn head_comes(model: &mut Model) -> Option<String> {
    let reading = model.jobs.iter().find_map(|(id, r)| match &r.job {
        Job::Preview { key, .. } => Some((id, key.clone())),
        _ => None,
    });
    let (id, key) = reading?;
    update(model, Msg::Ended(id, Ok(Reply::Preview(Preview { key: key.clone(), ..Preview::default() }))));
    Some(key)
}

#[test]
fn what_is_read_follows_the_selection_that_a_page_or_a_jump_has_moved() {
    let mut model = fixture::empty();
    model.pane = PaneId::S3;
    press(&mut model, "r");
    serve(&mut model, 3_000);
    press(&mut model, "gl");
    serve(&mut model, 3_000);
    press(&mut model, "j");
    assert_eq!(head_comes(&mut model).as_deref(), Some("big/0000000"));
    // The selection stands on "more", and a page puts an object there.
    model.s3.cursor.set(1_001, model.s3.rows.len());
    press(&mut model, "kj");
    head_comes(&mut model);
    serve(&mut model, 3_000);
    assert_eq!(model.s3.selected().map(Row::key), Some("big/0001000"));
    assert_eq!(head_comes(&mut model).as_deref(), Some("big/0001000"));
    // From a prefix on: its first object stands where another one stood.
    model.s3.cursor.set(0, model.s3.rows.len());
    let id = with_jump(&mut model, "big/00020");
    let page = ObjectPage { prefixes: vec![], objects: vec![object("big/0002000")], next: None };
    update(&mut model, Msg::Ended(id, Ok(Reply::Page("big/00020".into(), page))));
    assert_eq!(head_comes(&mut model).as_deref(), Some("big/0002000"));
    assert_eq!(head_comes(&mut model), None);
}

/// Shows the tree from a prefix on; the listing that is asked for.
fn with_jump(model: &mut Model, prefix: &str) -> JobId {
    press(model, "p");
    for _ in 0..80 {
        update(model, Msg::Key(crate::app::key::key(crate::app::Code::Backspace)));
    }
    press(model, prefix);
    update(model, Msg::Key(crate::app::key::key(crate::app::Code::Enter)));
    fixture::id_of(&model.jobs, &Slot::List(prefix.into()))
}

#[test]
fn marked_objects_are_deleted_together_and_prefixes_need_a_name() {
    let mut model = fixture::loaded();
    model.pane = PaneId::S3;
    model.s3.cursor.set(1, model.s3.rows.len());
    press(&mut model, " D");
    assert!(matches!(model.overlays.last(), Some(Overlay::Confirm { .. })));
    press(&mut model, "n");
    model.s3.cursor.set(0, model.s3.rows.len());
    press(&mut model, " D");
    assert!(matches!(model.overlays.last(), Some(Overlay::TypeName { name, .. }) if name == "convex-insurance"));
}

#[test]
fn three_transfers_at_once_and_the_listing_is_read_again_after_the_last() {
    let mut model = fixture::loaded();
    model.pane = PaneId::S3;
    for i in 0..5 {
        press(&mut model, "u");
        update(&mut model, Msg::Paste(format!("/tmp/{i}")));
        update(&mut model, Msg::Key(crate::app::key::key(crate::app::Code::Enter)));
    }
    let running = |model: &Model| model.s3.queue.count(&queue::State::Running);
    assert_eq!(running(&model), 3);
    for id in 1..=5_u64 {
        let slot = Slot::Bucket(format!("move {id}"));
        let job: JobId = fixture::id_of(&model.jobs, &slot);
        let moved = crate::domain::Moved { ok: id != 2, ..Default::default() };
        update(&mut model, Msg::Ended(job, Ok(Reply::Bucket(Bucketed::Moved(moved)))));
    }
    assert_eq!(running(&model), 0);
    assert_eq!(model.s3.queue.entries.iter().filter(|(_, s)| matches!(s, queue::State::Failed(_))).count(), 1);
    assert!(model.jobs.busy(&Slot::List(String::new())));
}
