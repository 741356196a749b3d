//! Fixing a project: rounds of proved fixes until nothing more applies.

use std::collections::BTreeMap;

use super::apply;
use super::prove::{Base, Neighbour, edited, holds, prove};
use crate::analysis::Analysis;
use crate::diagnostic::{Applicability, Diagnostic, Fix};
use crate::preprocess::Files;
use crate::project::{Project, Settings};
use crate::source::{FileId, Sources};

/// At most so many rounds; each applies all that does not overlap, so that few are ever needed.
const MOST_ROUNDS: usize = 10;

/// A project after its fixes.
#[derive(Debug)]
pub struct Repaired {
    pub project: Project,
    /// The neighbours that have files which were changed, by their places among the neighbours.
    pub neighbours: BTreeMap<usize, Project>,
    pub sources: Sources,
    /// The files that were changed, in their order.
    pub changed: Vec<FileId>,
    /// The fixes that were applied, each once.
    pub applied: Vec<Fix>,
    /// What was found before anything was changed.
    pub found: Vec<Diagnostic>,
    /// What is left.
    pub left: Vec<Diagnostic>,
}

/// What may be fixed, and what is around the project.
pub struct Terms<'t> {
    pub settings: &'t Settings,
    pub files: &'t dyn Files,
    pub neighbours: &'t [Neighbour<'t>],
    /// Fixes must be at least as safe as this.
    pub trust: Applicability,
    /// Which findings are to be fixed, of the sources as they are in a round; rounds count from 0.
    pub wanted: &'t dyn Fn(&Diagnostic, &Sources, usize) -> bool,
}

/// Applies every fix that the terms allow.
pub fn repair(project: Project, sources: Sources, terms: &Terms<'_>) -> Repaired {
    let mut repaired = Repaired {
        project,
        neighbours: BTreeMap::new(),
        sources,
        changed: Vec::new(),
        applied: Vec::new(),
        found: Vec::new(),
        left: Vec::new(),
    };
    for round in 0..MOST_ROUNDS {
        if !repaired.round(round, terms) {
            return repaired;
        }
    }
    let analysis = Analysis::of(&repaired.project, terms.settings);
    repaired.left = prove(&repaired.base(&analysis, &repaired.around(terms), terms));
    repaired
}

impl Repaired {
    /// The neighbours as they are now.
    fn around<'b>(&'b self, terms: &'b Terms<'_>) -> Vec<Neighbour<'b>> {
        let now = |(at, was): (usize, &Neighbour<'b>)| Neighbour {
            project: self.neighbours.get(&at).unwrap_or(was.project),
            ..*was
        };
        terms.neighbours.iter().enumerate().map(now).collect()
    }

    fn base<'b>(
        &'b self,
        analysis: &'b Analysis<'b>,
        neighbours: &'b [Neighbour<'b>],
        terms: &'b Terms<'_>,
    ) -> Base<'b> {
        let Repaired { project, sources, .. } = self;
        Base { project, analysis, sources, settings: terms.settings, files: terms.files, neighbours }
    }

    /// One round; whether it has changed anything. If not, `left` is up to date.
    fn round(&mut self, round: usize, terms: &Terms<'_>) -> bool {
        let (found, next) = self.next(round, terms);
        if self.changed.is_empty() {
            self.found.clone_from(&found);
        }
        let Some(Next { project, mut neighbours, sources, changed, mut applied }) = next else {
            self.left = found;
            return false;
        };
        self.project = project;
        self.neighbours.append(&mut neighbours);
        self.sources = sources;
        self.applied.append(&mut applied);
        self.changed.extend(changed);
        self.changed.sort();
        self.changed.dedup();
        true
    }

    /// What is found now, and what comes of the fixes among it.
    fn next(&self, round: usize, terms: &Terms<'_>) -> (Vec<Diagnostic>, Option<Next>) {
        let analysis = Analysis::of(&self.project, terms.settings);
        let neighbours = self.around(terms);
        let base = self.base(&analysis, &neighbours, terms);
        let found = prove(&base);
        let is_trusted = |found: &&Diagnostic| found.fix.as_ref().is_some_and(|fix| fix.applicability <= terms.trust);
        let wanted = found.iter().filter(is_trusted).filter(|found| (terms.wanted)(found, &self.sources, round));
        let chosen = together(&base, apply::select(wanted.filter_map(|found| found.fix.as_deref())));
        let Some((mut sources, changed)) = edited(&self.sources, &chosen).ok().filter(|_| !chosen.is_empty()) else {
            return (found, None);
        };
        let applied = chosen.into_iter().cloned().collect();
        let project = self.project.recompile(&changed, terms.settings, terms.files, &mut sources);
        let stale = neighbours.iter().enumerate().filter(|(_, neighbour)| {
            let mut files = neighbour.project.all_files();
            files.any(|file| changed.contains(&file))
        });
        let now = |(at, neighbour): (usize, &Neighbour<'_>)| {
            (at, neighbour.project.recompile(&changed, neighbour.settings, terms.files, &mut sources))
        };
        let neighbours = stale.map(now).collect();
        (found, Some(Next { project, neighbours, sources, changed, applied }))
    }
}

/// What a round makes of the one before.
struct Next {
    project: Project,
    neighbours: BTreeMap<usize, Project>,
    sources: Sources,
    changed: Vec<FileId>,
    applied: Vec<Fix>,
}

/// Fixes that hold together: each was proved by itself, and two may still be in each other's way, or
/// too many for the numbers that are free. Then the plain ones go first, which edit a single element,
/// as many of them as halving finds to hold; the next round sees about the rest.
fn together<'f>(base: &Base<'_>, mut fixes: Vec<&'f Fix>) -> Vec<&'f Fix> {
    let hold = |fixes: &[&Fix]| fixes.len() < 2 || holds(base, fixes, &[]).is_ok();
    if hold(&fixes) {
        return fixes;
    }
    fixes.sort_by_key(|fix| fix.edits.len());
    let fewest = fixes.first().map_or(0, |fix| fix.edits.len());
    let plain = fixes.partition_point(|fix| fix.edits.len() == fewest);
    let (mut held, mut failed, mut next) = (1, plain + 1, plain);
    while failed - held > 1 {
        if hold(&fixes[..next]) {
            held = next;
        } else {
            failed = next;
        }
        next = held.midpoint(failed);
    }
    fixes.truncate(held);
    fixes
}
