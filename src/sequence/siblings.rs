//! Actions that hang on the same side of the same one: which of them comes first, nobody wrote.

use rustc_hash::FxHashMap;

use super::{Schedule, collate};
use crate::project::Package;
use crate::wix::{Entry, Generation, Position};

/// Entries of the sources that hang on one side of one action.
#[derive(Clone, Debug)]
pub struct Siblings<'w> {
    /// In the order in which they run.
    pub now: Vec<&'w Entry>,
    /// In the order in which they would run with the other dialect's toolset.
    pub otherwise: Vec<&'w Entry>,
}

/// The groups of two or more that the two dialects order differently, by their place in the table.
pub fn siblings<'w>(schedule: &Schedule<'w>, package: &Package<'w>) -> Vec<Siblings<'w>> {
    let mut groups: Vec<Vec<&Entry>> = Vec::new();
    let mut known: FxHashMap<(&str, bool), usize> = FxHashMap::default();
    let own = |entry: &&Entry| entry.library.is_none();
    for entry in schedule.rows.iter().filter_map(|row| row.entry).filter(own) {
        let Some(target) = entry.target() else { continue };
        let side = matches!(entry.position, Position::Before(_));
        let at = *known.entry((&target.text, side)).or_insert(groups.len());
        if at == groups.len() {
            groups.push(Vec::new());
        }
        groups[at].push(entry);
    }
    groups.retain(|group| group.len() > 1);
    if groups.is_empty() {
        return Vec::new();
    }
    let places: FxHashMap<*const Entry, usize> =
        package.entries().enumerate().map(|(at, entry)| (std::ptr::from_ref(entry), at)).collect();
    let ordered = groups.into_iter().map(|now| {
        let mut otherwise = now.clone();
        match package.generation {
            Generation::V3 => otherwise.sort_by_key(|entry| places.get(&std::ptr::from_ref(*entry))),
            _ => otherwise.sort_by(|left, right| collate::compare(&left.action.text, &right.action.text)),
        }
        Siblings { now, otherwise }
    });
    let differs =
        |group: &Siblings<'_>| group.now.iter().zip(&group.otherwise).any(|(now, other)| !std::ptr::eq(*now, *other));
    ordered.filter(differs).collect()
}
