//! Which findings are reported: the policy, and comments that silence rules.

use rustc_hash::FxHashSet;

use crate::model::Model;
use crate::policy::Policy;
use crate::project::Project;
use crate::rules::{Check, Finding, Findings, RULES};
use crate::source::{FileId, Span};
use crate::suppress::{Fate, Named, Verdict, Verdicts};
use crate::wix::Section;

/// Judges all findings, and adds those about the comments themselves.
pub(super) fn judge(project: &Project, worlds: &[Vec<Model<'_>>], policy: &Policy, findings: &mut Vec<Finding>) {
    findings.iter_mut().for_each(|finding| grade(project, policy, finding));
    if project.comments.is_empty() {
        return;
    }
    let used = silence(project, findings);
    let mut found = Findings::default();
    found.check_comments(&verdicts(project, worlds, policy, findings, &used));
    for mut finding in found.into_list() {
        finding.worlds = super::configurations::all(project.worlds());
        grade(project, policy, &mut finding);
        findings.push(finding);
    }
}

/// Gives a finding the severity that it has in its file.
fn grade(project: &Project, policy: &Policy, finding: &mut Finding) {
    let diagnostic = &mut finding.diagnostic;
    let by_default = RULES.iter().any(|rule| rule.name == diagnostic.rule && rule.by_default);
    let path = project.path(diagnostic.primary.span.file);
    match policy.severity(diagnostic.rule, by_default, diagnostic.severity, path) {
        Some(severity) => diagnostic.severity = severity,
        None => finding.is_silenced = true,
    }
}

/// Silences what comments name, and tells by their places which of them have done so.
fn silence(project: &Project, findings: &mut [Finding]) -> FxHashSet<Span> {
    let mut used = FxHashSet::default();
    for finding in findings.iter_mut().filter(|finding| !finding.is_silenced) {
        let place = finding.diagnostic.primary.span;
        let comments = project.comments.iter().filter(|(file, _)| *file == place.file);
        let named = comments.flat_map(|(_, comments)| &comments.suppressions).flat_map(|comment| &comment.rules);
        let covers = |span: Span| span.start <= place.start && place.start < span.end.max(span.start + 1);
        for rule in named.filter(|rule| rule.name == finding.diagnostic.rule && covers(rule.covers)) {
            finding.is_silenced = true;
            used.insert(rule.span);
        }
    }
    used
}

fn verdicts<'p>(
    project: &'p Project,
    worlds: &[Vec<Model<'_>>],
    policy: &Policy,
    findings: &[Finding],
    used: &FxHashSet<Span>,
) -> Verdicts<'p> {
    let mut verdicts = Verdicts { requires_reason: policy.requires_reason, ..Verdicts::default() };
    for (file, comments) in &project.comments {
        verdicts.misunderstood.extend(&comments.misunderstood);
        let path = project.path(*file);
        // Another project may include the file.
        let is_known = project.files.contains(file) && is_linked(worlds, *file);
        for comment in &comments.suppressions {
            for rule in &comment.rules {
                let fate = match RULES.iter().find(|known| known.name == rule.name) {
                    None => Fate::Unknown,
                    Some(known) if matches!(known.check, Check::Comments(_)) => Fate::Immune,
                    Some(known) => {
                        let is_on = policy.severity(known.name, known.by_default, known.severity, path).is_some();
                        let is_told = comments.misunderstood.iter().any(|other| other.span == rule.span);
                        let is_on = is_on && is_known && !is_told && !comment.is_conditional;
                        let is_unused = is_on && !used.contains(&rule.span);
                        let is_certain = || !rule.is_open && is_settled(worlds, findings, rule);
                        if is_unused && is_certain() { Fate::Unused } else { Fate::Kept }
                    }
                };
                verdicts.rules.push(Verdict { comment, rule, fate });
            }
        }
    }
    verdicts
}

/// Whether all sources are there in every world, and what a file says is part of a package.
fn is_linked(worlds: &[Vec<Model<'_>>], file: FileId) -> bool {
    let mut all = worlds.iter().flatten().peekable();
    let linked = |model: &Model<'_>| {
        let own = |span: Span| span.file == file;
        let count = |sections: &[&Section]| sections.iter().filter(|section| own(section.span)).count();
        model.package.is_closed() && count(&model.package.sections) == count(&model.package.candidates)
    };
    all.peek().is_some()
        && worlds.iter().all(|models| models.iter().any(linked) && models.iter().all(|model| model.package.is_closed()))
}

/// Whether all is known about what a comment covers: nothing else is wrong there, which may hide what it is for, and no code
/// is called that nobody has seen.
fn is_settled(worlds: &[Vec<Model<'_>>], findings: &[Finding], rule: &Named) -> bool {
    let covers =
        |span: Span| span.file == rule.covers.file && rule.covers.start <= span.start && span.start < rule.covers.end;
    let is_wrong = |finding: &Finding| {
        let related = finding.diagnostic.related.iter().map(|label| label.span);
        related.chain([finding.diagnostic.primary.span]).any(covers)
    };
    let runs_code = |model: &Model<'_>| {
        let defined = model.package.actions().filter(|action| covers(action.span)).map(|action| &*action.id.text);
        let placed = model.package.entries().filter(|entry| covers(entry.span)).map(|entry| &*entry.action.text);
        defined.chain(placed).any(|action| model.flows.of_action(action).is_some_and(|flow| flow.opaque))
    };
    !findings.iter().any(is_wrong) && !worlds.iter().flatten().any(runs_code)
}
