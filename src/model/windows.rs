//! Reads before a value is there, and after it is gone.

use std::cell::OnceCell;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Model, Reader, Turn};
use crate::msi::property::{self, Family, FamilyWindow};
use crate::msi::{Table, condition};
use crate::reads::{self, Costs, Evidence, Read};
use crate::sequence::{Row, Schedule};
use crate::wix::{CustomAction, Entry, Execute, Kind, Property};

/// A read at a place where the value is not there yet.
#[derive(Debug)]
pub struct EarlyRead<'m, 'w> {
    pub schedule: &'m Schedule<'w>,
    pub row: &'m Row<'w>,
    pub entry: &'w Entry,
    pub read: What<'w>,
    pub window: FamilyWindow,
    /// The place of the action that brings it.
    pub from: i32,
}

/// What is read.
#[derive(Debug)]
pub enum What<'w> {
    Property(Read<'w>),
    Costs(Costs<'w>),
}

impl<'w> Model<'w> {
    /// Every place at which a property that is wanted is read, table by table, in the order in which they run; but
    /// for rows that no source of this package authored.
    pub fn readers_where<'m>(&'m self, wanted: impl Fn(&str) -> bool + 'm) -> impl Iterator<Item = Reader<'m, 'w>> {
        self.turns().flat_map(move |turn| {
            let found = turn.own().map(|entry| {
                let own = turn.flow().map_or(&[][..], |flow| &flow.reads).iter();
                let own = own.filter(|read| wanted(&read.property)).map(|read| (read.clone(), turn.execute()));
                let at_once = Some(Execute::Immediate);
                let condition = reads::of_condition(entry).reads.into_iter().filter(|read| wanted(&read.property));
                let all = own.chain(condition.map(|read| (read, at_once)));
                let reader = |(read, when)| Reader { schedule: turn.schedule, row: turn.row, entry, read, when };
                all.map(reader).collect::<Vec<_>>()
            });
            found.unwrap_or_default()
        })
    }

    /// Reads of properties, states and paths before the action that brings them.
    pub fn early_reads(&self) -> Vec<EarlyRead<'_, 'w>> {
        let known = Known::of(self);
        let mut early = Vec::new();
        for schedule in &self.schedules {
            let bounds: Vec<(&str, i32)> = property::beginnings()
                .iter()
                .filter_map(|action| Some((*action, schedule.row(action)?.place()?)))
                .collect();
            let Some(last) = bounds.iter().map(|(_, place)| *place).max() else { continue };
            for turn in self.turns_in(schedule) {
                let Some((entry, place)) = turn.own().zip(turn.row.place().filter(|&place| place < last)) else {
                    continue;
                };
                let mut tell = |window: FamilyWindow, read| {
                    let from = bounds.iter().find(|(action, from)| *action == window.from && place < *from);
                    let (row, from) = (turn.row, from.map(|(_, from)| *from));
                    early.extend(from.map(|from| EarlyRead { schedule, row, entry, read, window, from }));
                };
                let condition = reads::of_condition(entry);
                let own = turn.flow().filter(|_| turn.is_immediate());
                for read in own.into_iter().flat_map(|flow| &flow.reads).chain(&condition.reads) {
                    if let Some(window) = known.window(&turn, read) {
                        tell(window, What::Property(read.clone()));
                    }
                }
                for costs in own.and_then(|flow| flow.costs.as_ref()).into_iter().chain(&condition.costs) {
                    let family = if costs.is_state { Family::State } else { Family::Path };
                    tell(family.window(), What::Costs(costs.clone()));
                }
            }
        }
        early
    }

    /// The turns that call a DLL in whose bytes a property's name stands, DLL by DLL, with its path: where its source
    /// was not found, and all that call it do so at once, when the value is gone. One of them reads it then, if any
    /// does.
    pub fn suspects(&self, property: &str) -> Vec<(&str, Vec<Turn<'_, 'w>>)> {
        let code = self.package.code;
        if !code.dlls().any(|dll| dll.mentions.contains(&property)) {
            return Vec::new();
        }
        let mut calling: FxHashMap<&str, (&str, Vec<Turn<'_, 'w>>)> = FxHashMap::default();
        for turn in self.turns() {
            let called = turn.definition().and_then(|action| action.called.as_deref());
            let Some(stream) = called.and_then(|called| called.stream.as_ref()) else { continue };
            let Some(dll) = code.dll_of(&stream.text).filter(|dll| dll.mentions.contains(&property)) else { continue };
            calling.entry(&stream.text).or_insert((&dll.path, Vec::new())).1.push(turn);
        }
        let mut suspects: Vec<_> = calling.into_values().filter(|(_, turns)| self.are_late(turns, property)).collect();
        suspects.sort_by_key(|(path, _)| *path);
        suspects
    }

    fn are_late(&self, turns: &[Turn<'_, 'w>], property: &str) -> bool {
        turns.iter().all(|turn| {
            let known = turn.flow().is_some_and(|flow| flow.read_of(property).is_some());
            let cleared = self.cleared(turn.schedule, property).map(|(_, place)| place);
            turn.own().is_some()
                && turn.is_immediate()
                && !known
                && cleared.is_some_and(|cleared| turn.row.place().is_some_and(|place| place >= cleared))
        })
    }

    /// The turns that assign a property or a directory, with the entry and what it runs; those of the sources only.
    pub fn assignments(&self) -> impl Iterator<Item = (Turn<'_, 'w>, &'w Entry, &'w CustomAction)> {
        self.turns().filter_map(|turn| {
            let action = turn.assignment()?;
            Some((turn, turn.own()?, action))
        })
    }

    /// The actions that dialogs run.
    pub fn run_by_dialogs(&self) -> impl Iterator<Item = &'w str> {
        self.package.sections.iter().flat_map(|section| &section.dialog_actions).map(|name| &*name.text)
    }
}

