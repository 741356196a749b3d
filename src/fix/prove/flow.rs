//! What a moved action uses is still there when it runs, and what it writes is not missed or overwritten.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::Moved;
use crate::model::Model;
use crate::msi::{self, Table, property};
use crate::reads::{Evidence, Flow, Flows};
use crate::sequence::{Row, Schedule};
use crate::wix::{Kind, Position};

/// Compares what the moved actions of one table find before and after. What cannot be told from the
/// sources is a doubt, as the end of a sentence.
///
/// # Errors
/// What would be missing, as the end of a sentence.
pub(super) fn keeps(
    old: &Model<'_>,
    new: &Model<'_>,
    table: Table,
    moved: &Moved<'_>,
) -> Result<Option<String>, String> {
    let (before, after) = (old.schedule(table), new.schedule(table));
    let mut rows = before.rows.iter().filter(|row| moved.contains(table, row.action)).peekable();
    if rows.peek().is_none() {
        return Ok(None);
    }
    let mut doubt = None;
    let touched = Touched::new(old, before, after);
    for row in rows {
        if table.is_ui() && after.row(row.action).is_none() && has_dialogs(old) {
            // What controls show and their conditions test is not read; it may be what the action sets.
            doubt = Some(format!("a dialog may use what `{}` sets in {}", row.action, table.name()));
        }
        let (Some(was), Some(now)) = (row.place(), after.row(row.action).and_then(Row::place)) else { continue };
        let change = Change { old, before, after, moved, touched: &touched, row, was, now, flow: old.flow(row) };
        change.standard_inputs()?;
        change.written_inputs()?;
        change.outputs()?;
        doubt = doubt.or_else(|| change.doubt());
    }
    Ok(doubt)
}

fn has_dialogs(model: &Model<'_>) -> bool {
    model.package.sections.iter().any(|section| section.has_dialogs)
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
    readers: FxHashMap<Cow<'w, str>, Vec<Stand<'c, 'w>>>,
    /// Actions that set a directory, and with it those below.
    directories: Vec<Stand<'c, 'w>>,
    /// Actions that may give any property a value.
    opaque: Vec<Stand<'c, 'w>>,
    /// Actions behind which the installation script has run.
    executing: Vec<Stand<'c, 'w>>,
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
            if old.flows.definition(row.action).is_some_and(|action| action.kind == Kind::SetDirectory) {
                touched.directories.push(stand);
            }
            if is_opaque(&old.flows, row) {
                touched.opaque.push(stand);
            }
            if msi::EXECUTES_SCRIPT.contains(&row.action) {
                touched.executing.push(stand);
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
    flow: Flow<'w>,
}

impl<'w> Change<'_, 'w> {
    /// What standard actions provide: paths, states, and the properties that they set.
    fn standard_inputs(&self) -> Result<(), String> {
        let name = self.row.action;
        if self.flow.costs.is_some() || self.flow.reads.iter().any(|read| self.is_directory(&read.property)) {
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

    /// Whether a row ran before the moved action, or for all that is known may have, since they have
    /// the same number, and would run after it.
    fn passes(&self, other: &Stand<'_, '_>) -> bool {
        other.row.action != self.row.action && other.was <= self.was && other.now > self.now
    }

    /// No other action writes what the moved one reads on the way that it jumps.
    fn written_inputs(&self) -> Result<(), String> {
        let name = self.row.action;
        for read in &self.flow.reads {
            let used = &read.property;
            if let Some(other) = self.touched.writers(used).iter().find(|other| self.passes(other)) {
                return Err(format!("`{name}` uses `{used}`, which `{}` sets only later", other.row.action));
            }
        }
        let directory = self.flow.reads.iter().map(|read| &*read.property).find(|used| self.is_directory(used));
        let setter = self.touched.directories.iter().find(|other| self.passes(other));
        match (directory, setter) {
            (Some(directory), Some(other)) => {
                Err(format!("`{name}` uses `{directory}`, and `{}` sets a directory only later", other.row.action))
            }
            _ => Ok(()),
        }
    }

    /// No action on the way reads or writes what the moved one writes.
    fn outputs(&self) -> Result<(), String> {
        let Some(written) = writes(&self.old.flows, self.row) else { return Ok(()) };
        let name = self.row.action;
        let stays =
            |other: &&Stand<'_, '_>| self.passes(other) && !self.moved.contains(self.before.table, other.row.action);
        if let Some(other) = self.touched.readers(written).iter().find(stays) {
            return Err(format!("`{}` needs `{written}` as it is before `{name}` sets it", other.row.action));
        }
        if let Some(other) = self.touched.writers(written).iter().find(stays) {
            return Err(format!("`{}` would overwrite `{written}`, which `{name}` sets", other.row.action));
        }
        Ok(())
    }

    /// What no source shows may give the moved action something that it uses.
    fn doubt(&self) -> Option<String> {
        let name = self.row.action;
        let unexplained = self.flow.reads.iter().map(|read| &*read.property).find(|used| {
            *used != property::SESSION_KEY && property::window(used).is_none() && !self.is_explained(used)
        });
        if let Some(used) = unexplained {
            if let Some(other) = self.touched.opaque.iter().find(|other| self.passes(other)) {
                return Some(format!("`{name}` uses `{used}`, which `{}` may set", other.row.action));
            }
            if self.old.package.entry.is_none() {
                return Some(format!("`{name}` uses `{used}`, which the package around this fragment may set later"));
            }
        }
        if let Some(source) = self.source().filter(|_| self.flow.opaque) {
            return Some(format!("`{name}` was placed right after `{source}`, which may prepare something for it"));
        }
        let executing = self.touched.executing.iter().find(|other| self.passes(other));
        let waits = executing.filter(|_| self.runs_code())?;
        Some(format!("`{name}` runs code that may need what is installed when {} has run", waits.row.action))
    }

    /// Whether it runs code of which nobody here knows what it does on the machine.
    fn runs_code(&self) -> bool {
        let kind = self.old.flows.definition(self.row.action).map(|action| action.kind);
        let known = self.flow.reads.iter().any(|read| read.evidence == Evidence::Library);
        !known && matches!(kind, Some(Kind::Dll(_) | Kind::Exe(_) | Kind::Script(_)))
    }

    /// Whether the sources show where a property comes from.
    fn is_explained(&self, property: &str) -> bool {
        let package = &self.old.package;
        package.defines("Property", property)
            || package.defines("Directory", property)
            || !self.touched.writers(property).is_empty()
    }

    /// The action that the moved one was placed right behind, if that may prepare something for it:
    /// by code, or by a property that nothing else is seen to use.
    fn source(&self) -> Option<&str> {
        let Position::After(target) = &self.row.entry?.position else { return None };
        let target = self.before.row(&target.text)?;
        if self.moved.contains(self.before.table, target.action) {
            return None;
        }
        let unused = writes(&self.old.flows, target).is_some_and(|written| {
            let named_after = self.old.flows.definition(written).is_some();
            !named_after && self.touched.readers(written).is_empty()
        });
        (unused || is_opaque(&self.old.flows, target)).then_some(target.action)
    }
}

fn writes<'f>(flows: &'f Flows<'_>, row: &Row<'_>) -> Option<&'f str> {
    flows.of_action(row.action)?.writes
}

/// Whether a row may give any property a value: code that runs at its turn, or a search.
fn is_opaque(flows: &Flows<'_>, row: &Row<'_>) -> bool {
    let immediate = flows.execute(row.action).is_none_or(|when| !when.is_in_script());
    row.action == "FindRelatedProducts" || immediate && flows.of_action(row.action).is_some_and(|flow| flow.opaque)
}
