//! A mart's chart: a line, bars, or a field of shades.

use crate::domain::{Chart, ChartKind, QueryOutcome};
use crate::ui::widgets::empty;
use crate::ui::{Look, text};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::Paragraph;

/// Columns of the axis at the left.
const AXIS: usize = 8;

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, chart: &Chart, values: &QueryOutcome, look: &Look) {
    let size = (usize::from(area.width), usize::from(area.height));
    if values.rows.is_empty() {
        return empty(frame, area, &["There is nothing to draw yet.", "5, then x, fills the mart."], look);
    }
    if size.1 < 3 || size.0 < AXIS + 6 {
        return;
    }
    let lines = match chart.kind {
        ChartKind::Line => plane(values, size, Shape::Line, look),
        ChartKind::Bars => plane(values, size, Shape::Bars, look),
        ChartKind::Heat => heat(values, size, look),
    };
    frame.render_widget(Paragraph::new(Text::from(lines)), area);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Line,
    Bars,
}

fn number(cell: Option<&String>) -> f64 {
    cell.and_then(|t| t.parse::<f64>().ok()).filter(|v| v.is_finite()).unwrap_or(0.0)
}

/// Rows below an axis with the value's scale; labels of the first, the middle and the last below.
fn plane(values: &QueryOutcome, (columns, rows): (usize, usize), shape: Shape, look: &Look) -> Vec<Line<'static>> {
    let points: Vec<f64> = values.rows.iter().map(|r| number(r.get(1).and_then(Option::as_ref))).collect();
    let names: Vec<&str> = values.rows.iter().map(|r| r.first().and_then(Option::as_deref).unwrap_or("")).collect();
    let (height, width) = (rows - 1, columns - AXIS);
    let top = points.iter().copied().fold(0.0, f64::max);
    let each = if shape == Shape::Bars { each(points.len(), width) } else { 0 };
    let ascii = look.glyphs.rule == "|";
    let drawn = match shape {
        Shape::Bars => bars(&points, top, (width, height), ascii),
        Shape::Line if ascii => bars(&points, top, (width, height), ascii),
        Shape::Line => line(&points, top, (width, height)),
    };
    let tick = if ascii { '|' } else { '┤' };
    let marks = [0, height / 2, height - 1];
    let mut out: Vec<Line<'static>> = drawn
        .into_iter()
        .enumerate()
        .map(|(y, row)| {
            let label = if marks.contains(&y) { scale(top * share(height - 1 - y, height - 1)) } else { String::new() };
            let tick = if label.is_empty() { look.glyphs.rule.chars().next().unwrap_or('|') } else { tick };
            Line::from(vec![
                Span::styled(format!("{} {tick}", text::right(&label, AXIS - 2)), look.theme.muted),
                Span::styled(row, look.theme.accent),
            ])
        })
        .collect();
    out.push(Line::styled(
        format!(
            "{}{}",
            " ".repeat(AXIS),
            below(&names, if each > 0 { (points.len() * each).min(width) } else { width })
        ),
        look.theme.muted,
    ));
    out
}

#[expect(clippy::cast_precision_loss, reason = "cells are few")]
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// The first, the middle and the last name, as far as they fit.
fn below(names: &[&str], width: usize) -> String {
    let (Some(first), Some(last)) = (names.first(), names.last()) else { return String::new() };
    let middle = names[names.len() / 2];
    let (first, middle, last) = (text::clean(first), text::clean(middle), text::clean(last));
    let (f, m, l) = (text::width(&first), text::width(&middle), text::width(&last));
    if names.len() == 1 || f + l + 2 > width {
        return text::cut(&first, width).into_owned();
    }
    let gap = width - f - l;
    if names.len() < 3 || m + 4 > gap {
        return format!("{first}{}{last}", " ".repeat(gap));
    }
    let left = (gap - m) / 2;
    format!("{first}{}{middle}{}{last}", " ".repeat(left), " ".repeat(gap - m - left))
}

