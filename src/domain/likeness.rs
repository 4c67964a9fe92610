//! Names that are nearly the same: did you mean …?

/// How many letters of a name must be changed, added, left out or swapped to make it another one, whatever their case;
/// `None` beyond a quarter of them (three at most): then it is another word.
#[must_use]
pub fn likeness(name: &str, other: &str) -> Option<usize> {
    let letters = |s: &str| s.to_uppercase().chars().collect::<Vec<_>>();
    let (wanted, other) = (letters(name), letters(other));
    let found = distance(&wanted, &other);
    (found <= (wanted.len() / 4).clamp(1, 3) && found < other.len()).then_some(found)
}

/// Letters to change, add, leave out or swap with their neighbour to make one of the other (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let differs = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (rows[i - 1][j] + 1).min(row[j - 1] + 1).min(rows[i - 1][j - 1] + differs);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(rows[i - 2][j - 2] + 1);
            }
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_counted() {
        let of = |a: &str, b: &str| distance(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>());
        assert_eq!((of("abc", "abc"), of("abc", "axc"), of("", "ab"), of("abc", "acb")), (0, 1, 2, 1));
    }

    #[test]
    fn a_slip_is_like_and_another_word_is_not() {
        assert_eq!(likeness("raw_custmoers", "RAW_CUSTOMERS"), Some(1));
        assert_eq!(likeness("HUB", "HUB"), Some(0));
        assert_eq!(likeness("FILE_NAME", "TABLE_NAME"), None);
        assert_eq!(likeness("A", "B"), None);
    }
}
