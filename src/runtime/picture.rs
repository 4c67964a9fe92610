//! Pictures of screens: a buffer of cells as SVG.

use crate::app::Model;
use crate::ui::{self, Look};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

/// A cell's size in the picture, in pixels.
const CELL: (f32, f32) = (8.4, 18.0);
/// Around the screen.
const MARGIN: f32 = 14.0;

/// Draws the screen into memory.
pub fn screen(model: &Model, look: &Look, (columns, rows): (u16, u16)) -> Buffer {
    // A backend in memory cannot fail.
    let Ok(mut terminal) = Terminal::new(TestBackend::new(columns, rows));
    let Ok(_) = terminal.draw(|frame| drop(ui::draw(frame, model, look)));
    terminal.backend().buffer().clone()
}

/// Whether a part of the screen shows a text on one line.
pub fn shows(buffer: &Buffer, area: Rect, text: &str) -> bool {
    let area = area.intersection(buffer.area);
    (area.y..area.bottom()).any(|y| {
        let line: String = (area.x..area.right()).filter_map(|x| buffer.cell((x, y)).map(Cell::symbol)).collect();
        line.contains(text)
    })
}

/// Writes the picture into a folder, named by the time. Returns its path.
pub fn save(buffer: &Buffer, folder: &Path, now_ms: i64) -> io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let stamp = chrono::DateTime::from_timestamp_millis(now_ms).unwrap_or_default().format("%Y%m%d-%H%M%S-%3f");
    let path = folder.join(format!("snowdeck-{stamp}.svg"));
    std::fs::write(&path, svg(buffer))?;
    Ok(path)
}

/// The buffer as an SVG document. Colours of the terminal's own are taken as on a dark or a light screen, as the
/// background tells.
pub fn svg(buffer: &Buffer) -> String {
    let area = buffer.area;
    let (width, height) =
        (f32::from(area.width) * CELL.0 + 2.0 * MARGIN, f32::from(area.height) * CELL.1 + 2.0 * MARGIN);
    let Paper { ground, ink } = Paper::of(buffer);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\">\n\
         <style>text{{font:14px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;white-space:pre}}</style>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{ground}\"/>\n"
    );
    for y in 0..area.height {
        row(buffer, y, (&ground, ink), &mut out);
    }
    out.push_str("</svg>\n");
    out
}

/// What stands for the terminal's own background and text.
struct Paper {
    ground: String,
    ink: &'static str,
}

impl Paper {
    /// The theme's background, or else one on which its letters can be read: dark ones are meant for a light screen.
    fn of(buffer: &Buffer) -> Self {
        const DARK: (&str, &str) = ("#15191f", "#d5dae2");
        const LIGHT: (&str, &str) = ("#ffffff", "#1f2328");
        let own = buffer.cell((buffer.area.x, buffer.area.y)).map_or(Color::Reset, |c| c.bg);
        let letters =
            buffer.content.iter().filter(|c| c.fg != Color::Reset && c.symbol().starts_with(char::is_alphanumeric));
        let (sum, count) = letters.fold((0, 0), |(sum, count), c| (sum + brightness(&hex(c.fg, DARK.1)), count + 1));
        let light = own == Color::Reset && count > 0 && sum < 128 * count;
        let (ground, ink) = if light { LIGHT } else { DARK };
        Self { ground: hex(own, ground), ink }
    }
}

/// How bright `#rrggbb` is to the eye, of 255.
fn brightness(hex: &str) -> u32 {
    let part = |at: usize| hex.get(at..at + 2).and_then(|p| u32::from_str_radix(p, 16).ok()).unwrap_or(0);
    (part(1) * 299 + part(3) * 587 + part(5) * 114) / 1_000
}

/// One row: runs of cells that look the same are one text.
fn row(buffer: &Buffer, y: u16, paper: (&str, &str), out: &mut String) {
    let area = buffer.area;
    let mut x = 0;
    while x < area.width {
        let Some(first) = buffer.cell((area.x + x, area.y + y)) else { break };
        let mut text = String::new();
        let mut end = x;
        while end < area.width {
            let Some(cell) = buffer.cell((area.x + end, area.y + y)) else { break };
            if !alike(first, cell) {
                break;
            }
            text.push_str(cell.symbol());
            end += u16::try_from(unicode_width::UnicodeWidthStr::width(cell.symbol())).unwrap_or(1).max(1);
        }
        run(first, &text, (x, y, end - x), paper, out);
        x = end.max(x + 1);
    }
}

fn alike(a: &Cell, b: &Cell) -> bool {
    (a.fg, a.bg, a.modifier) == (b.fg, b.bg, b.modifier)
}

