use std::borrow::Cow;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Check, Findings, Rule};
use crate::diagnostic::{Applicability, Edit, Fix, Severity};
use crate::model::Model;
use crate::msi::{condition, formatted, property};
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
    let own = |entry: &&Entry| entry.library.is_none();
    let conditions = model.package.entries().filter(own).filter_map(|entry| entry.condition.as_ref());
    let launch = model.package.sections.iter().flat_map(|section| &section.launch_conditions);
    let asked = conditions
        .chain(launch)
        .flat_map(|text| condition::properties(&text.text).map(move |(offset, name)| (text, offset, name)));
    let formatted = model.package.actions().flat_map(|action| &action.formatted);
    let formatted = formatted
        .flat_map(|(_, text)| formatted::properties(&text.text).map(move |(offset, name)| (text, offset, name)));
    // A name without lower-case letters may come from a command line.
    let unknown: Vec<_> = asked
        .chain(formatted)
        .filter(|(text, _, name)| property::is_private(name) && text.is_known() && !exists(model, name))
        .collect();
    if unknown.is_empty() {
        return;
    }
    let known = Known::of(model);
    for (text, offset, name) in unknown {
        if let Some(meant) = known.meant(name) {
            report(text, offset, name, &meant, findings);
        }
    }
}

/// Whether a symbol of the package has the name.
fn exists(model: &Model<'_>, name: &str) -> bool {
    model.package.defines("Property", name) || model.package.defines("Directory", name)
}

/// The properties that there are.
struct Known<'m, 'w> {
    model: &'m Model<'w>,
    /// Those of Windows Installer, by their lower case.
    standard: FxHashMap<String, &'static str>,
    names: FxHashSet<&'m str>,
    /// Those of the package, by their lower case.
    own: FxHashMap<String, &'m str>,
    /// Code runs that may set any name.
    is_open: bool,
}

impl<'m, 'w> Known<'m, 'w> {
    fn of(model: &'m Model<'w>) -> Known<'m, 'w> {
        let sections = || model.package.sections.iter();
        let named = sections().flat_map(|section| &section.properties).map(|property| &*property.id.text);
        let set = sections().flat_map(|section| section.dialog_properties.iter().chain(&section.upgrade_properties));
        let names: FxHashSet<&str> = named
            .chain(set.map(String::as_str))
            .chain(model.package.actions().filter_map(|action| action.target.as_ref()).map(|target| &*target.text))
            .collect();
        Known {
            model,
            standard: property::standard().map(|name| (name.to_ascii_lowercase(), name)).collect(),
            own: names.iter().map(|name| (name.to_ascii_lowercase(), *name)).collect(),
            names,
            is_open: model.turns().any(|turn| turn.is_opaque()),
        }
    }

    /// The property that is meant by a name that no symbol has.
    fn meant(&self, name: &str) -> Option<Cow<'m, str>> {
        let folded = name.to_ascii_lowercase();
        match self.standard.get(&folded) {
            _ if self.names.contains(name) => None,
            Some(standard) => Some(Cow::Borrowed(*standard)).filter(|standard| standard != name),
            None if self.is_open => None,
            None => self.own.get(&folded).map(|own| Cow::Borrowed(*own)).or_else(|| {
                let upper = name.to_ascii_uppercase();
                exists(self.model, &upper).then_some(Cow::Owned(upper))
            }),
        }
    }
}

fn report(text: &Text, offset: usize, name: &str, meant: &str, findings: &mut Findings) {
    let message =
        format!("`{name}` is no property, but `{meant}` is: names are told apart by case, and this one is empty");
    let finding = findings.report(name, message, text.part(offset, name.len()), "read here".to_owned());
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
