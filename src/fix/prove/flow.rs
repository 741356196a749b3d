//! What a moved action uses is still there when it runs, and what it writes is not missed or overwritten.

use rustc_hash::FxHashMap;

use super::Moved;
use crate::diagnostic::Applicability;
use crate::model::Model;
use crate::msi::{self, Table, property};
use crate::reads::{Flow, Flows};
use crate::sequence::{Row, Schedule};
use crate::wix::Position;

/// Compares what the moved actions of one table find before and after.
///
/// # Errors
/// What would be missing, as the end of a sentence.
pub(super) fn keeps(
    old: &Model<'_>,
    new: &Model<'_>,
    table: Table,
    moved: &Moved<'_>,
) -> Result<Applicability, String> {
    let (before, after) = (old.schedule(table), new.schedule(table));
    let mut applicability = Applicability::Safe;
    let mut rows = before.rows.iter().filter(|row| moved.contains(table, row.action)).peekable();
    if rows.peek().is_none() {
        return Ok(applicability);
    }
    let touched = Touched::new(old, before, after);
    for row in rows {
        let (Some(was), Some(now)) = (row.place(), after.row(row.action).and_then(Row::place)) else { continue };
        let change = Change { old, before, after, moved, touched: &touched, row, was, now, flow: old.flow(row) };
        change.standard_inputs()?;
        change.written_inputs()?;
        change.outputs()?;
        if change.has_hidden_inputs() {
            applicability = Applicability::Unsafe;
        }
    }
    Ok(applicability)
}

/// A row, and where it stands before and after.
#[derive(Clone, Copy)]
struct Stand<'c, 'w> {
    row: &'c Row<'w>,
    was: i32,
    now: i32,
}

/// Which rows of a table touch a property, in their order. Made once for all that moves, so that a
/// moved action need not look at every other row.
#[derive(Default)]
struct Touched<'c, 'w> {
    writers: FxHashMap<&'c str, Vec<Stand<'c, 'w>>>,
    readers: FxHashMap<String, Vec<Stand<'c, 'w>>>,
    /// Actions that run code at their turn, which may touch any property.
    opaque: Vec<Stand<'c, 'w>>,
}

impl<'c, 'w> Touched<'c, 'w> {
    fn new(old: &'c Model<'w>, before: &'c Schedule<'w>, after: &Schedule<'_>) -> Self {
        let mut touched = Touched::default();
        for row in &before.rows {
            // What has no place on one of the sides passes nothing, and still counts as a use.
            let now = after.row(row.action).and_then(Row::place).unwrap_or(i32::MIN);
            let stand = Stand { row, was: row.place().unwrap_or(i32::MAX), now };
            if let Some(written) = writes(&old.flows, row) {
                touched.writers.entry(written).or_default().push(stand);
            }
            for read in old.flow(row).reads {
                touched.readers.entry(read.property).or_default().push(stand);
            }
            if is_opaque(&old.flows, row) {
                touched.opaque.push(stand);
            }
        }
        touched
    }

    fn writers(&self, property: &str) -> &[Stand<'c, 'w>] {
        self.writers.get(property).map_or(&[], Vec::as_slice)
    }

    fn readers(&self, property: &str) -> &[Stand<'c, 'w>] {
        self.readers.get(property).map_or(&[], Vec::as_slice)
    }
}

/// A moved action and the two tables it stands in.
struct Change<'c, 'w> {
    old: &'c Model<'w>,
    before: &'c Schedule<'w>,
    after: &'c Schedule<'c>,
    moved: &'c Moved<'c>,
    touched: &'c Touched<'c, 'w>,
    row: &'c Row<'w>,
    was: i32,
    now: i32,
    flow: Flow,
}

