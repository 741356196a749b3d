//! Why an action stands where it stands: from its own entry to the action with a number of its own.

use super::{Line, Written, at, place};
use crate::model::Model;
use crate::msi::{self, Table};
use crate::sequence::{Schedule, chain};
use crate::source::Sources;
use crate::wix::{Entry, Generation, Position};

/// The reasons for one place.
#[derive(Clone, Debug)]
pub struct Why {
    pub table: Table,
    pub action: String,
    /// `None`: it cannot be known, or the action is left out.
    pub number: Option<i32>,
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
    /// Why `action` stands where it does; `None` when the table does not hold it.
    pub fn of(model: &Model<'_>, table: Table, action: &str, sources: &Sources) -> Option<Why> {
        let schedule = model.schedule(table);
        let row = schedule.row(action)?;
        let mut reasons: Vec<Reason> = Vec::new();
        let mut anchor = row.action;
        for step in chain(schedule, action) {
            let name = &step.entry.action.text;
            reasons.push(Reason { text: format!("`{name}` {}", step.reason()), place: place(step.entry, sources) });
            reasons.extend(beside(schedule, step.entry, model.package.generation, sources));
            anchor = step.entry.target().map_or(&**name, |target| &target.text);
        }
        if schedule.row(anchor).is_some_and(|row| row.entry.is_none()) {
            reasons.push(Reason { text: of_itself(model, table, anchor), place: Written::Default });
        }
        reasons.extend(replaced(model, schedule, action, sources));
        Some(Why { table, action: action.to_owned(), number: row.number, reasons })
    }
}

/// What is between an entry and the action that it hangs on, on the same side, and what orders the two.
fn beside(schedule: &Schedule<'_>, entry: &Entry, generation: Generation, sources: &Sources) -> Option<Reason> {
    let target = entry.target()?;
    let own = schedule.position(&entry.action.text)?;
    let anchor = schedule.position(&target.text)?;
    let between = &schedule.rows[own.min(anchor) + 1..own.max(anchor)];
    let same_side = |other: &&Entry| {
        let before = |entry: &Entry| matches!(entry.position, Position::Before(_));
        other.target().is_some_and(|other| other.text == target.text) && before(other) == before(entry)
    };
    let siblings: Vec<&Entry> = between.iter().filter_map(|row| row.entry).filter(same_side).collect();
    let first = siblings.first()?;
    let names: Vec<String> = siblings.iter().map(|entry| format!("`{}`", entry.action.text)).collect();
    let ordered = if generation == Generation::V3 { "their names" } else { "their place in the sources" };
    let verbs = if names.len() == 1 { ["hangs", "comes"] } else { ["hang", "come"] };
    let text = format!("{} {} there as well and {} between by {ordered}", names.join(", "), verbs[0], verbs[1]);
    Some(Reason { text, place: place(first, sources) })
}

/// Why a standard action is in the table although no entry schedules it.
fn of_itself(model: &Model<'_>, table: Table, action: &str) -> String {
    let number = model.schedule(table).row(action).and_then(|row| row.number);
    let number = number.map_or(String::new(), |number| format!(" ({number})"));
    let always = msi::standard_action(action).is_some_and(|standard| standard.is_always_in(table));
    if always && model.package.is_product() {
        return format!("`{action}`{number} stands in its own place, in every package");
    }
    format!("`{action}`{number} stands in its own place: an entry names it, or the package has rows that need it")
}

/// Entries for the same action that another one has replaced, or taken out.
fn replaced(model: &Model<'_>, schedule: &Schedule<'_>, action: &str, sources: &Sources) -> Vec<Reason> {
    let Some(own) = schedule.row(action).and_then(|row| row.entry) else { return Vec::new() };
    let others = model.package.entries().filter(|entry| {
        entry.table == schedule.table && entry.action.text == action && !std::ptr::eq(*entry, own) && !entry.suppress
    });
    let text = |entry: &Entry| match entry.library {
        Some(name) => format!("the place that the {name} extension offers is replaced"),
        None => "another entry for it is replaced".to_owned(),
    };
    others.map(|entry| Reason { text: text(entry), place: at(entry.span, sources) }).collect()
}

impl Line {
    /// Whether nothing in the sources places it.
    pub fn is_of_itself(&self) -> bool {
        self.place == Written::Default
    }
}
