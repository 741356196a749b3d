use std::sync::Arc;

use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::{Model, missing};
use crate::reschedule::leave_ui;
use crate::sequence::Step;

pub(super) const RULE: Rule = Rule {
    name: "set-property-both-sequences",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("set_property_both_sequences.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    let all = model.schedules.iter().flat_map(|schedule| missing(model, schedule, model.problems_in(schedule)));
    for (problem, missing) in all.filter(|(_, missing)| missing.is_certain() && missing.is_for_execute()) {
        let (Some(entry), table) = (missing.entry, missing.schedule.table.name()) else { continue };
        let message = format!(
            "`{}` is set in {table} too, where nothing schedules `{}`: without Sequence a SetProperty stands in both sequences",
            missing.owner(),
            missing.name
        );
        let reason = Step { entry }.reason();
        let Some(finding) = findings.report_problem(missing.schedule, problem, message, reason) else { continue };
        finding.help("say Sequence=\"execute\"");
        match leave_ui(entry) {
            Ok(fix) => finding.candidates = Arc::new([Arc::new(fix)]),
            Err(reason) => finding.diagnostic.no_fix = Some(reason),
        }
    }
}
