//! Linking: from an entry section along its references.
//!
//! As in the toolset: every reference of a linked section that names a symbol links the whole
//! section that defines it, in the order in which references first reach it, depth first. Nothing
//! else links a section.

use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::msi::{self, Table};
use crate::preprocess::Platform;
use crate::wix::{Access, CustomAction, Entry, EntryKind, Generation, Library, Section, SectionKind, SymbolKey};

/// What one entry section links to, or all fragments where there is no entry section.
#[derive(Debug)]
pub struct Package<'w> {
    /// `None`: a library, of which nobody knows what it will be linked with.
    pub entry: Option<&'w Section>,
    pub generation: Generation,
    /// The linked sections, in link order; the entry section is the first.
    pub sections: Vec<&'w Section>,
    /// Every section that could have been linked, for questions about what exists at all.
    pub candidates: Vec<&'w Section>,
    /// What the linked sections define; made when it is first asked for.
    symbols: OnceLock<FxHashSet<SymbolKey>>,
}

impl<'w> Package<'w> {
    /// The entries of the linked sections, in link order.
    pub fn entries(&self) -> impl Iterator<Item = &'w Entry> {
        self.sections.iter().flat_map(|section| &section.entries)
    }

    /// The custom actions of the linked sections.
    pub fn actions(&self) -> impl Iterator<Item = &'w CustomAction> {
        self.sections.iter().flat_map(|section| &section.actions)
    }

    /// Whether a linked section defines the symbol.
    pub fn defines(&self, kind: &str, name: &str) -> bool {
        let all = || self.sections.iter().flat_map(|section| section.symbols.iter().copied()).collect();
        self.symbols.get_or_init(all).contains(&SymbolKey::new(kind, name))
    }

    /// Whether the toolset writes numbers for it; a merge module keeps its places relative, and a
    /// library is none yet.
    pub fn is_product(&self) -> bool {
        self.entry.is_some_and(|entry| entry.kind == SectionKind::Product)
    }

    /// Whether v5 and later add a major upgrade that nobody authored.
    pub fn has_default_upgrade(&self) -> bool {
        let Some(entry) = self.entry.filter(|entry| entry.kind == SectionKind::Product) else { return false };
        let authored = self.candidates.iter().any(|section| match self.generation {
            Generation::V3 | Generation::V4 => true,
            Generation::V5 => section.upgrade.rows,
            Generation::V6 | Generation::V7 => section.upgrade.removing_rows,
        });
        let made = self.generation >= Generation::V6 && entry.upgrade.package_id;
        self.generation >= Generation::V5 && !authored && !entry.upgrade.refused && (entry.upgrade.code || made)
    }
}

/// One package for each entry section among `sections`, which are all of one dialect.
pub(super) fn packages<'w>(sections: &[&'w Section], generation: Generation, platform: Platform) -> Vec<Package<'w>> {
    let (fragments, entries): (Vec<&Section>, Vec<&Section>) =
        sections.iter().partition(|section| section.kind == SectionKind::Fragment);
    if entries.is_empty() {
        let sections = fragments.clone();
        let library = Package { entry: None, generation, sections, candidates: fragments, symbols: OnceLock::new() };
        return if library.sections.is_empty() { Vec::new() } else { vec![library] };
    }
    let built = entries.into_iter().filter(|entry| entry.kind != SectionKind::Other);
    built
        .map(|entry| {
            let mut candidates = vec![entry];
            candidates.extend(&fragments);
            let sections = Linker::new(&candidates, generation, platform).link();
            Package { entry: Some(entry), generation, sections, candidates, symbols: OnceLock::new() }
        })
        .collect()
}

/// Finds what references lead to.
struct Linker<'l, 'w> {
    candidates: &'l [&'w Section],
    generation: Generation,
    platform: Platform,
    /// The first section that defines a symbol; schedule entries are kept apart.
    symbols: FxHashMap<SymbolKey, usize>,
    entries: FxHashMap<SymbolKey, Vec<(usize, &'w Entry)>>,
}

/// A section whose references are being followed.
struct Visit {
    section: Place,
    next: usize,
    /// What the reference before `next` leads to, the last first.
    targets: Vec<Place>,
}

/// A section that can be linked.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    /// Among the candidates.
    Source(usize),
    /// In the libraries of the toolset's extensions.
    Library(usize),
}

