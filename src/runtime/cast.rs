//! Recordings of the console: asciicast v2, with a marker for each chapter.

use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde_json::json;
use std::io;

/// A recording in the making. Its time is the script's, not the clock's: the same script makes the same frames at the
/// same times, whatever machine plays it.
pub struct Cast {
    lines: Vec<String>,
    shown: Buffer,
    ms: u64,
}

impl Cast {
    /// Begins, with an empty screen of so many columns and rows.
    pub fn new(title: &str, (columns, rows): (u16, u16)) -> Self {
        let header = json!({ "version": 2, "width": columns, "height": rows, "title": title, "env": { "TERM": "xterm-256color" } });
        let mut cast =
            Self { lines: vec![header.to_string()], shown: Buffer::empty(Rect::new(0, 0, columns, rows)), ms: 0 };
        cast.event("o", "\u{1b}[?25l\u{1b}[2J");
        cast
    }

    fn event(&mut self, kind: &str, data: &str) {
        let seconds = format!("{}.{:03}", self.ms / 1_000, self.ms % 1_000);
        self.lines.push(format!("[{seconds}, {}, {}]", json!(kind), json!(data)));
    }

    /// A place to jump to.
    pub fn marker(&mut self, name: &str) {
        self.event("m", name);
    }

    /// Lets what is shown stand.
    pub fn pass(&mut self, ms: u64) {
        self.ms += ms;
    }

    /// Shows a screen, and lets it stand for so long.
    pub fn frame(&mut self, screen: &Buffer, stand_ms: u64) -> io::Result<()> {
        let mut bytes = Vec::new();
        let changed = self.shown.diff(screen);
        if !changed.is_empty() {
            CrosstermBackend::new(&mut bytes).draw(changed.into_iter())?;
            self.event("o", &String::from_utf8_lossy(&bytes));
            self.shown = screen.clone();
        }
        self.ms += stand_ms;
        Ok(())
    }

    /// The file's text.
    pub fn text(&mut self) -> String {
        // The last screen stands, too.
        self.event("o", "");
        self.lines.join("\n") + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::{Color, Style};

    #[test]
    fn a_recording_holds_what_changed_and_when() {
        let mut cast = Cast::new("t", (10, 2));
        let mut screen = Buffer::empty(Rect::new(0, 0, 10, 2));
        screen.set_string(1, 1, "hi", Style::new().fg(Color::Red));
        cast.marker("One");
        cast.frame(&screen, 1_500).expect("into memory");
        cast.frame(&screen, 500).expect("into memory");
        let text = cast.text();
        let lines: Vec<serde_json::Value> = text.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
        assert_eq!((&lines[0]["version"], &lines[0]["width"]), (&json!(2), &json!(10)));
        assert_eq!(lines[2], json!([0.0, "m", "One"]));
        assert!(lines[3][2].as_str().is_some_and(|s| s.contains("hi") || s.contains('h')));
        assert_eq!(lines[4], json!([2.0, "o", ""]), "what does not change is not written");
    }
}
