//! `--fix` and `--diff`: the projects of a run, which may have files in common, fixed one after the other.

use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};

use super::arguments::CheckArguments;
use super::check::{Reported, Run, is_certain, look, told};
use super::neighbours::{Compiled, Shared};
use super::output::complain;
use crate::diagnostic::{Applicability, Diagnostic};
use crate::fix::prove::{Neighbour, grounds};
use crate::fix::repair::{Repaired, Terms, repair};
use crate::project::Project;
use crate::source::Sources;

/// What fixing makes of a project.
#[derive(Default)]
struct Fixed {
    /// What was found before anything was changed; `None`: nobody has looked yet.
    found: Option<Vec<Diagnostic>>,
    left: Vec<Diagnostic>,
    visits: usize,
}

/// A project is fixed again, after others have changed files that it has, at most so often. Each fix takes a finding away
/// and brings none, so this is more than is needed.
const MOST_VISITS: usize = 16;

impl Run {
    /// Fixes the projects, or finds out what fixing would do. Which files a fix changes is seen wherever they belong.
    /// `found` is what was found in the first one, if it needs no fix.
    pub(super) fn repair(
        &mut self,
        projects: &mut [Compiled],
        around: &[Compiled],
        found: Option<Vec<Diagnostic>>,
        shared: &Shared,
        arguments: &CheckArguments,
        reported: &Reported,
    ) {
        let disk = self.disk.clone();
        let mut fixed: Vec<Fixed> = projects.iter().map(|_| Fixed::default()).collect();
        let mut waiting: VecDeque<usize> = (0..projects.len()).collect();
        if let (Some(found), Some(first)) = (found, fixed.first_mut()) {
            waiting.pop_front();
            // What is around it was not looked at, so nothing is fixed in it later on.
            *first = Fixed { left: found.clone(), found: Some(found), visits: MOST_VISITS };
        }
        while let Some(at) = waiting.pop_front() {
            self.progress.check(at + 1, projects.len());
            let others = shared.with(at, projects);
            let neighbours = shared.neighbours(at, projects, around);
            let repaired = self.repair_one(&projects[at], &neighbours, fixed[at].visits, arguments, reported);
            // The neighbours begin with the others.
            let mut stale: Vec<(usize, Project)> =
                repaired.neighbours.into_iter().filter_map(|(at, now)| Some((*others.get(at)?, now))).collect();
            for &(other, _) in &stale {
                let neighbours = shared.neighbours(other, projects, around);
                fixed[other].found.get_or_insert_with(|| look(&projects[other], &neighbours, &self.sources, &*disk));
            }
            self.changed.extend(repaired.changed.iter().map(|&file| (file, self.sources.share(file))));
            self.sources = repaired.sources;
            fixed[at].found.get_or_insert(repaired.found);
            fixed[at].left = repaired.left;
            fixed[at].visits += 1;
            stale.push((at, repaired.project));
            // What was in the way of a fix may have been here.
            let is_stuck = |other: &usize| fixed[*other].left.iter().any(|finding| finding.no_fix.is_some());
            let is_stale = |other: &usize| stale.iter().any(|(at, _)| at == other);
            let mut again = others;
            again.retain(|other| !repaired.changed.is_empty() && (is_stale(other) || is_stuck(other)));
            again.retain(|other| !waiting.contains(other));
            waiting.extend(again);
            for (other, now) in stale {
                projects[other].project = now;
            }
        }
        fixed.into_iter().for_each(|fixed| self.take(fixed, arguments, reported));
    }

    fn repair_one(
        &mut self,
        Compiled { project, settings }: &Compiled,
        neighbours: &[Neighbour<'_>],
        visits: usize,
        arguments: &CheckArguments,
        reported: &Reported,
    ) -> Repaired {
        let trust = if arguments.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe };
        let only = self.stdin.as_ref().map(|(file, _)| *file);
        let wanted = |finding: &Diagnostic, sources: &Sources, round: usize| {
            let edits = finding.fix.iter().flat_map(|fix| &fix.edits);
            // Of what standard input is a part of, only itself can be handed back.
            let here = only.is_none_or(|file| edits.clone().all(|edit| edit.span.file == file));
            let is_wanted = here && is_certain(finding, &self.shared) && reported.wants(finding, sources);
            let ask =
                || self.questions.as_ref().is_none_or(|questions| questions.ask(finding, sources, round + visits));
            visits < MOST_VISITS && is_wanted && ask()
        };
        let terms = Terms { settings, files: &*self.disk, neighbours, trust, wanted: &wanted };
        let repaired = repair(project.clone(), self.sources.clone(), &terms);
        self.applied += repaired.applied.len();
        for fix in repaired.applied.iter().filter(|_| arguments.verbose) {
            complain(&format!("{}: {}", fix.message, grounds(fix, None, project.worlds().len())));
        }
        repaired
    }

    /// Keeps what is to be reported of a project, once all are fixed.
    fn take(&mut self, Fixed { found, left, .. }: Fixed, arguments: &CheckArguments, reported: &Reported) {
        let found = found.unwrap_or_default();
        let (changed, sources) = (&self.changed, &self.sources);
        let is_changed = |finding: &&Diagnostic| changed.iter().any(|(file, _)| *file == finding.primary.span.file);
        let mut known: FxHashSet<_> = self.before.iter().map(told).collect();
        let new = found.iter().filter(is_changed).filter(|finding| reported.wants(finding, sources));
        let new: Vec<Diagnostic> = new.filter(|finding| known.insert(told(finding))).cloned().collect();
        self.before.extend(new);
        // A preview shows what is left at the places where it stands now.
        self.keep(if arguments.writes() { left } else { unfixed(found, &left) }, reported);
    }
}

/// Those among the findings before that are left after, of several that are told apart by their places only those without
/// a fix first.
fn unfixed(mut found: Vec<Diagnostic>, left: &[Diagnostic]) -> Vec<Diagnostic> {
    fn key(finding: &Diagnostic) -> (&'static str, &str, &[String]) {
        (finding.rule, &finding.subject, &finding.configurations)
    }
    let mut counts: FxHashMap<_, usize> = FxHashMap::default();
    for finding in left {
        *counts.entry(key(finding)).or_default() += 1;
    }
    let mut is_left = vec![false; found.len()];
    for has_fix in [false, true] {
        for (at, finding) in found.iter().enumerate().filter(|(_, finding)| finding.fix.is_some() == has_fix) {
            if let Some(count) = counts.get_mut(&key(finding)).filter(|count| **count > 0) {
                *count -= 1;
                is_left[at] = true;
            }
        }
    }
    let mut is_left = is_left.into_iter();
    found.retain(|_| is_left.next().unwrap_or_default());
    found
}
