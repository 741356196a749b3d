use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::msi::Table;
use crate::msi::property::SESSION_KEY;
use crate::wix::Execute;

pub(super) const RULE: Rule = Rule {
    name: "first-sequence-only-in-execute",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("first_sequence_only_in_execute.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    // Few packages have such an action: the tables need not be looked through for the others.
    if !model.package.actions().any(|action| action.execute == Some(Execute::FirstSequence)) {
        return;
    }
    for (execute, ui) in [(Table::InstallExecute, Table::InstallUi), (Table::AdminExecute, Table::AdminUi)] {
        for turn in model.turns_in(model.schedule(execute)) {
            let definition = turn.definition().filter(|action| action.execute == Some(Execute::FirstSequence));
            let Some((definition, entry)) = definition.zip(turn.own()) else { continue };
            let (action, when) = (turn.row.action, Execute::FirstSequence.name());
            // Who reads the session key has no place among the dialogs: another rule tells of that.
            let reads_key = turn.flow().is_some_and(|flow| flow.read_of(SESSION_KEY).is_some());
            if reads_key || model.schedule(ui).row(action).is_some() {
                continue;
            }
            let message = format!(
                "`{action}` runs with Execute=\"{when}\" and stands in {} only: it is skipped whenever the dialogs ran first",
                execute.name()
            );
            let subject = format!("{}/{action}", execute.name());
            let finding = findings.report(&subject, message, entry.span, format!("stands in {} only", execute.name()));
            if definition.span != entry.span {
                finding.label(definition.span, format!("Execute=\"{when}\""));
            }
            finding.help(format!("schedule it in {} too, or let it run with Execute=\"immediate\"", ui.name()));
        }
    }
}
