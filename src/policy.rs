//! What is reported, and how severe it is: what the command line and the configuration say about rules.

use std::path::Path;
use std::sync::Arc;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::diagnostic::Severity;
use crate::preprocess::without_detours;

/// What is said about a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Off,
    /// With the severity that the rule gives.
    On,
    At(Severity),
}

impl Level {
    pub const ALL: [Level; 5] =
        [Level::Off, Level::On, Level::At(Severity::Info), Level::At(Severity::Warning), Level::At(Severity::Error)];

    /// As the configuration spells it.
    pub fn name(self) -> &'static str {
        match self {
            Level::Off => "off",
            Level::On => "on",
            Level::At(severity) => severity.name(),
        }
    }
}

/// Rules with what is said about each.
pub type Levels = Vec<(&'static str, Level)>;

/// Which rules run, where, and how severe their findings are.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// The only rules that run, if somebody has named them.
    pub selected: Option<Vec<&'static str>>,
    /// Rules that do not run.
    pub ignored: Vec<&'static str>,
    pub levels: Levels,
    /// The last one that fits a path decides.
    pub overrides: Vec<Override>,
    /// Where nothing is reported.
    pub excluded: Option<Patterns>,
    /// A comment that silences a rule has to say why.
    pub requires_reason: bool,
}

/// What is said about rules in some files.
#[derive(Clone, Debug)]
pub struct Override {
    pub paths: Patterns,
    pub levels: Levels,
}

impl Policy {
    /// Whether it matters where a file lies.
    pub fn asks_for_paths(&self) -> bool {
        self.excluded.is_some() || !self.overrides.is_empty()
    }

    /// Whether a rule runs anywhere.
    pub fn runs(&self, rule: &'static str, by_default: bool) -> bool {
        let is_on = |levels: &Levels| level(levels, rule).is_some_and(|level| level != Level::Off);
        self.is_on(rule, by_default) || (self.is_open(rule) && self.overrides.iter().any(|one| is_on(&one.levels)))
    }

    /// How severe a finding of a rule is in a file, where the rule itself says `own`; `None`: it is not reported there.
    pub fn severity(&self, rule: &'static str, by_default: bool, own: Severity, path: &str) -> Option<Severity> {
        let special = self.overrides.iter().rev().filter(|one| one.paths.contain(path));
        let special = special.filter_map(|one| level(&one.levels, rule)).next();
        let is_on = match special {
            Some(Level::Off) => false,
            Some(_) => self.is_open(rule),
            None => self.is_on(rule, by_default),
        };
        let is_excluded = self.excluded.as_ref().is_some_and(|excluded| excluded.contain(path));
        (is_on && !is_excluded).then_some(match special.or_else(|| level(&self.levels, rule)) {
            Some(Level::At(severity)) => severity,
            _ => own,
        })
    }

    /// Whether the command line leaves it to the configuration to turn the rule on.
    fn is_open(&self, rule: &str) -> bool {
        self.selected.as_ref().is_none_or(|selected| selected.contains(&rule)) && !self.ignored.contains(&rule)
    }

    fn is_on(&self, rule: &'static str, by_default: bool) -> bool {
        let configured = || level(&self.levels, rule).map_or(by_default, |level| level != Level::Off);
        self.is_open(rule) && (self.selected.is_some() || configured())
    }
}

fn level(levels: &Levels, rule: &str) -> Option<Level> {
    levels.iter().rev().find(|(name, _)| *name == rule).map(|(_, level)| *level)
}

/// Patterns of paths, as `.gitignore` spells them, below a directory.
#[derive(Clone, Debug)]
pub struct Patterns {
    matcher: Arc<Gitignore>,
    /// The directory, absolute and with `/`.
    root: String,
    /// What paths that are not absolute begin from, likewise.
    here: String,
}

