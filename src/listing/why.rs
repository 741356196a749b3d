//! Why an action stands where it stands: from its own entry to the action with a number of its own.

use super::implicit::of_itself;
use super::{Line, Written, place};
use crate::model::Model;
use crate::msi::Table;
use crate::sequence::{ProblemKind, Schedule, Step};
use crate::source::Sources;
use crate::wix::{Entry, Generation, Position};

/// The reasons for one place.
#[derive(Clone, Debug)]
pub struct Why {
    pub table: Table,
    pub action: String,
    /// `None`: it cannot be known, or the action is left out.
    pub number: Option<i32>,
    /// WiX leaves the action out, since it hangs on a circle.
    pub left_out: bool,
    /// In the order to be read: each explains the one before it.
    pub reasons: Vec<Reason>,
}

/// A step of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    pub text: String,
    pub place: Written,
}

impl Why {
    /// Why `action` stands where it does, or nowhere; `None` when nothing schedules it in the table.
    pub fn of(model: &Model<'_>, table: Table, action: &str, sources: &Sources) -> Option<Why> {
        let schedule = model.schedule(table);
        let row = schedule.row(action);
        let left_out = row.is_none();
        if left_out && entry(schedule, action).is_none() {
            return None;
        }
        let mut why = Why {
            table,
            action: action.to_owned(),
            number: row.and_then(|row| row.number),
            left_out,
            reasons: Vec::new(),
        };
        why.follow(model, schedule, sources);
        why.reasons.extend(replaced(model, schedule, action, sources));
        Some(why)
    }

    /// From action to action, until one has a place of its own, or was there before.
    fn follow(&mut self, model: &Model<'_>, schedule: &Schedule<'_>, sources: &Sources) {
        let mut seen: Vec<&str> = Vec::new();
        let mut at = entry(schedule, &self.action);
        let mut anchor = self.action.clone();
        while let Some(own) = at {
            let name = &*own.action.text;
            seen.push(name);
            let text = format!("`{name}` {}", Step { entry: own }.reason());
            self.reasons.push(Reason { text, place: place(own, sources) });
            self.reasons.extend(beside(schedule, own, model.package.generation, sources));
            let Some(target) = own.target() else { return };
            if seen.contains(&&*target.text) {
                let text = "which closes a circle: WiX can place nothing on it".to_owned();
                self.reasons.push(Reason { text, place: Written::Default });
                return;
            }
            anchor.clone_from(&target.text);
            at = entry(schedule, &target.text);
        }
        self.reasons.push(match schedule.row(&anchor) {
            Some(_) => of_itself(model, self.table, &anchor, sources),
            None => Reason { text: format!("nothing here schedules `{anchor}`"), place: Written::Default },
        });
    }
}

/// The entry that decides where an action stands, or would stand if it were not left out.
fn entry<'w>(schedule: &Schedule<'w>, action: &str) -> Option<&'w Entry> {
    let circles = schedule.problems.iter().filter(|problem| problem.kind == ProblemKind::SilentCycle);
    match schedule.row(action) {
        Some(row) => row.entry,
        None => circles
            .flat_map(|problem| &problem.entries)
            .chain(&schedule.lost)
            .copied()
            .find(|entry| entry.action.text == action),
    }
}

/// What is between an entry and the action that it hangs on, on the same side, and what orders the two.
fn beside(schedule: &Schedule<'_>, entry: &Entry, generation: Generation, sources: &Sources) -> Option<Reason> {
    let target = entry.target()?;
    let own = schedule.position(&entry.action.text)?;
    let anchor = schedule.position(&target.text)?;
    // What hangs on itself has nothing between.
    let between = schedule.rows.get(own.min(anchor) + 1..own.max(anchor))?;
    let same_side = |other: &&Entry| {
        let before = |entry: &Entry| matches!(entry.position, Position::Before(_));
        other.target().is_some_and(|other| other.text == target.text) && before(other) == before(entry)
    };
    let siblings: Vec<&Entry> = between.iter().filter_map(|row| row.entry).filter(same_side).collect();
    let first = siblings.first()?;
    let names: Vec<String> = siblings.iter().map(|entry| format!("`{}`", entry.action.text)).collect();
    let order = if generation == Generation::V3 { "v3 takes them by name" } else { "WiX takes them as linked" };
    let verb = if names.len() == 1 { "hangs" } else { "hang" };
    let text = format!("{} {verb} there as well, between the two: {order}", names.join(", "));
    Some(Reason { text, place: place(first, sources) })
}

/// Entries for the same action that its own one has replaced.
fn replaced(model: &Model<'_>, schedule: &Schedule<'_>, action: &str, sources: &Sources) -> Vec<Reason> {
    let Some(own) = entry(schedule, action) else { return Vec::new() };
    let others = model.package.entries().filter(|entry| {
        entry.table == schedule.table && entry.action.text == action && !std::ptr::eq(*entry, own) && !entry.suppress
    });
    let text = |other: &Entry| {
        let step = Step { entry: other }.reason();
        format!("another entry, by which it {step}, gives way to that")
    };
    others.map(|entry| Reason { text: text(entry), place: place(entry, sources) }).collect()
}

impl Line {
    /// Whether nothing in the sources places it.
    pub fn is_of_itself(&self) -> bool {
        self.place == Written::Default
    }
}
