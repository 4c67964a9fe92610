//! Terminal events as messages.

use crate::app::{Code, Key, Msg};
use crate::ui::Hits;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

/// Rows that one notch of the wheel scrolls.
const NOTCH: isize = 3;

/// The message that an event comes to, if it means anything here.
pub fn translate(event: &Event, hits: &Hits) -> Option<Msg> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => self::key(key).map(Msg::Key),
        Event::Key(_) => None,
        Event::Paste(text) => Some(Msg::Paste(text.clone())),
        Event::Resize(columns, rows) => Some(Msg::Resize(*columns, *rows)),
        Event::FocusGained => Some(Msg::Focus(true)),
        Event::FocusLost => Some(Msg::Focus(false)),
        Event::Mouse(mouse) => self::mouse(mouse, hits),
    }
}

fn mouse(mouse: &MouseEvent, hits: &Hits) -> Option<Msg> {
    match mouse.kind {
        MouseEventKind::Down(MouseButton::Left) => hits.at(mouse.column, mouse.row).map(Msg::Click),
        MouseEventKind::ScrollDown => Some(Msg::Scroll(NOTCH)),
        MouseEventKind::ScrollUp => Some(Msg::Scroll(-NOTCH)),
        _ => None,
    }
}

fn key(event: &KeyEvent) -> Option<Key> {
    let code = match event.code {
        KeyCode::Char(c) => Code::Char(c),
        KeyCode::F(n) => Code::F(n),
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => Code::BackTab,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        _ => return None,
    };
    // Shift is in the character already, and Shift-Tab is a key of its own.
    let shift = event.modifiers.contains(KeyModifiers::SHIFT) && !matches!(code, Code::Char(_) | Code::BackTab);
    let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
    Some(Key { code, ctrl, alt: event.modifiers.contains(KeyModifiers::ALT), shift })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Target;
    use ratatui::layout::Rect;

    #[test]
    fn shift_is_told_once() {
        let event = |code, modifiers| Event::Key(KeyEvent::new(code, modifiers));
        let told = |e| translate(&e, &Hits::default());
        let plain = |code| Msg::Key(Key { code, ctrl: false, alt: false, shift: false });
        assert_eq!(told(event(KeyCode::Char('G'), KeyModifiers::SHIFT)), Some(plain(Code::Char('G'))));
        assert_eq!(told(event(KeyCode::BackTab, KeyModifiers::SHIFT)), Some(plain(Code::BackTab)));
        assert_eq!(told(event(KeyCode::CapsLock, KeyModifiers::NONE)), None);
    }

    #[test]
    fn a_click_means_what_lies_on_top() {
        let mut hits = Hits::default();
        let target = |row| Target::Row { panel: 0, row };
        hits.add(Rect::new(0, 0, 10, 10), target(1));
        hits.add(Rect::new(2, 2, 2, 1), target(2));
        let click = |column, row| {
            let kind = MouseEventKind::Down(MouseButton::Left);
            translate(&Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }), &hits)
        };
        assert_eq!(click(3, 2), Some(Msg::Click(target(2))));
        assert_eq!(click(0, 0), Some(Msg::Click(target(1))));
        assert_eq!(click(30, 0), None);
    }
}
