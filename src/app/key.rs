//! Keys as the console names them: no terminal library's types, so that the state machine can be tested alone.

use std::fmt;
use std::str::FromStr;

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

/// What is no key's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no key: write a character, or a name such as enter, esc, tab, space, up, f5, ctrl-r, alt-enter")]
pub struct KeyError(String);

impl FromStr for Key {
    type Err = KeyError;

    /// Reads `x`, `G`, `space`, `ctrl-r`, `alt-enter`, `shift-tab`, `f5`.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let wrong = || KeyError(text.to_owned());
        let (mut rest, mut found) = (text.trim(), key(Code::Esc));
        // A hyphen alone is the key; behind a name it joins.
        while let Some((word, more)) = rest.split_once('-').filter(|(word, more)| !word.is_empty() && !more.is_empty())
        {
            match word.to_lowercase().as_str() {
                "ctrl" => found.ctrl = true,
                "alt" => found.alt = true,
                "shift" => found.shift = true,
                _ => return Err(wrong()),
            }
            rest = more;
        }
        found.code = code(rest).ok_or_else(wrong)?;
        // As terminals tell it: Shift is in the character already, and Shift-Tab is a key of its own.
        match found.code {
            Code::Char(c) if found.shift => {
                found.code = Code::Char(c.to_uppercase().next().unwrap_or(c));
                found.shift = false;
            }
            Code::Tab if found.shift => {
                found.code = Code::BackTab;
                found.shift = false;
            }
            _ => {}
        }
        Ok(found)
    }
}

fn code(name: &str) -> Option<Code> {
    let mut letters = name.chars();
    if let (Some(c), None) = (letters.next(), letters.next()) {
        return Some(Code::Char(c));
    }
    Some(match name.to_lowercase().as_str() {
        "enter" => Code::Enter,
        "esc" => Code::Esc,
        "tab" => Code::Tab,
        "backtab" => Code::BackTab,
        "backspace" => Code::Backspace,
        "del" | "delete" => Code::Delete,
        "up" => Code::Up,
        "down" => Code::Down,
        "left" => Code::Left,
        "right" => Code::Right,
        "home" => Code::Home,
        "end" => Code::End,
        "pageup" | "pgup" => Code::PageUp,
        "pagedown" | "pgdn" => Code::PageDown,
        "space" => Code::Char(' '),
        name => Code::F(name.strip_prefix('f')?.parse().ok().filter(|n| (1..=24).contains(n))?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_written() {
        let read = |text: &str| text.parse::<Key>();
        assert_eq!(read("G"), Ok(ch('G')));
        assert_eq!(read("shift-g"), Ok(ch('G')));
        assert_eq!(read("ctrl-r"), Ok(ctrl('r')));
        assert_eq!(read("-"), Ok(ch('-')));
        assert_eq!(read("F5"), Ok(f(5)));
        assert_eq!(read("shift-tab"), Ok(key(Code::BackTab)));
        assert_eq!(read("Space"), Ok(ch(' ')));
        for wrong in ["", "hyper-x", "f99", "entre", "ctrl-"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
