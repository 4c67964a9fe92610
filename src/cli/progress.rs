//! Progress on standard error: a moving line on a terminal, plain lines of what matters elsewhere.

use crate::domain::{StepState, printable};
use crate::jobs::{Context, Event, Progress, Sink, SystemClock};
use indicatif::{HumanBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};
use parking_lot::Mutex;
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often the moving line is drawn anew.
const TICK: Duration = Duration::from_millis(100);

/// Where jobs of a command report to.
pub struct Reporter {
    /// On a terminal.
    bar: Option<ProgressBar>,
    phase: Mutex<String>,
}

impl Reporter {
    /// Moves on a terminal; elsewhere, only phases and notes are written.
    pub fn new() -> Arc<Self> {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
            bar.set_style(spinner());
            bar.enable_steady_tick(TICK);
            bar
        });
        Arc::new(Self { bar, phase: Mutex::default() })
    }

    /// A line that stays.
    pub fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            // A closed stderr is no reason to fail.
            None => drop(writeln!(std::io::stderr().lock(), "{text}")),
        }
    }

    /// Takes the moving line away.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn enter(&self, phase: &str) {
        let mut now = self.phase.lock();
        if *now == phase {
            return;
        }
        phase.clone_into(&mut now);
        match &self.bar {
            Some(bar) => {
                bar.set_style(spinner());
                bar.set_message(phase.to_owned());
            }
            None => self.say(phase),
        }
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        self.end();
    }
}

impl Sink for Reporter {
    fn event(&self, event: Event) {
        match event {
            Event::Phase(phase) => self.enter(&printable(&phase)),
            Event::Note(note) => self.say(&printable(&note)),
            Event::Step { state: StepState::Failed { error }, .. } => {
                let words = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
                self.say(&format!("✗ {}", printable(&words)));
            }
            Event::Tasks(runs) => {
                let running: Vec<&str> =
                    runs.iter().filter(|r| !r.state.is_over()).map(|r| r.name.as_str()).take(3).collect();
                if let Some(bar) = &self.bar {
                    let over = runs.iter().filter(|r| r.state.is_over()).count();
                    bar.set_message(format!("tasks {over}/{} {}", runs.len(), printable(&running.join(", "))));
                }
            }
            Event::Step { .. } | Event::Call(_) => {}
        }
    }

    fn progress(&self, progress: Progress) {
        let Some(bar) = &self.bar else { return };
        let bytes = amounts(&progress);
        bar.set_message(format!("{}{bytes}", printable(&progress.label)));
        match progress.total {
            Some(total) if total > 0 => {
                if bar.length() != Some(total) {
                    bar.set_style(counter());
                    bar.set_length(total);
                }
                bar.set_position(progress.done);
            }
            _ => bar.set_message(format!("{} {}{bytes}", printable(&progress.label), progress.done)),
        }
    }
}

/// Bytes, rate and time left, as far as they are known.
fn amounts(progress: &Progress) -> String {
    if progress.bytes == 0 {
        return String::new();
    }
    let mut text = format!(" ({}", HumanBytes(progress.bytes));
    if let Some(total) = progress.total_bytes {
        text.push_str(&format!(" of {}", HumanBytes(total)));
    }
    if let Some(rate) = progress.rate {
        text.push_str(&format!(", {}/s", HumanBytes(rate)));
    }
    if let Some(seconds) = progress.seconds_left {
        text.push_str(&format!(", {}:{:02} left", seconds / 60, seconds % 60));
    }
    text.push(')');
    text
}

fn spinner() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner())
}

fn counter() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} [{bar:24}] {pos}/{len} {msg}")
        .map_or_else(|_| ProgressStyle::default_bar(), |style| style.progress_chars("━╸─"))
}

/// A job's context: cancelled by Ctrl-C and SIGTERM, reporting to `reporter`.
pub fn context(reporter: &Arc<Reporter>, cancel: &CancellationToken) -> Context {
    let sink: Arc<dyn Sink> = Arc::<Reporter>::clone(reporter);
    Context { cancel: cancel.clone(), sink, clock: Arc::new(SystemClock) }
}
