//! Counts of findings that are known, by file and rule: they are not reported, and new ones are.
//!
//! Where a file has more findings of a rule than are counted, all of them are reported: which one is new cannot be told,
//! since lines move.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::diagnostic::Diagnostic;

/// The file's name, unless another one is given.
pub const NAME: &str = "wixlint-baseline.toml";

/// Counts by file and rule. Files are named from the baseline's own directory, with `/`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline(BTreeMap<(String, String), usize>);

/// Something wrong with a baseline's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaselineError {
    /// Byte range of the text.
    pub span: Range<usize>,
    pub message: String,
}

/// A count that is too high.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generous {
    pub path: String,
    pub rule: String,
    pub allowed: usize,
    pub found: usize,
}

impl Baseline {
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(text: &str) -> Result<Baseline, BaselineError> {
        let error = |span: Range<usize>, message: &str| BaselineError { span, message: message.to_owned() };
        let table = DeTable::parse(text).map_err(|wrong| error(wrong.span().unwrap_or_default(), wrong.message()))?;
        let mut baseline = Baseline::default();
        for (path, rules) in table.get_ref() {
            let shape = "a baseline has a table for each file, with rules and numbers; --write-baseline writes one";
            let rules = rules.get_ref().as_table().ok_or_else(|| error(rules.span(), shape))?;
            for (rule, count) in rules {
                let number = match count.get_ref() {
                    DeValue::Integer(number) => usize::from_str_radix(number.as_str(), number.radix()).ok(),
                    _ => None,
                };
                let number = number.ok_or_else(|| error(count.span(), shape))?;
                baseline.0.insert((path.get_ref().to_string(), rule.get_ref().to_string()), number);
            }
        }
        Ok(baseline)
    }

    /// Counts findings; `path` names their files.
    pub fn count(findings: &[Diagnostic], path: impl Fn(&Diagnostic) -> String) -> Baseline {
        let mut baseline = Baseline::default();
        for finding in findings {
            *baseline.0.entry((path(finding), finding.rule.to_owned())).or_default() += 1;
        }
        baseline
    }

    /// The text of the file.
    pub fn write(&self) -> String {
        let first = "# Findings that are known and not reported, by file and rule.";
        let mut text = format!("{first}\n# `wixlint --write-baseline` counts anew.\n");
        let mut last = None;
        for ((path, rule), count) in &self.0 {
            if last.replace(path) != Some(path) {
                let _infallible = writeln!(text, "\n[{}]", serde_json::Value::from(path.as_str()));
            }
            let _infallible = writeln!(text, "{rule} = {count}");
        }
        text
    }

    /// The findings that are not counted, and the counts that are too high among those that `is_checked` tells to
    /// have been looked at.
    pub fn leave(
        &self,
        findings: Vec<Diagnostic>,
        path: impl Fn(&Diagnostic) -> String,
        is_checked: impl Fn(&str, &str) -> bool,
    ) -> (Vec<Diagnostic>, Vec<Generous>) {
        let found = Baseline::count(&findings, &path).0;
        let is_known = |finding: &Diagnostic| {
            let key = (path(finding), finding.rule.to_owned());
            self.0.get(&key).is_some_and(|allowed| found.get(&key).is_some_and(|found| found <= allowed))
        };
        let new = findings.into_iter().filter(|finding| !is_known(finding)).collect();
        let generous = self.0.iter().filter_map(|((path, rule), &allowed)| {
            let found = found.get(&(path.clone(), rule.clone())).copied().unwrap_or_default();
            let is_generous = found < allowed && is_checked(path, rule);
            is_generous.then(|| Generous { path: path.clone(), rule: rule.clone(), allowed, found })
        });
        (new, generous.collect())
    }

    /// How many findings it counts.
    pub fn total(&self) -> usize {
        self.0.values().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::Baseline;
    use crate::diagnostic::{Diagnostic, Label, Severity};
    use crate::source::Span;

    fn finding(rule: &'static str, path: &str) -> Diagnostic {
        Diagnostic {
            rule,
            severity: Severity::Error,
            subject: path.to_owned(),
            message: String::new(),
            primary: Label { span: Span::NOWHERE, message: String::new() },
            related: Vec::new(),
            help: None,
            fix: None,
            no_fix: None,
            configurations: Vec::new(),
        }
    }

    fn path(finding: &Diagnostic) -> String {
        finding.subject.clone()
    }

    #[test]
    fn what_is_written_is_read() {
        let old = [finding("a", "src/A.wxs"), finding("a", "src/A.wxs"), finding("b", "a \"b\".wxs")];
        let baseline = Baseline::count(&old, path);
        assert_eq!(Baseline::parse(&baseline.write()).unwrap(), baseline);
        assert_eq!(baseline.total(), 3);
    }

    #[test]
    fn old_findings_are_left_out_and_new_ones_are_not() {
        let baseline = Baseline::parse("[\"A.wxs\"]\na = 1\nb = 2\nc = 1").unwrap();
        let now = vec![finding("a", "A.wxs"), finding("a", "A.wxs"), finding("b", "A.wxs"), finding("b", "B.wxs")];
        let (left, generous) = baseline.leave(now, path, |_, rule| rule != "c");
        let left: Vec<_> = left.iter().map(|finding| (finding.rule, &*finding.subject)).collect();
        assert_eq!(left, [("a", "A.wxs"), ("a", "A.wxs"), ("b", "B.wxs")]);
        assert_eq!(generous.iter().map(|one| (&*one.rule, one.allowed, one.found)).collect::<Vec<_>>(), [("b", 2, 1)]);
    }

    #[test]
    fn mistakes_have_a_place() {
        for (text, place) in [("a = 1", "1"), ("[\"A.wxs\"]\na = \"x\"", "\"x\""), ("[\"A", "")] {
            let error = Baseline::parse(text).unwrap_err();
            assert!(text[error.span.clone()].contains(place), "{text}: {error:?}");
        }
    }
}
