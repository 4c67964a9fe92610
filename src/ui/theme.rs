//! Colours by what they mean. A theme is a TOML file; see `themes/`.

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

/// The built-in themes, in the order in which they are switched through.
const BUILT_IN: [(&str, &str); 6] = [
    ("dark", include_str!("../../themes/dark.toml")),
    ("light", include_str!("../../themes/light.toml")),
    ("high-contrast", include_str!("../../themes/high-contrast.toml")),
    ("sixteen", include_str!("../../themes/sixteen.toml")),
    ("dusk", include_str!("../../themes/dusk.toml")),
    ("paper", include_str!("../../themes/paper.toml")),
];

/// Styles by meaning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, from = "Raw")]
pub struct Theme {
    /// Ordinary text, and the background.
    pub text: Style,
    /// What matters less.
    pub muted: Style,
    /// The one accent: what is selected, what moves.
    pub accent: Style,
    /// A heading.
    pub title: Style,
    /// The frame of a panel.
    pub frame: Style,
    /// The frame of the panel that has the keys.
    pub frame_focus: Style,
    /// The selected row.
    pub selected: Style,
    /// The selected row of a panel that has not the keys.
    pub selected_idle: Style,
    /// A key in a hint.
    pub key: Style,
    /// A number that matters.
    pub number: Style,
    /// Ended well.
    pub ok: Style,
    /// Going on.
    pub running: Style,
    /// To come.
    pub waiting: Style,
    /// Odd or refused.
    pub warn: Style,
    /// Failed.
    pub bad: Style,
    /// The badge of the embedded cloud.
    pub local: Style,
    /// The badge of an account.
    pub account: Style,
    /// SQL keywords.
    pub keyword: Style,
    /// SQL strings.
    pub string: Style,
    /// SQL comments.
    pub comment: Style,
}

/// Why a theme file cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("theme: {0}")]
pub struct ThemeError(#[from] toml::de::Error);

impl Theme {
    /// Reads a theme.
    ///
    /// # Errors
    /// Names the line and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, ThemeError> {
        Ok(toml::from_str(text)?)
    }

    /// Without colours: what colour said is said by weight.
    #[must_use]
    pub fn without_colour(self) -> Self {
        self.map(|s| Style { fg: None, bg: None, underline_color: None, ..s })
    }

    /// With colours of the 256-colour table, for terminals that know no more.
    #[must_use]
    pub fn with_256_colours(self) -> Self {
        self.map(|s| Style { fg: s.fg.map(nearest), bg: s.bg.map(nearest), ..s })
    }

    fn map(self, f: impl Fn(Style) -> Style) -> Self {
        Self {
            text: f(self.text),
            muted: f(self.muted),
            accent: f(self.accent),
            title: f(self.title),
            frame: f(self.frame),
            frame_focus: f(self.frame_focus),
            selected: f(self.selected),
            selected_idle: f(self.selected_idle),
            key: f(self.key),
            number: f(self.number),
            ok: f(self.ok),
            running: f(self.running),
            waiting: f(self.waiting),
            warn: f(self.warn),
            bad: f(self.bad),
            local: f(self.local),
            account: f(self.account),
            keyword: f(self.keyword),
            string: f(self.string),
            comment: f(self.comment),
        }
    }
}

/// The themes that can be chosen: the built-in ones, then the user's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Themes(Vec<(String, Theme)>);

impl Default for Themes {
    /// The built-in ones. One that does not read is left out; a test sees to it that all do.
    fn default() -> Self {
        let read = |(name, text): &(&str, &str)| Some(((*name).to_owned(), Theme::parse(text).ok()?));
        Self(BUILT_IN.iter().filter_map(read).collect())
    }
}

impl Themes {
    /// Adds one. One of the same name is replaced, so that a user can have a `dark` of their own.
    pub fn add(&mut self, name: &str, theme: Theme) {
        match self.0.iter_mut().find(|(n, _)| n == name) {
            Some((_, old)) => *old = theme,
            None => self.0.push((name.to_owned(), theme)),
        }
    }

    /// Their names, in the order in which they are shown.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(|(name, _)| name.clone()).collect()
    }

    /// The theme at an index, taken modulo their number.
    #[must_use]
    pub fn at(&self, index: usize) -> Theme {
        self.0.get(index % self.0.len().max(1)).map(|(_, theme)| *theme).unwrap_or_default()
    }
}

/// The nearest colour of the 6 × 6 × 6 cube or the grey ramp.
fn nearest(colour: Color) -> Color {
    let Color::Rgb(r, g, b) = colour else { return colour };
    let level = |v: u8| {
        if v < 48 {
            0
        } else if v < 115 {
            1
        } else {
            (v - 35) / 40
        }
    };
    if r.abs_diff(g) < 10 && g.abs_diff(b) < 10 && (8..=238).contains(&r) {
        return Color::Indexed(232 + (r - 8) / 10);
    }
    Color::Indexed(16 + 36 * level(r) + 6 * level(g) + level(b))
}

