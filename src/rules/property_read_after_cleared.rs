use std::borrow::Cow;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::{Model, Reader, Turn};
use crate::msi::Table;
use crate::msi::property::{self, SESSION_KEY};
use crate::sequence::{Row, Step};
use crate::wix::{EntryKind, Execute};

pub(super) const RULE: Rule = Rule {
    name: "property-read-after-cleared",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("property_read_after_cleared.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    let fixed: Vec<&str> = property::cleared().filter(|name| is_fixed(name)).collect();
    let clearing: FxHashSet<&str> = model.turns().filter(clears).filter_map(|turn| turn.flow()?.writes).collect();
    if fixed.is_empty() && clearing.is_empty() {
        return;
    }
    let is_wanted = |name: &str| fixed.contains(&name) || clearing.contains(name);
    let mut past = Past::of(model);
    for reader in model.readers_where(is_wanted).filter(Reader::is_immediate) {
        let name = &*reader.read.property;
        if is_fixed(name) && model.is_late(&reader, name) {
            let by = model.cleared(reader.schedule, name).map_or("", |(by, _)| by);
            report(&reader, by, reader.schedule.row(by), findings);
        } else if let Some(cleared) = past.cleared(&reader) {
            report(&reader, cleared.action, Some(cleared), findings);
        }
    }
}

/// Whether an action of Windows Installer takes a property away. The session key has a rule of its own.
fn is_fixed(name: &str) -> bool {
    let window = property::window(name).filter(|window| window.until.is_some() && window.is_checked);
    name != SESSION_KEY && window.is_some()
}

/// Whether a turn surely takes a value away.
fn clears(turn: &Turn<'_, '_>) -> bool {
    let at_once = turn.execute() == Some(Execute::Immediate);
    turn.clears() && at_once && turn.is_unconditional()
}

/// What may give properties values, and what takes them away, by place; as far as it was asked for.
struct Past<'m, 'w> {
    model: &'m Model<'w>,
    /// For each table the places at which any property may be set.
    open: FxHashMap<Table, Vec<i32>>,
    writers: FxHashMap<(Table, Cow<'w, str>), Vec<Turn<'m, 'w>>>,
}

impl<'m, 'w> Past<'m, 'w> {
    fn of(model: &'m Model<'w>) -> Past<'m, 'w> {
        Past { model, open: FxHashMap::default(), writers: FxHashMap::default() }
    }

    /// The action of the package that has surely taken a value away when it is read, and nothing has set it since.
    fn cleared(&mut self, reader: &Reader<'m, 'w>) -> Option<&'m Row<'w>> {
        let (table, place) = (reader.schedule.table, reader.row.place()?);
        let name = &reader.read.property;
        let writers = self.writers.entry((table, name.clone())).or_insert_with(|| {
            let own = self.model.writers(name).filter(|turn| turn.schedule.table == table);
            let mut placed: Vec<_> = own.filter(|turn| turn.row.place().is_some()).collect();
            placed.sort_by_key(|turn| turn.row.place());
            placed
        });
        let before = writers.partition_point(|turn| turn.row.place() < Some(place));
        let last = writers[..before].last().filter(|turn| clears(turn))?.row;
        let open = self.open.entry(table).or_insert_with(|| {
            let turns = self.model.turns_in(reader.schedule).filter(sets_anything);
            let mut places: Vec<i32> = turns.filter_map(|turn| turn.row.place()).collect();
            places.sort_unstable();
            places
        });
        let next = open.get(open.partition_point(|&at| Some(at) <= last.place()));
        next.is_none_or(|&at| at >= place).then_some(last)
    }
}

/// Whether any property may be set at a turn: by code that nobody has seen, the searches and the costing, or a dialog.
fn sets_anything(turn: &Turn<'_, '_>) -> bool {
    let is_dialog = turn.row.entry.is_some_and(|entry| entry.kind == EntryKind::Dialog);
    is_dialog || turn.is_opaque() || property::beginnings().contains(&turn.row.action)
}

fn report(reader: &Reader<'_, '_>, by: &str, row: Option<&Row<'_>>, findings: &mut Findings) {
    let (action, name, entry) = (reader.row.action, &reader.read.property, reader.entry);
    let message = format!("`{action}` reads `{name}` after `{by}` has cleared it: it gets nothing");
    let finding = findings.report_row(&format!("{action} {name}"), message, entry);
    if let Some(entry) = row.and_then(|row| row.entry) {
        finding.label(entry.span, format!("`{by}` {}", Step { entry }.reason()));
    }
    finding.label_read(&reader.read, "read here");
    finding.help(format!("schedule `{action}` Before=\"{by}\""));
}
