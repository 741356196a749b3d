//! The chain of reasons for a place.

use super::Schedule;
use crate::wix::{Entry, Position};

/// One reason: an entry, and what it asks for.
#[derive(Clone, Copy, Debug)]
pub struct Step<'w> {
    pub entry: &'w Entry,
}

impl Step<'_> {
    /// What the entry says, as the end of a sentence that begins with its action.
    pub fn reason(&self) -> String {
        let library = self.entry.library.map_or(String::new(), |name| format!(" (by the {name} extension)"));
        let reason = match &self.entry.position {
            Position::Before(target) => format!("runs right before `{}`", target.text),
            Position::After(target) => format!("runs right after `{}`", target.text),
            Position::Number(number) => format!("has the number {number}"),
            Position::Exit(exit) => format!("runs when the sequence ends, on {}", exit.name()),
            Position::Default => "stands in its own place".to_owned(),
            Position::Unknown => "stands in a place that is not known".to_owned(),
        };
        reason + &library
    }
}

/// The entries that decide where `action` stands, from its own to the one that hangs on an anchor.
/// A standard action in its own place ends the chain and is no step of it.
pub fn chain<'a, 'w>(schedule: &'a Schedule<'w>, action: &str) -> impl Iterator<Item = Step<'w>> + use<'a, 'w> {
    let first = schedule.row(action).and_then(|row| row.entry);
    let steps = std::iter::successors(first, |entry| schedule.row(&entry.target()?.text)?.entry);
    // A chain cannot be longer than the table, unless it is a loop.
    steps.take(schedule.rows.len()).map(|entry| Step { entry })
}
