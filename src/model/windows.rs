//! Reads before a value is there, and after it is gone.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Model, Reader};
use crate::msi::Table;
use crate::msi::property::{self, Family, FamilyWindow};
use crate::reads::{self, Costs, Evidence};
use crate::sequence::{Row, Schedule};
use crate::wix::{CustomAction, Execute, Kind, Property};

/// A read at a place where the value is not there yet.
#[derive(Debug)]
pub struct EarlyRead<'m, 'w> {
    pub schedule: &'m Schedule<'w>,
    pub row: &'m Row<'w>,
    pub read: What<'m, 'w>,
    pub window: FamilyWindow,
    /// The place of the action that brings it.
    pub from: i32,
}

/// Rows with their tables.
pub type Rows<'m, 'w> = Vec<(&'m Schedule<'w>, &'m Row<'w>)>;

/// What is read.
#[derive(Debug)]
pub enum What<'m, 'w> {
    Property(Reader<'m, 'w>),
    Costs(Costs<'w>),
}

impl<'w> Model<'w> {
    /// Every place at which a property is read, table by table, in the order in which they run; but for
    /// rows that no source of this package authored.
    pub fn all_readers(&self) -> impl Iterator<Item = Reader<'_, 'w>> {
        self.schedules.iter().flat_map(move |schedule| {
            schedule.rows.iter().flat_map(move |row| self.reads_of(schedule, row).into_iter())
        })
    }

    fn reads_of<'m>(&'m self, schedule: &'m Schedule<'w>, row: &'m Row<'w>) -> Vec<Reader<'m, 'w>> {
        let Some(entry) = row.entry.filter(|entry| entry.library.is_none()) else { return Vec::new() };
        let reader = |read, when| Reader { schedule, row, entry, read, when };
        let when = self.flows.execute(row.action);
        let own = self.flows.of_action(row.action).map_or(&[][..], |flow| &flow.reads);
        let mut readers: Vec<Reader<'m, 'w>> = own.iter().map(|read| reader(read.clone(), when)).collect();
        if !row.condition.is_empty() {
            let condition = reads::of_condition(entry).reads.into_iter();
            readers.extend(condition.map(|read| reader(read, Some(Execute::Immediate))));
        }
        readers
    }

    /// Reads of properties, states and paths before the action that brings them.
    pub fn early_reads(&self) -> Vec<EarlyRead<'_, 'w>> {
        let known = Known::of(self);
        let mut early = Vec::new();
        for schedule in &self.schedules {
            for row in &schedule.rows {
                let Some(place) = row.place() else { continue };
                let mut tell = |read, window: FamilyWindow| {
                    let from = schedule.row(window.from).and_then(Row::place).filter(|&from| place < from);
                    early.extend(from.map(|from| EarlyRead { schedule, row, read, window, from }));
                };
                for reader in self.reads_of(schedule, row).into_iter().filter(Reader::is_immediate) {
                    if let Some(window) = known.window(self, &reader) {
                        tell(What::Property(reader), window);
                    }
                }
                for costs in self.costs_of(row) {
                    let family = if costs.is_state { Family::State } else { Family::Path };
                    tell(What::Costs(costs), family.window());
                }
            }
        }
        early
    }

    fn costs_of(&self, row: &Row<'w>) -> Vec<Costs<'w>> {
        let Some(entry) = row.entry.filter(|entry| entry.library.is_none()) else { return Vec::new() };
        let immediate = self.flows.execute(row.action).is_some_and(|when| !when.is_in_script());
        let own = self.flows.of_action(row.action).filter(|_| immediate).and_then(|flow| flow.costs.clone());
        own.into_iter().chain(reads::of_condition(entry).costs).collect()
    }

    /// For each property the rows that are known to give it a value at their turn.
    pub fn writers(&self) -> FxHashMap<&str, Rows<'_, 'w>> {
        let mut writers: FxHashMap<&str, Vec<_>> = FxHashMap::default();
        for schedule in &self.schedules {
            for row in &schedule.rows {
                if let Some(written) = self.flows.of_action(row.action).and_then(|flow| flow.writes) {
                    writers.entry(written).or_default().push((schedule, row));
                }
            }
        }
        writers
    }

    /// The rows that call a DLL in whose bytes a property's name stands, DLL by DLL, with its path: where its source was not
    /// found, and all that call it do so at once, when the value is gone. One of them reads it then, if any does.
    pub fn suspects(&self, property: &str) -> Vec<(&str, Rows<'_, 'w>)> {
        let mut calling: FxHashMap<&str, (&str, Rows<'_, 'w>)> = FxHashMap::default();
        for (schedule, row) in self.schedules.iter().flat_map(|own| own.rows.iter().map(move |row| (own, row))) {
            let called = self.flows.definition(row.action).and_then(|action| action.called.as_deref());
            let Some(stream) = called.and_then(|called| called.stream.as_ref()) else { continue };
            let Some(dll) = self.package.code.dll_of(&stream.text).filter(|dll| dll.mentions.contains(&property))
            else {
                continue;
            };
            calling.entry(&stream.text).or_insert((&dll.path, Vec::new())).1.push((schedule, row));
        }
        let mut suspects: Vec<_> = calling.into_values().filter(|(_, rows)| self.are_late(rows, property)).collect();
        suspects.sort_by_key(|(path, _)| *path);
        suspects
    }

    fn are_late(&self, rows: &[(&Schedule<'w>, &Row<'w>)], property: &str) -> bool {
        rows.iter().all(|(schedule, row)| {
            let immediate = self.flows.execute(row.action).is_some_and(|when| !when.is_in_script());
            let known = self.flows.of_action(row.action).is_some_and(|flow| flow.read_of(property).is_some());
            let cleared = self.cleared(schedule, property).map(|(_, place)| place);
            let own = row.entry.is_some_and(|entry| entry.library.is_none());
            own && immediate
                && !known
                && cleared.is_some_and(|cleared| row.place().is_some_and(|place| place >= cleared))
        })
    }

    /// The rows that assign a property or a directory, with what they run; those of the sources only.
    pub fn assignments(&self) -> impl Iterator<Item = (&Schedule<'w>, &Row<'w>, &'w CustomAction)> {
        let rows = self.schedules.iter().flat_map(|schedule| schedule.rows.iter().map(move |row| (schedule, row)));
        let own = rows.filter(|(_, row)| row.entry.is_some_and(|entry| entry.library.is_none()));
        own.filter_map(|(schedule, row)| {
            let action = self.flows.definition(row.action).filter(|action| action.target.is_some())?;
            Some((schedule, row, action))
        })
    }

    /// The properties that have a value before any action runs, or get one from a search.
    pub fn valued(&self) -> impl Iterator<Item = &'w str> {
        let properties = self.package.sections.iter().flat_map(|section| &section.properties);
        properties.filter(|property| property.valued).map(|property| &*property.id.text)
    }

