//! `wixlint explain`.

use std::io::Write;

use super::{CLEAN, FAILED};
use crate::rules::RULES;

pub(super) fn run(rule: Option<&str>) -> u8 {
    let mut out = std::io::stdout().lock();
    let Some(name) = rule else {
        let width = RULES.iter().map(|rule| rule.name.len()).max().unwrap_or_default();
        for rule in RULES {
            let summary = rule.summary();
            let off = if rule.by_default { "" } else { " (off by default)" };
            let _closed = writeln!(out, "{:width$}  {:7}  {summary}{off}", rule.name, rule.severity.name());
        }
        return CLEAN;
    };
    match RULES.iter().find(|rule| rule.name == name) {
        Some(rule) => {
            let _closed = out.write_all(rule.doc.as_bytes());
            CLEAN
        }
        None => {
            super::output::complain(&format!("there is no rule `{name}`; `wixlint explain` lists them"));
            FAILED
        }
    }
}
