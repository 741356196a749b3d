//! The whole way from compiled files to findings, as one pure function.

mod configurations;
mod silence;

use rustc_hash::FxHashMap;

use crate::diagnostic::Diagnostic;
use crate::model::Model;
use crate::project::{Package, Project, Settings};
use crate::rules::{Finding, Findings};
use crate::source::Span;

/// A project, worked out in each of its worlds.
#[derive(Debug)]
pub struct Analysis<'p> {
    /// For each world, its packages.
    pub worlds: Vec<Vec<Model<'p>>>,
    /// What holds in any world, by place; also what is not reported.
    pub findings: Vec<Finding>,
}

/// For each world of a project, its packages.
pub fn worlds<'p>(project: &'p Project, settings: &Settings) -> Vec<Vec<Model<'p>>> {
    let models = |packages: Vec<Package<'p>>| {
        packages.into_iter().map(|package| Model::new(package, &settings.readers)).collect()
    };
    project.worlds().iter().map(|world| models(world.packages(settings))).collect()
}

impl<'p> Analysis<'p> {
    pub fn of(project: &'p Project, settings: &Settings) -> Analysis<'p> {
        Analysis::judge(project, worlds(project, settings), settings)
    }

    /// What the rules find in a project whose worlds are worked out.
    pub fn judge(project: &Project, mut worlds: Vec<Vec<Model<'p>>>, settings: &Settings) -> Analysis<'p> {
        let mut merged = Merged::of(project, &worlds, settings);
        if merged.differ {
            // One message is to be true in every configuration.
            worlds.iter_mut().flatten().for_each(|model| model.numbers_differ = true);
            merged = Merged::of(project, &worlds, settings);
        }
        let mut found = Findings::default();
        found.check_project(project);
        let mut findings = found.into_list();
        findings.iter_mut().for_each(|finding| finding.worlds = configurations::all(project.worlds()));
        for mut finding in merged.findings {
            configurations::tell(&mut finding, project.worlds());
            findings.push(finding);
        }
        silence::judge(project, &worlds, &settings.policy, &mut findings);
        // Files in the order in which they were given; what was included comes after them.
        let order: FxHashMap<_, _> = project.files.iter().enumerate().map(|(at, &file)| (file, at)).collect();
        findings.sort_by_key(|finding| {
            let span = finding.diagnostic.primary.span;
            (order.get(&span.file).copied().unwrap_or(usize::MAX), span, finding.diagnostic.rule)
        });
        Analysis { worlds, findings }
    }
}

/// What is found in any world; a package that shares a fragment with another finds it once.
#[derive(Default)]
struct Merged {
    findings: Vec<Finding>,
    /// By what tells them apart.
    known: FxHashMap<(&'static str, Span, String), usize>,
    /// A finding does not read the same in all worlds in which it holds.
    differ: bool,
}

impl Merged {
    fn of(project: &Project, worlds: &[Vec<Model<'_>>], settings: &Settings) -> Merged {
        let mut merged = Merged::default();
        for (at, (world, models)) in project.worlds().iter().zip(worlds).enumerate() {
            let mut found = Findings::default();
            found.check_world(world);
            for model in models {
                found.check_package(model, &settings.policy);
            }
            for finding in found.into_list() {
                merged.add(finding, 1 << at);
            }
        }
        merged
    }

    fn add(&mut self, mut finding: Finding, world: u32) {
        let Diagnostic { rule, primary, subject, message, .. } = &finding.diagnostic;
        let key = (*rule, primary.span, subject.clone());
        let Some(known) = self.known.get(&key).map(|&at| &mut self.findings[at]) else {
            finding.worlds = world;
            self.known.insert(key, self.findings.len());
            return self.findings.push(finding);
        };
        if known.worlds & world != 0 {
            return;
        }
        known.worlds |= world;
        self.differ |= known.diagnostic.message != *message;
        // What repairs it may differ as well: all of it is tried everywhere.
        let new = finding.candidates.iter().filter(|new| known.candidates.iter().all(|old| old.edits != new.edits));
        let new: Vec<_> = new.cloned().collect();
        if !new.is_empty() {
            known.candidates = known.candidates.iter().cloned().chain(new).collect();
        }
    }
}
