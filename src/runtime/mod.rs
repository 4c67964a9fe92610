//! The console at work: the terminal, the event loop, effects turned into jobs.

mod colours;
mod events;
mod input;
mod jobs;
mod reports;
mod services;
mod signals;
mod terminal;

pub use services::{Open, Opened, Options, Services};

use crate::app::{self, Effect, Env, Model, Msg, Settings};
use crate::clients::Observer;
use crate::ui::{self, Hits, Look};
use futures::future::BoxFuture;
use input::Input;
use jobs::Runner;
use reports::Reports;
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
#[error("the terminal cannot be used: {0}")]
pub struct ConsoleError(#[from] std::io::Error);

/// Shows the console until it is left.
///
/// # Errors
/// Where the terminal cannot be switched to the console or back. Whatever else fails is shown in the console.
pub async fn run(options: Options, connect: Connect) -> Result<(), ConsoleError> {
    let clock = Arc::clone(&options.clock);
    let settings =
        Settings { theme: colours::theme(), ascii: options.ascii || !colours::unicode(), mouse: options.mouse };
    let env = Env {
        profile: options.profile.clone(),
        local: options.local,
        readonly: options.readonly,
        utc_offset_s: chrono::Local::now().offset().local_minus_utc(),
        profiles: options.profiles.clone(),
        logs: options.logs.display().to_string(),
    };
    let signals = Signals::listen()?;
    let mut guard = Guard::enter(settings.mouse)?;
    let size = guard.terminal.size()?;
    let model = Model::new(env, settings, clock.now_ms(), (size.width, size.height));
    let (sender, receiver) = mpsc::channel(QUEUE);
    let reports = Reports::new(sender);
    let runner = Runner::new(options, connect, reports.clone());
    let mut console = Console { model, runner, receiver, reports, hits: Hits::default(), colours: colours::depth() };
    let result = console.show(&mut guard, signals).await;
    drop(guard);
    console.runner.end(FAREWELL).await;
    result
}

struct Console {
    model: Model,
    runner: Runner,
    receiver: mpsc::Receiver<Msg>,
    reports: Reports,
    hits: Hits,
    colours: ui::Colours,
}

/// What the loop does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Go,
    Leave,
    Suspend,
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
                Next::Go => {}
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
                Effect::Start(id, job) => self.runner.start(id, job),
                Effect::Cancel(id) => self.runner.cancel(id),
            }
        }
        Ok(next)
    }

    fn draw(&mut self, guard: &mut Guard) -> Result<(), ConsoleError> {
        let look = Look::new(self.model.settings, self.colours);
        let (model, hits) = (&self.model, &mut self.hits);
        guard.terminal.draw(|frame| *hits = ui::draw(frame, model, &look))?;
        Ok(())
    }
}

impl Next {
    /// The stronger of the two.
    fn or(self, other: Self) -> Self {
        if self == Self::Leave || other == Self::Go { self } else { other }
    }
}