impl<'l, 'w> Linker<'l, 'w> {
    fn new(candidates: &'l [&'w Section], generation: Generation, platform: Platform) -> Self {
        let (symbols, entries) = (FxHashMap::default(), FxHashMap::default());
        let mut linker = Linker { candidates, generation, platform, symbols, entries };
        linker.symbols.reserve(candidates.iter().map(|section| section.symbols.len()).sum());
        for (at, section) in candidates.iter().enumerate() {
            linker.index(at, section);
        }
        linker
    }

    fn index(&mut self, at: usize, section: &'w Section) {
        for &symbol in &section.symbols {
            self.symbols.entry(symbol).or_insert(at);
        }
        for entry in section.entries.iter().filter(|entry| !entry.suppress) {
            let key = SymbolKey::entry(entry.table, &entry.action.text);
            self.entries.entry(key).or_default().push((at, entry));
        }
    }

    /// The sections that are linked, in link order. A stack instead of recursion: a chain of
    /// fragments may be as long as the project.
    fn link(&self) -> Vec<&'w Section> {
        let mut linked = FxHashSet::default();
        let mut order = Vec::new();
        let mut open = Vec::new();
        let mut next = Some(Place::Source(0));
        loop {
            if let Some(place) = next.take().filter(|place| linked.insert(*place)) {
                order.push(self.section(place));
                open.push(Visit { section: place, next: 0, targets: Vec::new() });
            }
            let Some(visit) = open.last_mut() else { return order };
            if let Some(target) = visit.targets.pop() {
                next = Some(target);
            } else if let Some(&reference) = self.section(visit.section).references.get(visit.next) {
                visit.next += 1;
                self.resolve(reference, visit.section, &mut visit.targets);
                visit.targets.reverse();
            } else {
                open.pop();
            }
        }
    }

    fn section(&self, place: Place) -> &'w Section {
        match place {
            Place::Source(at) => self.candidates[at],
            Place::Library(at) => &Library::of(self.generation).sections[at],
        }
    }

    /// The sections that a reference links. Several behind one reference to an entry are a conflict
    /// in most toolsets; they are all linked, so that the conflict can be seen.
    fn resolve(&self, reference: SymbolKey, from: Place, targets: &mut Vec<Place>) {
        if let Some(&section) = self.symbols.get(&reference) {
            targets.push(Place::Source(section));
            return;
        }
        let entries = self.entries.get(&reference).map_or(&[][..], Vec::as_slice);
        let visible = entries.iter().filter(|(at, entry)| match entry.access {
            Access::Section => Place::Source(*at) == from,
            Access::File => self.candidates[*at].span.file == self.section(from).span.file,
            _ => true,
        });
        // v5 and later do not follow a reference to what is overridden.
        let overridden = self.generation >= Generation::V5
            && visible.clone().any(|(_, entry)| entry.access == Access::Override && entry.kind != EntryKind::Standard);
        let followed = visible.filter(|(_, entry)| !(overridden && entry.access == Access::Virtual));
        targets.extend(followed.map(|(at, _)| Place::Source(*at)));
        if entries.is_empty() && !is_standard(reference) {
            self.resolve_in_library(reference, targets);
        }
    }

    /// What the libraries hold under a reference that no source defines.
    fn resolve_in_library(&self, reference: SymbolKey, targets: &mut Vec<Place>) {
        let library = Library::of(self.generation);
        for symbol in library.element(reference, self.platform) {
            // Sources may define what a library would: then theirs is meant.
            let source = self.symbols.get(symbol).map(|at| Place::Source(*at));
            targets.extend(source.or_else(|| library.definition(*symbol).map(Place::Library)));
        }
        let scheduled = library.schedules(reference).iter().copied();
        targets.extend(library.definition(reference).into_iter().chain(scheduled).map(Place::Library));
    }
}

/// Whether the reference names a standard action in its own place, as most do; no library has one.
fn is_standard(reference: SymbolKey) -> bool {
    static STANDARD: OnceLock<FxHashSet<SymbolKey>> = OnceLock::new();
    let keys = || {
        let actions = msi::standard_actions().filter(|action| action.has_number());
        actions.flat_map(|action| Table::ALL.map(|table| SymbolKey::entry(table, action.name))).collect()
    };
    STANDARD.get_or_init(keys).contains(&reference)
}