/// A colour as `#rrggbb`, a name of the sixteen, or an index of the 256.
fn colour<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Option<Color>, D::Error> {
    let name = String::deserialize(input)?;
    name.parse()
        .map(Some)
        .map_err(|_| serde::de::Error::custom(format!("{name:?} is no colour: #rrggbb, a name or 0-255")))
}

/// A style as a file has it.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawStyle {
    #[serde(deserialize_with = "colour")]
    fg: Option<Color>,
    #[serde(deserialize_with = "colour")]
    bg: Option<Color>,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
    reverse: bool,
}

impl From<RawStyle> for Style {
    fn from(raw: RawStyle) -> Self {
        let flags = [
            (raw.bold, Modifier::BOLD),
            (raw.dim, Modifier::DIM),
            (raw.italic, Modifier::ITALIC),
            (raw.underline, Modifier::UNDERLINED),
            (raw.reverse, Modifier::REVERSED),
        ];
        let modifiers = flags.iter().filter(|(on, _)| *on).fold(Modifier::empty(), |m, (_, flag)| m | *flag);
        Self { fg: raw.fg, bg: raw.bg, add_modifier: modifiers, ..Self::default() }
    }
}

/// A theme as a file has it.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Raw {
    text: RawStyle,
    muted: RawStyle,
    accent: RawStyle,
    title: RawStyle,
    frame: RawStyle,
    frame_focus: RawStyle,
    selected: RawStyle,
    selected_idle: RawStyle,
    key: RawStyle,
    number: RawStyle,
    ok: RawStyle,
    running: RawStyle,
    waiting: RawStyle,
    warn: RawStyle,
    bad: RawStyle,
    local: RawStyle,
    account: RawStyle,
    keyword: RawStyle,
    string: RawStyle,
    comment: RawStyle,
}

impl From<Raw> for Theme {
    fn from(raw: Raw) -> Self {
        Self {
            text: raw.text.into(),
            muted: raw.muted.into(),
            accent: raw.accent.into(),
            title: raw.title.into(),
            frame: raw.frame.into(),
            frame_focus: raw.frame_focus.into(),
            selected: raw.selected.into(),
            selected_idle: raw.selected_idle.into(),
            key: raw.key.into(),
            number: raw.number.into(),
            ok: raw.ok.into(),
            running: raw.running.into(),
            waiting: raw.waiting.into(),
            warn: raw.warn.into(),
            bad: raw.bad.into(),
            local: raw.local.into(),
            account: raw.account.into(),
            keyword: raw.keyword.into(),
            string: raw.string.into(),
            comment: raw.comment.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_theme_reads() {
        for (name, text) in BUILT_IN {
            let theme = Theme::parse(text).unwrap_or_else(|e| panic!("{name}: {e}"));
            let plain = theme.without_colour();
            assert!(plain.selected.add_modifier.contains(Modifier::REVERSED), "{name}: selection shows without colour");
        }
        assert_eq!(Themes::default().names().len(), BUILT_IN.len());
    }

    #[test]
    fn text_can_be_read_on_the_background_of_its_own() {
        let light = |c: Color| {
            let Color::Rgb(r, g, b) = c else { return None };
            let part = |v: u8| {
                let v = f64::from(v) / 255.0;
                if v <= 0.039_28 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
            };
            Some(0.212_6 * part(r) + 0.715_2 * part(g) + 0.072_2 * part(b))
        };
        for (name, theme) in Themes::default().0 {
            let Some(back) = theme.text.bg.and_then(light) else { continue };
            for style in [theme.text, theme.muted, theme.accent, theme.ok, theme.warn, theme.bad, theme.keyword] {
                let Some(front) = style.fg.and_then(light) else { continue };
                let (high, low) = if front > back { (front, back) } else { (back, front) };
                let contrast = (high + 0.05) / (low + 0.05);
                assert!(contrast >= 4.5, "{name}: {style:?} has a contrast of {contrast:.1}");
            }
        }
    }

    #[test]
    fn a_wrong_name_is_refused_by_line() {
        let error = Theme::parse("text = { fg = \"red\" }\nmutde = {}").expect_err("a typo");
        assert!(error.to_string().contains("line 2"), "{error}");
    }

    #[test]
    fn colours_can_be_taken_away() {
        let plain = Themes::default().at(0).without_colour();
        assert_eq!(plain.bad.fg, None);
        assert_eq!(nearest(Color::Rgb(255, 255, 255)), Color::Indexed(231));
        assert_eq!(nearest(Color::Rgb(0, 0, 0)), Color::Indexed(16));
    }
}
