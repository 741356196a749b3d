//! The proof of a fix: the schedule is computed again on the edited text, and compared.
//!
//! A fix holds when its finding is gone, nothing new is found or refused, every action that it does
//! not mean to move keeps its place in the order, and what it moves still comes after everything
//! that gives it what it uses.

mod flow;
mod order;

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::apply;
use crate::analysis::{self, Analysis};
use crate::diagnostic::{Applicability, Diagnostic, Edit, Fix};
use crate::model::Model;
use crate::msi::Table;
use crate::preprocess::{Decision, Files};
use crate::project::{Project, Settings};
use crate::rules::Finding;
use crate::source::{FileId, Sources};
use crate::wix::Section;

/// A project as it is, against which fixes are proved.
pub struct Base<'b> {
    pub project: &'b Project,
    pub analysis: &'b Analysis<'b>,
    pub sources: &'b Sources,
    pub settings: &'b Settings,
    pub files: &'b dyn Files,
    /// Projects that may include the same files; what a fix changes there must do no harm either.
    pub neighbours: &'b [Neighbour<'b>],
}

/// Another project of the same run.
#[derive(Clone, Copy, Debug)]
pub struct Neighbour<'b> {
    pub project: &'b Project,
    pub settings: &'b Settings,
    pub kinship: Kinship,
}

/// How another project comes to have the same files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kinship {
    /// Both include them.
    Sharing,
    /// The project that is checked is a part of it: somebody has named some of its files.
    Whole,
}

/// The actions that fixes move on purpose, by table.
pub(super) struct Moved<'f>(FxHashSet<(&'static str, &'f str)>);

impl Moved<'_> {
    fn contains(&self, table: Table, action: &str) -> bool {
        self.0.contains(&(table.name(), action))
    }
}

/// So many fixes are proved one by one; of more, as many together as hold together.
const ONE_BY_ONE: usize = 32;
/// So many proofs are tried for a project before the rest is left unproved.
const MOST_PROOFS: usize = 256;
/// So many bytes of a large project may be looked at again for its proofs.
const MOST_TEXT: usize = 256 << 20;

/// What is known of a finding's fix; `None`: nothing was tried yet.
type Verdict = Option<Result<(Arc<Fix>, Doubt), String>>;

/// What cannot be told from the sources, as the end of a sentence; with a doubt a fix is unsafe.
pub type Doubt = Option<String>;

/// A fix that is tried, and the findings that have it in common.
struct Trial {
    fix: Arc<Fix>,
    findings: Vec<usize>,
}

/// What a fix stands on, as a sentence: what was done to prove it in each of the project's configurations.
pub fn grounds(fix: &Fix, doubt: Option<&str>, configurations: usize) -> String {
    let configurations = match configurations {
        1 => String::new(),
        count => format!(" in each of {count} configurations"),
    };
    let done = format!(
        "the edited sources were linked and scheduled again{configurations}: the finding is gone and no other has come"
    );
    match (fix.applicability, doubt) {
        (Applicability::Safe, _) => format!("safe: {done}, and every other action keeps its place in the order"),
        (Applicability::Unsafe, Some(doubt)) => format!("unsafe: {done}, but {doubt}"),
        (Applicability::Unsafe, None) => format!("unsafe: {done}, but it changes what the installer does"),
    }
}

/// Proves the candidates of all findings that are reported: each gets its first candidate that holds as its fix, or
/// the reason why none does.
pub fn prove(base: &Base<'_>) -> Vec<Diagnostic> {
    prove_some(base, &|finding| !finding.is_silenced)
}

/// The same for some of the findings.
pub fn prove_some(base: &Base<'_>, is_wanted: &dyn Fn(&Finding) -> bool) -> Vec<Diagnostic> {
    let findings = &base.analysis.findings;
    let mut verdicts: Vec<Verdict> = vec![None; findings.len()];
    let text: usize = base.sources.iter().map(|(_, source)| source.text().len()).sum();
    let mut proofs = Proofs { base, left: (MOST_TEXT / text.max(1)).clamp(ONE_BY_ONE, MOST_PROOFS) };
    let rounds = findings.iter().map(|finding| finding.candidates.len()).max().unwrap_or(0);
    for round in 0..rounds {
        let trials = trials(findings, round, &verdicts, is_wanted);
        let size = if trials.len() <= ONE_BY_ONE { 1 } else { trials.len() };
        for group in trials.chunks(size) {
            proofs.settle(group, &mut verdicts);
        }
    }
    let told = findings.iter().zip(verdicts).filter(|(finding, _)| is_wanted(finding));
    told.map(|(finding, verdict)| diagnostic(finding, verdict)).collect()
}

