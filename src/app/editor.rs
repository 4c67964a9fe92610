//! What the console's editors share: keys and text in the editor's own terms.

use super::{Code, Key};
use tui_textarea::{Input, Key as TextKey};

/// A key for the editor; `None` for one that an editor leaves to the pane.
#[must_use]
pub fn input(key: Key) -> Option<Input> {
    Some(Input { key: text_key(key.code)?, ctrl: key.ctrl, alt: key.alt, shift: key.shift })
}

/// Text without control characters but line ends.
#[must_use]
pub fn clean(text: &str) -> String {
    text.chars().filter(|c| *c == '\n' || !c.is_control()).collect()
}

/// Pasted text, its line ends those of the editor.
#[must_use]
pub fn pasted(text: &str) -> String {
    clean(&text.replace("\r\n", "\n").replace('\r', "\n"))
}

const fn text_key(code: Code) -> Option<TextKey> {
    Some(match code {
        Code::Char(c) => TextKey::Char(c),
        Code::F(n) => TextKey::F(n),
        Code::Enter => TextKey::Enter,
        Code::Backspace => TextKey::Backspace,
        Code::Delete => TextKey::Delete,
        Code::Up => TextKey::Up,
        Code::Down => TextKey::Down,
        Code::Left => TextKey::Left,
        Code::Right => TextKey::Right,
        Code::Home => TextKey::Home,
        Code::End => TextKey::End,
        Code::PageUp => TextKey::PageUp,
        Code::PageDown => TextKey::PageDown,
        Code::Tab => TextKey::Tab,
        Code::Esc | Code::BackTab => return None,
    })
}
