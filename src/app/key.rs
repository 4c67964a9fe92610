//! Keys as the console names them: no terminal library's types, so that the state machine can be tested alone.

use std::fmt;

/// Which key, without its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// A character as typed: `G` is `Char('G')`, without the shift flag.
    Char(char),
    /// Function key, from 1.
    F(u8),
    /// Return.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift-Tab.
    BackTab,
    /// Rubs out to the left.
    Backspace,
    /// Rubs out to the right.
    Delete,
    /// Arrow.
    Up,
    /// Arrow.
    Down,
    /// Arrow.
    Left,
    /// Arrow.
    Right,
    /// To the start.
    Home,
    /// To the end.
    End,
    /// A screen up.
    PageUp,
    /// A screen down.
    PageDown,
}

/// One key press.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Which.
    pub code: Code,
    /// With Control.
    pub ctrl: bool,
    /// With Alt.
    pub alt: bool,
    /// With Shift, for keys other than characters.
    pub shift: bool,
}

/// A plain key.
#[must_use]
pub const fn key(code: Code) -> Key {
    Key { code, ctrl: false, alt: false, shift: false }
}

/// A character.
#[must_use]
pub const fn ch(c: char) -> Key {
    key(Code::Char(c))
}

/// Control and a character.
#[must_use]
pub const fn ctrl(c: char) -> Key {
    Key { code: Code::Char(c), ctrl: true, alt: false, shift: false }
}

/// A function key.
#[must_use]
pub const fn f(n: u8) -> Key {
    key(Code::F(n))
}

impl Key {
    /// The character that a text field should take, if this key types one.
    #[must_use]
    pub const fn typed(self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("Ctrl-")?;
        }
        if self.alt {
            f.write_str("Alt-")?;
        }
        if self.shift {
            f.write_str("Shift-")?;
        }
        match self.code {
            Code::Char(' ') => f.write_str("Space"),
            Code::Char(c) => write!(f, "{c}"),
            Code::F(n) => write!(f, "F{n}"),
            Code::BackTab => f.write_str("Shift-Tab"),
            Code::Up => f.write_str("↑"),
            Code::Down => f.write_str("↓"),
            Code::Left => f.write_str("←"),
            Code::Right => f.write_str("→"),
            Code::PageUp => f.write_str("PgUp"),
            Code::PageDown => f.write_str("PgDn"),
            Code::Delete => f.write_str("Del"),
            other => write!(f, "{other:?}"),
        }
    }
}
