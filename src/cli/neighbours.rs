//! Which projects have files in common: what is fixed in one of them must do no harm in the others.

use rustc_hash::FxHashMap;

use super::arguments::CheckArguments;
use super::check::Run;
use crate::analysis::Analysis;
use crate::fix::prove::{Kinship, Neighbour};
use crate::inputs::{Given, Inputs};
use crate::project::{Project, Settings};
use crate::source::FileId;

/// A project of the run, and how it is built.
pub(super) struct Compiled {
    pub(super) project: Project,
    pub(super) settings: Settings,
}

impl Compiled {
    pub(super) fn as_neighbour(&self, kinship: Kinship) -> Neighbour<'_> {
        Neighbour { project: &self.project, settings: &self.settings, kinship }
    }
}

/// Which projects have files in common: includes.
pub(super) struct Shared(pub(super) FxHashMap<FileId, Vec<usize>>);

impl Shared {
    pub(super) fn among(projects: &[Compiled]) -> Shared {
        let mut shared: FxHashMap<FileId, Vec<usize>> = FxHashMap::default();
        for (at, compiled) in projects.iter().enumerate() {
            for file in compiled.project.all_files() {
                let users = shared.entry(file).or_default();
                if users.last() != Some(&at) {
                    users.push(at);
                }
            }
        }
        shared.retain(|_, users| users.len() > 1);
        Shared(shared)
    }

    /// The other projects that have files in common with one, in their order.
    pub(super) fn with(&self, at: usize, projects: &[Compiled]) -> Vec<usize> {
        let users = projects[at].project.all_files().filter_map(|file| self.0.get(&file));
        let mut others: Vec<usize> = users.flatten().copied().filter(|&other| other != at).collect();
        others.sort_unstable();
        others.dedup();
        others
    }

    /// Where a fix of one project could do harm: `around` is what is around the first.
    pub(super) fn neighbours<'p>(
        &self,
        at: usize,
        projects: &'p [Compiled],
        around: &'p [Compiled],
    ) -> Vec<Neighbour<'p>> {
        let around = around.iter().filter(|_| at == 0).map(|whole| whole.as_neighbour(Kinship::Whole));
        let others = self.with(at, projects).into_iter().map(|other| projects[other].as_neighbour(Kinship::Sharing));
        others.chain(around).collect()
    }
}

impl Run {
    /// The projects that files belong to which were named by themselves, as far as a fix could do harm there. Nothing is
    /// reported about them.
    pub(super) fn around(
        &mut self,
        named: &[String],
        projects: &[Compiled],
        arguments: &CheckArguments,
    ) -> Vec<Compiled> {
        let has_fixes = |compiled: &Compiled| {
            let analysis = Analysis::of(&compiled.project, &compiled.settings);
            analysis.findings.iter().any(|finding| !finding.is_silenced && !finding.candidates.is_empty())
        };
        // Most files need no fix, and then nobody needs to know what is around them.
        let Some(part) = projects.first().filter(|part| !named.is_empty() && has_fixes(part)) else {
            return Vec::new();
        };
        let mut around = Vec::new();
        for group in Inputs::around_all(named, self.disk.files.disk.clone()) {
            let Ok(settings) = group.settings(&arguments.project.build.build()) else { continue };
            let Given { files, .. } = group.read(arguments.project.jobs, &*self.disk);
            let project = part.project.compile_whole(files, &settings, &*self.disk, &mut self.sources);
            around.push(Compiled { project, settings });
        }
        around
    }
}