impl<'w> Change<'_, 'w> {
    /// What standard actions provide: paths, states, and the properties that they set.
    fn standard_inputs(&self) -> Result<(), String> {
        let name = self.row.action;
        if self.flow.needs_costs || self.flow.reads.iter().any(|read| self.is_directory(&read.property)) {
            self.comes_after(property::COSTS_KNOWN_AFTER, "paths and component states")?;
        }
        for read in &self.flow.reads {
            let Some(window) = property::window(&read.property) else { continue };
            if let Some(from) = window.from.filter(|_| window.holds_in(self.before.table)) {
                self.comes_after(from, &format!("`{}`, which `{name}` uses,", read.property))?;
            }
        }
        Ok(())
    }

    /// The moved action still stands behind a standard one, if it did so before.
    fn comes_after(&self, standard: &str, what: &str) -> Result<(), String> {
        let place = |schedule: &Schedule<'_>| {
            let default = || msi::standard_action(standard)?.number_in(schedule.table);
            schedule.row(standard).map_or_else(default, Row::place)
        };
        let was_after = place(self.before).is_none_or(|place| place < self.was);
        let is_after = place(self.after).is_some_and(|place| place < self.now);
        if was_after && !is_after {
            return Err(format!("{what} can only be trusted after {standard}"));
        }
        Ok(())
    }

    fn is_directory(&self, property: &str) -> bool {
        self.old.package.defines("Directory", property)
    }

    /// Whether a row ran before the moved action and would run after it.
    fn passes(&self, other: &Stand<'_, '_>) -> bool {
        other.row.action != self.row.action && other.was < self.was && other.now > self.now
    }

    /// No other action writes what the moved one reads on the way that it jumps.
    fn written_inputs(&self) -> Result<(), String> {
        for read in &self.flow.reads {
            let used = &read.property;
            if let Some(other) = self.touched.writers(used).iter().find(|other| self.passes(other)) {
                return Err(format!(
                    "`{}` uses `{used}`, which `{}` sets only later",
                    self.row.action, other.row.action
                ));
            }
        }
        Ok(())
    }

    /// No action on the way reads or writes what the moved one writes.
    fn outputs(&self) -> Result<(), String> {
        let Some(written) = writes(&self.old.flows, self.row) else { return Ok(()) };
        let touching = self.touched.writers(written).iter().chain(self.touched.readers(written));
        let mut staying = touching.filter(|other| !self.moved.contains(self.before.table, other.row.action));
        match staying.find(|other| self.passes(other)) {
            None => Ok(()),
            Some(other) => {
                Err(format!("`{}` needs `{written}` as it is before `{}` sets it", other.row.action, self.row.action))
            }
        }
    }

    /// Whether something that no source shows may give the moved action what it uses.
    fn has_hidden_inputs(&self) -> bool {
        let unexplained = self.flow.reads.iter().any(|read| {
            read.property != property::SESSION_KEY
                && property::window(&read.property).is_none()
                && !self.is_explained(&read.property)
        });
        (unexplained && self.touched.opaque.iter().any(|other| self.passes(other)))
            || (self.flow.opaque && self.follows_a_source())
    }

    /// Whether the sources show where a property comes from.
    fn is_explained(&self, property: &str) -> bool {
        let package = &self.old.package;
        package.defines("Property", property)
            || package.defines("Directory", property)
            || !self.touched.writers(property).is_empty()
    }

    /// Whether the moved action, of whose doing little is seen, was placed right behind one that may
    /// prepare something for it: code, or a property that nothing else is seen to use.
    fn follows_a_source(&self) -> bool {
        let Some(Position::After(target)) = self.row.entry.map(|entry| &entry.position) else { return false };
        let Some(target) = self.before.row(&target.text) else { return false };
        if self.moved.contains(self.before.table, target.action) {
            return false;
        }
        let unused = writes(&self.old.flows, target).is_some_and(|written| {
            let named_after = self.old.flows.definition(written).is_some();
            !named_after && self.touched.readers(written).is_empty()
        });
        unused || is_opaque(&self.old.flows, target)
    }
}

fn writes<'f>(flows: &'f Flows<'_>, row: &Row<'_>) -> Option<&'f str> {
    flows.of_action(row.action)?.writes.as_deref()
}

/// Whether a row runs code at its turn.
fn is_opaque(flows: &Flows<'_>, row: &Row<'_>) -> bool {
    let immediate = flows.execute(row.action).is_none_or(|when| !when.is_in_script());
    immediate && flows.of_action(row.action).is_some_and(|flow| flow.opaque)
}