/// The candidates of one round for the findings that have no fix yet, each once.
fn trials(
    findings: &[Finding],
    round: usize,
    verdicts: &[Verdict],
    is_wanted: &dyn Fn(&Finding) -> bool,
) -> Vec<Trial> {
    let mut trials: Vec<Trial> = Vec::new();
    let mut known: FxHashMap<*const Fix, usize> = FxHashMap::default();
    for (at, finding) in findings.iter().enumerate().filter(|(_, finding)| is_wanted(finding)) {
        let Some(fix) = finding.candidates.get(round).filter(|_| !matches!(verdicts[at], Some(Ok(_)))) else {
            continue;
        };
        let trial = *known.entry(Arc::as_ptr(fix)).or_insert(trials.len());
        if trial == trials.len() {
            trials.push(Trial { fix: fix.clone(), findings: Vec::new() });
        }
        trials[trial].findings.push(at);
    }
    trials
}

fn diagnostic(finding: &Finding, verdict: Verdict) -> Diagnostic {
    let mut diagnostic = finding.diagnostic.clone();
    match verdict {
        None => {}
        Some(Ok((fix, doubt))) => {
            diagnostic.fix = Some(fix);
            diagnostic.no_fix = doubt;
        }
        Some(Err(reason)) => diagnostic.no_fix = Some(reason),
    }
    diagnostic
}

struct Proofs<'b> {
    base: &'b Base<'b>,
    left: usize,
}

impl Proofs<'_> {
    /// Proves fixes together; where they do not hold together, each half by itself.
    fn settle(&mut self, group: &[Trial], verdicts: &mut [Verdict]) {
        match (self.try_all(group), group) {
            (Ok(None), _) => {
                for Trial { fix, findings } in group {
                    findings.iter().for_each(|&at| verdicts[at] = Some(Ok((fix.clone(), None))));
                }
            }
            (Ok(doubt), [Trial { fix, findings }]) => {
                let fix = Arc::new(Fix { applicability: Applicability::Unsafe, ..(**fix).clone() });
                findings.iter().for_each(|&at| verdicts[at] = Some(Ok((fix.clone(), doubt.clone()))));
            }
            (Err(reason), [trial]) => {
                for &at in &trial.findings {
                    verdicts[at].get_or_insert_with(|| Err(reason.clone()));
                }
            }
            _ => {
                let (left, right) = group.split_at(group.len() / 2);
                self.settle(left, verdicts);
                self.settle(right, verdicts);
            }
        }
    }

    fn try_all(&mut self, group: &[Trial]) -> Result<Doubt, String> {
        if self.base.project.is_cut {
            return Err("there are more ways to take its preprocessor conditions than were looked at".to_owned());
        }
        if self.left == 0 {
            return Err("there are too many fixes to prove at once; apply some and run again".to_owned());
        }
        self.left -= 1;
        let fixes: Vec<&Fix> = group.iter().map(|trial| &*trial.fix).collect();
        let findings = group.iter().flat_map(|trial| &trial.findings);
        let found: Vec<&Finding> = findings.map(|&at| &self.base.analysis.findings[at]).collect();
        holds(self.base, &fixes, &found)
    }
}

/// Whether `fixes`, applied together, repair `found` and nothing else changes; with what doubt.
///
/// # Errors
/// What speaks against it, as the end of a sentence.
pub fn holds(base: &Base<'_>, fixes: &[&Fix], found: &[&Finding]) -> Result<Doubt, String> {
    let (mut sources, changed) = edited(base.sources, fixes)?;
    let project = base.project.recompile(&changed, base.settings, base.files, &mut sources);
    if project.errors.len() > base.project.errors.len() {
        return Err("the edited file would not be well-formed".to_owned());
    }
    // The order first: it is cheap to compare, and most of what fails fails here.
    let worlds = analysis::worlds(&project, base.settings);
    let moves = fixes.iter().flat_map(|fix| &fix.moves);
    let moved = Moved(moves.map(|step| (step.table, &*step.action)).collect());
    same_worlds(base.project, &project)?;
    let mut doubt = same_otherwise(&base.analysis.worlds, &worlds, &moved)?;
    nothing_new(base.analysis, &Analysis::judge(&project, worlds, base.settings), found)?;
    for neighbour in base.neighbours {
        if neighbour.project.all_files().any(|file| changed.contains(&file)) {
            doubt = doubt.or(neighbour.stays(base, &changed, &mut sources, &moved)?);
        }
    }
    Ok(doubt)
}

impl Neighbour<'_> {
    /// Whether edits of a file that both read leave the neighbour as it is, but for what is moved.
    fn stays(
        &self,
        base: &Base<'_>,
        changed: &[FileId],
        sources: &mut Sources,
        moved: &Moved<'_>,
    ) -> Result<Doubt, String> {
        let before = Analysis::of(self.project, self.settings);
        let project = self.project.recompile(changed, self.settings, base.files, sources);
        let worlds = analysis::worlds(&project, self.settings);
        let checked =
            same_worlds(self.project, &project).and_then(|()| same_otherwise(&before.worlds, &worlds, moved)).and_then(
                |doubt| nothing_new(&before, &Analysis::judge(&project, worlds, self.settings), &[]).map(|()| doubt),
            );
        let there = match self.kinship {
            Kinship::Sharing => "another project includes the same file, and there",
            Kinship::Whole => "it is part of a larger project, better checked as a whole, and there",
        };
        checked.map_err(|reason| format!("{there} {reason}"))
    }
}

