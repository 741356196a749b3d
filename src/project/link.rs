//! Linking: from an entry section along its references.
//!
//! As in the toolset: every reference of a linked section that names a symbol links the whole
//! section that defines it, in the order in which references first reach it, depth first. Nothing
//! else links a section.

use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::wix::{Access, CustomAction, Entry, EntryKind, Generation, Section, SectionKind, SymbolKey};

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
pub(super) fn packages<'w>(sections: &[&'w Section], generation: Generation) -> Vec<Package<'w>> {
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
            let linked = Linker::new(&candidates, generation).link();
            let sections = linked.into_iter().map(|at| candidates[at]).collect();
            Package { entry: Some(entry), generation, sections, candidates, symbols: OnceLock::new() }
        })
        .collect()
}

/// Finds what references lead to.
struct Linker<'l, 'w> {
    candidates: &'l [&'w Section],
    generation: Generation,
    /// The first section that defines a symbol; schedule entries are kept apart.
    symbols: FxHashMap<SymbolKey, usize>,
    entries: FxHashMap<SymbolKey, Vec<(usize, &'w Entry)>>,
}

/// A section whose references are being followed.
struct Visit {
    section: usize,
    next: usize,
    /// What the reference before `next` leads to, the last first.
    targets: Vec<usize>,
}

impl<'l, 'w> Linker<'l, 'w> {
    fn new(candidates: &'l [&'w Section], generation: Generation) -> Self {
        let mut linker =
            Linker { candidates, generation, symbols: FxHashMap::default(), entries: FxHashMap::default() };
        // With nothing but an entry section there is nothing to look up.
        if candidates.len() > 1 {
            linker.symbols.reserve(candidates.iter().map(|section| section.symbols.len()).sum());
            for (at, section) in candidates.iter().enumerate() {
                linker.index(at, section);
            }
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

    /// The candidates that are linked, in link order. A stack instead of recursion: a chain of
    /// fragments may be as long as the project.
    fn link(&self) -> Vec<usize> {
        let mut linked = vec![false; self.candidates.len()];
        let mut order = vec![0];
        linked[0] = true;
        let mut open = vec![Visit { section: 0, next: 0, targets: Vec::new() }];
        while let Some(visit) = open.last_mut() {
            if let Some(target) = visit.targets.pop() {
                if !std::mem::replace(&mut linked[target], true) {
                    order.push(target);
                    open.push(Visit { section: target, next: 0, targets: Vec::new() });
                }
            } else if let Some(&reference) = self.candidates[visit.section].references.get(visit.next) {
                visit.next += 1;
                self.resolve(reference, visit.section, &mut visit.targets);
            } else {
                open.pop();
            }
        }
        order
    }

    /// Several sections behind one reference to an entry are a conflict in most toolsets; they are
    /// all linked, so that the conflict can be seen.
    fn resolve(&self, reference: SymbolKey, from: usize, targets: &mut Vec<usize>) {
        if let Some(&section) = self.symbols.get(&reference) {
            targets.push(section);
            return;
        }
        let Some(entries) = self.entries.get(&reference) else { return };
        let visible = entries.iter().filter(|(at, entry)| match entry.access {
            Access::Section => *at == from,
            Access::File => self.candidates[*at].span.file == self.candidates[from].span.file,
            _ => true,
        });
        // v5 and later do not follow a reference to what is overridden.
        let overridden = self.generation >= Generation::V5
            && visible.clone().any(|(_, entry)| entry.access == Access::Override && entry.kind != EntryKind::Standard);
        let followed = visible.filter(|(_, entry)| !(overridden && entry.access == Access::Virtual));
        targets.extend(followed.map(|(at, _)| *at));
        targets.reverse();
    }
}
