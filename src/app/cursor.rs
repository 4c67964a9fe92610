//! A place in a list that may change under it.

/// An index that is kept inside the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor(usize);

impl Cursor {
    /// Where it is. Below the length that it was last clamped to.
    #[must_use]
    pub const fn at(self) -> usize {
        self.0
    }

    /// Goes to `index`, or the last there is.
    pub fn set(&mut self, index: usize, len: usize) {
        self.0 = index.min(len.saturating_sub(1));
    }

    /// Moves by `delta` rows and stops at the ends.
    pub fn step(&mut self, delta: isize, len: usize) {
        self.set(self.0.saturating_add_signed(delta), len);
    }

    /// Back inside a list that has become shorter.
    pub fn clamp(&mut self, len: usize) {
        self.set(self.0, len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_in_range() {
        let mut c = Cursor::default();
        c.step(5, 3);
        assert_eq!(c.at(), 2);
        c.step(-9, 3);
        assert_eq!(c.at(), 0);
        c.set(7, 0);
        assert_eq!(c.at(), 0);
    }
}