/// A number as an axis shows it: `210k`.
#[must_use]
pub fn scale(value: f64) -> String {
    const UNITS: [&str; 5] = ["", "k", "M", "G", "T"];
    let (mut value, mut unit) = (value, 0);
    while value.abs() >= 1_000.0 && unit + 1 < UNITS.len() {
        value /= 1_000.0;
        unit += 1;
    }
    if value.abs() < 10.0 && value.fract().abs() > 0.05 {
        format!("{value:.1}{}", UNITS[unit])
    } else {
        format!("{value:.0}{}", UNITS[unit])
    }
}

/// The points on `width` columns: each column is the mean of those that fall into it, or lies between two of them.
fn spread(points: &[f64], width: usize) -> Vec<f64> {
    let len = points.len();
    if len == 0 || width == 0 {
        return Vec::new();
    }
    (0..width)
        .map(|x| {
            if len > width {
                let (from, to) = (x * len / width, ((x + 1) * len / width).max(x * len / width + 1));
                let part = &points[from..to.min(len)];
                return part.iter().sum::<f64>() / share(part.len(), 1);
            }
            let place = share(x * (len - 1), width.max(2) - 1);
            let at = whole(place).min(len - 1);
            let next = points.get(at + 1).copied().unwrap_or(points[at]);
            points[at] + (next - points[at]) * (place - share(at, 1))
        })
        .collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "places on a screen")]
fn whole(value: f64) -> usize {
    value.max(0.0) as usize
}

/// A line of box drawing, one cell a column.
fn line(points: &[f64], top: f64, (width, height): (usize, usize)) -> Vec<String> {
    let mut grid = vec![vec![' '; width]; height];
    let row = |v: f64| {
        let up = if top > 0.0 { whole((v / top * share(height - 1, 1)).round()) } else { 0 };
        height - 1 - up.min(height - 1)
    };
    let rows: Vec<usize> = spread(points, width).into_iter().map(row).collect();
    let mut last = rows.first().copied().unwrap_or(0);
    for (x, here) in rows.into_iter().enumerate() {
        match here.cmp(&last) {
            std::cmp::Ordering::Equal => grid[here][x] = '─',
            std::cmp::Ordering::Less => {
                (grid[last][x], grid[here][x]) = ('╯', '╭');
                (here + 1..last).for_each(|y| grid[y][x] = '│');
            }
            std::cmp::Ordering::Greater => {
                (grid[last][x], grid[here][x]) = ('╮', '╰');
                (last + 1..here).for_each(|y| grid[y][x] = '│');
            }
        }
        last = here;
    }
    grid.into_iter().map(|row| row.into_iter().collect()).collect()
}

/// Cells that a bar and the blank behind it take.
fn each(points: usize, width: usize) -> usize {
    (width / points.max(1)).clamp(1, 12)
}

/// Bars from the bottom, with a blank between them where there is room.
fn bars(points: &[f64], top: f64, (width, height): (usize, usize), ascii: bool) -> Vec<String> {
    const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let points = if points.len() > width { spread(points, width) } else { points.to_vec() };
    let each = each(points.len(), width);
    let wide = if each > 1 { each - 1 } else { 1 };
    let mut out = vec![String::new(); height];
    for value in &points {
        let eighths = if top > 0.0 { whole((value / top * share(height * 8, 1)).round()) } else { 0 };
        // What is there is seen, however little.
        let eighths = if *value > 0.0 { eighths.max(1) } else { eighths };
        for (y, row) in out.iter_mut().enumerate() {
            let fill = eighths.saturating_sub((height - 1 - y) * 8).min(8);
            let c = match (ascii, fill) {
                (true, 4..) => '#',
                (true, 1..) if y == height - 1 => '_',
                (true, _) => ' ',
                (false, _) => EIGHTHS[fill],
            };
            row.extend(std::iter::repeat_n(c, wide));
            row.extend(std::iter::repeat_n(' ', each - wide));
        }
    }
    out
}

