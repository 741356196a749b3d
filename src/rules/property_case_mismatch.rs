use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Check, Findings, Rule};
use crate::diagnostic::{Applicability, Edit, Fix, Severity};
use crate::model::Model;
use crate::msi::condition::{Operand, operands};
use crate::msi::formatted::{Reference, references};
use crate::msi::property;
use crate::wix::{Entry, Text};

pub(super) const RULE: Rule = Rule {
    name: "property-case-mismatch",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("property_case_mismatch.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    // Of a library nobody knows what it is linked with.
    if model.package.entry.is_none() {
        return;
    }
    let known = Known::of(model);
    let own = |entry: &&Entry| entry.library.is_none();
    let conditions = model.package.entries().filter(own).filter_map(|entry| entry.condition.as_ref());
    let launch = model.package.sections.iter().flat_map(|section| &section.launch_conditions);
    for condition in conditions.chain(launch) {
        for (offset, operand) in operands(&condition.text) {
            if let Operand::Property(name) = operand {
                known.judge(condition, offset, name, findings);
            }
        }
    }
    for (_, text) in model.package.actions().flat_map(|action| &action.formatted) {
        for (offset, reference) in references(&text.text) {
            if let Reference::Property(name) = reference {
                known.judge(text, offset, name, findings);
            }
        }
    }
}

/// The properties that there are.
struct Known<'m, 'w> {
    model: &'m Model<'w>,
    names: FxHashSet<&'m str>,
    /// By their lower case; those of Windows Installer, and those of the package.
    standard: FxHashMap<String, &'static str>,
    own: FxHashMap<String, &'m str>,
    /// Code runs that may set any name.
    is_open: bool,
}

impl<'m, 'w> Known<'m, 'w> {
    fn of(model: &'m Model<'w>) -> Known<'m, 'w> {
        let sections = || model.package.sections.iter();
        let named = sections().flat_map(|section| &section.properties).map(|property| &*property.id.text);
        let set = sections().flat_map(|section| section.dialog_properties.iter().chain(&section.upgrade_properties));
        let own: FxHashSet<&str> = named
            .chain(set.map(String::as_str))
            .chain(model.package.actions().filter_map(|action| action.target.as_ref()).map(|target| &*target.text))
            .collect();
        let rows = || model.schedules.iter().flat_map(|schedule| &schedule.rows);
        let folded = |names: &FxHashSet<&'m str>| names.iter().map(|name| (name.to_ascii_lowercase(), *name)).collect();
        Known {
            model,
            standard: property::standard().map(|name| (name.to_ascii_lowercase(), name)).collect(),
            own: folded(&own),
            names: own.into_iter().chain(property::standard().map(|name| -> &'m str { name })).collect(),
            is_open: rows().any(|row| model.is_opaque(row)),
        }
    }

    fn judge(&self, text: &Text, offset: usize, name: &str, findings: &mut Findings) {
        // A name without lower-case letters may come from a command line.
        let package = &self.model.package;
        let exists = |name: &str| package.defines("Property", name) || package.defines("Directory", name);
        if !property::is_private(name) || self.names.contains(name) || exists(name) || !text.is_known() {
            return;
        }
        let upper = name.to_ascii_uppercase();
        let folded = name.to_ascii_lowercase();
        let meant = match self.standard.get(&folded) {
            Some(standard) => *standard,
            None if self.is_open => return,
            None => match self.own.get(&folded) {
                Some(own) => *own,
                None if exists(&upper) => &*upper,
                None => return,
            },
        };
        let message =
            format!("`{name}` is no property, but `{meant}` is: names are told apart by case, and this one is empty");
        let span = text.part(offset, name.len());
        let finding = findings.report(name, message, span, "read here".to_owned());
        finding.help(format!("write `{meant}`"));
        match text.exact_part(offset, name.len()) {
            Some(span) => {
                let edits = vec![Edit { span, replacement: meant.to_owned() }];
                let message = format!("write `{meant}`");
                let fix = Fix { applicability: Applicability::Safe, message, edits, moves: Vec::new() };
                finding.candidates = Arc::new([Arc::new(fix)]);
            }
            None => finding.diagnostic.no_fix = Some("the name is not written as it is read".to_owned()),
        }
    }
}