impl Patterns {
    /// # Errors
    /// The first pattern that is none, by its place in the list, and why.
    pub fn new(patterns: &[String], root: &str, here: &str) -> Result<Patterns, (usize, String)> {
        let mut builder = GitignoreBuilder::new("");
        for (at, pattern) in patterns.iter().enumerate() {
            builder.add_line(None, pattern).map_err(|error| (at, error.to_string()))?;
        }
        let matcher = builder.build().map_err(|error| (0, error.to_string()))?;
        Ok(Patterns { matcher: Arc::new(matcher), root: root.to_owned(), here: here.to_owned() })
    }

    /// Whether one of the patterns means a file.
    pub fn contain(&self, path: &str) -> bool {
        let path = path.replace('\\', "/");
        let absolute = if Path::new(&path).is_absolute() { path } else { format!("{}/{path}", self.here) };
        let below = plain(&absolute);
        let root = plain(&self.root);
        let below =
            below.strip_prefix(&root).and_then(|rest| rest.strip_prefix('/').or(root.is_empty().then_some(rest)));
        below.is_some_and(|path| self.matcher.matched_path_or_any_parents(Path::new(path), false).is_ignore())
    }
}

/// A path without detours and empty parts, and without a slash at its end.
fn plain(path: &str) -> String {
    let parts: Vec<&str> =
        path.split('/').enumerate().filter(|(at, part)| *at == 0 || !part.is_empty()).map(|(_, part)| part).collect();
    without_detours(&parts.join("/")).trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Level, Override, Patterns, Policy};
    use crate::diagnostic::Severity::{Error, Info, Warning};

    fn patterns(list: &[&str]) -> Patterns {
        let list: Vec<String> = list.iter().map(|&pattern| pattern.to_owned()).collect();
        Patterns::new(&list, "/repository/setup", "/repository/setup/src").unwrap()
    }

    #[test]
    fn paths_are_those_below_the_configuration() {
        let all = patterns(&["generated/", "*.g.wxs", "/src/old/**", "!src/old/kept.wxs"]);
        for (path, is_in) in [
            ("a.wxs", false),
            ("a.g.wxs", true),
            ("generated/a.wxs", true),
            ("../generated/a.wxs", true),
            ("../../generated/a.wxs", false),
            ("/repository/setup/generated/a.wxs", true),
            ("/elsewhere/generated/a.wxs", false),
            ("old\\a.wxs", true),
            ("./old/a.wxs", true),
            ("old/kept.wxs", false),
            ("..//generated//a.wxs", true),
        ] {
            assert_eq!(all.contain(path), is_in, "{path}");
        }
    }

    #[test]
    fn the_command_line_chooses_and_the_configuration_judges() {
        let legacy = Override { paths: patterns(&["old/**"]), levels: vec![("a", Level::Off), ("c", Level::On)] };
        let levels = vec![("a", Level::At(Info)), ("b", Level::Off)];
        let policy = Policy { levels, overrides: vec![legacy], ..Policy::default() };
        let of = |policy: &Policy, rule, path| policy.severity(rule, rule != "c", Error, path);
        assert_eq!(of(&policy, "a", "new.wxs"), Some(Info));
        assert_eq!(of(&policy, "a", "../old/x.wxs"), None);
        assert_eq!(of(&policy, "b", "new.wxs"), None);
        assert_eq!(of(&policy, "c", "new.wxs"), None);
        assert_eq!(of(&policy, "c", "../old/x.wxs"), Some(Error));
        assert!(policy.runs("c", false) && !policy.runs("b", true) && policy.runs("d", true));

        let selected = Policy { selected: Some(vec!["b", "a"]), ignored: vec!["a"], ..policy };
        assert_eq!(of(&selected, "b", "new.wxs"), Some(Error));
        assert_eq!(of(&selected, "a", "new.wxs"), None);
        assert_eq!(of(&selected, "c", "../old/x.wxs"), None);
        let all = Policy { levels: vec![("a", Level::At(Warning))], ..Policy::default() };
        assert_eq!(of(&all, "a", "new.wxs"), Some(Warning));
    }
}
