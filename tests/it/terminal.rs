//! A real terminal for tests: tmux, with keys sent and the screen read. Waits for texts, never for times.

use std::io::Write as _;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long a text may take to appear: generous, for machines that are busy with other tests.
const PATIENCE: Duration = Duration::from_mins(1);

/// Between two looks at the screen.
const LOOK: Duration = Duration::from_millis(25);

/// A tmux server of its own with one window.
pub struct Terminal {
    server: String,
}

impl Terminal {
    /// Runs a shell command in a terminal of `columns` × `rows`. `None`, with a line on stderr, where tmux is absent.
    pub fn start(command: &str, (columns, rows): (u16, u16)) -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        if Command::new("tmux").arg("-V").output().is_err() {
            let _ =
                writeln!(std::io::stderr(), "SKIPPED: tmux is not installed, so nothing was shown in a real terminal");
            return None;
        }
        let server = format!("snowdeck-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let terminal = Self { server };
        let (columns, rows) = (columns.to_string(), rows.to_string());
        terminal.tmux(&["-f", "/dev/null", "new-session", "-d", "-x", &columns, "-y", &rows, command]);
        terminal.tmux(&["set-option", "-g", "remain-on-exit", "on"]);
        terminal.tmux(&["set-option", "-g", "focus-events", "on"]);
        Some(terminal)
    }

    /// Presses keys by tmux's names: `Enter`, `C-c`, `F5`, or a character.
    pub fn press(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys"], keys].concat());
    }

    /// Types text as it is.
    pub fn type_text(&self, text: &str) {
        self.tmux(&["send-keys", "-l", text]);
    }

    /// Another size.
    pub fn resize(&self, columns: u16, rows: u16) {
        self.tmux(&["resize-window", "-x", &columns.to_string(), "-y", &rows.to_string()]);
    }

    /// What the screen shows.
    pub fn screen(&self) -> String {
        String::from_utf8_lossy(&self.tmux(&["capture-pane", "-p"]).stdout).into_owned()
    }

    /// A value that tmux knows, such as `#{alternate_on}` or `#{pane_pid}`.
    pub fn value(&self, format: &str) -> String {
        String::from_utf8_lossy(&self.tmux(&["display-message", "-p", format]).stdout).trim().to_owned()
    }

    /// Waits until the screen shows `text`, and returns the screen.
    pub fn wait_for(&self, text: &str) -> String {
        self.wait(&format!("{text:?}"), |screen| screen.contains(text))
    }

    /// Waits until the screen is as `wanted` says.
    pub fn wait(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        self.wait_at_most(PATIENCE, what, wanted)
    }

    /// The same for what takes minutes on a machine that is busy.
    pub fn wait_long(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        self.wait_at_most(10 * PATIENCE, what, wanted)
    }

    fn wait_at_most(&self, patience: Duration, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let screen = self.screen();
            if wanted(&screen) {
                return screen;
            }
            assert!(start.elapsed() < patience, "the screen never showed {what}; it shows:\n{screen}");
            thread::sleep(LOOK);
        }
    }

    fn tmux(&self, args: &[&str]) -> Output {
        let mut command = Command::new("tmux");
        command.args(["-L", &self.server]).args(args).env_remove("TMUX").env("LC_ALL", "C.UTF-8");
        let output = command.output().expect("tmux runs");
        assert!(output.status.success(), "tmux {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        output
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = Command::new("tmux").args(["-L", &self.server, "kill-server"]).output();
    }
}
