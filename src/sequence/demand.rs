//! Who asks for a place in a table: the authored entries that are left when duplicates, overrides and
//! suppressions are settled, and the standard actions that WiX adds.

use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use super::{Problem, ProblemKind, unresolved};
use crate::msi::{self, StandardAction, Table};
use crate::project::Package;
use crate::wix::{
    Access, Entry, EntryKind, Generation, Position, SectionKind, Tables, set_directory_anchor, table_actions,
};

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
#[derive(Debug)]
pub(super) struct Demand<'w> {
    pub(super) nodes: Vec<Node<'w>>,
    /// Where in `nodes` each action is. Made once and renumbered from then on: hashing the names of a
    /// large table is most of what its schedule costs.
    pub(super) index: Index<'w>,
    pub(super) problems: Vec<Problem<'w>>,
}

/// Positions by the names of actions.
pub(super) type Index<'w> = FxHashMap<&'w str, usize>;

/// An entry of a package, and the linked section that it stands in.
pub(super) type Authored<'w> = (usize, &'w Entry);

/// The entries of each table, in link order.
pub(super) fn by_table<'w>(package: &Package<'w>) -> [Vec<Authored<'w>>; 5] {
    let mut tables = Table::ALL.map(|_| Vec::new());
    for (at, section) in package.sections.iter().enumerate() {
        for entry in &section.entries {
            tables[entry.table as usize].push((at, entry));
        }
    }
    tables
}

/// The entries of a table when duplicates and overrides are settled: one for each action.
pub(super) struct Settled<'w> {
    /// In their order; `None` where another one took over.
    slots: Vec<Option<Authored<'w>>>,
    by_name: Index<'w>,
    /// The first entry that takes an action out, by its name.
    suppressed: FxHashMap<&'w str, &'w Entry>,
    /// Whether access modifiers hide some of them from others.
    pub(super) hides: bool,
    /// Whether some of them say that they override another one.
    pub(super) overrides: bool,
}

impl<'w> Settled<'w> {
    pub(super) fn entries(&self) -> impl Iterator<Item = &'w Entry> {
        self.slots.iter().flatten().map(|(_, entry)| *entry)
    }

    pub(super) fn get(&self, action: &str) -> Option<&'w Entry> {
        self.by_name.get(action).and_then(|&at| self.slots[at]).map(|(_, entry)| entry)
    }

    fn has(&self, action: &str) -> bool {
        self.by_name.contains_key(action)
    }
}

impl<'w> Node<'w> {
    /// A standard action in its own place; `None` when it has none in this table.
    pub(super) fn standard(action: &'static StandardAction, table: Table, generation: Generation) -> Option<Node<'w>> {
        let number = action.number_in(table)?;
        let condition = action.condition(generation == Generation::V3);
        Some(Node { action: action.name, entry: None, place: Place::Number(number), condition })
    }
}

pub(super) fn collect<'w>(package: &Package<'w>, table: Table, authored: &[Authored<'w>]) -> Demand<'w> {
    let mut problems = Vec::new();
    let standard = standard_actions(package, table);
    let settled = settle(package, authored, &standard, &mut problems);
    unresolved::check(package, table, authored, &settled, &mut problems);
    let mut nodes: Vec<Node> = Vec::with_capacity(settled.slots.len() + standard.len());
    let mut places: Vec<Option<usize>> = Vec::with_capacity(settled.slots.len());
    for slot in &settled.slots {
        let node = slot.and_then(|(_, entry)| demanded(entry, table, package.generation, &settled, &mut problems));
        places.push(node.is_some().then_some(nodes.len()));
        nodes.extend(node);
    }
    for action in standard {
        if !settled.suppressed.contains_key(action.name) && !settled.has(action.name) {
            nodes.extend(Node::standard(action, table, package.generation));
        }
    }
    if table == Table::InstallExecute && package.has_default_upgrade() && !settled.has(REMOVE_OLD) {
        let at = insert_upgrade(package, &mut nodes);
        places.iter_mut().flatten().filter(|place| **place >= at).for_each(|place| *place += 1);
    }
    let mut index = settled.by_name;
    renumber(&mut index, &places);
    let added = nodes.iter().enumerate().filter(|(_, node)| node.entry.is_none());
    index.extend(added.map(|(at, node)| (node.action, at)));
    Demand { nodes, index, problems }
}

/// Gives everything its new place, and drops what has none.
pub(super) fn renumber(index: &mut Index<'_>, places: &[Option<usize>]) {
    index.retain(|_, at| match places[*at] {
        Some(place) => {
            *at = place;
            true
        }
        None => false,
    });
}

/// What an entry asks for, unless it is suppressed.
fn demanded<'w>(
    entry: &'w Entry,
    table: Table,
    generation: Generation,
    settled: &Settled<'w>,
    problems: &mut Vec<Problem<'w>>,
) -> Option<Node<'w>> {
    if let Some(by) = settled.suppressed.get(&*entry.action.text) {
        if entry.access == Access::Virtual {
            return None;
        }
        problems.push(Problem::of(ProblemKind::SuppressedPlain, vec![by, entry]));
    }
    Some(node(entry, table, generation, problems))
}

/// The default major upgrade of v5 and later comes after all that the entry section says, but gives
/// way to any other place for the action.
fn insert_upgrade<'w>(package: &Package<'w>, nodes: &mut Vec<Node<'w>>) -> usize {
    let own = package.entry.map_or(0, |entry| entry.entries.len());
    let later: FxHashSet<&str> = package.entries().skip(own).map(|entry| &*entry.action.text).collect();
    let at = nodes.iter().position(|node| later.contains(node.action) || node.entry.is_none());
    let at = at.unwrap_or(nodes.len());
    nodes.insert(at, Node { action: REMOVE_OLD, entry: None, place: Place::After("InstallValidate"), condition: "" });
    at
}

