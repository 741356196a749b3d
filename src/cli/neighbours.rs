//! Which projects have files in common: what is fixed in one of them must do no harm in the others.

use rustc_hash::FxHashMap;

use super::arguments::CheckArguments;
use super::check::Run;
use crate::analysis::Analysis;
use crate::diagnostic::Diagnostic;
use crate::fix::prove::{Base, Kinship, Neighbour, prove};
use crate::inputs::{Given, Inputs};
use crate::project::{Project, Settings};
use crate::rules::Finding;
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

/// What is around files that were named by themselves, which are the first project.
#[derive(Default)]
pub(super) struct Around {
    pub(super) projects: Vec<Compiled>,
    /// All that is found in the files, where nothing of it has a fix.
    pub(super) found: Option<Vec<Diagnostic>>,
}

impl Run {
    /// The projects that files belong to which were named by themselves, as far as a fix could do harm there. Nothing is
    /// reported about them. Where nothing has a fix, nobody needs to know them, and all that is found is known already.
    pub(super) fn around(&mut self, named: &[String], part: &Compiled, arguments: &CheckArguments) -> Around {
        let Compiled { project, settings } = part;
        let analysis = Analysis::of(project, settings);
        let is_fixable = |finding: &Finding| !finding.is_silenced && !finding.candidates.is_empty();
        if !analysis.findings.iter().any(is_fixable) {
            let (sources, files) = (&self.sources, &*self.disk);
            let base = Base { project, analysis: &analysis, sources, settings, files, neighbours: &[] };
            return Around { projects: Vec::new(), found: Some(prove(&base)) };
        }
        let mut projects = Vec::new();
        for group in Inputs::around_all(named, self.disk.files.disk.clone()) {
            let Ok(settings) = group.settings(&arguments.project.build.build()) else { continue };
            let Given { files, .. } = group.read(arguments.project.jobs, &*self.disk);
            let project = project.compile_whole(files, &settings, &*self.disk, &mut self.sources);
            projects.push(Compiled { project, settings });
        }
        Around { projects, found: None }
    }
}
