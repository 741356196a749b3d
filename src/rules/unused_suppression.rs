use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{Check, Findings, Rule};
use crate::diagnostic::{Applicability, Edit, Fix, Severity};
use crate::source::Span;
use crate::suppress::{Fate, Verdict, Verdicts};

pub(super) const RULE: Rule = Rule {
    name: "unused-suppression",
    severity: Severity::Warning,
    by_default: true,
    doc: include_str!("unused_suppression.md"),
    check: Check::Comments(check),
};

fn check(verdicts: &Verdicts<'_>, findings: &mut Findings) {
    let of_use: FxHashSet<Span> = verdicts
        .rules
        .iter()
        .filter(|verdict| verdict.fate != Fate::Unused)
        .map(|verdict| verdict.comment.span)
        .collect();
    for verdict in verdicts.rules.iter().filter(|verdict| verdict.fate == Fate::Unused) {
        let name = &verdict.rule.name;
        let message = format!("the comment silences `{name}`, which has nothing to report here");
        let finding = findings.report(name, message, verdict.rule.span, "named here".to_owned());
        finding.help("remove it, or put it before the element that it is about");
        let edit = Edit { span: surplus(verdict, of_use.contains(&verdict.comment.span)), replacement: String::new() };
        let message = format!("remove `{name}` from the comment, or the comment with it");
        let fix = Fix { applicability: Applicability::Safe, message, edits: vec![edit], moves: Vec::new() };
        finding.candidates = Arc::new([Arc::new(fix)]);
    }
}

/// What is to be removed: the comment, unless something else in it is of use, else the name.
fn surplus(verdict: &Verdict<'_>, is_of_use: bool) -> Span {
    let comment = verdict.comment;
    if !is_of_use {
        return comment.whole;
    }
    let (own, names) = (verdict.rule.span, &comment.rules);
    let at = names.iter().position(|name| name.span == own).unwrap_or_default();
    match (names.get(at + 1), at.checked_sub(1).and_then(|before| names.get(before))) {
        (Some(next), _) => Span { end: next.span.start, ..own },
        (None, Some(before)) => Span { start: before.span.end, ..own },
        (None, None) => comment.whole,
    }
}
