use super::{Check, Findings, Rule};
use crate::diagnostic::Severity;
use crate::model::Model;
use crate::msi::property::{SESSION_KEY, SESSION_KEY_VERSION};

pub(super) const RULE: Rule = Rule {
    name: "session-key-needs-msi4",
    severity: Severity::Info,
    by_default: true,
    doc: include_str!("session_key_needs_msi4.md"),
    check: Check::Package(check),
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    let version = model.package.entry.and_then(|entry| entry.upgrade.installer_version.as_ref());
    let Some(version) = version.filter(|version| version.is_known()) else { return };
    if !version.text.trim().parse::<u32>().is_ok_and(|number| number < SESSION_KEY_VERSION) {
        return;
    }
    let Some(reader) = model.readers(SESSION_KEY).into_iter().next() else { return };
    let message = format!(
        "the package runs on Windows Installer {}, but {SESSION_KEY} exists from {} on",
        dotted(&version.text),
        dotted(&SESSION_KEY_VERSION.to_string())
    );
    let finding = findings.report(SESSION_KEY, message, version.span, "the oldest version it asks for".to_owned());
    finding.label(reader.entry.span, format!("`{}` reads the key", reader.row.action));
    finding.help(format!("ask for InstallerVersion=\"{SESSION_KEY_VERSION}\", or take an empty key as \"no session\""));
}

/// `301` as `3.1`.
fn dotted(version: &str) -> String {
    let number: u32 = version.trim().parse().unwrap_or_default();
    format!("{}.{}", number / 100, number % 100)
}
