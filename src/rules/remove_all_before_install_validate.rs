use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::msi::condition::{Comparison, Expression, Value, parse};
use crate::msi::operation::Operation;
use crate::msi::property::{REMOVE, REMOVES_ALL};
use crate::msi::{self, Table};

pub(super) const RULE: Rule = Rule {
    name: "remove-all-before-install-validate",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("remove_all_before_install_validate.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    let schedule = model.schedule(Table::InstallExecute);
    let Some(validated) = model.standard_place(schedule, msi::VALIDATION) else { return };
    for row in &schedule.rows {
        let Some(entry) = row.entry.filter(|entry| entry.library.is_none()) else { continue };
        let Some(condition) = entry.condition.as_ref().filter(|_| row.place().is_some_and(|place| place < validated))
        else {
            continue;
        };
        if !asks_for_all(&condition.text) {
            continue;
        }
        let message = format!(
            "`{}` asks for {REMOVE}=\"{REMOVES_ALL}\" before {}, when a removal that the user chose need not say so yet",
            row.action,
            msi::VALIDATION
        );
        let finding = findings.report_row(row.action, message, entry);
        if condition.span != entry.span {
            finding.label(condition.span, "asked here");
        }
        finding.help(format!(
            "schedule it After=\"{}\"; what has to come earlier can ask for the state of a component",
            msi::VALIDATION
        ));
    }
}

/// Whether it matters for a condition if the features that a user removes, all that there are, are already said to
/// be [`REMOVES_ALL`].
fn asks_for_all(condition: &str) -> bool {
    let Ok(Some(expression)) = parse(condition) else { return false };
    let asks =
        expression.comparisons().iter().any(|(left, comparison, right)| says_all(left, comparison, right).is_some());
    let during_removal = |leaf: &Expression<'_>| leaf.truth_during(Operation::Removal, &|_| None);
    // A user removes a product feature by feature or, if `all` says so, with one word.
    let [listed, all] = [false, true].map(|all| {
        expression.truth(&|leaf| {
            let Expression::Compared(left, comparison, right) = leaf else { return during_removal(leaf) };
            says_all(left, comparison, right).map(|equal| equal == all).or_else(|| during_removal(leaf))
        })
    });
    asks && (listed.is_none() || listed != all)
}

/// Whether a comparison of [`REMOVE`] with [`REMOVES_ALL`] holds for that value.
fn says_all(left: &Value<'_>, comparison: &Comparison, right: &Value<'_>) -> Option<bool> {
    let is_remove = |value: &Value<'_>| matches!(value, Value::Name { name: REMOVE, sign: None, .. });
    let is_all = |value: &Value<'_>| matches!(value, Value::Text(text) if text.eq_ignore_ascii_case(REMOVES_ALL));
    let both = (is_remove(left) && is_all(right)) || (is_all(left) && is_remove(right));
    matches!(comparison.sign, "=" | "<>").then_some(comparison.sign == "=").filter(|_| both)
}
