//! Who asks for a place in a table: the authored entries that are left when duplicates, overrides and
//! suppressions are settled, and the standard actions that WiX adds.

use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use super::{Problem, ProblemKind, unresolved};
use crate::msi::{self, StandardAction, Table};
use crate::project::Package;
use crate::wix::{Access, Entry, Generation, Position, SectionKind, Tables, table_actions};

/// A place that is asked for.
#[derive(Debug)]
pub(super) struct Node<'w> {
    pub(super) action: &'w str,
    pub(super) entry: Option<&'w Entry>,
    pub(super) place: Place<'w>,
    pub(super) condition: &'w str,
}

/// Where a node is to stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place<'w> {
    Number(i32),
    Before(&'w str),
    After(&'w str),
    Unknown,
}

/// The nodes of a table. v4 and later keep them in the order of the link; v3 sorts them.
#[derive(Debug, Default)]
pub(super) struct Demand<'w> {
    pub(super) nodes: Vec<Node<'w>>,
    pub(super) problems: Vec<Problem>,
}

impl<'w> Node<'w> {
    /// A standard action in its own place; `None` when it has none in this table.
    pub(super) fn standard(action: &'static StandardAction, table: Table, generation: Generation) -> Option<Node<'w>> {
        let number = action.number_in(table)?;
        let condition = action.condition(generation == Generation::V3);
        Some(Node { action: action.name, entry: None, place: Place::Number(number), condition })
    }
}

pub(super) fn collect<'w>(package: &Package<'w>, table: Table) -> Demand<'w> {
    let generation = package.generation;
    let mut demand = Demand::default();
    let standard = standard_actions(package, table);
    let authored = settle(package, table, &standard, &mut demand.problems);
    unresolved::check(package, table, &authored, &mut demand.problems);
    let mut suppressed: FxHashMap<&str, &Entry> = FxHashMap::default();
    for entry in package.entries().filter(|entry| entry.table == table && entry.suppress) {
        suppressed.entry(&entry.action.text).or_insert(entry);
    }
    let mut present: FxHashSet<&str> = FxHashSet::with_capacity_and_hasher(authored.len(), FxBuildHasher);
    for entry in authored {
        present.insert(&entry.action.text);
        if let Some(by) = suppressed.get(&*entry.action.text) {
            if entry.access == Access::Virtual {
                continue;
            }
            demand.problems.push(problem(ProblemKind::SuppressedPlain, by));
        }
        demand.nodes.push(node(entry, table, &mut demand.problems));
    }
    for action in standard {
        if !suppressed.contains_key(action.name) && !present.contains(action.name) {
            demand.nodes.extend(Node::standard(action, table, generation));
        }
    }
    // The default major upgrade of v5 and later comes after all that the entry section says, but
    // gives way to any other place for the action.
    if table == Table::InstallExecute && package.has_default_upgrade() && !present.contains(REMOVE_OLD) {
        let own = package.entry.map_or(0, |entry| entry.entries.len());
        let inherited = package.entries().skip(own).map(|entry| &*entry.action.text);
        let later: FxHashSet<&str> = inherited.collect();
        let at = demand.nodes.iter().position(|node| later.contains(node.action) || node.entry.is_none());
        let node = Node { action: REMOVE_OLD, entry: None, place: Place::After("InstallValidate"), condition: "" };
        demand.nodes.insert(at.unwrap_or(demand.nodes.len()), node);
    }
    demand
}

const REMOVE_OLD: &str = "RemoveExistingProducts";