const REMOVE_OLD: &str = "RemoveExistingProducts";

/// What the default major upgrade of v5 and later brings besides, each in its own place.
const DEFAULT_UPGRADE: [&str; 3] = ["FindRelatedProducts", "LaunchConditions", "MigrateFeatureStates"];

/// Whether the default major upgrade of v5 and later brings a standard action.
pub fn is_of_default_upgrade(action: &str) -> bool {
    action == REMOVE_OLD || DEFAULT_UPGRADE.contains(&action)
}

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
        wanted.extend(DEFAULT_UPGRADE);
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
    authored: &[Authored<'w>],
    standard: &[&'static StandardAction],
    problems: &mut Vec<Problem<'w>>,
) -> Settled<'w> {
    let v5 = package.generation >= Generation::V5;
    let v3 = package.generation == Generation::V3;
    let mut slots: Vec<Option<Authored>> = Vec::with_capacity(authored.len());
    // A map that grows hashes every name again, each time.
    let mut by_name = Index::with_capacity_and_hasher(authored.len() + standard.len(), FxBuildHasher);
    let mut suppressed: FxHashMap<&str, &Entry> = FxHashMap::default();
    // The entries that others took over from.
    let mut overridden: FxHashMap<&str, &Entry> = FxHashMap::default();
    let (mut hides, mut overrides) = (false, false);
    for &(section, entry) in authored {
        if entry.suppress {
            suppressed.entry(&entry.action.text).or_insert(entry);
            continue;
        }
        hides |= matches!(entry.access, Access::File | Access::Section);
        overrides |= is_override(entry);
        let demanded = || standard.iter().any(|action| action.name == entry.action.text);
        if v3 && entry.access == Access::Virtual && demanded() {
            problems.push(Problem::of(ProblemKind::TwoVirtual, vec![entry]));
            continue;
        }
        let at = *by_name.entry(&entry.action.text).or_insert(slots.len());
        if at == slots.len() {
            slots.push(Some((section, entry)));
            continue;
        }
        let Some((first_section, first)) = slots[at] else { continue };
        let mut refuse = |kind, entries| problems.push(Problem::of(kind, entries));
        match (v5, first.access, entry.access) {
            (true, Access::Virtual, Access::Override) => {
                // The override ranks where it stands.
                overridden.insert(&entry.action.text, first);
                slots[at] = None;
                by_name.insert(&entry.action.text, slots.len());
                slots.push(Some((section, entry)));
            }
            (true, Access::Override, Access::Virtual) => {}
            (true, Access::Virtual, Access::Plain) => refuse(ProblemKind::VirtualConflict, vec![entry, first]),
            (true, Access::Plain, Access::Virtual) => refuse(ProblemKind::VirtualConflict, vec![first, entry]),
            (true, ..) => {
                let first = overridden.get(&*entry.action.text).copied().unwrap_or(first);
                refuse(ProblemKind::Duplicate, vec![first, entry]);
            }
            (false, ..) if v3 && first_section == section => refuse(ProblemKind::Duplicate, vec![first, entry]),
            (false, Access::Virtual, Access::Virtual) => refuse(ProblemKind::TwoVirtual, vec![entry, first]),
            (false, Access::Virtual, _) => slots[at] = Some((section, entry)),
            (false, _, Access::Virtual) => {}
            (false, ..) => refuse(ProblemKind::TwoPlain, vec![entry, first]),
        }
    }
    Settled { slots, by_name, suppressed, hides, overrides }
}

/// Whether an entry says itself that it overrides another; a standard action's element always does.
pub(super) fn is_override(entry: &Entry) -> bool {
    entry.access == Access::Override && entry.kind != EntryKind::Standard
}

fn node<'w>(entry: &'w Entry, table: Table, generation: Generation, problems: &mut Vec<Problem<'w>>) -> Node<'w> {
    let place = match &entry.position {
        // v4 moved what it hangs on; the element says nothing of it, so the toolset decides.
        Position::After(_) if entry.kind == EntryKind::SetDirectory => Place::After(set_directory_anchor(generation)),
        Position::Before(target) => Place::Before(&target.text),
        Position::After(target) => Place::After(&target.text),
        Position::Number(number) => Place::Number(*number),
        Position::Exit(exit) => Place::Number(exit.number()),
        Position::Unknown => Place::Unknown,
        Position::Default => default_place(entry, table).unwrap_or_else(|| {
            problems.extend(may_be_bare(entry).then(|| Problem::of(ProblemKind::NoNumber, vec![entry])));
            Place::Unknown
        }),
    };
    let condition = entry.condition.as_ref().map_or("", |condition| &condition.text);
    Node { action: &entry.action.text, entry: Some(entry), place, condition }
}

fn default_place(entry: &Entry, table: Table) -> Option<Place<'static>> {
    let number = msi::standard_action(&entry.action.text).and_then(|action| action.number_in(table));
    number.map(Place::Number)
}

/// Whether the compiler lets the entry say no place; else it has refused it.
fn may_be_bare(entry: &Entry) -> bool {
    let numbered = msi::standard_action(&entry.action.text).is_none_or(msi::StandardAction::has_number);
    entry.kind == EntryKind::Standard && numbered
}
