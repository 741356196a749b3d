use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::{Model, Turn};
use crate::msi::{self, Table, condition};
use crate::sequence::Step;
use crate::wix::{CustomAction, Execute, Position, Rarity};

pub(super) const RULE: Rule = Rule {
    name: "rollback-after-deferred",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("rollback_after_deferred.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    if !model.package.holds(Rarity::RollbackAction) {
        return;
    }
    let schedule = model.schedule(Table::InstallExecute);
    let (begin, end) = msi::TRANSACTION;
    let bounds = model.standard_place(schedule, begin).zip(model.standard_place(schedule, end));
    let is_written =
        |turn: &Turn<'_, '_>| bounds.zip(turn.row.place()).is_none_or(|((from, until), at)| from <= at && at <= until);
    let turns: Vec<Turn<'_, '_>> = model.turns_in(schedule).collect();
    let writing: Vec<usize> = (0..turns.len()).filter(|&at| may_write(&turns[at])).collect();
    for (at, rollback) in turns.iter().enumerate().filter(|(_, turn)| turn.execute() == Some(Execute::Rollback)) {
        let Some(entry) = rollback.own() else { continue };
        let Position::After(anchor) = &entry.position else { continue };
        let undone = schedule.position(&anchor.text).and_then(|at| turns.get(at));
        let undone = undone.filter(|turn| turn.execute() == Some(Execute::Deferred) && turn.own().is_some());
        let Some(undone) = undone.filter(|turn| are_of_one_kind(turn, rollback)) else { continue };
        let meet = |turn: &Turn<'_, '_>| !condition::exclude(turn.row.condition, rollback.row.condition);
        // What comes behind it may be what it is for.
        let behind = &writing[writing.partition_point(|&other| other <= at)..];
        let may_be_for = behind.len() > MOST_BEHIND || behind.iter().any(|&other| meet(&turns[other]));
        if may_be_for || !is_written(rollback) || rollback.row.place() <= undone.row.place() || !meet(undone) {
            continue;
        }
        let (action, deferred) = (rollback.row.action, undone.row.action);
        let message = format!(
            "the rollback action `{action}` stands after `{deferred}`, and before nothing that it could undo: if `{deferred}` fails, it does not run"
        );
        let finding = findings.report_row(action, message, entry);
        if let Some(entry) = undone.own() {
            finding.label(entry.span, format!("`{deferred}` {}", Step { entry }.reason()));
        }
        finding.help(format!("schedule `{action}` Before=\"{deferred}\""));
    }
}

/// Where more than this many actions come behind, the rollback action is taken to be for one of them.
const MOST_BEHIND: usize = 100;

/// Whether the two call functions of one DLL or script.
fn are_of_one_kind(one: &Turn<'_, '_>, other: &Turn<'_, '_>) -> bool {
    let stream = |action: &CustomAction| action.called.as_ref()?.stream.as_ref().map(|stream| stream.text.clone());
    let of = |turn: &Turn<'_, '_>| turn.definition().and_then(stream);
    of(one).is_some_and(|stream| of(other) == Some(stream))
}

/// Whether an action may put something into the installation script that a rollback action is for: a deferred or
/// commit action, code that may ask for one, and what no source defines.
fn may_write(turn: &Turn<'_, '_>) -> bool {
    let is_standard = msi::standard_action(turn.row.action).is_some();
    let is_in_script = matches!(turn.execute(), Some(Execute::Deferred | Execute::Commit));
    is_in_script || turn.is_opaque() || (turn.definition().is_none() && !is_standard)
}
