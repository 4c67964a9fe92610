//! The console at work: the terminal, the event loop, effects turned into jobs.

mod cast;
mod colours;
mod editor;
mod events;
mod input;
mod jobs;
mod notes;
mod picture;
mod record;
mod reports;
mod services;
mod setup;
mod signals;
mod terminal;

pub use notes::Page;
pub use record::{Recording, record};
pub use services::{Open, Opened, Options, Services, TourOptions};

use crate::app::tour::{Pace, Phase, Script, Tour};
use crate::app::{self, Effect, Env, Model, Msg, Settings, Tone};
use crate::clients::Observer;
use crate::config::Paths;
use crate::ui::{self, Hits, Look, Themes};
use futures::future::BoxFuture;
use input::Input;
use jobs::Runner;
use reports::Reports;
use setup::Setup;
use signals::{Signal, Signals};
use std::sync::Arc;
use std::time::Duration;
use terminal::Guard;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Room for transitions that the screen has not taken in yet. A job that is faster waits.
const QUEUE: usize = 4_096;

/// The shortest time between two frames that no key asked for.
const FRAME: Duration = Duration::from_millis(16);

/// How long jobs may take to end when the console is left.
const FAREWELL: Duration = Duration::from_secs(3);

/// Reaches the services. Called in the background once the first frame stands; the observer is told of every call.
pub type Connect = Box<dyn FnOnce(Observer) -> BoxFuture<'static, Result<Services, String>> + Send>;

/// Why the console could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// The terminal, or a file of a recording.
    #[error("the terminal cannot be used: {0}")]
    Terminal(#[from] std::io::Error),
    /// A script cannot be played.
    #[error("{0}")]
    Script(String),
    /// A step of a tour that was to go through to its end.
    #[error("{0}")]
    Stuck(String),
}

impl ConsoleError {
    /// Names the step, what it waited for, and the last error.
    fn stuck(model: &Model, why: &str) -> Self {
        let place = model.tour.as_ref().map_or_else(String::new, |t| {
            let id = t.script.chapters.get(t.chapter).map_or("", |c| c.id.as_str());
            format!("chapter {id}, step {}", t.step + 1)
        });
        let last = model.last_error.as_ref().map_or_else(String::new, |e| format!("\nthe last error: {e}"));
        Self::Stuck(format!("the tour is stuck at {place}: {why}{last}"))
    }
}

/// The tour that the options ask for.
fn tour_of(options: &Options) -> Result<Tour, ConsoleError> {
    let wrong = |e: app::tour::ScriptError| ConsoleError::Script(e.to_string());
    let asked = options.tour.clone().unwrap_or_default();
    let pace = Pace { auto: asked.auto, hold: i64::from(asked.hold), leave: asked.leave, ..Pace::default() };
    let mut tour = match &asked.script {
        Some(text) => Tour::new(Arc::new(Script::parse(text).map_err(wrong)?), pace, asked.own),
        None => Tour::shipped(pace, asked.own).map_err(wrong)?,
    };
    if let Some(id) = &asked.chapter {
        let known = || tour.script.chapters.iter().map(|c| c.id.as_str()).collect::<Vec<_>>().join(", ");
        let found = tour.script.chapter(id);
        tour.chapter =
            found.ok_or_else(|| ConsoleError::Script(format!("there is no chapter {id:?}; there are: {}", known())))?;
    }
    Ok(tour)
}

/// Where the console works.
fn env(options: &Options) -> Env {
    Env {
        profile: options.profile.clone(),
        local: options.local,
        readonly: options.readonly,
        utc_offset_s: chrono::Local::now().offset().local_minus_utc(),
        profiles: options.profiles.clone(),
        logs: options.paths.logs.display().to_string(),
    }
}

/// Shows the console until it is left.
///
/// # Errors
/// Where the terminal cannot be switched to the console or back. Whatever else fails is shown in the console.
pub async fn run(options: Options, connect: Connect) -> Result<(), ConsoleError> {
    let clock = Arc::clone(&options.clock);
    let (paths, notice) = (options.paths.clone(), options.notice.clone());
    let setup = Setup::read(&paths);
    let settings = setup.settings;
    let (env, tour) = (env(&options), options.tour.is_some().then(|| tour_of(&options)).transpose()?);
    let signals = Signals::listen()?;
    let mut guard = Guard::enter(settings.mouse)?;
    let size = guard.terminal.size()?;
    let mut model = Model::new(env, settings, clock.now_ms(), (size.width, size.height));
    setup.apply(&mut model);
    model.tour = tour;
    if let Some(text) = notice {
        app::update(&mut model, Msg::Say(Tone::Warn, text.clone()));
        model.last_error = Some(text);
    }
    let (sender, receiver) = mpsc::channel(QUEUE);
    let reports = Reports::new(sender);
    let runner = Runner::new(options, connect, reports.clone());
    let looks = Looks::new(setup.themes.clone(), settings, colours::depth());
    let page = Page::default();
    let mut console =
        Console { model, runner, receiver, reports, hits: Hits::default(), looks, setup, paths, page, to_edit: None };
    let result = console.show(&mut guard, signals).await;
    drop(guard);
    console.setup.keep(&console.model, &console.paths);
    Page::default().write_over(&Page::file(&console.paths.kept));
    console.runner.end(FAREWELL).await;
    result
}

