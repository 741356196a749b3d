//! The whole way from compiled files to findings, as one pure function.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::model::Model;
use crate::project::{Package, Project, Settings};
use crate::rules::{Finding, Findings};
use crate::source::Span;

/// A project, worked out in each of its worlds.
#[derive(Debug)]
pub struct Analysis<'p> {
    /// For each world, its packages.
    pub worlds: Vec<Vec<Model<'p>>>,
    /// What holds in every world, by place.
    pub findings: Vec<Finding>,
}

/// What tells two findings apart.
type Key<'f> = (&'static str, Span, &'f str);

fn key(finding: &Finding) -> Key<'_> {
    (finding.diagnostic.rule, finding.diagnostic.primary.span, &finding.diagnostic.subject)
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
    pub fn judge(project: &Project, worlds: Vec<Vec<Model<'p>>>, settings: &Settings) -> Analysis<'p> {
        let mut found = Findings::default();
        found.check_project(project);
        let mut findings = found.into_list();
        findings.extend(in_every_world(&worlds, &settings.asked));
        // Files in the order in which they were given; what was included comes after them.
        let order: FxHashMap<_, _> = project.files.iter().enumerate().map(|(at, &file)| (file, at)).collect();
        findings.sort_by_key(|finding| {
            let span = finding.diagnostic.primary.span;
            (order.get(&span.file).copied().unwrap_or(usize::MAX), span, finding.diagnostic.rule)
        });
        Analysis { worlds, findings }
    }
}

/// What is found in each world; a package that shares a fragment with another finds it once.
fn in_every_world(worlds: &[Vec<Model<'_>>], asked: &[&'static str]) -> Vec<Finding> {
    let mut found = worlds.iter().map(|models| {
        let mut findings = Findings::default();
        for model in models {
            findings.check_package(model, asked);
        }
        findings.into_list()
    });
    let mut first = found.next().unwrap_or_default();
    let mut seen = FxHashSet::default();
    let new: Vec<bool> = first.iter().map(|finding| seen.insert(key(finding))).collect();
    let mut new = new.into_iter();
    drop(seen);
    first.retain(|_| new.next().unwrap_or_default());
    for other in found {
        let keys: FxHashSet<Key<'_>> = other.iter().map(key).collect();
        first.retain(|finding| keys.contains(&key(finding)));
    }
    first
}