/// A field: `x` along the top, `y` down the side, the number in each cell with a shade that says how much it is.
fn heat(values: &QueryOutcome, (columns, rows): (usize, usize), look: &Look) -> Vec<Line<'static>> {
    const SHADES: [&str; 5] = [" ", "░", "▒", "▓", "█"];
    const ASCII: [&str; 5] = [" ", ".", ":", "*", "#"];
    let shades = if look.glyphs.rule == "|" { ASCII } else { SHADES };
    let cell = |row: &[Option<String>], i: usize| row.get(i).and_then(Clone::clone).unwrap_or_default();
    let (mut xs, mut ys): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for row in &values.rows {
        let (x, y) = (cell(row, 0), cell(row, 1));
        if !xs.contains(&x) {
            xs.push(x);
        }
        if !ys.contains(&y) {
            ys.push(y);
        }
    }
    xs.sort_by(|a, b| (a.parse::<f64>().ok(), a).partial_cmp(&(b.parse::<f64>().ok(), b)).unwrap_or(a.cmp(b)));
    let at = |x: &str, y: &str| {
        let found = values.rows.iter().find(|r| cell(r, 0) == x && cell(r, 1) == y);
        found.map(|r| number(r.get(2).and_then(Option::as_ref)))
    };
    let most = values.rows.iter().map(|r| number(r.get(2).and_then(Option::as_ref))).fold(0.0, f64::max);
    let names = ys.iter().map(|y| text::width(&text::clean(y))).max().unwrap_or(0).min(columns / 4).max(4);
    let each = ((columns - names) / xs.len().max(1)).clamp(3, 9);
    let shown = xs.len().min((columns - names) / each);
    let mut out = Vec::with_capacity(ys.len() + 1);
    let head: String = xs[..shown].iter().map(|x| text::right(x, each)).collect();
    out.push(Line::styled(format!("{}{head}", " ".repeat(names)), look.theme.muted));
    for y in ys.iter().take(rows.saturating_sub(1)) {
        let mut spans = vec![Span::raw(text::left(y, names))];
        for x in &xs[..shown] {
            let value = at(x, y);
            let level = value.map_or(0, |v| if most > 0.0 { 1 + whole(v / most * 3.999).min(3) } else { 0 });
            let words = value.map_or(String::new(), scale);
            let bar = shades[level].repeat(each.saturating_sub(6).max(1));
            spans.push(Span::styled(format!(" {bar}"), look.theme.accent));
            let room = each - 1 - text::width(&bar);
            spans.push(Span::styled(text::right(&words, room), look.theme.number));
        }
        out.push(Line::from(spans));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_goes_up_and_down() {
        let drawn = line(&[0.0, 2.0, 2.0, 0.0], 2.0, (4, 3));
        assert_eq!(drawn, [" ╭─╮", " │ │", "─╯ ╰"]);
    }

    #[test]
    fn bars_have_eighths() {
        assert_eq!(bars(&[8.0, 4.0, 1.0, 0.0], 8.0, (8, 1), false), ["█ ▄ ▁   "]);
        assert_eq!(bars(&[8.0, 0.001], 8.0, (2, 2), false), ["█ ", "█▁"]);
    }

    #[test]
    fn scales_read_well() {
        assert_eq!(["0", "7", "1.5", "210k", "3.2M"], [0.0, 7.0, 1.5, 210_000.0, 3_200_000.0].map(scale).as_slice());
    }

    #[test]
    fn labels_lie_below_their_ends() {
        assert_eq!(below(&["12-01", "12-16", "12-31"], 21), "12-01   12-16   12-31");
        assert_eq!(below(&["12-01", "12-16", "12-31"], 13), "12-01   12-31");
        assert_eq!(below(&["12-01", "12-31"], 5), "12-01");
    }

    proptest! {
        #[test]
        fn every_picture_fills_its_cells(
            points in proptest::collection::vec(0.0_f64..1e9, 1..400), width in 1_usize..150, height in 1_usize..30,
        ) {
            let top = points.iter().copied().fold(0.0, f64::max);
            for drawn in [line(&points, top, (width, height)), bars(&points, top, (width, height), false)] {
                prop_assert_eq!(drawn.len(), height);
                prop_assert!(drawn.iter().all(|row| text::width(row) <= width));
            }
        }
    }
}
