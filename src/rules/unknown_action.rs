use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::{Missing, Model, missing};
use crate::sequence::{ProblemKind, Step};
use crate::wix::EntryKind;

pub(super) const RULE: Rule = Rule {
    name: "unknown-action",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("unknown_action.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    let all = model.schedules.iter().flat_map(|schedule| missing(model, schedule, model.problems_in(schedule)));
    for (problem, missing) in all.filter(|(_, missing)| missing.is_certain() && !missing.is_for_execute()) {
        let label = missing.entry.map_or("this removes products".to_owned(), |entry| Step { entry }.reason());
        let Some(finding) = findings.report_problem(missing.schedule, problem, message(&missing), label) else {
            continue;
        };
        let defined = model.package.actions().find(|action| action.id.text == missing.name);
        if let Some(action) = defined.filter(|_| problem.kind == ProblemKind::MissingTarget) {
            finding.label(action.span, format!("`{}` is defined here, which does not schedule it", missing.name));
        }
        finding.help(help(&missing));
    }
}

fn message(missing: &Missing<'_, '_>) -> String {
    let (name, owner, table) = (missing.name, missing.owner(), missing.schedule.table.name());
    match (missing.kind, missing.entry) {
        (ProblemKind::Undefined, _) if name == owner => {
            format!("`{name}` is scheduled in {table}, but nothing defines it")
        }
        (ProblemKind::Undefined, _) => format!("`{owner}` is placed around `{name}`, but nothing defines it"),
        (ProblemKind::NoNumber, _) => format!("`{name}` has no place of its own in {table}"),
        (ProblemKind::NothingToOverride, _) => {
            format!("`{name}` overrides an entry in {table}, but there is none that can be overridden")
        }
        (_, None) => format!("the package removes products, but nothing schedules `{name}`"),
        _ if missing.schedule.row(name).is_some() => {
            format!("`{owner}` is placed around `{name}`, whose entry in {table} is visible to others only")
        }
        _ => format!("`{owner}` is placed around `{name}`, which is not in {table}"),
    }
}

fn help(missing: &Missing<'_, '_>) -> String {
    let (name, owner) = (missing.name, missing.owner());
    if let Some(meant) = missing.meant {
        return format!("did you mean `{meant}`?");
    }
    match (missing.kind, missing.entry) {
        (ProblemKind::Undefined, _) => format!("define a custom action `{name}`, or correct the name"),
        (ProblemKind::NoNumber, _) => format!("place `{name}` with Before, After or Sequence, or leave it out"),
        (ProblemKind::NothingToOverride, _) => "leave `override` out, or correct the name".to_owned(),
        (_, None) => format!("use MajorUpgrade, or schedule `{name}`"),
        (_, Some(entry)) if entry.kind == EntryKind::SetProperty && missing.is_elsewhere() => {
            format!("say Sequence=\"execute\" or Sequence=\"ui\", so that `{owner}` is only where `{name}` is")
        }
        _ => format!("schedule `{name}` in {}, or hang `{owner}` on something else", missing.schedule.table.name()),
    }
}
