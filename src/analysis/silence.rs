//! Which findings are reported: the policy, and comments that silence rules.

use std::cell::LazyCell;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::diagnostic::Diagnostic;
use crate::model::Model;
use crate::policy::Policy;
use crate::project::{Package, Project};
use crate::rules::{Check, Finding, Findings, RULES};
use crate::source::{FileId, Span};
use crate::suppress::{Fate, Verdict, Verdicts};

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
    let mut places: FxHashMap<&str, Places> = FxHashMap::default();
    for finding in findings.iter().filter(|finding| !finding.is_silenced) {
        places.entry(finding.diagnostic.rule).or_default().add(finding.diagnostic.primary.span);
    }
    places.values_mut().for_each(Places::sort);
    let mut used = FxHashSet::default();
    let mut covered: FxHashMap<(FileId, &str), Vec<Span>> = FxHashMap::default();
    for (file, comments) in &project.comments {
        for rule in comments.suppressions.iter().flat_map(|comment| &comment.rules) {
            let covers = Span { end: rule.covers.end.max(rule.covers.start + 1), ..rule.covers };
            if places.get(&*rule.name).is_some_and(|places| places.any_in(covers)) {
                used.insert(rule.span);
                covered.entry((*file, &rule.name)).or_default().push(covers);
            }
        }
    }
    covered.values_mut().for_each(join);
    for finding in findings.iter_mut().filter(|finding| !finding.is_silenced) {
        let place = finding.diagnostic.primary.span;
        let spans = covered.get(&(place.file, finding.diagnostic.rule)).map_or(&[][..], |spans| spans);
        let next = spans.partition_point(|span| span.start <= place.start);
        finding.is_silenced = next.checked_sub(1).is_some_and(|at| place.start < spans[at].end);
    }
    used
}

/// Makes one of spans of a file that overlap, and leaves them in their order.
fn join(spans: &mut Vec<Span>) {
    spans.sort_unstable();
    spans.dedup_by(|next, last| {
        let overlaps = next.start < last.end;
        last.end = if overlaps { last.end.max(next.end) } else { last.end };
        overlaps
    });
}

/// Where things begin, to be asked for by what holds them.
#[derive(Default)]
struct Places(Vec<(FileId, u32)>);

impl Places {
    fn add(&mut self, span: Span) {
        self.0.push((span.file, span.start));
    }

    fn sort(&mut self) {
        self.0.sort_unstable();
    }

    fn any_in(&self, span: Span) -> bool {
        let next = self.0.partition_point(|&place| place < (span.file, span.start));
        self.0.get(next).is_some_and(|&place| place < (span.file, span.end))
    }
}

fn verdicts<'p>(
    project: &'p Project,
    worlds: &[Vec<Model<'_>>],
    policy: &Policy,
    findings: &[Finding],
    used: &FxHashSet<Span>,
) -> Verdicts<'p> {
    let mut verdicts = Verdicts { requires_reason: policy.requires_reason, ..Verdicts::default() };
    let files: FxHashSet<FileId> = project.files.iter().copied().collect();
    let (is_whole, loose) = (is_whole(worlds), loose(worlds));
    // Few comments are of no use.
    let unsettled = LazyCell::new(|| unsettled(worlds, findings));
    for (file, comments) in &project.comments {
        verdicts.misunderstood.extend(&comments.misunderstood);
        let path = project.path(*file);
        // Another project may include the file.
        let is_known = is_whole && files.contains(file) && !loose.contains(file);
        let told: FxHashSet<Span> = comments.misunderstood.iter().map(|other| other.span).collect();
        for comment in &comments.suppressions {
            for rule in &comment.rules {
                let fate = match RULES.iter().find(|known| known.name == rule.name) {
                    None => Fate::Unknown,
                    Some(known) if matches!(known.check, Check::Comments(_)) => Fate::Immune,
                    Some(known) => {
                        let is_on = policy.severity(known.name, known.by_default, known.severity, path).is_some();
                        let is_on = is_on && is_known && !told.contains(&rule.span) && !comment.is_conditional;
                        let is_unused = is_on && !used.contains(&rule.span);
                        let is_certain = || !rule.is_open && !unsettled.any_in(rule.covers);
                        if is_unused && is_certain() { Fate::Unused } else { Fate::Kept }
                    }
                };
                verdicts.rules.push(Verdict { comment, rule, fate });
            }
        }
    }
    verdicts
}

/// Whether all sources are there in every world.
fn is_whole(worlds: &[Vec<Model<'_>>]) -> bool {
    !worlds.is_empty()
        && worlds.iter().all(|models| !models.is_empty() && models.iter().all(|model| model.package.is_closed()))
}

/// The files of which, in some world, no package links all that they say.
fn loose(worlds: &[Vec<Model<'_>>]) -> FxHashSet<FileId> {
    let loose_in = |models: &[Model<'_>]| {
        let all = models.iter().map(|model| partly_linked(&model.package));
        all.reduce(|one, other| one.intersection(&other).copied().collect()).unwrap_or_default()
    };
    worlds.iter().flat_map(|models| loose_in(models)).collect()
}

/// The files that say more than a package links.
fn partly_linked(package: &Package<'_>) -> FxHashSet<FileId> {
    let mut left: FxHashMap<FileId, isize> = FxHashMap::default();
    package.candidates.iter().for_each(|section| *left.entry(section.span.file).or_default() += 1);
    package.sections.iter().for_each(|section| *left.entry(section.span.file).or_default() -= 1);
    left.into_iter().filter(|(_, count)| *count != 0).map(|(file, _)| file).collect()
}

/// The places at which not all is known: something is wrong there, which may hide what a comment is for, or code is
/// called that nobody has seen.
fn unsettled(worlds: &[Vec<Model<'_>>], findings: &[Finding]) -> Places {
    let mut places = Places::default();
    for Diagnostic { primary, related, .. } in findings.iter().map(|finding| &finding.diagnostic) {
        places.add(primary.span);
        related.iter().for_each(|label| places.add(label.span));
    }
    for model in worlds.iter().flatten() {
        let defined = model.package.actions().map(|action| (action.span, &*action.id.text));
        let placed = model.package.entries().map(|entry| (entry.span, &*entry.action.text));
        let is_opaque = |action| model.flows.of_action(action).is_some_and(|flow| flow.opaque);
        let opaque = defined.chain(placed).filter(|(_, action)| is_opaque(action));
        opaque.for_each(|(span, _)| places.add(span));
    }
    places.sort();
    places
}