/// Whether the same conditions lead to the same worlds, in the same order.
fn same_worlds(old: &Project, new: &Project) -> Result<(), String> {
    let ways = |project: &Project| -> Vec<Vec<_>> {
        let way = |decision: &Decision| (decision.condition.clone(), decision.holds);
        project.worlds().iter().map(|world| world.decisions.iter().map(way).collect()).collect()
    };
    if ways(old) == ways(new) {
        return Ok(());
    }
    Err("the edit would change which conditions of the preprocessor hold".to_owned())
}

/// Whether the packages of each world differ in nothing but what was moved.
fn same_otherwise(old: &[Vec<Model<'_>>], new: &[Vec<Model<'_>>], moved: &Moved<'_>) -> Result<Doubt, String> {
    let mut doubt = None;
    for (old, new) in old.iter().zip(new) {
        if old.len() != new.len() {
            return Err("the edit would change what the sources build".to_owned());
        }
        for (old, new) in old.iter().zip(new) {
            doubt = doubt.or(compare(old, new, moved)?);
        }
    }
    Ok(doubt)
}

fn compare(old: &Model<'_>, new: &Model<'_>, moved: &Moved<'_>) -> Result<Doubt, String> {
    let mut doubt = None;
    for table in Table::ALL {
        order::keeps(old.schedule(table), new.schedule(table), moved)?;
        doubt = doubt.or(flow::keeps(old, new, table, moved)?);
    }
    // A reference to a place also links the fragment that defines it, with all that stands there.
    if linked(old) != linked(new) {
        return Err("the edit would change which fragments are linked".to_owned());
    }
    Ok(doubt)
}

/// Which sections of the sources are linked, and how many there are with those of libraries.
fn linked(model: &Model<'_>) -> (Vec<bool>, usize) {
    let package = &model.package;
    let linked: FxHashSet<*const Section> =
        package.sections.iter().map(|section| std::ptr::from_ref(*section)).collect();
    let candidates = package.candidates.iter().map(|section| linked.contains(&std::ptr::from_ref(*section)));
    (candidates.collect(), package.sections.len())
}

/// The sources with the fixes' edits made, and the files that have changed.
pub fn edited(sources: &Sources, fixes: &[&Fix]) -> Result<(Sources, Vec<FileId>), String> {
    let mut edits: FxHashMap<FileId, Vec<Edit>> = FxHashMap::default();
    for edit in fixes.iter().flat_map(|fix| &fix.edits) {
        edits.entry(edit.span.file).or_default().push(edit.clone());
    }
    let mut sources = sources.clone();
    let mut changed: Vec<FileId> = edits.keys().copied().collect();
    changed.sort();
    for &file in &changed {
        let source = sources.get(file);
        let text = apply::apply(source.text(), &edits[&file]).map_err(|conflict| conflict.to_string())?;
        let source = source.with_text(text);
        source.encode().map_err(|character| format!("the file's encoding lacks the character `{character}`"))?;
        sources.replace(file, Arc::new(source));
    }
    Ok((sources, changed))
}

/// In each world, the findings that were to go are gone, and there is none that was not there before.
fn nothing_new(old: &Analysis<'_>, new: &Analysis<'_>, found: &[&Finding]) -> Result<(), String> {
    for world in (0..old.worlds.len()).map(|at| 1 << at) {
        let before = counts(old, world);
        let mut after: FxHashMap<_, usize> = FxHashMap::default();
        for finding in new.findings.iter().filter(|finding| finding.worlds & world != 0) {
            let count = after.entry(key(finding)).or_default();
            *count += 1;
            if *count > before.get(&key(finding)).copied().unwrap_or_default() {
                return Err(format!("it would bring another finding: {}", finding.diagnostic.message));
            }
        }
        for finding in found.iter().filter(|finding| finding.worlds & world != 0) {
            let (was, is) = (before.get(&key(finding)), after.get(&key(finding)).copied().unwrap_or_default());
            if was.is_none_or(|&was| is >= was) {
                return Err("the action would still run too late".to_owned());
            }
        }
    }
    Ok(())
}

/// How often each finding is there in a world.
fn counts<'a>(analysis: &'a Analysis<'_>, world: u32) -> FxHashMap<(&'static str, &'a str), usize> {
    let mut counts = FxHashMap::default();
    for finding in analysis.findings.iter().filter(|finding| finding.worlds & world != 0) {
        *counts.entry(key(finding)).or_default() += 1;
    }
    counts
}

/// What a finding is known by, wherever its place has moved to.
fn key(finding: &Finding) -> (&'static str, &str) {
    (finding.diagnostic.rule, &finding.diagnostic.subject)
}