/// The standard actions that WiX adds to a table by itself.
fn standard_actions(package: &Package<'_>, table: Table) -> Vec<&'static StandardAction> {
    let generation = package.generation;
    let mut tables = Tables::default();
    let mut ensured = Tables::default();
    for section in &package.sections {
        tables = tables.union(section.tables);
        ensured = ensured.union(section.ensured);
    }
    let rows = table_actions(tables, ensured, generation).filter(|(found, _)| *found == table).map(|(_, name)| name);
    let mut wanted: FxHashSet<&str> = rows.collect();
    if package.has_default_upgrade() && matches!(table, Table::InstallExecute | Table::InstallUi) {
        wanted.extend(["FindRelatedProducts", "LaunchConditions", "MigrateFeatureStates"]);
    }
    if generation >= Generation::V5 && table == Table::InstallExecute {
        wanted.extend(package.sections.iter().flat_map(|section| &section.billboards).map(String::as_str));
    }
    let product = package.entry.is_none_or(|entry| entry.kind == SectionKind::Product);
    let always = |action: &StandardAction| product && action.is_always_in(table);
    msi::standard_actions().filter(|action| always(action) || wanted.contains(action.name)).collect()
}

/// One entry for each action: what is left of several for the same one.
fn settle<'w>(
    package: &Package<'w>,
    table: Table,
    standard: &[&'static StandardAction],
    problems: &mut Vec<Problem>,
) -> Vec<&'w Entry> {
    let v5 = package.generation >= Generation::V5;
    let v3 = package.generation == Generation::V3;
    // A map that grows hashes every name again, each time.
    let count = package.entries().filter(|entry| entry.table == table).count();
    let mut slots: Vec<Option<(usize, &Entry)>> = Vec::with_capacity(count);
    let mut by_name: FxHashMap<&str, usize> = FxHashMap::with_capacity_and_hasher(count, FxBuildHasher);
    let sections = package.sections.iter().enumerate();
    let entries = sections.flat_map(|(at, section)| section.entries.iter().map(move |entry| (at, entry)));
    for (section, entry) in entries.filter(|(_, entry)| entry.table == table && !entry.suppress) {
        let demanded = || standard.iter().any(|action| action.name == entry.action.text);
        if v3 && entry.access == Access::Virtual && demanded() {
            problems.push(problem(ProblemKind::TwoVirtual, entry));
            continue;
        }
        let Some(&at) = by_name.get(&*entry.action.text) else {
            by_name.insert(&entry.action.text, slots.len());
            slots.push(Some((section, entry)));
            continue;
        };
        let Some((first_section, first)) = slots[at] else { continue };
        match (v5, first.access, entry.access) {
            (true, Access::Virtual, Access::Override) => {
                // The override ranks where it stands.
                slots[at] = None;
                by_name.insert(&entry.action.text, slots.len());
                slots.push(Some((section, entry)));
            }
            (true, Access::Override, Access::Virtual) => {}
            (true, Access::Virtual, Access::Plain) | (true, Access::Plain, Access::Virtual) => {
                problems.push(problem(ProblemKind::VirtualConflict, entry));
            }
            (true, ..) => problems.push(problem(ProblemKind::Duplicate, entry)),
            (false, ..) if v3 && first_section == section => {
                problems.push(problem(ProblemKind::Duplicate, entry));
            }
            (false, Access::Virtual, Access::Virtual) => problems.push(problem(ProblemKind::TwoVirtual, entry)),
            (false, Access::Virtual, _) => slots[at] = Some((section, entry)),
            (false, _, Access::Virtual) => {}
            (false, ..) => problems.push(problem(ProblemKind::TwoPlain, entry)),
        }
    }
    slots.into_iter().flatten().map(|(_, entry)| entry).collect()
}

fn node<'w>(entry: &'w Entry, table: Table, problems: &mut Vec<Problem>) -> Node<'w> {
    let place = match &entry.position {
        Position::Before(target) => Place::Before(&target.text),
        Position::After(target) => Place::After(&target.text),
        Position::Number(number) | Position::Exit(number) => Place::Number(*number),
        Position::Unknown => Place::Unknown,
        Position::Default => {
            match msi::standard_action(&entry.action.text).and_then(|action| action.number_in(table)) {
                Some(number) => Place::Number(number),
                None => {
                    problems.push(problem(ProblemKind::NoNumber, entry));
                    Place::Unknown
                }
            }
        }
    };
    let condition = entry.condition.as_ref().map_or("", |condition| &condition.text);
    Node { action: &entry.action.text, entry: Some(entry), place, condition }
}

pub(super) fn problem(kind: ProblemKind, entry: &Entry) -> Problem {
    Problem { kind, action: entry.action.text.clone(), span: Some(entry.span) }
}
