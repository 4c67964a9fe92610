//! What the console costs: drawing a full frame at 250 × 80, pane by pane, and the time from a key press to its frame
//! while a job reports 10 000 events a second. `cargo bench --bench console` prints percentiles in milliseconds.

#![allow(clippy::expect_used, clippy::print_stdout, reason = "a bench: it prints, and stops where it cannot run")]

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::{TerminalOptions, Viewport};
use snowdeck::app::{
    self, Action, Code, Counts, Env, Failure, Job, Key, Layer, LinkInfo, Model, Msg, PaneId, PrefixTotal, Reply, Slot,
    TableCount,
};
use snowdeck::domain::{CallRecord, JobId, Plan, Service, Stage, Step};
use snowdeck::jobs::{Event, Progress};
use snowdeck::ui::{Colours, Look, draw};
use std::io::{Sink, sink};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

const SIZE: (u16, u16) = (250, 80);
const FRAMES: usize = 400;
const KEYS: usize = 200;
const EVENTS_A_SECOND: u64 = 10_000;
/// As many messages as the console takes in before it draws.
const QUEUE: usize = 4_096;

fn main() {
    let mut model = model();
    println!("a full frame, {} x {}, {FRAMES} of each pane       p50      p90      p99   limit 4 ms", SIZE.0, SIZE.1);
    for pane in PaneId::ALL {
        model.pane = pane;
        report(pane.title(), frames(&mut model));
    }
    println!("key to frame under {EVENTS_A_SECOND} events a second, {KEYS} keys   p50      p90      p99   limit 16 ms");
    report("Overview", keys(model.clone(), PaneId::Overview));
    report("Log", keys(model, PaneId::Log));
}

fn report(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)].as_secs_f64() * 1_000.0;
    println!("  {name:<44} {:>7.3}  {:>7.3}  {:>7.3}", at(50), at(90), at(99));
}

fn screen() -> Terminal<CrosstermBackend<Sink>> {
    let area = ratatui::layout::Rect::new(0, 0, SIZE.0, SIZE.1);
    let options = TerminalOptions { viewport: Viewport::Fixed(area) };
    Terminal::with_options(CrosstermBackend::new(sink()), options).expect("a terminal in memory")
}

/// Each frame is drawn whole: nothing of the one before is left to build on.
fn frames(model: &mut Model) -> Vec<Duration> {
    let look = Look::new(model.settings, Colours::True);
    (0..FRAMES)
        .map(|i| {
            app::update(model, Msg::Clock(1_546_264_951_000 + i64::try_from(i).unwrap_or(0) * 150));
            let mut terminal = screen();
            let start = Instant::now();
            terminal.draw(|frame| drop(draw(frame, model, &look))).expect("into memory");
            start.elapsed()
        })
        .collect()
}

/// The console's loop: a key comes, what else has come is taken in, one frame is drawn.
fn keys(mut model: Model, pane: PaneId) -> Vec<Duration> {
    model.pane = pane;
    let (id, _) = model.jobs.start(Job::Upload, model.now_ms);
    let events = feed(id);
    let look = Look::new(model.settings, Colours::True);
    let mut terminal = screen();
    let down = Key { code: Code::Char('j'), ctrl: false, alt: false, shift: false };
    (0..KEYS)
        .map(|_| {
            // Between two keys the loop goes on at its own pace.
            let until = Instant::now() + Duration::from_millis(20);
            while Instant::now() < until {
                take(&events, &mut model);
                terminal.draw(|frame| drop(draw(frame, &model, &look))).expect("into memory");
                thread::sleep(Duration::from_millis(2));
            }
            let start = Instant::now();
            app::update(&mut model, Msg::Key(down));
            take(&events, &mut model);
            terminal.draw(|frame| drop(draw(frame, &model, &look))).expect("into memory");
            start.elapsed()
        })
        .collect()
}

fn take(events: &Receiver<Msg>, model: &mut Model) {
    for msg in events.try_iter().take(QUEUE) {
        app::update(model, msg);
    }
}