impl Reader<'_, '_> {
    /// Whether the read happens at the row's turn.
    pub fn is_immediate(&self) -> bool {
        self.when.is_some_and(|when| !when.is_in_script())
    }
}

/// Whether all that the action does is to keep the value of a property under another name: not if it is handed to
/// an action of the installation script, or to Windows Installer itself.
fn is_copy(model: &Model<'_>, turn: &Turn<'_, '_>, property: &str) -> bool {
    turn.definition().is_some_and(|action| {
        let target = action.target.as_ref().map_or("", |target| &*target.text);
        let handed = model.flows.definition(target).is_some() || property::is_standard(target);
        let whole = format!("[{property}]");
        let is_whole = |text: &str| text.trim().trim_start_matches('{').trim_end_matches('}') == whole;
        let copies = action.formatted.iter().any(|(_, text)| is_whole(&text.text));
        action.kind == Kind::SetProperty && copies && !handed
    })
}

/// Whether the action runs only if the property has a value that its condition asks for, or dialogs may have given one.
fn is_asked_first(turn: &Turn<'_, '_>, wanted: &str) -> bool {
    condition::properties(turn.row.condition).any(|(_, name)| name == wanted || name == property::UI_LEVEL)
}

/// The names of a package that have a lifetime, and what gives them values.
struct Known<'m, 'w> {
    model: &'m Model<'w>,
    searched: FxHashSet<&'m str>,
    initial: FxHashSet<&'m str>,
    upgrade: FxHashSet<&'m str>,
    dialogs: FxHashSet<&'m str>,
    /// The first place of each table at which code runs that may set anything.
    opaque: OnceCell<FxHashMap<Table, Option<i32>>>,
}

impl<'m, 'w> Known<'m, 'w> {
    fn of(model: &'m Model<'w>) -> Known<'m, 'w> {
        let sections = || model.package.sections.iter();
        let properties = || sections().flat_map(|section| &section.properties);
        let named = |keep: fn(&Property) -> bool| {
            properties().filter(|property| keep(property)).map(|property| &*property.id.text).collect()
        };
        Known {
            model,
            searched: named(|property| property.searched),
            initial: named(|property| property.initial),
            upgrade: sections().flat_map(|section| &section.upgrade_properties).map(String::as_str).collect(),
            dialogs: sections().flat_map(|section| &section.dialog_properties).map(String::as_str).collect(),
            opaque: OnceCell::new(),
        }
    }

    /// The window that a read has to keep to, if it is sure that nothing else gives the value.
    fn window(&self, turn: &Turn<'_, '_>, read: &Read<'_>) -> Option<FamilyWindow> {
        let (name, table) = (&*read.property, turn.schedule.table);
        let fixed = property::window(name).filter(|window| window.is_checked && window.holds_in(table));
        // Who keeps what a command line gave before a search overwrites it means to be early, and whether
        // somebody has given a folder can only be asked early.
        let is_meant = || {
            let is_asked = read.evidence == Evidence::Condition || is_asked_first(turn, name);
            is_asked || is_copy(self.model, turn, name) || self.may_be_set_by_code(turn)
        };
        let window = match fixed {
            Some(window) => window.from.map(|from| FamilyWindow { from, is_error: false, before: "nothing" }),
            None if self.upgrade.contains(name) => Some(Family::Upgrade.window()),
            None if self.searched.contains(name) => (!is_meant()).then(|| Family::Search.window()),
            None if self.model.package.defines("Directory", name) && !property::is_system_folder(name) => {
                let formatted = matches!(read.evidence, Evidence::Formatted(_));
                (formatted && !is_meant()).then(|| Family::Directory.window())
            }
            None => None,
        };
        let given = || self.initial.contains(name) || (self.dialogs.contains(name) && !table.is_ui());
        window.filter(|_| !given() && !self.is_set_before(turn, name))
    }

    /// Whether an action is known to set the property before it is read, in the same table or, for an execute
    /// sequence, in that of the dialogs.
    fn is_set_before(&self, turn: &Turn<'_, '_>, name: &str) -> bool {
        let reads_in = turn.schedule.table;
        self.model.writers(name).any(|writer| {
            let table = writer.schedule.table;
            let dialogs = table.is_ui() && !reads_in.is_ui() && !property::is_private(name);
            dialogs || (table == reads_in && writer.row.place() < turn.row.place())
        })
    }

    fn may_be_set_by_code(&self, turn: &Turn<'_, '_>) -> bool {
        let opaque = self.opaque.get_or_init(|| {
            let first = |schedule| {
                let opaque = self.model.turns_in(schedule).filter(Turn::is_opaque).map(|turn| turn.row.place());
                opaque.min().map(|first| (schedule.table, first))
            };
            self.model.schedules.iter().filter_map(first).collect()
        });
        opaque.get(&turn.schedule.table).is_some_and(|first| *first < turn.row.place())
    }
}
