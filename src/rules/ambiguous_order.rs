use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::sequence::{Step, siblings};
use crate::wix::Generation;

pub(super) const RULE: Rule = Rule {
    name: "ambiguous-order",
    severity: Severity::Info,
    by_default: false,
    doc: include_str!("ambiguous_order.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    let (now, otherwise) = match model.package.generation {
        Generation::V3 => ("by name", "v4 and later by the place in the sources"),
        _ => ("by their place in the sources", "v3 by name"),
    };
    for schedule in &model.schedules {
        for group in siblings(schedule, &model.package) {
            let differs = group.now.iter().zip(&group.otherwise).position(|(now, other)| !std::ptr::eq(*now, *other));
            let Some([first, second, ..]) = differs.map(|at| &group.now[at..]) else { continue };
            let (one, other) = (&first.action.text, &second.action.text);
            let message =
                format!("nothing says that `{one}` runs before `{other}`: WiX orders them {now}, {otherwise}");
            let finding = findings.report_row(&format!("{one} {other}"), message, second);
            for entry in group.now.iter().filter(|entry| !std::ptr::eq(**entry, *second)) {
                finding.label(entry.span, format!("`{}` {} as well", entry.action.text, Step { entry }.reason()));
            }
            finding.help(format!("if the order matters, say it: schedule `{other}` After=\"{one}\""));
        }
    }
}
