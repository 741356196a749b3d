use rustc_hash::FxHashMap;

use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::msi::Table;
use crate::sequence::{Problem, ProblemKind, Schedule};
use crate::wix::{Entry, EntryKind, Generation};

pub(super) const RULE: Rule = Rule {
    name: "action-scheduled-twice",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("action_scheduled_twice.md"),
    check: Check::Package(check),
};

const KINDS: [ProblemKind; 5] = [
    ProblemKind::Duplicate,
    ProblemKind::TwoPlain,
    ProblemKind::TwoVirtual,
    ProblemKind::VirtualConflict,
    ProblemKind::SuppressedPlain,
];

fn check(model: &Model<'_>, findings: &mut Findings) {
    for (schedule, problem) in model.problems(&KINDS) {
        if !is_one_build(model, problem) {
            continue;
        }
        let (message, label, help) = words(schedule, problem);
        let Some(finding) = findings.report_problem(schedule, problem, message, label.to_owned()) else { continue };
        for entry in &problem.entries[1..] {
            let by = entry.library.map_or(String::new(), |name| format!(" by the {name} extension"));
            finding.label(entry.span, format!("scheduled{by}{}", made_by(entry)));
        }
        finding.help(help);
    }
    check_unlinked(model, findings);
}

/// v3 looks for duplicates in every section that it reads, linked or not.
fn check_unlinked(model: &Model<'_>, findings: &mut Findings) {
    if model.package.generation != Generation::V3 {
        return;
    }
    for section in model.package.unlinked() {
        let mut known: FxHashMap<(Table, &str), &Entry> = FxHashMap::default();
        for entry in section.entries.iter().filter(|entry| !entry.suppress) {
            let (table, action) = (entry.table, &*entry.action.text);
            let first = *known.entry((table, action)).or_insert(entry);
            if !std::ptr::eq(first, entry) {
                let message = format!("`{action}` is scheduled twice in {}: WiX builds nothing", table.name());
                let subject = format!("{}/{action}", table.name());
                let finding = findings.report(&subject, message, first.span, "scheduled here".to_owned());
                finding
                    .label(entry.span, "scheduled here")
                    .help("leave one of them out, though nothing links the fragment");
            }
        }
    }
}

/// Whether both entries go into one package for certain: sources that were found side by side may be
/// meant for several, and a template holds what only one of its sources will.
fn is_one_build(model: &Model<'_>, problem: &Problem<'_>) -> bool {
    let mut files = problem.entries.iter().filter(|entry| entry.library.is_none()).map(|entry| entry.span.file);
    let first = files.next();
    let is_template = model.package.sections.iter().any(|section| section.is_template);
    model.package.build.is_whole || (files.all(|file| Some(file) == first) && !is_template)
}

fn made_by(entry: &Entry) -> &'static str {
    match entry.kind {
        EntryKind::MajorUpgrade => " by MajorUpgrade",
        _ if entry.library.is_some() => "",
        _ => " here",
    }
}

/// The message, the label of the place that the toolset names, and what to do.
fn words(schedule: &Schedule<'_>, problem: &Problem<'_>) -> (String, &'static str, String) {
    let (action, table) = (problem.action, schedule.table.name());
    let twice = format!("`{action}` is scheduled twice in {table}");
    let once = "leave one of them out; a fragment that offers a place has to say that it can be overridden".to_owned();
    match problem.kind {
        ProblemKind::TwoVirtual if problem.entries.len() == 1 => (
            format!("`{action}` is in {table} by itself, so it cannot be scheduled as overridable"),
            "this entry is overridable",
            "leave Overridable=\"yes\" out".to_owned(),
        ),
        ProblemKind::TwoVirtual => {
            (format!("{twice}, both times as overridable: WiX cannot choose"), "scheduled again here", once)
        }
        ProblemKind::VirtualConflict => (
            format!("{twice}, and this entry does not say that it overrides the other one"),
            "does not say `override`",
            format!("write Action=\"override {action}\" to replace the other entry"),
        ),
        ProblemKind::SuppressedPlain => (
            format!("`{action}` is suppressed in {table}, but scheduled by an entry that cannot be"),
            "suppressed here",
            "delete the entry instead, or make it overridable".to_owned(),
        ),
        _ => (format!("{twice}: WiX builds nothing"), "scheduled here", once),
    }
}
