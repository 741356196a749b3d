//! Linking: from an entry section along its references.
//!
//! As in the toolset: every reference of a linked section that names a symbol links the whole
//! section that defines it, in the order in which references first reach it, depth first. Nothing
//! else links a section.

use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::code::Code;
use crate::msi::{self, Table, property};
use crate::preprocess::Platform;
use crate::source::FileId;
use crate::wix::{
    Access, CustomAction, Entry, EntryKind, Generation, Library, Rarity, Section, SectionKind, SymbolKey,
};

/// What one entry section links to, or all fragments where there is no entry section.
#[derive(Debug)]
pub struct Package<'w> {
    /// `None`: a library, of which nobody knows what it will be linked with.
    pub entry: Option<&'w Section>,
    /// The code that custom actions call, as far as it was found.
    pub code: &'w Code,
    pub generation: Generation,
    /// What is known of how it is built.
    pub build: Build,
    /// The linked sections, in link order; the entry section is the first.
    pub sections: Vec<&'w Section>,
    /// Every section that could have been linked, for questions about what exists at all.
    pub candidates: Vec<&'w Section>,
    /// What the linked sections define; made when it is first asked for.
    symbols: OnceLock<FxHashSet<SymbolKey>>,
    /// What references of the linked sections led to nothing; of a library nothing was followed.
    missing: FxHashSet<SymbolKey>,
    /// Whether only actions are missing; found out when it is first asked for.
    lacks_actions_only: OnceLock<bool>,
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

    /// Whether a linked section, or an action in one, is written in a file.
    pub fn is_written_in(&self, file: FileId) -> bool {
        self.sections.iter().any(|section| {
            let entries = section.entries.iter().map(|entry| entry.span);
            let actions = section.actions.iter().map(|action| action.span);
            entries.chain(actions).chain([section.span]).any(|span| span.file == file)
        })
    }

    /// Whether a linked section holds something that few do.
    pub fn holds(&self, rarity: Rarity) -> bool {
        self.sections.iter().any(|section| section.rarities.contains(rarity))
    }

    /// Whether a linked section defines the symbol.
    pub fn defines(&self, kind: &str, name: &str) -> bool {
        self.has(SymbolKey::new(kind, name))
    }

    /// Whether a linked section refers to the symbol.
    pub fn refers_to(&self, kind: &str, name: &str) -> bool {
        let symbol = SymbolKey::new(kind, name);
        self.sections.iter().any(|section| section.references.contains(&symbol))
    }

    /// Sections that could have been linked, and that nothing links.
    pub fn unlinked(&self) -> impl Iterator<Item = &'w Section> {
        let linked: FxHashSet<*const Section> =
            self.sections.iter().map(|section| std::ptr::from_ref(*section)).collect();
        self.candidates.iter().copied().filter(move |section| !linked.contains(&std::ptr::from_ref(*section)))
    }

    fn has(&self, symbol: SymbolKey) -> bool {
        let all = || self.sections.iter().flat_map(|section| section.symbols.iter().copied()).collect();
        self.symbols.get_or_init(all).contains(&symbol)
    }

    /// How many things that the linked sections refer to are defined nowhere.
    pub fn lacks(&self) -> usize {
        self.missing.len()
    }

    /// Whether anything that the linked sections refer to may be defined nowhere.
    pub fn may_lack(&self) -> bool {
        self.entry.is_none() || !self.missing.is_empty()
    }

    /// Whether a custom action that a linked section refers to is defined nowhere.
    pub fn lacks_action(&self, name: &str) -> bool {
        let symbol = || SymbolKey::new("CustomAction", name);
        match self.entry {
            // The link has asked already.
            Some(_) => self.missing.contains(&symbol()),
            None => !self.has(symbol()) && Library::of(self.generation).definition(symbol()).is_none(),
        }
    }

    /// Whether what its references do not find is found nowhere: it is a product or a module, and the
    /// sources are all there. A reference of any other kind that leads to nothing tells that they are not.
    pub fn is_closed(&self) -> bool {
        let known_extensions = || self.candidates.iter().all(|section| !section.has_unknown_extension);
        self.entry.is_some()
            && self.build.is_whole
            && known_extensions()
            && *self.lacks_actions_only.get_or_init(|| self.lacks_actions_only())
    }

    fn lacks_actions_only(&self) -> bool {
        let mut missing = self.missing.clone();
        for entry in self.entries().filter(|_| !self.missing.is_empty()) {
            for name in entry.target().into_iter().chain([&entry.action]) {
                missing.remove(&SymbolKey::new("CustomAction", &name.text));
                missing.remove(&SymbolKey::new("Dialog", &name.text));
                missing.remove(&SymbolKey::entry(entry.table, &name.text));
            }
        }
        missing.remove(&SymbolKey::entry(Table::InstallExecute, "RemoveExistingProducts"));
        // The directories of the system need no element from v4 on: the linker adds those that are referred to.
        if self.generation != Generation::V3 && !missing.is_empty() {
            for directory in property::standard_directories() {
                missing.remove(&SymbolKey::new("Directory", directory));
            }
        }
        missing.is_empty()
    }

    /// The libraries of the toolset's own extensions, which every link may take from.
    pub fn library(&self) -> &'static Library {
        Library::of(self.generation)
    }

    /// The library that defines something of one of these kinds and that name, among those that the sources use.
    pub fn library_with(&self, kinds: &[&str], name: &str) -> Option<&'static str> {
        let library = self.library();
        let open = self.sections.iter().flat_map(|section| &section.references).filter(|symbol| !self.has(**symbol));
        let reached = open.flat_map(|symbol| library.reached(*symbol, self.build.platform));
        let mut used: Vec<&str> =
            self.sections.iter().copied().chain(reached).filter_map(|section| section.library).collect();
        used.sort_unstable();
        used.dedup();
        let keys: Vec<SymbolKey> = kinds.iter().map(|kind| SymbolKey::new(kind, name)).collect();
        let has = |section: &&Section| section.symbols.iter().any(|symbol| keys.contains(symbol));
        let mut sections = library.sections.iter().chain(self.sections.iter().copied()).filter(has);
        // Generations of the toolset spell an extension in different ways.
        let is_used = |library: &&str| used.iter().any(|name| name.eq_ignore_ascii_case(library));
        sections.find_map(|section| section.library.filter(is_used))
    }

    /// Whether the libraries have a set of dialogs of that name which only they can see.
    pub fn hides_ui(&self, name: &str) -> bool {
        let defined = || self.candidates.iter().any(|section| section.symbols.contains(&SymbolKey::new("UI", name)));
        self.library().definition(SymbolKey::new("InnerUI", name)).is_some() && !defined()
    }

    /// The name that an extension's action has in this toolset, where `name` is what another calls it.
    pub fn renamed(&self, name: &str) -> Option<&'static str> {
        self.library().renamed(name, self.build.platform)
    }

    /// Whether there is something virtual, linked or not, that an entry can override.
    pub fn lets_override(&self, entry: &Entry) -> bool {
        let action = &*entry.action.text;
        let is_virtual = |other: &Entry| {
            other.access == Access::Virtual && other.table == entry.table && other.action.text == action
        };
        let library = Library::of(self.generation);
        let schedules = library.schedules(SymbolKey::entry(entry.table, action)).iter();
        let mut sections = self.candidates.iter().copied().chain(schedules.map(|&at| &library.sections[at]));
        sections.any(|section| section.entries.iter().any(is_virtual))
            || msi::standard_action(action).is_some_and(|action| action.number_in(entry.table).is_some())
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
            Generation::V6 | Generation::V7 => section.upgrade.removing.is_some(),
        });
        let made = self.generation >= Generation::V6 && entry.upgrade.package_id;
        self.generation >= Generation::V5 && !authored && !entry.upgrade.refused && (entry.upgrade.code || made)
    }
}

