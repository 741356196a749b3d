use super::{Check, Findings, RULES, Rule};
use crate::diagnostic::Severity;
use crate::model::nearest;
use crate::suppress::{Fate, Verdicts};

pub(super) const RULE: Rule = Rule {
    name: "malformed-suppression",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("malformed_suppression.md"),
    check: Check::Comments(check),
};

fn check(verdicts: &Verdicts<'_>, findings: &mut Findings) {
    for comment in &verdicts.misunderstood {
        findings.report(&comment.message, comment.message.clone(), comment.span, "silences nothing".to_owned());
    }
    for verdict in verdicts.rules.iter().filter(|verdict| verdict.fate == Fate::Unknown) {
        let name = &verdict.rule.name;
        let message = format!("there is no rule `{name}`, so the comment silences nothing");
        let finding = findings.report(name, message, verdict.rule.span, "named here".to_owned());
        finding.help(match nearest(name, RULES.iter().map(|rule| rule.name)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`wixlint explain` lists the rules".to_owned(),
        });
    }
    for verdict in verdicts.rules.iter().filter(|verdict| verdict.fate == Fate::Immune) {
        let name = &verdict.rule.name;
        let message = format!("`{name}` is about comments, and no comment silences it");
        let finding = findings.report(name, message, verdict.rule.span, "named here".to_owned());
        finding.help(format!("turn it off in wixlint.toml: [rules], then {name} = \"off\""));
    }
    let mut last = None;
    for verdict in verdicts.rules.iter().filter(|verdict| verdicts.requires_reason && !verdict.comment.has_reason) {
        let span = verdict.comment.span;
        if last.replace(span) != Some(span) {
            let message = "the comment silences a rule and does not say why".to_owned();
            let finding = findings.report("reason", message, span, "no reason".to_owned());
            finding.help("write the reason behind the `]`: the configuration asks for one");
        }
    }
}
