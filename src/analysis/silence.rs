//! Which findings are reported: the policy, and comments that silence rules.

use rustc_hash::FxHashSet;

use crate::model::Model;
use crate::policy::Policy;
use crate::project::Project;
use crate::rules::{Finding, Findings, RULES};
use crate::source::Span;
use crate::suppress::{Fate, Verdict, Verdicts};

/// Judges all findings, and adds those about the comments themselves.
pub(super) fn judge(project: &Project, worlds: &[Vec<Model<'_>>], policy: &Policy, findings: &mut Vec<Finding>) {
    findings.iter_mut().for_each(|finding| grade(project, policy, finding));
    if project.comments.is_empty() {
        return;
    }
    let used = silence(project, findings);
    let mut found = Findings::default();
    // Where sources are missing, what they bring may be what a comment is for.
    let is_whole =
        worlds.iter().all(|models| !models.is_empty() && models.iter().all(|model| model.package.is_closed()));
    found.check_comments(&verdicts(project, is_whole, policy, &used));
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

fn verdicts<'p>(project: &'p Project, is_whole: bool, policy: &Policy, used: &FxHashSet<Span>) -> Verdicts<'p> {
    let mut verdicts = Verdicts { requires_reason: policy.requires_reason, ..Verdicts::default() };
    for (file, comments) in &project.comments {
        verdicts.misunderstood.extend(&comments.misunderstood);
        for comment in &comments.suppressions {
            // Another project may include the file, and other sources may take the condition otherwise.
            let is_certain = is_whole && project.files.contains(file) && !comment.is_conditional;
            for rule in &comment.rules {
                let known = RULES.iter().find(|known| known.name == rule.name);
                let fate = match known {
                    None => Fate::Unknown,
                    Some(known) => {
                        let path = project.path(*file);
                        let is_on = policy.severity(known.name, known.by_default, known.severity, path).is_some();
                        let is_told = comments.misunderstood.iter().any(|other| other.span == rule.span);
                        let is_unused = is_certain && is_on && !is_told && !used.contains(&rule.span);
                        if is_unused { Fate::Unused } else { Fate::Kept }
                    }
                };
                verdicts.rules.push(Verdict { comment, rule, fate });
            }
        }
    }
    verdicts
}
