//! How many findings each rule has, most first.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::paint::Role;
use super::{Report, Style};

pub(super) fn write(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for finding in report.findings {
        let (found, fixable) = counts.entry(finding.rule).or_default();
        *found += 1;
        *fixable += usize::from(finding.fix.is_some());
    }
    let mut rules: Vec<_> = counts.into_iter().collect();
    rules.sort_by_key(|(name, (found, _))| (std::cmp::Reverse(*found), *name));
    let width = rules.first().map_or(0, |(_, (found, _))| found.to_string().len());
    for (name, (found, fixable)) in rules {
        let name = style.paint(Role::Strong, style.link(name, || report.url(name)));
        let with_fix = if fixable > 0 { format!(", {fixable} with a fix") } else { String::new() };
        writeln!(out, "{found:width$}  {name}{with_fix}")?;
    }
    report.write_summary(style, out)
}