/// A job that reports calls, notes and counters at its pace until nobody listens.
fn feed(id: JobId) -> Receiver<Msg> {
    let (sender, receiver) = sync_channel(QUEUE);
    thread::spawn(move || {
        let start = Instant::now();
        for n in 0_u64.. {
            let due = Duration::from_micros(n * 1_000_000 / EVENTS_A_SECOND);
            if let Some(early) = due.checked_sub(start.elapsed()) {
                thread::sleep(early);
            }
            let msg = match n % 10 {
                0 => Msg::Event(id, Event::Note(format!("part {n} of the work is done"))),
                1 => Msg::Progress(id, Progress { label: "objects".into(), done: n, ..Progress::default() }),
                _ => Msg::Call(call(n)),
            };
            if sender.send(msg).is_err() {
                return;
            }
        }
    });
    receiver
}

fn call(n: u64) -> CallRecord {
    CallRecord {
        started_ms: 1_546_264_951_000 + i64::try_from(n).unwrap_or(0),
        service: if n.is_multiple_of(3) { Service::S3 } else { Service::Sql },
        text: format!("INSERT ALL WHEN TRUE THEN INTO CONVEX_VAULT.HUB_CUSTOMER VALUES ({n}) SELECT * FROM CHANGES"),
        micros: n * 37 % 900_000,
        id: Some(format!("01b2c3d4-0000-0001-0000-{n:012}")),
        outcome: if n.is_multiple_of(97) {
            Err("002003 (42S02): no such table".into())
        } else {
            Ok(format!("{n} rows"))
        },
    }
}

/// A console over a loaded pipeline with a long log.
fn model() -> Model {
    let env = Env {
        profile: "local".into(),
        local: true,
        readonly: false,
        utc_offset_s: 0,
        profiles: Vec::new(),
        logs: String::new(),
    };
    let mut model = Model::new(env, app::Settings::default(), 1_546_264_951_000, SIZE);
    app::start(&mut model);
    let layer = |t: &str| Layer { title: t.into(), schema: format!("CONVEX_{t}") };
    let info = LinkInfo {
        layers: ["STAGE", "VAULT", "WAREHOUSE", "DATAMART"].map(layer).to_vec(),
        prefixes: ["customers/", "products/", "transactions/"].map(String::from).to_vec(),
        root: "LOAD_CONVEX".into(),
        ..LinkInfo::default()
    };
    end(&mut model, &Slot::Connect, Ok(Reply::Connected(info)));
    end(&mut model, &Slot::Plan, Ok(Reply::Plan(plan())));
    end(&mut model, &Slot::Counts, Ok(Reply::Counts(counts())));
    for n in 0..2_000 {
        app::update(&mut model, Msg::Call(call(n)));
    }
    app::update(&mut model, Msg::Resize(SIZE.0, SIZE.1));
    model.pane = PaneId::Deploy;
    press(&mut model, Action::Bottom);
    model
}

fn press(model: &mut Model, action: Action) {
    let row = app::keymap::TABLE.iter().find(|r| r.action == action).expect("a key for it");
    app::update(model, Msg::Key(row.keys[0]));
}

fn end(model: &mut Model, slot: &Slot, result: Result<Reply, Failure>) {
    let id = model.jobs.in_slot(slot).map(|(id, _)| id);
    if let Some(id) = id {
        app::update(model, Msg::Ended(id, result));
    }
}

fn counts() -> Counts {
    let tables = ["STAGE", "VAULT", "WAREHOUSE", "DATAMART"].iter().flat_map(|s| {
        (0..12).map(move |i| TableCount {
            schema: format!("CONVEX_{s}"),
            table: format!("T{i}_{s}"),
            rows: i * 1_234_567,
        })
    });
    let prefix = |p: &str| PrefixTotal { prefix: p.into(), objects: 31, bytes: 812_000, more: false };
    Counts { tables: tables.collect(), prefixes: ["customers/", "products/", "transactions/"].map(prefix).to_vec() }
}

fn plan() -> Plan {
    let sql = "CREATE OR REPLACE STREAM RAW_TRANSACTIONS_STREAM -- a comment\n  ON TABLE RAW_TRANSACTIONS\n  APPEND_ONLY = TRUE\n".repeat(20);
    let step = |i: u32| Step {
        title: format!("STATEMENT_{i}"),
        caption: "A stream remembers what has been read.".into(),
        sql: sql.clone(),
        file: "30_stage/10_raw.sql".into(),
        line: i,
    };
    let stage = |i: u32| Stage { id: format!("s{i}"), title: format!("Stage {i}"), steps: (0..40).map(step).collect() };
    Plan { pipeline: "Convex Insurance".into(), stages: (0..12).map(stage).collect() }
}
