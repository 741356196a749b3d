//! `wixlint explain`.

use std::io::{self, IsTerminal, Write};

use super::output::{complain, linked};
use super::{CLEAN, FAILED};
use crate::report::Linked;
use crate::rules::RULES;

pub(super) fn run(rule: Option<&str>) -> u8 {
    let links = linked(io::stdout().is_terminal());
    let mut out = io::stdout().lock();
    let Some(name) = rule else {
        let width = RULES.iter().map(|rule| rule.name.len()).max().unwrap_or_default();
        for rule in RULES {
            let summary = rule.summary();
            let off = if rule.by_default { "" } else { " (off by default)" };
            let name = Linked { text: rule.name, url: links.then(|| rule.url()) };
            let space = width - rule.name.len();
            let _closed = writeln!(out, "{name}{:space$}  {:7}  {summary}{off}", "", rule.severity.name());
        }
        return CLEAN;
    };
    match RULES.iter().find(|rule| rule.name == name) {
        Some(rule) => {
            let _closed = out.write_all(rule.doc.as_bytes());
            CLEAN
        }
        None => {
            complain(&format!("there is no rule `{name}`; `wixlint explain` lists them"));
            FAILED
        }
    }
}
