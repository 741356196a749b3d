use rustc_hash::{FxHashMap, FxHashSet};

use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::sequence::{Problem, ProblemKind, Schedule, Step};
use crate::wix::Entry;

pub(super) const RULE: Rule = Rule {
    name: "sequence-cycle",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("sequence_cycle.md"),
    check: Check::Package(check),
};

/// How many of the actions in a circle are shown, and as many of those that it takes with it.
const SHOWN: usize = 8;

fn check(model: &Model<'_>, findings: &mut Findings) {
    for (schedule, problem) in model.problems(&[ProblemKind::Cycle, ProblemKind::SilentCycle]) {
        let Some(first) = problem.entries.first() else { continue };
        let reason = Step { entry: first }.reason();
        let Some(finding) = findings.report_problem(schedule, problem, message(schedule, problem), reason) else {
            continue;
        };
        for entry in problem.entries[1..].iter().take(SHOWN) {
            finding.label(entry.span, format!("and `{}` {}", entry.action.text, Step { entry }.reason()));
        }
        let lost = lost_with(schedule, problem);
        let more = lost.len().saturating_sub(SHOWN);
        for (at, entry) in lost.iter().take(SHOWN).enumerate() {
            let others = if more > 0 && at + 1 == SHOWN { format!(", as are {more} others") } else { String::new() };
            finding.label(
                entry.span,
                format!("`{}` is lost with them{others}: it {}", entry.action.text, Step { entry }.reason()),
            );
        }
        finding.help("hang one of them on an action outside of the circle, or give it a number");
    }
}

fn message(schedule: &Schedule<'_>, problem: &Problem<'_>) -> String {
    let table = schedule.table.name();
    let named = problem.entries.iter().take(SHOWN).map(|entry| format!("`{}`", entry.action.text));
    let more = problem.entries.len().saturating_sub(SHOWN);
    let names: Vec<String> = named.chain((more > 0).then(|| format!("{more} others"))).collect();
    let circle = match &names[..] {
        [one] => format!("{one} is placed around itself in {table}"),
        [one, other] => format!("{one} and {other} wait for each other in {table}"),
        [most @ .., last] => format!("{} and {last} wait for each other in a circle in {table}", most.join(", ")),
        [] => String::new(),
    };
    match problem.kind {
        ProblemKind::SilentCycle => circle + ", so WiX leaves them out of the package without a word",
        _ => circle + ", so WiX cannot place them and builds nothing",
    }
}

/// The entries that hang on that circle, directly or through others, in their order.
fn lost_with<'s, 'w>(schedule: &'s Schedule<'w>, problem: &Problem<'w>) -> Vec<&'s &'w Entry> {
    let mut hanging: FxHashMap<&str, Vec<&str>> = FxHashMap::default();
    for entry in &schedule.lost {
        if let Some(target) = entry.target() {
            hanging.entry(&target.text).or_default().push(&entry.action.text);
        }
    }
    let mut open: Vec<&str> = problem.entries.iter().map(|entry| &*entry.action.text).collect();
    let mut reached: FxHashSet<&str> = FxHashSet::default();
    while let Some(at) = open.pop() {
        let found = hanging.remove(at).unwrap_or_default();
        reached.extend(&found);
        open.extend(found);
    }
    schedule.lost.iter().filter(|entry| reached.contains(&*entry.action.text)).collect()
}
