//! One prefix's listing: of any length, a few pages of it in memory.

use crate::domain::{ObjectInfo, ObjectPage};
use std::collections::VecDeque;

/// Pages that are kept of one prefix, of a thousand entries each.
pub const PAGES: usize = 12;

/// A page that is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Where it starts: what the page before gave, `None` for the first.
    pub after: Option<String>,
    /// Prefixes on it.
    pub prefixes: Vec<String>,
    /// Objects on it.
    pub objects: Vec<ObjectInfo>,
}

impl Page {
    fn len(&self) -> usize {
        self.prefixes.len() + self.objects.len()
    }
}

/// One prefix as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folder {
    /// Shown with what it holds.
    pub open: bool,
    /// A listing has come.
    pub loaded: bool,
    /// Why the last listing failed.
    pub error: Option<String>,
    /// Pages that are here, one after the other.
    pub pages: VecDeque<Page>,
    /// Pages before those, the nearest last: where each starts, and how many entries it had.
    pub before: Vec<(Option<String>, usize)>,
    /// Where the next page starts; `None` at the end.
    pub next: Option<String>,
}

impl Folder {
    /// Takes the page that starts at `after`: behind those that are here, before them, or in their place.
    pub fn take(&mut self, prefix: &str, after: Option<&str>, page: ObjectPage) {
        let objects = page.objects.into_iter().filter(|o| o.key != prefix).collect();
        let taken = Page { after: after.map(str::to_owned), prefixes: page.prefixes, objects };
        if self.before.last().is_some_and(|(at, _)| at.as_deref() == after) {
            self.before.pop();
            self.pages.push_front(taken);
            if self.pages.len() > PAGES
                && let Some(last) = self.pages.pop_back()
            {
                self.next = last.after;
            }
        } else if self.loaded && after.is_some() && self.next.as_deref() == after {
            self.next = page.next;
            self.pages.push_back(taken);
            if self.pages.len() > PAGES
                && let Some(first) = self.pages.pop_front()
            {
                self.before.push((first.after.clone(), first.len()));
            }
        } else if after.is_none() {
            self.next = page.next;
            self.before.clear();
            self.pages = VecDeque::from([taken]);
        }
        self.loaded = true;
        self.error = None;
    }

    /// Prefixes that are here.
    pub fn prefixes(&self) -> impl Iterator<Item = &String> {
        self.pages.iter().flat_map(|p| &p.prefixes)
    }

    /// Objects that are here.
    pub fn objects(&self) -> impl Iterator<Item = &ObjectInfo> {
        self.pages.iter().flat_map(|p| &p.objects)
    }

    /// Entries before those that are here.
    #[must_use]
    pub fn skipped(&self) -> usize {
        self.before.iter().map(|(_, n)| n).sum()
    }

    /// Entries that are known, here or not.
    #[must_use]
    pub fn known(&self) -> usize {
        self.skipped() + self.pages.iter().map(Page::len).sum::<usize>()
    }

    /// Where the page before those that are here starts; `None` where there is none.
    #[must_use]
    pub fn earlier(&self) -> Option<Option<String>> {
        self.before.last().map(|(after, _)| after.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Page `n` of a prefix of `all` pages with three objects each.
    fn page(n: usize, all: usize) -> (Option<String>, ObjectPage) {
        let object = |i: usize| ObjectInfo { key: format!("p/{:06}", n * 3 + i), ..ObjectInfo::default() };
        let next = (n + 1 < all).then(|| format!("t{}", n + 1));
        let after = (n > 0).then(|| format!("t{n}"));
        (after, ObjectPage { prefixes: vec![], objects: (0..3).map(object).collect(), next })
    }

    fn number(after: Option<&String>) -> usize {
        after.map_or(0, |t| t[1..].parse().unwrap())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn paging_anywhere_keeps_one_stretch_in_bounded_memory(all in 1_usize..60, down in proptest::collection::vec(any::<bool>(), 0..150)) {
            let mut folder = Folder::default();
            let (after, first) = page(0, all);
            folder.take("p/", after.as_deref(), first);
            for down in down {
                let after = if down { folder.next.clone().map(Some) } else { folder.earlier() };
                let Some(after) = after else { continue };
                let (_, listed) = page(number(after.as_ref()), all);
                folder.take("p/", after.as_deref(), listed);
                prop_assert!(folder.pages.len() <= PAGES);
                let keys: Vec<&str> = folder.objects().map(|o| o.key.as_str()).collect();
                let want: Vec<String> = (0..keys.len()).map(|i| format!("p/{:06}", folder.skipped() + i)).collect();
                prop_assert_eq!(keys, want);
                let here = folder.skipped() / 3 + folder.pages.len();
                prop_assert_eq!(folder.next.as_ref().map(|t| number(Some(t))), (here < all).then_some(here));
            }
        }
    }

    #[test]
    fn a_page_that_nobody_waits_for_changes_nothing() {
        let mut folder = Folder::default();
        folder.take("p/", None, page(0, 5).1);
        let before = folder.clone();
        folder.take("p/", Some("t4"), page(4, 5).1);
        assert_eq!(folder.pages, before.pages);
    }
}
