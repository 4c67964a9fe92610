//! Whether the console can be shown.

use super::Check;
use std::env;
use std::io::IsTerminal;

/// What the console needs at least.
const COLUMNS: u16 = 80;
const LINES: u16 = 24;

/// The terminal.
pub fn check() -> Check {
    const NAME: &str = "terminal";
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        return Check::ok(NAME, "none: commands work, the console does not");
    }
    let term = env::var("TERM").unwrap_or_default();
    if term == "dumb" || term.is_empty() {
        return Check::warning(
            NAME,
            format!("TERM is {term:?}"),
            "set TERM to what your terminal is, xterm-256color for most",
        );
    }
    match rustix::termios::tcgetwinsize(std::io::stdout()) {
        Ok(size) if size.ws_col < COLUMNS || size.ws_row < LINES => Check::warning(
            NAME,
            format!("{term}, {} × {}", size.ws_col, size.ws_row),
            format!("make it {COLUMNS} × {LINES} or larger"),
        ),
        Ok(size) => Check::ok(NAME, format!("{term}, {} × {}", size.ws_col, size.ws_row)),
        Err(_) => Check::ok(NAME, term),
    }
}
