//! What a moved action uses is still there when it runs, and what it writes is not missed or overwritten.

use rustc_hash::FxHashSet;

use super::Moved;
use crate::diagnostic::Applicability;
use crate::model::Model;
use crate::msi::{self, Table, property};
use crate::reads::{Evidence, Flow, Flows};
use crate::sequence::{Row, Schedule};
use crate::wix::{Kind, Position, SymbolKey};

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
    for row in before.rows.iter().filter(|row| moved.contains(table, row.action)) {
        if table.is_ui() && after.row(row.action).is_none() && has_dialogs(old) {
            // What controls show and their conditions test is not read; it may be what the action sets.
            applicability = Applicability::Unsafe;
        }
        let (Some(was), Some(now)) = (row.place(), after.row(row.action).and_then(Row::place)) else { continue };
        let change = Change { old, before, after, moved, row, was, now, flow: old.flow(row) };
        change.standard_inputs()?;
        change.written_inputs()?;
        change.outputs()?;
        if change.has_hidden_inputs() {
            applicability = Applicability::Unsafe;
        }
    }
    Ok(applicability)
}

fn has_dialogs(model: &Model<'_>) -> bool {
    model.package.sections.iter().any(|section| section.has_dialogs)
}

/// What runs the installation script: only behind one of these are files and registry values in place,
/// and code may have waited for that (pages `installexecute-action`, `installfinalize-action`).
const EXECUTES_SCRIPT: [&str; 3] = ["InstallExecute", "InstallExecuteAgain", "InstallFinalize"];

/// A moved action and the two tables it stands in.
struct Change<'c, 'w> {
    old: &'c Model<'w>,
    before: &'c Schedule<'w>,
    after: &'c Schedule<'c>,
    moved: &'c Moved<'c>,
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
            if self.is_searched(&read.property) {
                self.comes_after("AppSearch", &format!("`{}`, which `{name}` uses,", read.property))?;
            }
            let Some(window) = property::window(&read.property) else { continue };
            if let Some(from) = window.from.filter(|_| window.holds_in(self.before.table)) {
                self.comes_after(from, &format!("`{}`, which `{name}` uses,", read.property))?;
            }
        }
        Ok(())
    }

    fn is_searched(&self, property: &str) -> bool {
        let mut properties = self.old.package.sections.iter().flat_map(|section| &section.properties);
        properties.any(|found| found.searched && found.id.text == property)
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

    /// Rows that ran before the moved action, or for all that is known may have, since they have the
    /// same number, and would run after it.
    fn passed(&self) -> impl Iterator<Item = &Row<'w>> {
        self.before.rows.iter().filter(|other| {
            let was_before = other.action != self.row.action && other.place().is_some_and(|place| place <= self.was);
            let is_after = self.after.row(other.action).and_then(Row::place).is_some_and(|place| place > self.now);
            was_before && is_after
        })
    }

    /// No other action writes what the moved one reads on the way that it jumps.
    fn written_inputs(&self) -> Result<(), String> {
        let used: FxHashSet<&str> = self.flow.reads.iter().map(|read| &*read.property).collect();
        let directory = self.flow.reads.iter().map(|read| &*read.property).find(|property| self.is_directory(property));
        for other in self.passed() {
            // Whoever sets a directory sets those below it as well.
            let kind = self.old.flows.definition(other.action).map(|action| action.kind);
            if let (Some(directory), Some(Kind::SetDirectory)) = (directory, kind) {
                let name = self.row.action;
                return Err(format!("`{name}` uses `{directory}`, and `{}` sets a directory only later", other.action));
            }
            if let Some(written) = writes(&self.old.flows, other).filter(|written| used.contains(written)) {
                return Err(format!(
                    "`{}` uses `{written}`, which `{}` sets only later",
                    self.row.action, other.action
                ));
            }
        }
        Ok(())
    }

    /// No action on the way reads or writes what the moved one writes.
    fn outputs(&self) -> Result<(), String> {
        let Some(written) = writes(&self.old.flows, self.row) else { return Ok(()) };
        for other in self.passed().filter(|other| !self.moved.contains(self.before.table, other.action)) {
            let name = self.row.action;
            if self.old.flow(other).read_of(written).is_some() {
                return Err(format!("`{}` needs `{written}` as it is before `{name}` sets it", other.action));
            }
            if writes(&self.old.flows, other) == Some(written) {
                return Err(format!("`{}` would overwrite `{written}`, which `{name}` sets", other.action));
            }
        }
        Ok(())
    }

    /// Whether something that no source shows may give the moved action what it uses.
    fn has_hidden_inputs(&self) -> bool {
        let unexplained = self.flow.reads.iter().any(|read| {
            read.property != property::SESSION_KEY
                && property::window(&read.property).is_none()
                && !self.is_explained(&read.property)
        });
        // A library does not show what runs beside it.
        let library = self.old.package.entry.is_none();
        (unexplained && (library || self.passed().any(|other| self.is_opaque(other))))
            || (self.flow.opaque && self.follows_a_source())
            || (self.runs_code() && self.passed().any(|other| EXECUTES_SCRIPT.contains(&other.action)))
    }

    /// Whether it runs code of which nobody here knows what it does on the machine.
    fn runs_code(&self) -> bool {
        let kind = self.old.flows.definition(self.row.action).map(|action| action.kind);
        let known = self.flow.reads.iter().any(|read| read.evidence == Evidence::Library);
        !known && matches!(kind, Some(Kind::Dll(_) | Kind::Exe(_) | Kind::Script(_)))
    }

    /// Whether the sources show where a property comes from.
    fn is_explained(&self, property: &str) -> bool {
        let symbol = |kind| {
            self.old.package.sections.iter().any(|section| section.symbols.contains(&SymbolKey::new(kind, property)))
        };
        let written = || self.before.rows.iter().any(|row| writes(&self.old.flows, row) == Some(property));
        symbol("Property") || symbol("Directory") || written()
    }

    /// Whether the row may give any property a value.
    fn is_opaque(&self, row: &Row<'_>) -> bool {
        if row.action == "FindRelatedProducts" {
            return true;
        }
        let immediate = self.old.flows.execute(row.action).is_none_or(|when| !when.is_in_script());
        immediate && self.old.flows.of_action(row.action).is_some_and(|flow| flow.opaque)
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
            let read = self.before.rows.iter().any(|row| self.old.flow(row).read_of(written).is_some());
            !named_after && !read
        });
        unused || self.is_opaque(target)
    }
}

fn writes<'f>(flows: &'f Flows<'_>, row: &Row<'_>) -> Option<&'f str> {
    flows.of_action(row.action)?.writes.as_deref()
}
