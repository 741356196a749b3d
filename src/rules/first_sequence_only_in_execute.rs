use rustc_hash::FxHashSet;

use super::{Check, Findings, Rule};
use crate::code::Call;
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::msi::Table;
use crate::msi::condition;
use crate::msi::property::{self, SESSION_KEY};
use crate::wix::{CustomAction, Execute};

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
        let doings = Doings::of(model, ui);
        for turn in model.turns_in(model.schedule(execute)) {
            let definition = turn.definition().filter(|action| action.execute == Some(Execute::FirstSequence));
            let Some((definition, entry)) = definition.zip(turn.own()) else { continue };
            let (action, when) = (turn.row.action, Execute::FirstSequence.name());
            // Who reads the session key has no place among the dialogs: another rule tells of that.
            let reads_key = turn.flow().is_some_and(|flow| flow.read_of(SESSION_KEY).is_some());
            // Without dialogs none ran before, and dialogs may run it themselves.
            let asks_level = condition::properties(turn.row.condition).any(|(_, name)| name == property::UI_LEVEL);
            if reads_key || asks_level || model.is_run_by_dialog(action) || doings.hold(definition) {
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

/// What the actions of a table are called, call and set.
struct Doings<'w> {
    ids: FxHashSet<&'w str>,
    calls: FxHashSet<Call>,
    sets: FxHashSet<&'w str>,
}

impl<'w> Doings<'w> {
    fn of(model: &Model<'w>, table: Table) -> Doings<'w> {
        let actions = || model.turns_in(model.schedule(table)).filter_map(|turn| turn.definition());
        Doings {
            ids: actions().map(|action| &*action.id.text).collect(),
            calls: actions().filter_map(CustomAction::call).collect(),
            sets: actions().filter_map(|action| action.target.as_ref()).map(|target| &*target.text).collect(),
        }
    }

    /// Whether the table holds the action, or one that does the same.
    fn hold(&self, action: &CustomAction) -> bool {
        let sets = action.target.as_ref().is_some_and(|target| self.sets.contains(&*target.text));
        sets || self.ids.contains(&*action.id.text) || action.call().is_some_and(|call| self.calls.contains(&call))
    }
}