    /// Whether code that nobody has seen, or a library, runs at a row's turn: it may set anything.
    pub fn is_opaque(&self, row: &Row<'w>) -> bool {
        let immediate = self.flows.execute(row.action).is_none_or(|when| !when.is_in_script());
        let code = self.flows.of_action(row.action).is_some_and(|flow| flow.opaque);
        immediate && (code || row.entry.is_some_and(|entry| entry.library.is_some()))
    }
}

impl Reader<'_, '_> {
    /// Whether the read happens at the row's turn.
    pub fn is_immediate(&self) -> bool {
        self.when.is_some_and(|when| !when.is_in_script())
    }

    /// Whether all that the action does is to keep the value under another name.
    fn is_copy(&self, model: &Model<'_>) -> bool {
        model.flows.definition(self.row.action).is_some_and(|action| {
            let whole = format!("[{}]", self.read.property);
            action.kind == Kind::SetProperty && action.formatted.iter().any(|(_, text)| text.text.trim() == whole)
        })
    }
}

/// The names of a package that have a lifetime, and what gives them values.
struct Known<'m, 'w> {
    searched: FxHashSet<&'m str>,
    initial: FxHashSet<&'m str>,
    upgrade: FxHashSet<&'m str>,
    dialogs: FxHashSet<&'m str>,
    writers: FxHashMap<&'m str, Rows<'m, 'w>>,
    /// The first place of each table at which code runs that may set anything.
    opaque: FxHashMap<Table, Option<i32>>,
}

impl<'m, 'w> Known<'m, 'w> {
    fn of(model: &'m Model<'w>) -> Known<'m, 'w> {
        let sections = || model.package.sections.iter();
        let properties = || sections().flat_map(|section| &section.properties);
        let named = |keep: fn(&Property) -> bool| {
            properties().filter(|property| keep(property)).map(|property| &*property.id.text).collect()
        };
        let opaque = |schedule: &Schedule<'w>| {
            let first = schedule.rows.iter().filter(|row| model.is_opaque(row)).map(Row::place).min();
            first.map(|first| (schedule.table, first))
        };
        Known {
            searched: named(|property| property.searched),
            initial: named(|property| property.initial),
            upgrade: sections().flat_map(|section| &section.upgrade_properties).map(String::as_str).collect(),
            dialogs: sections().flat_map(|section| &section.dialog_properties).map(String::as_str).collect(),
            writers: model.writers(),
            opaque: model.schedules.iter().filter_map(opaque).collect(),
        }
    }

    /// The window that a read has to keep to, if it is sure that nothing else gives the value.
    fn window(&self, model: &Model<'_>, reader: &Reader<'_, '_>) -> Option<FamilyWindow> {
        let name = &*reader.read.property;
        if self.initial.contains(name) || (self.dialogs.contains(name) && !reader.schedule.table.is_ui()) {
            return None;
        }
        let fixed = property::window(name).filter(|window| window.is_checked && window.holds_in(reader.schedule.table));
        // Who keeps what a command line gave before a search overwrites it means to be early, and whether
        // somebody has given a folder can only be asked early.
        let is_meant =
            || reader.read.evidence == Evidence::Condition || reader.is_copy(model) || self.may_be_set_by_code(reader);
        let window = match fixed {
            Some(window) => window.from.map(|from| FamilyWindow { from, is_error: false, before: "nothing" }),
            None if self.upgrade.contains(name) => Some(Family::Upgrade.window()),
            None if self.searched.contains(name) => (!is_meant()).then(|| Family::Search.window()),
            None if model.package.defines("Directory", name) && !property::is_system_folder(name) => {
                let formatted = matches!(reader.read.evidence, Evidence::Formatted(_));
                (formatted && !is_meant()).then(|| Family::Directory.window())
            }
            None => None,
        };
        window.filter(|_| !self.is_set_before(reader))
    }

    /// Whether an action is known to set the property before it is read, in the same table or, for an execute
    /// sequence, in that of the dialogs.
    fn is_set_before(&self, reader: &Reader<'_, '_>) -> bool {
        let name = &*reader.read.property;
        self.writers.get(name).into_iter().flatten().any(|(schedule, row)| {
            let same = schedule.table == reader.schedule.table;
            let dialogs = schedule.table.is_ui() && !reader.schedule.table.is_ui() && !property::is_private(name);
            dialogs || (same && row.place() < reader.row.place())
        })
    }

    fn may_be_set_by_code(&self, reader: &Reader<'_, '_>) -> bool {
        self.opaque.get(&reader.schedule.table).is_some_and(|first| *first < reader.row.place())
    }
}
