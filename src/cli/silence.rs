//! `--add-ignore`, and what a baseline leaves.

use super::check::{Reported, Run};
use super::known::Known;
use super::neighbours::Compiled;
use super::output::complain;
use crate::analysis::Analysis;
use crate::diagnostic::{Applicability, Diagnostic, Fix, Note};
use crate::fix::ignore;
use crate::fix::prove::{Base, edited, prove};
use crate::rules::{Check, RULES};
use crate::source::FileId;

/// Whether a text may stand in a comment, in one line.
pub(super) fn is_comment(text: &str) -> bool {
    !text.contains("--") && !text.contains(|c: char| c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}'))
}

impl Run {
    /// Leaves out what a baseline counts, and tells of counts that are too high.
    pub(super) fn leave_known(&mut self, known: &Known, reported: &Reported) -> Vec<Note> {
        let findings = std::mem::take(&mut self.findings);
        let runs = |rule: &str| {
            let selected = reported.selected.as_ref();
            selected.is_none_or(|names| names.contains(&rule)) && !reported.ignored.contains(&rule)
        };
        let (left, notes) = known.leave(findings, &self.sources, &self.files, reported, runs);
        self.findings = left;
        notes
    }

    /// Silences what is left with comments, and checks again.
    ///
    /// # Errors
    /// The configuration asks for a reason, and there is none.
    pub(super) fn add_ignore(
        &mut self,
        reason: &str,
        projects: &mut [Compiled],
        reported: &Reported,
        known: Option<&Known>,
    ) -> Result<(), String> {
        let is_asked = projects.iter().any(|project| project.settings.policy.requires_reason);
        if is_asked && !reason.chars().any(char::is_alphanumeric) {
            return Err("the configuration asks for reasons: write --add-ignore=REASON".to_owned());
        }
        // What is said about comments cannot be silenced by one.
        let is_about = |finding: &&Diagnostic| {
            RULES.iter().any(|rule| rule.name == finding.rule && matches!(rule.check, Check::Comments(_)))
        };
        let left = self.findings.iter().filter(|finding| !is_about(finding));
        let edits = ignore::comments(left, reason, &self.sources);
        let fix = Fix { applicability: Applicability::Safe, message: String::new(), edits, moves: Vec::new() };
        let (sources, mut changed) = edited(&self.sources, &[&fix])?;
        let before = std::mem::replace(&mut self.sources, sources);
        let is_new = |file: &FileId| self.changed.iter().all(|(other, _)| other != file);
        let new: Vec<_> = changed.iter().filter(|file| is_new(file)).map(|&file| (file, before.share(file))).collect();
        let were = std::mem::take(&mut self.findings);
        let is_here = |finding: &&Diagnostic| new.iter().any(|(file, _)| *file == finding.primary.span.file);
        self.before.extend(were.iter().filter(is_here).cloned());
        self.changed.extend(new);
        // What was fixed before is not in the facts of the projects yet.
        changed.extend(self.changed.iter().map(|(file, _)| *file));
        self.told.clear();
        let disk = self.disk.clone();
        for compiled in projects {
            let project = compiled.project.recompile(&changed, &compiled.settings, &*disk, &mut self.sources);
            compiled.project = project;
            let (settings, sources) = (&compiled.settings, &self.sources);
            let analysis = &Analysis::of(&compiled.project, settings);
            let base = Base { project: &compiled.project, analysis, sources, settings, files: &*disk, neighbours: &[] };
            let findings = prove(&base);
            self.keep(findings, reported);
        }
        if let Some(known) = known {
            self.leave_known(known, reported);
        }
        let (silenced, all) = (were.len().saturating_sub(self.findings.len()), were.len());
        complain(&format!("silenced {silenced} of {all} findings"));
        Ok(())
    }
}