/// What is known of how a package is built.
#[derive(Clone, Copy, Debug)]
pub struct Build {
    /// Whether somebody said which toolset it is, or only one builds the sources.
    pub generation_is_known: bool,
    pub platform: Platform,
    /// Whether the sources are what one build links, all of them, and were understood.
    pub is_whole: bool,
}

/// One package for each entry section among `sections`, which are all of one dialect.
pub(super) fn packages<'w>(
    sections: &[&'w Section],
    code: &'w Code,
    generation: Generation,
    build: Build,
) -> Vec<Package<'w>> {
    let (fragments, entries): (Vec<&Section>, Vec<&Section>) =
        sections.iter().partition(|section| section.kind == SectionKind::Fragment);
    if entries.is_empty() {
        let library = Package {
            entry: None,
            code,
            generation,
            build,
            sections: fragments.clone(),
            candidates: fragments,
            symbols: OnceLock::new(),
            missing: FxHashSet::default(),
            lacks_actions_only: OnceLock::new(),
        };
        return if library.sections.is_empty() { Vec::new() } else { vec![library] };
    }
    // Several entry sections are several builds, and nobody says which fragment is meant for which.
    let build = Build { is_whole: build.is_whole && entries.len() == 1, ..build };
    let built = entries.into_iter().filter(|entry| entry.kind != SectionKind::Other);
    built
        .map(|entry| {
            let mut candidates = vec![entry];
            candidates.extend(&fragments);
            let (sections, missing) = Linker::new(&candidates, generation, build.platform).link();
            let symbols = OnceLock::new();
            let entry = Some(entry);
            let lacks_actions_only = OnceLock::new();
            Package { entry, code, generation, build, sections, candidates, symbols, missing, lacks_actions_only }
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
    /// Where in `entries` the first one of a key is.
    scheduled: FxHashMap<SymbolKey, usize>,
    entries: Vec<Scheduled<'w>>,
}

/// An entry that a reference may lead to. Most keys have one, which is not worth a list for each.
struct Scheduled<'w> {
    section: usize,
    entry: &'w Entry,
    /// The next one of the same key.
    next: Option<usize>,
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
        let (symbols, scheduled) = (FxHashMap::default(), FxHashMap::default());
        let mut linker = Linker { candidates, generation, platform, symbols, scheduled, entries: Vec::new() };
        let count = candidates.iter().map(|section| section.entries.len()).sum();
        linker.symbols.reserve(candidates.iter().map(|section| section.symbols.len()).sum());
        linker.scheduled.reserve(count);
        linker.entries.reserve(count);
        // The last first, so that what is found under a key is the first of its chain.
        for (at, section) in candidates.iter().enumerate().rev() {
            linker.index(at, section);
        }
        linker
    }

    fn index(&mut self, section: usize, content: &'w Section) {
        self.symbols.extend(content.symbols.iter().map(|&symbol| (symbol, section)));
        for entry in content.entries.iter().rev().filter(|entry| !entry.suppress) {
            let key = SymbolKey::entry(entry.table, &entry.action.text);
            let next = self.scheduled.insert(key, self.entries.len());
            self.entries.push(Scheduled { section, entry, next });
        }
    }

    /// The entries of a key, in the order of the candidates.
    fn scheduled(&self, key: SymbolKey) -> impl Iterator<Item = &Scheduled<'w>> + Clone {
        let first = self.scheduled.get(&key).map(|&at| &self.entries[at]);
        std::iter::successors(first, |scheduled| scheduled.next.map(|at| &self.entries[at]))
    }

    /// The sections that are linked, in link order, and what their references do not find. A stack
    /// instead of recursion: a chain of fragments may be as long as the project.
    fn link(&self) -> (Vec<&'w Section>, FxHashSet<SymbolKey>) {
        let mut linked = FxHashSet::default();
        let mut missing = FxHashSet::default();
        let mut order = Vec::new();
        let mut open = Vec::new();
        let mut next = Some(Place::Source(0));
        loop {
            if let Some(place) = next.take().filter(|place| linked.insert(*place)) {
                order.push(self.section(place));
                open.push(Visit { section: place, next: 0, targets: Vec::new() });
            }
            let Some(visit) = open.last_mut() else { return (order, missing) };
            if let Some(target) = visit.targets.pop() {
                next = Some(target);
            } else if let Some(&reference) = self.section(visit.section).references.get(visit.next) {
                visit.next += 1;
                self.resolve(reference, visit.section, &mut visit.targets);
                if visit.targets.is_empty() && !is_standard(reference) {
                    missing.insert(reference);
                }
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
        let mut entries = self.scheduled(reference);
        let visible = entries.clone().filter(|scheduled| match scheduled.entry.access {
            Access::Section => Place::Source(scheduled.section) == from,
            Access::File => self.candidates[scheduled.section].span.file == self.section(from).span.file,
            _ => true,
        });
        // v5 and later do not follow a reference to what is overridden.
        let overridden = self.generation >= Generation::V5
            && visible
                .clone()
                .any(|Scheduled { entry, .. }| entry.access == Access::Override && entry.kind != EntryKind::Standard);
        let followed = visible.filter(|scheduled| !(overridden && scheduled.entry.access == Access::Virtual));
        targets.extend(followed.map(|scheduled| Place::Source(scheduled.section)));
        if entries.next().is_none() && !is_standard(reference) {
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
