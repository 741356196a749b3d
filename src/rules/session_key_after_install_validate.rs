use rustc_hash::FxHashSet;

use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::{Model, Reader, Turn};
use crate::msi::property::SESSION_KEY;
use crate::msi::{self, Table};
use crate::reads::{Evidence, Read};
use crate::reschedule::Rescheduling;
use crate::sequence::{Step, chain};
use crate::wix::Execute;

pub(super) const RULE: Rule = Rule {
    name: "session-key-after-install-validate",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("session_key_after_install_validate.md"),
    check: Check::Package(check),
};

/// So many reasons of a long chain are shown.
const SHOWN: usize = 6;

fn check(model: &Model<'_>, findings: &mut Findings) {
    let readers = model.readers(SESSION_KEY);
    for table in Table::ALL {
        let late: Vec<&Reader> = readers
            .iter()
            .filter(|reader| reader.schedule.table == table && model.is_late(reader, SESSION_KEY))
            .collect();
        let Some(anchor) = late.first().and_then(|reader| model.cleared(reader.schedule, SESSION_KEY)) else {
            continue;
        };
        let wanted: FxHashSet<&str> = late.iter().map(|reader| reader.row.action).collect();
        let rescheduling = Rescheduling::new(model, table, wanted, anchor.0);
        for reader in late {
            report(model, reader, anchor, &rescheduling, findings);
        }
    }
    for (dll, turns) in model.suspects(SESSION_KEY) {
        suspect(dll, &turns, findings);
    }
}

/// A DLL that names the key, and that nothing calls in time.
fn suspect(dll: &str, turns: &[Turn<'_, '_>], findings: &mut Findings) {
    let [Turn { row, .. }, others @ ..] = turns else { return };
    let Some(entry) = row.entry else { return };
    let (action, clearing) = (row.action, msi::VALIDATION);
    let message = format!(
        "{dll} names {SESSION_KEY}, and all that calls it, such as `{action}`, runs after {clearing} has cleared it"
    );
    let finding = findings.report_row(&format!("{action} {dll}"), message, entry);
    finding.diagnostic.severity = Severity::Warning;
    for entry in others.iter().filter_map(Turn::own) {
        finding.label(entry.span, format!("`{}` {}", entry.action.text, Step { entry }.reason()));
    }
    finding.help(format!("schedule what reads the key Before=\"{clearing}\""));
    finding.diagnostic.no_fix = Some("whether the DLL reads the key, and where, is not known".to_owned());
}

fn report(
    model: &Model<'_>,
    reader: &Reader,
    (clearing, cleared): (&'static str, i32),
    rescheduling: &Rescheduling,
    findings: &mut Findings,
) {
    let action = reader.row.action;
    let message = match reader.row.number {
        Some(number) if number > 0 && model.shows_numbers(reader.schedule) => {
            format!("`{action}` reads {SESSION_KEY} at {number}, after {clearing} ({cleared}) has cleared it")
        }
        _ => format!("`{action}` reads {SESSION_KEY} after {clearing} has cleared it"),
    };
    let mut steps = chain(reader.schedule, action);
    let first = steps.next().map_or_else(String::new, |step| step.reason());
    let subject = format!("{}/{action}", reader.schedule.table.name());
    let finding = findings.report(&subject, message, reader.entry.span, first);
    let steps: Vec<Step> = steps.take(SHOWN).collect();
    for step in &steps {
        finding.label(step.entry.span, format!("which {}", step.reason()));
    }
    let clearing_entry = reader.schedule.row(clearing).and_then(|row| row.entry);
    if let Some(entry) = clearing_entry.filter(|entry| steps.iter().all(|step| step.entry.span != entry.span)) {
        finding.label(entry.span, format!("{clearing} {}", Step { entry }.reason()));
    }
    finding.label_read(&reader.read, evidence(&reader.read));
    finding.help(if is_condition_of_fixed(model, reader) {
        format!(
            "leave it out of the condition, or copy it into another property Before=\"{clearing}\" and ask for that"
        )
    } else {
        format!("schedule `{action}` Before=\"{clearing}\"")
    });
    match rescheduling.candidates(action) {
        Ok(candidates) => finding.candidates = candidates,
        Err(reason) => finding.diagnostic.no_fix = Some(reason),
    }
}

/// Whether the read is in the condition of an action that cannot come first: a standard action, or
/// one that runs from the script.
fn is_condition_of_fixed(model: &Model<'_>, reader: &Reader) -> bool {
    let action = reader.row.action;
    let fixed = msi::standard_action(action).is_some() || model.flows.execute(action).is_none_or(Execute::is_in_script);
    fixed && reader.read.evidence == Evidence::Condition
}

fn evidence(read: &Read) -> &'static str {
    match read.evidence {
        Evidence::Comment => "the comment says that it reads the key",
        _ => "the key is read here",
    }
}
