//! The tour without a terminal: the same console, drawn into memory, recorded and photographed.

use super::cast::Cast;
use super::jobs::Runner;
use super::reports::Reports;
use super::setup::Setup;
use super::{Connect, ConsoleError, Options, QUEUE, env, picture};
use crate::app::tour::{Phase, Tour};
use crate::app::{self, Effect, Model, Msg, PaneId};
use crate::ui::{Colours, Hits, Look, Themes};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Between two looks at what a step waits for.
const LOOK: Duration = Duration::from_millis(50);

/// How long a step's work takes in a recording, milliseconds.
const WORK_MS: u64 = 600;

/// What is made of the tour.
#[derive(Debug, Clone)]
pub struct Recording {
    /// Columns and rows.
    pub size: (u16, u16),
    /// A file for an asciicast.
    pub cast: Option<PathBuf>,
    /// A folder for a picture of each step.
    pub pictures: Option<PathBuf>,
    /// A theme's name.
    pub theme: Option<String>,
    /// What moves while a step is at work is recorded, too; then two recordings differ.
    pub motion: bool,
}

/// Plays the tour to its end and writes what is made of it.
///
/// # Errors
/// A step that does not come to stand; a file that cannot be written.
pub async fn record(options: Options, connect: Connect, to: Recording) -> Result<(), ConsoleError> {
    let clock = Arc::clone(&options.clock);
    let setup = Setup::read(&options.paths);
    let tour = super::tour_of(&options)?;
    let mut settings = setup.settings;
    if let Some(name) = &to.theme {
        let named = setup.themes.names().iter().position(|n| n == name);
        settings.theme = named.ok_or_else(|| ConsoleError::Script(format!("there is no theme {name:?}")))?;
    }
    settings.ascii = false;
    let mut model = Model::new(env(&options), settings, clock.now_ms(), to.size);
    setup.apply(&mut model);
    model.pane = PaneId::Overview;
    let cast = Cast::new(&tour.script.title, to.size);
    model.tour = Some(tour);
    let (sender, receiver) = mpsc::channel(QUEUE);
    let reports = Reports::new(sender);
    let runner = Runner::new(options, connect, reports.clone());
    let look = Look::of(&Themes::default(), settings, Colours::True);
    let Ok(terminal) = Terminal::new(TestBackend::new(to.size.0, to.size.1));
    let mut studio = Studio { model, runner, receiver, reports, look, terminal, cast, to, place: None, marked: None };
    let result = studio.play().await;
    studio.runner.end(super::FAREWELL).await;
    result?;
    if let Some(path) = &studio.to.cast {
        std::fs::write(path, studio.cast.text())?;
    }
    Ok(())
}

struct Studio {
    model: Model,
    runner: Runner,
    receiver: mpsc::Receiver<Msg>,
    reports: Reports,
    look: Look,
    terminal: Terminal<TestBackend>,
    cast: Cast,
    to: Recording,
    /// The step that was last taken, and whether it stood.
    place: Option<(usize, usize, bool)>,
    /// The chapter that has its marker.
    marked: Option<usize>,
}

impl Studio {
    async fn play(&mut self) -> Result<(), ConsoleError> {
        let first = app::start(&mut self.model);
        self.perform(first);
        loop {
            if let Ok(Some(msg)) = tokio::time::timeout(LOOK, self.receiver.recv()).await {
                self.tell(msg);
            }
            while let Ok(msg) = self.receiver.try_recv() {
                self.tell(msg);
            }
            for (id, progress) in self.reports.latest() {
                self.tell(Msg::Progress(id, progress));
            }
            self.tell(Msg::Clock(self.runner.now_ms()));
            let (screen, hits) = self.draw();
            let looks_for = self.model.tour.as_ref().and_then(Tour::looks_for);
            if looks_for.is_some_and(|text| picture::shows(&screen, hits.body, text)) {
                self.tell(Msg::Seen);
            }
            match self.model.tour.as_ref().map(|t| t.phase.clone()) {
                Some(Phase::Over) | None => return Ok(()),
                Some(Phase::Stuck(why)) => return Err(ConsoleError::stuck(&self.model, &why)),
                Some(phase) => self.take(&phase, &screen)?,
            }
        }
    }

    /// Takes the screen where it is worth taking, and goes on where the step stands.
    fn take(&mut self, phase: &Phase, screen: &Buffer) -> Result<(), ConsoleError> {
        let Some(tour) = &self.model.tour else { return Ok(()) };
        let (chapter, step, hold) = (tour.chapter, tour.step, tour.hold_ms());
        let stands = matches!(phase, Phase::Shown { .. });
        if self.place == Some((chapter, step, stands)) {
            if self.to.motion && !stands {
                self.cast.frame(screen, 100)?;
            }
            return Ok(());
        }
        if self.marked != Some(chapter) {
            self.marked = Some(chapter);
            let name = tour.script.chapters.get(chapter).map(|c| c.title.clone()).unwrap_or_default();
            self.cast.marker(&name);
        }
        if matches!(phase, Phase::Waiting { .. }) || stands {
            self.place = Some((chapter, step, stands));
            // A step takes the same time in every recording, however long its work took.
            if stands {
                self.cast.pass(WORK_MS);
            }
            self.cast.frame(screen, if stands { u64::try_from(hold).unwrap_or(0) } else { 0 })?;
        }
        if stands {
            self.picture(screen)?;
            let mut effects = Vec::new();
            app::tour::next(&mut self.model, &mut effects);
            self.perform(effects);
        }
        Ok(())
    }

    fn picture(&self, screen: &Buffer) -> Result<(), ConsoleError> {
        let (Some(folder), Some(tour)) = (&self.to.pictures, &self.model.tour) else { return Ok(()) };
        std::fs::create_dir_all(folder)?;
        let id = tour.script.chapters.get(tour.chapter).map(|c| c.id.clone()).unwrap_or_default();
        std::fs::write(folder.join(format!("{id}-{}.svg", tour.step + 1)), picture::svg(screen))?;
        Ok(())
    }

    fn draw(&mut self) -> (Buffer, Hits) {
        let mut hits = Hits::default();
        let (model, look) = (&self.model, &self.look);
        let Ok(_) = self.terminal.draw(|frame| hits = crate::ui::draw(frame, model, look));
        (self.terminal.backend().buffer().clone(), hits)
    }

    fn tell(&mut self, msg: Msg) {
        let effects = app::update(&mut self.model, msg);
        self.perform(effects);
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Start(id, job) => self.runner.start(id, job),
                Effect::Cancel(id) => self.runner.cancel(id),
                // There is no terminal, and nobody to leave.
                _ => {}
            }
        }
    }
}
