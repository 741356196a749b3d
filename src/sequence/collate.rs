//! The order in which v3 puts siblings: by name, as .NET compares strings under an English culture.
//!
//! For the characters that identifiers may have: without regard to case, `.` before `_` before
//! digits before letters, each digit a character of its own; names that differ only in case are
//! ordered at the first such place, lower case first. Confirmed by running the linker.

use std::cmp::Ordering;

/// Compares two action names.
pub(super) fn compare(left: &str, right: &str) -> Ordering {
    let primary = left.chars().map(weight).cmp(right.chars().map(weight));
    primary.then_with(|| left.chars().map(char::is_uppercase).cmp(right.chars().map(char::is_uppercase)))
}

fn weight(character: char) -> (u8, char) {
    match character {
        '.' => (0, character),
        '_' => (1, character),
        '0'..='9' => (2, character),
        _ if character.is_ascii() => (3, character.to_ascii_lowercase()),
        _ => (3, character.to_lowercase().next().unwrap_or(character)),
    }
}

#[cfg(test)]
mod tests {
    use super::compare;

    /// The orders that the v3 linker gave for these names.
    #[test]
    fn names_are_ordered_as_the_linker_does() {
        for line in
            ["_under alpha Alpha zeta", "a.dot a_score beta Beta beta10 beta2", "ab aB Ab AB Ab0 aB1", "A1 A10 A2"]
        {
            let expected: Vec<&str> = line.split(' ').collect();
            let mut sorted = expected.clone();
            sorted.sort_by(|left, right| right.cmp(left));
            sorted.sort_by(|left, right| compare(left, right));
            assert_eq!(sorted, expected);
        }
    }
}
