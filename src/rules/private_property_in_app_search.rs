use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::msi::property;

pub(super) const RULE: Rule = Rule {
    name: "private-property-in-app-search",
    severity: Severity::Error,
    by_default: true,
    doc: include_str!("private_property_in_app_search.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    for found in model.package.sections.iter().flat_map(|section| &section.properties) {
        let name = &found.id.text;
        if !found.searched || !found.id.is_known() || !property::is_private(name) {
            continue;
        }
        let message = format!("`{name}` gets its value from a search and has lower-case letters: WiX refuses it");
        let finding = findings.report(name, message, found.span, "a search is inside".to_owned());
        finding.help(format!("call it `{}`, here and wherever it is read", name.to_uppercase()));
    }
}
