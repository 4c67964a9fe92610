//! The terminal: switched to the console on the way in, and back however the console ends.

use base64::Engine as _;
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste, EnableFocusChange,
    EnableMouseCapture,
};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, SetTitle};
use crossterm::{cursor, execute, terminal as raw};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use std::io::{self, Stdout, Write};
use std::panic;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// The terminal is the console's. One per process, as the terminal is; the panic hook and the guard share it.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// The most that is sent to the clipboard, in bytes: terminals drop longer ones silently.
const CLIPBOARD: usize = 74_000;

/// Holds the terminal; gives it back when dropped.
pub struct Guard {
    /// What is drawn on.
    pub terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Guard {
    /// Switches to the console.
    pub fn enter(mouse: bool) -> io::Result<Self> {
        hook();
        enter(mouse)?;
        match Terminal::new(CrosstermBackend::new(io::stdout())) {
            Ok(terminal) => Ok(Self { terminal }),
            Err(error) => {
                restore();
                Err(error)
            }
        }
    }

    /// Gives the terminal to the shell, stops the process, and comes back when it is resumed.
    pub fn suspend(&mut self, mouse: bool) -> io::Result<()> {
        restore();
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP)?;
        enter(mouse)?;
        self.terminal.clear()
    }

    /// Gives the terminal to another program while `run` lasts.
    pub fn lend<T>(&mut self, mouse: bool, run: impl FnOnce() -> T) -> io::Result<T> {
        restore();
        let out = run();
        enter(mouse)?;
        self.terminal.clear()?;
        Ok(out)
    }

    /// Switches mouse reporting.
    pub fn mouse(&mut self, on: bool) -> io::Result<()> {
        if on { execute!(io::stdout(), EnableMouseCapture) } else { execute!(io::stdout(), DisableMouseCapture) }
    }

    /// Puts text on the clipboard of the terminal's user (OSC 52; through SSH too).
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        let end = (0..=text.len().min(CLIPBOARD)).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
        let code = base64::engine::general_purpose::STANDARD.encode(&text[..end]);
        let mut out = io::stdout();
        write!(out, "\x1b]52;c;{code}\x1b\\")?;
        out.flush()
    }

    /// Rings, and tells the desktop (OSC 9), as far as wanted.
    pub fn notify(&mut self, text: &str, bell: bool, desktop: bool) -> io::Result<()> {
        let mut out = io::stdout();
        if desktop {
            let words: String = text.chars().filter(|c| !c.is_control()).take(200).collect();
            write!(out, "\x1b]9;{words}\x1b\\")?;
        }
        if bell {
            out.write_all(b"\x07")?;
        }
        out.flush()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
    }
}

fn enter(mouse: bool) -> io::Result<()> {
    raw::enable_raw_mode()?;
    ENTERED.store(true, Ordering::SeqCst);
    let mut out = io::stdout();
    let done = execute!(out, EnterAlternateScreen, EnableBracketedPaste, EnableFocusChange, SetTitle("snowdeck"));
    let done = done.and_then(|()| if mouse { execute!(out, EnableMouseCapture) } else { Ok(()) });
    if done.is_err() {
        restore();
    }
    done
}

/// Gives the terminal back, once. Every switch is undone even where one before it fails.
pub fn restore() {
    if ENTERED.swap(false, Ordering::SeqCst) {
        let mut out = io::stdout();
        let _ = execute!(out, DisableMouseCapture);
        let _ = execute!(out, DisableFocusChange, DisableBracketedPaste);
        let _ = execute!(out, LeaveAlternateScreen, cursor::Show);
        let _ = raw::disable_raw_mode();
    }
}

/// A panic of the console's own thread gives the terminal back before it is told. One of a job's thread becomes that
/// job's error; printing it would only tear the screen.
fn hook() {
    static HOOKED: Once = Once::new();
    HOOKED.call_once(|| {
        let console = thread::current().id();
        let tell = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if thread::current().id() == console || !ENTERED.load(Ordering::SeqCst) {
                restore();
                tell(info);
            } else {
                tracing::error!("a job panicked: {info}");
            }
        }));
    });
}