struct Console {
    model: Model,
    runner: Runner,
    receiver: mpsc::Receiver<Msg>,
    reports: Reports,
    hits: Hits,
    looks: Looks,
    setup: Setup,
    paths: Paths,
    /// The speaker's notes as last written.
    page: Page,
    /// A text that the operator's own editor is to have.
    to_edit: Option<String>,
}

/// The look, made again only when the settings change.
struct Looks {
    themes: Themes,
    colours: ui::Colours,
    settings: Settings,
    look: Look,
}

impl Looks {
    fn new(themes: Themes, settings: Settings, colours: ui::Colours) -> Self {
        let look = Look::of(&themes, settings, colours);
        Self { themes, colours, settings, look }
    }

    fn of(&mut self, settings: Settings) -> Look {
        if self.settings != settings {
            self.look = Look::of(&self.themes, settings, self.colours);
            self.settings = settings;
        }
        self.look
    }
}

/// What the loop does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Go,
    Leave,
    Suspend,
    Edit,
}

/// What has woken the loop.
enum Woken {
    Terminal(Option<std::io::Result<crossterm::event::Event>>),
    Job(Option<Msg>),
    Signal(Signal),
    Time,
}

impl Console {
    async fn show(&mut self, guard: &mut Guard, mut signals: Signals) -> Result<(), ConsoleError> {
        let mut events = Input::listen();
        self.draw(guard)?;
        let first = app::start(&mut self.model);
        self.perform(first, guard)?;
        let (mut drawn, mut dirty) = (Instant::now(), true);
        loop {
            let sleep = self.sleep(dirty, drawn);
            let woken = tokio::select! {
                biased;
                signal = signals.next() => Woken::Signal(signal),
                event = events.next() => Woken::Terminal(event),
                msg = self.receiver.recv() => Woken::Job(msg),
                () = tokio::time::sleep(sleep) => Woken::Time,
            };
            let urgent = matches!(woken, Woken::Terminal(_) | Woken::Signal(_));
            let mut next = self.tell(Msg::Clock(self.runner.now_ms()), guard)?;
            next = next.or(self.take(woken, guard)?);
            next = next.or(self.drain(&mut events, guard)?);
            match next {
                Next::Leave => return Ok(()),
                Next::Suspend => {
                    // The reader holds the terminal's input: it must not read while the shell does.
                    events.end().await;
                    guard.suspend(self.model.settings.mouse)?;
                    events = Input::listen();
                    let size = guard.terminal.size()?;
                    self.tell(Msg::Resize(size.width, size.height), guard)?;
                }
                Next::Edit => {
                    events.end().await;
                    let text = self.to_edit.take().unwrap_or_default();
                    let mouse = self.model.settings.mouse;
                    let edited = guard.lend(mouse, || tokio::task::block_in_place(|| editor::edit(&text)))?;
                    events = Input::listen();
                    let size = guard.terminal.size()?;
                    self.tell(Msg::Resize(size.width, size.height), guard)?;
                    self.tell(Msg::Edited(edited), guard)?;
                }
                Next::Go => {}
            }
            self.speaker();
            if urgent {
                // A console that is killed begins where it was, too.
                self.setup.keep(&self.model, &self.paths);
            }
            if let Some((Phase::Stuck(why), true)) = self.model.tour.as_ref().map(|t| (t.phase.clone(), t.pace.leave)) {
                return Err(ConsoleError::stuck(&self.model, &why));
            }
            dirty = true;
            if urgent || drawn.elapsed() >= FRAME {
                self.draw(guard)?;
                (drawn, dirty) = (Instant::now(), false);
            }
        }
    }