fn run(cell: &Cell, text: &str, (x, y, cells): (u16, u16, u16), (ground, ink): (&str, &str), out: &mut String) {
    let (mut fore, mut back) = (hex(cell.fg, ink), hex(cell.bg, ground));
    if cell.modifier.contains(Modifier::REVERSED) {
        std::mem::swap(&mut fore, &mut back);
    }
    let (left, top) = (MARGIN + f32::from(x) * CELL.0, MARGIN + f32::from(y) * CELL.1);
    let width = f32::from(cells) * CELL.0;
    if back != ground {
        let height = CELL.1;
        let _ = writeln!(
            out,
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height}\" fill=\"{back}\"/>"
        );
    }
    if text.trim().is_empty() && !cell.modifier.contains(Modifier::UNDERLINED) {
        return;
    }
    let mut style = String::new();
    for (flag, words) in [
        (Modifier::BOLD, " font-weight=\"bold\""),
        (Modifier::ITALIC, " font-style=\"italic\""),
        (Modifier::UNDERLINED, " text-decoration=\"underline\""),
        (Modifier::DIM, " opacity=\"0.7\""),
    ] {
        if cell.modifier.contains(flag) {
            style.push_str(words);
        }
    }
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let base = top + CELL.1 * 0.74;
    let _ = writeln!(
        out,
        "<text x=\"{left:.1}\" y=\"{base:.1}\" textLength=\"{width:.1}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{fore}\"{style} xml:space=\"preserve\">{escaped}</text>"
    );
}

/// A colour for the web; `own` where it is the terminal's own.
fn hex(colour: Color, own: &str) -> String {
    let named = |n: u8| {
        const SIXTEEN: [&str; 16] = [
            "#1e2127", "#d0606a", "#8fc98b", "#d7b46a", "#6b9fe0", "#b98ad6", "#66b8c8", "#c8ccd4", "#7f8794",
            "#ee8080", "#a6dba2", "#e8cb86", "#8cb8f0", "#cfa5e8", "#86d0de", "#ffffff",
        ];
        SIXTEEN[usize::from(n & 15)].to_owned()
    };
    let level = |v: u8| if v == 0 { 0 } else { 55 + 40 * v };
    match colour {
        Color::Reset => own.to_owned(),
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        Color::Indexed(n @ 0..16) => named(n),
        Color::Indexed(n @ 16..232) => {
            let n = n - 16;
            format!("#{:02x}{:02x}{:02x}", level(n / 36), level(n / 6 % 6), level(n % 6))
        }
        Color::Indexed(n) => {
            let v = 8 + 10 * (n - 232);
            format!("#{v:02x}{v:02x}{v:02x}")
        }
        Color::Black => named(0),
        Color::Red => named(1),
        Color::Green => named(2),
        Color::Yellow => named(3),
        Color::Blue => named(4),
        Color::Magenta => named(5),
        Color::Cyan => named(6),
        Color::Gray => named(7),
        Color::DarkGray => named(8),
        Color::LightRed => named(9),
        Color::LightGreen => named(10),
        Color::LightYellow => named(11),
        Color::LightBlue => named(12),
        Color::LightMagenta => named(13),
        Color::LightCyan => named(14),
        Color::White => named(15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture;
    use crate::ui::Colours;

    #[test]
    fn a_theme_for_light_screens_has_a_light_ground() {
        let model = fixture::loaded();
        let ground = |theme| {
            let settings = crate::app::Settings { theme, ..model.settings };
            let text = svg(&screen(&model, &Look::new(settings, Colours::True), (100, 30)));
            text.split_once("rx=\"8\" fill=\"").and_then(|(_, rest)| rest.get(..7)).unwrap_or_default().to_owned()
        };
        let names = ui::Themes::default().names();
        let of = |name: &str| ground(names.iter().position(|n| n == name).expect("a theme"));
        assert_eq!((of("dark"), of("sixteen"), of("light")), ("#15191f".into(), "#15191f".into(), "#ffffff".into()));
    }

    #[test]
    fn a_picture_holds_the_screen_and_nothing_that_runs() {
        let mut model = fixture::loaded();
        model.pane = crate::app::PaneId::S3;
        let look = Look::new(model.settings, Colours::True);
        let text = svg(&screen(&model, &look, (80, 24)));
        assert!(text.starts_with("<svg ") && text.ends_with("</svg>\n"));
        assert!(text.contains("customers.csv"));
        assert!(!text.contains('\u{1b}') && !text.contains("<script"));
        assert_eq!(text, svg(&screen(&model, &look, (80, 24))), "the same screen is the same picture");
    }
}