    /// How long nothing needs to happen.
    fn sleep(&self, dirty: bool, drawn: Instant) -> Duration {
        let wake = app::next_wake_ms(&self.model) - self.runner.now_ms();
        let wake = Duration::from_millis(u64::try_from(wake).unwrap_or(0));
        if dirty { wake.min(FRAME.saturating_sub(drawn.elapsed())) } else { wake }
    }

    /// Takes in what came first.
    fn take(&mut self, woken: Woken, guard: &mut Guard) -> Result<Next, ConsoleError> {
        match woken {
            Woken::Terminal(Some(event)) => self.terminal_event(&event?, guard),
            // The terminal has gone: nobody is left to show anything to.
            Woken::Terminal(None) | Woken::Signal(Signal::End) => Ok(Next::Leave),
            Woken::Signal(Signal::Stop) => Ok(Next::Suspend),
            Woken::Job(Some(msg)) => self.tell(msg, guard),
            Woken::Job(None) | Woken::Time => Ok(Next::Go),
        }
    }

    /// Takes in what else is there, so that many messages make one frame.
    fn drain(&mut self, events: &mut Input, guard: &mut Guard) -> Result<Next, ConsoleError> {
        let mut next = Next::Go;
        for _ in 0..QUEUE {
            let Ok(msg) = self.receiver.try_recv() else { break };
            next = next.or(self.tell(msg, guard)?);
        }
        while let Some(event) = events.ready() {
            next = next.or(self.terminal_event(&event?, guard)?);
        }
        for (id, progress) in self.reports.latest() {
            next = next.or(self.tell(Msg::Progress(id, progress), guard)?);
        }
        Ok(next)
    }

    fn terminal_event(&mut self, event: &crossterm::event::Event, guard: &mut Guard) -> Result<Next, ConsoleError> {
        match events::translate(event, &self.hits) {
            Some(msg) => self.tell(msg, guard),
            None => Ok(Next::Go),
        }
    }

    fn tell(&mut self, msg: Msg, guard: &mut Guard) -> Result<Next, ConsoleError> {
        let effects = app::update(&mut self.model, msg);
        self.perform(effects, guard)
    }

    fn perform(&mut self, effects: Vec<Effect>, guard: &mut Guard) -> Result<Next, ConsoleError> {
        let mut next = Next::Go;
        for effect in effects {
            match effect {
                Effect::Quit => next = Next::Leave,
                Effect::Suspend => next = next.or(Next::Suspend),
                Effect::Copy(text) => guard.copy(&text)?,
                Effect::Mouse(on) => guard.mouse(on)?,
                Effect::Editor(text) => {
                    self.to_edit = Some(text);
                    next = next.or(Next::Edit);
                }
                Effect::Picture => self.picture(guard)?,
                Effect::Notify(text) => guard.notify(&text, self.setup.console.bell, self.setup.console.notify)?,
                Effect::Start(id, job) => self.runner.start(id, job),
                Effect::Cancel(id) => self.runner.cancel(id),
            }
        }
        Ok(next)
    }

    /// Tells a second terminal where the tour is.
    fn speaker(&mut self) {
        let page = Page::of(self.model.tour.as_ref());
        if page != self.page {
            page.write(&Page::file(&self.paths.kept));
            self.page = page;
        }
    }

    /// Saves the screen as a picture and says where it is.
    fn picture(&mut self, guard: &mut Guard) -> Result<(), ConsoleError> {
        let look = self.looks.of(self.model.settings);
        let size = guard.terminal.size()?;
        let buffer = picture::screen(&self.model, &look, (size.width, size.height));
        let (tone, text) = match picture::save(&buffer, &self.paths.pictures, self.model.now_ms) {
            Ok(path) => (Tone::Good, format!("Saved {}", path.display())),
            Err(error) => (Tone::Bad, format!("The picture was not saved: {error}")),
        };
        app::update(&mut self.model, Msg::Say(tone, text));
        Ok(())
    }

    fn draw(&mut self, guard: &mut Guard) -> Result<(), ConsoleError> {
        let look = self.looks.of(self.model.settings);
        let (model, hits) = (&self.model, &mut self.hits);
        let drawn = guard.terminal.draw(|frame| *hits = ui::draw(frame, model, &look))?;
        let looks_for = self.model.tour.as_ref().and_then(Tour::looks_for);
        if looks_for.is_some_and(|text| picture::shows(drawn.buffer, self.hits.body, text)) {
            self.tell(Msg::Seen, guard)?;
        }
        Ok(())
    }
}

impl Next {
    /// The stronger of the two.
    fn or(self, other: Self) -> Self {
        if self == Self::Leave || other == Self::Go { self } else { other }
    }
}
