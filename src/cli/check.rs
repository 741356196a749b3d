//! `wixlint check`: from arguments to an exit code.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::arguments::CheckArguments;
use super::git::touches_sources;
use super::interactive::Questions;
use super::known::{self, Known};
use super::neighbours::{Around, Compiled, Shared};
use super::output::{Screen, complain};
use super::progress::Progress;
use super::silence::is_comment;
use super::watch::{self, Watch, Watched};
use super::{CLEAN, FAILED, FOUND};
use crate::analysis::Analysis;
use crate::diagnostic::{Diagnostic, Note};
use crate::disk::{Buffered, identity, location, slashed};
use crate::fix::diff::{Diff, Form};
use crate::fix::prove::{Base, Neighbour, grounds, prove};
use crate::fix::write;
use crate::inputs::{Given, Group, Inputs};
use crate::model::nearest;
use crate::preprocess::Files;
use crate::project::Project;
use crate::report::{Applied, Page, Report};
use crate::rules::{RULES, UNUSED_SUPPRESSION};
use crate::source::{FileId, Source, Sources, Span};
use crate::threads::each;

/// Checking so many projects is not worth a thread.
const FEWEST: usize = 4;

/// What a run has found and done so far.
#[derive(Default)]
pub(super) struct Run {
    pub(super) sources: Sources,
    pub(super) findings: Vec<Diagnostic>,
    /// What tells the findings so far apart: rule, place and message.
    pub(super) told: FxHashSet<(&'static str, Span, String)>,
    pub(super) notes: Vec<Note>,
    noted: FxHashSet<Note>,
    pub(super) files: FxHashSet<FileId>,
    /// Files that fixes have changed, as they were before.
    pub(super) changed: Vec<(FileId, Arc<Source>)>,
    pub(super) applied: usize,
    /// What was found in the files that have changed, before they did.
    pub(super) before: Vec<Diagnostic>,
    /// What could not be done.
    failures: Vec<String>,
    /// The file that standard input stands for, and its bytes.
    pub(super) stdin: Option<(FileId, Vec<u8>)>,
    /// Files that several projects have.
    pub(super) shared: FxHashSet<FileId>,
    pub(super) disk: Arc<Watched>,
    pub(super) progress: Progress,
    heard: Heard,
    /// Whether somebody is asked about each fix.
    pub(super) questions: Option<Questions>,
}

/// Who reads what is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Heard {
    #[default]
    Somebody,
    Nobody,
}

pub(super) fn run(arguments: &CheckArguments) -> u8 {
    let code = if arguments.watch { watch::run(arguments) } else { once(arguments, None).map(|(code, _)| code) };
    code.unwrap_or_else(|message| {
        complain(&message);
        FAILED
    })
}

/// Checks, and leaves with who watches what has been asked of the disk.
pub(super) fn once(arguments: &CheckArguments, watch: Option<Arc<Watch>>) -> Result<(u8, Heard), String> {
    let screen = Screen::new(arguments)?;
    let reported = Reported::new(arguments)?;
    if arguments.staged && !touches_sources()? {
        return Ok((CLEAN, Heard::Somebody));
    }
    let progress = Progress::new(arguments);
    let known = Known::new(arguments)?;
    let questions = arguments.interactive.then(|| Questions::new(screen.style.color)).transpose()?;
    if arguments.add_ignore.as_ref().is_some_and(|reason| !is_comment(reason)) {
        let message = "the reason of --add-ignore goes into a comment: it cannot hold `--` or control characters";
        return Err(message.to_owned());
    }
    if arguments.interactive && !screen.is_for_people() {
        return Err("--interactive asks on standard output; let the report go to a file, as in json:FILE".to_owned());
    }
    let inputs = Inputs::find(&arguments.project.request())?;
    let buffer = inputs.buffer.clone().map(|(path, bytes)| (identity(Path::new(&path)), bytes));
    if let Some(watch) = &watch {
        watch.expect(&inputs, arguments);
    }
    progress.found(inputs.groups.iter().map(|group| group.paths().count()).sum());
    let files = Buffered { disk: inputs.disk, buffers: buffer.into_iter().collect() };
    let disk = Arc::new(Watched { files, watch });
    let mut run = Run { questions, disk, progress, ..Run::default() };
    for error in &inputs.errors {
        run.fail(error);
    }
    let mut projects = Vec::new();
    for group in inputs.groups {
        projects.extend(run.compile(group, arguments, &reported)?);
    }
    let part = projects.first().filter(|_| !inputs.named.is_empty());
    let around = part.map(|part| run.around(&inputs.named, part, arguments)).unwrap_or_default();
    if let Some((path, bytes)) = inputs.buffer {
        run.take_buffer(path, bytes);
    }
    run.check(&mut projects, around, arguments, &reported);
    if let Some(known) = &known {
        let notes = run.leave_known(known, &reported);
        run.notes.extend(notes);
    }
    if let Some(reason) = &arguments.add_ignore {
        run.add_ignore(reason, &mut projects, &reported, known.as_ref())?;
    }
    if arguments.write_baseline {
        match known::write(arguments, &run.findings, &run.sources) {
            Ok(done) => {
                complain(&done);
                run.findings.clear();
            }
            Err(message) => run.fail(&message),
        }
    }
    run.progress = Progress::default();
    match run.print(arguments, &screen) {
        // What was found stands all the same.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => run.heard = Heard::Nobody,
        Err(error) => run.fail(&error.to_string()),
        Ok(()) => {}
    }
    Ok((run.exit_code(arguments), run.heard))
}

impl Run {
    fn fail(&mut self, message: &str) {
        complain(message);
        self.failures.push(message.to_owned());
    }

    /// `None`: nothing is left of the group when what is excluded is left out.
    fn compile(
        &mut self,
        mut group: Group,
        arguments: &CheckArguments,
        reported: &Reported,
    ) -> Result<Option<Compiled>, String> {
        let mut settings = group.settings(&arguments.project.build.build())?;
        settings.policy.selected.clone_from(&reported.selected);
        settings.policy.ignored.clone_from(&reported.ignored);
        if !group.leave_out(&settings.policy) {
            return Ok(None);
        }
        if arguments.verbose {
            complain(&format!("checking {}", group.paths().collect::<Vec<_>>().join(" ")));
        }
        self.notes.extend(group.note());
        let Given { files: given, stdin, errors } =
            group.read(arguments.project.jobs, &self.progress.count(&*self.disk));
        for error in &errors {
            self.fail(error);
        }
        let project = Project::compile(given, &settings, &*self.disk, &mut self.sources);
        self.files.extend(&project.files);
        self.stdin = stdin.map(|(at, bytes)| (project.files[at], bytes)).or(self.stdin.take());
        // Projects that share a file have the same to say about it.
        self.notes.extend(project.notes.iter().filter(|note| self.noted.insert((*note).clone())).cloned());
        Ok(Some(Compiled { project, settings }))
    }

    /// Standard input stands for a file that has been included, or that nobody has asked for: it is handed back then.
    fn take_buffer(&mut self, path: String, bytes: Vec<u8>) {
        let wanted = identity(Path::new(&path));
        let known = self.sources.iter().find(|(_, source)| identity(Path::new(source.path())) == wanted);
        let known = known.map(|(file, _)| file);
        let file = known.unwrap_or_else(|| self.sources.add(Arc::new(Source::decode_any(path, bytes.clone()))));
        self.stdin = Some((file, bytes));
    }

    /// Checks the projects, or fixes them.
    fn check(&mut self, projects: &mut [Compiled], around: Around, arguments: &CheckArguments, reported: &Reported) {
        let shared = Shared::among(projects);
        self.shared = shared.0.keys().copied().collect();
        let Around { projects: around, found } = around;
        if arguments.fix || arguments.diff {
            return self.repair(projects, &around, found, &shared, arguments, reported);
        }
        let (sources, files, progress): (_, &dyn Files, _) = (&self.sources, &*self.disk, &self.progress);
        let looked = each(projects.len(), FEWEST, arguments.project.jobs, &|at| match &found {
            Some(found) if at == 0 => found.clone(),
            _ => {
                progress.check(at + 1, projects.len());
                look(&projects[at], &shared.neighbours(at, projects, &around), sources, files)
            }
        });
        for (compiled, findings) in projects.iter().zip(looked) {
            let fixes = findings.iter().filter_map(|finding| Some((finding, finding.fix.as_ref()?)));
            for (finding, fix) in fixes.filter(|_| arguments.verbose) {
                let grounds = grounds(fix, finding.no_fix.as_deref(), compiled.project.worlds().len());
                complain(&format!("{}: {grounds}", fix.message));
            }
            self.keep(findings, reported);
        }
    }

    pub(super) fn keep(&mut self, findings: Vec<Diagnostic>, reported: &Reported) {
        let sources = &self.sources;
        // What two projects include is found in both, and said once.
        let is_wanted = |finding: &Diagnostic| is_certain(finding, &self.shared) && reported.wants(finding, sources);
        let wanted = findings.into_iter().filter(is_wanted);
        self.findings.extend(wanted.filter(|finding| self.told.insert(told(finding))));
    }

    fn print(&mut self, arguments: &CheckArguments, screen: &Screen) -> io::Result<()> {
        self.changed.sort_by_key(|(file, _)| *file);
        // Several projects may have changed a file that they share; the first knows how it was.
        self.changed.dedup_by_key(|(file, _)| *file);
        if (arguments.writes() || arguments.add_ignore.is_some()) && self.stdin.is_none() {
            self.write_files();
        }
        let new: Vec<(FileId, Arc<Source>)> =
            self.changed.iter().map(|(file, _)| (*file, self.sources.share(*file))).collect();
        let stdin_fixed = arguments.writes() && self.stdin.is_some();
        if let Some((file, bytes)) = self.stdin.as_ref().filter(|_| stdin_fixed) {
            let changed = self.changed.iter().any(|(other, _)| other == file);
            let encoded = self.sources.get(*file).encode().unwrap_or_else(|_| bytes.clone());
            io::stdout().lock().write_all(if changed { &encoded } else { bytes })?;
        } else if screen.is_for_people() && self.questions.is_none() {
            self.print_diffs(&new, screen)?;
        }
        if arguments.diff {
            for (file, old) in &self.changed {
                self.sources.replace(*file, old.clone());
            }
        }
        let notes = if arguments.quiet { &[][..] } else { &self.notes };
        let page = |name: &str| {
            let rule = RULES.iter().find(|rule| rule.name == name)?;
            Some(Page { text: rule.doc, url: rule.url() })
        };
        let applied = match () {
            () if arguments.writes() => Applied::Fixed(self.applied),
            () if arguments.diff => Applied::Previewed(self.applied),
            () => Applied::Nothing,
        };
        let report = Report {
            sources: &self.sources,
            findings: &self.findings,
            notes,
            failures: &self.failures,
            files: self.files.len(),
            applied,
            page,
        };
        screen.report(&report, stdin_fixed)
    }

    fn print_diffs(&self, new: &[(FileId, Arc<Source>)], screen: &Screen) -> io::Result<()> {
        let form = match (screen.style.color, screen.terminal) {
            (true, _) => Form::Colored,
            (false, true) => Form::Plain,
            (false, false) => Form::Patch,
        };
        let mut out = io::stdout().lock();
        for ((_, old), (_, new)) in self.changed.iter().zip(new) {
            Diff::between(old, new).write(&relative(old.path()), form, &mut out)?;
        }
        if !new.is_empty() {
            writeln!(out)?;
        }
        out.flush()
    }

    /// Writes the changed files. One that cannot be written is not among the changed any more.
    fn write_files(&mut self) {
        let mut errors = Vec::new();
        let sources = &self.sources;
        let mut failed = Vec::new();
        self.changed.retain(|(file, old)| {
            let (Ok(was), Ok(is)) = (old.encode(), sources.get(*file).encode()) else { return false };
            let written = write::replace(Path::new(old.path()), &was, &is);
            errors.extend(written.as_ref().err().map(ToString::to_string));
            match &written {
                Ok(()) => self.disk.wrote(old.path()),
                Err(_) => failed.push((*file, old.clone())),
            }
            written.is_ok()
        });
        for error in errors {
            self.fail(&error);
        }
        // What was found there stands as it was.
        for (file, old) in failed {
            self.sources.replace(file, old);
            self.findings.retain(|finding| finding.primary.span.file != file);
            let here = self.before.iter().filter(|finding| finding.primary.span.file == file);
            self.applied -= here.clone().filter(|finding| finding.fix.is_some()).count().min(self.applied);
            self.findings.extend(here.cloned());
        }
    }

    fn exit_code(&self, arguments: &CheckArguments) -> u8 {
        let would_change = arguments.diff && !self.changed.is_empty();
        let fixed = arguments.exit_non_zero_on_fix && arguments.writes() && self.applied > 0;
        match () {
            () if !self.failures.is_empty() => FAILED,
            () if arguments.exit_zero => CLEAN,
            () if !self.findings.is_empty() || would_change || fixed => FOUND,
            () => CLEAN,
        }
    }
}

/// What is wrong with a project, each fix proved.
pub(super) fn look(
    project: &Compiled,
    neighbours: &[Neighbour<'_>],
    sources: &Sources,
    files: &dyn Files,
) -> Vec<Diagnostic> {
    let Compiled { project, settings } = project;
    let analysis = &Analysis::of(project, settings);
    prove(&Base { project, analysis, sources, settings, files, neighbours })
}

/// What tells a finding from others.
pub(super) fn told(finding: &Diagnostic) -> (&'static str, Span, String) {
    (finding.rule, finding.primary.span, finding.message.clone())
}

/// Whether no other project can tell otherwise of a file that both have.
pub(super) fn is_certain(finding: &Diagnostic, shared: &FxHashSet<FileId>) -> bool {
    finding.rule != UNUSED_SUPPRESSION || !shared.contains(&finding.primary.span.file)
}

/// A path from the current directory, where it lies below it, as `git apply` wants it.
pub(super) fn relative(path: &str) -> String {
    let plain = path.strip_prefix("./").unwrap_or(path);
    let detour = Path::new(plain).is_absolute() || plain.split('/').any(|part| matches!(part, "" | "." | ".."));
    let location = detour.then(|| location(Path::new(plain)));
    let below = location.as_ref().and_then(|location| location.strip_prefix(identity(Path::new("."))).ok());
    below.map_or_else(|| plain.to_owned(), slashed)
}

/// Which rules the command line names, and the places that it wants to hear of.
pub(super) struct Reported {
    pub(super) selected: Option<Vec<&'static str>>,
    pub(super) ignored: Vec<&'static str>,
    /// What `--filter` names, each as its identity.
    paths: Vec<PathBuf>,
}

impl Reported {
    fn new(arguments: &CheckArguments) -> Result<Reported, String> {
        let selected = Some(&arguments.select).filter(|names| !names.is_empty());
        // A buffer may stand for a file that is not there yet.
        let buffer = arguments.project.stdin_filename.as_deref();
        let missing = |path: &&PathBuf| !path.exists() && Some(path.as_path()) != buffer;
        if let Some(path) = arguments.filter.iter().find(missing) {
            return Err(format!("--filter {}: there is no such file or directory", path.display()));
        }
        Ok(Reported {
            selected: selected.map(|names| rules(names)).transpose()?,
            ignored: rules(&arguments.ignore)?,
            paths: arguments.filter.iter().map(|path| identity(path)).collect(),
        })
    }

    pub(super) fn wants(&self, finding: &Diagnostic, sources: &Sources) -> bool {
        self.is_about(sources.get(finding.primary.span.file).path())
    }

    /// Whether somebody wants to hear of a file.
    pub(super) fn is_about(&self, path: &str) -> bool {
        let lies_here = || {
            let [location, identity] = [location(Path::new(path)), identity(Path::new(path))];
            self.paths.iter().any(|filter| location.starts_with(filter) || identity == *filter)
        };
        self.paths.is_empty() || lies_here()
    }
}

/// The rules of a list of names.
///
/// # Errors
/// A name that no rule has.
pub(super) fn rules(names: &[String]) -> Result<Vec<&'static str>, String> {
    let known = |name: &String| {
        let rule = RULES.iter().find(|rule| rule.name == name.trim());
        rule.map(|rule| rule.name).ok_or_else(|| {
            let near = nearest(name.trim(), RULES.iter().map(|rule| rule.name));
            let hint = near.map_or("`wixlint explain` lists them".to_owned(), |near| format!("did you mean `{near}`?"));
            format!("there is no rule `{name}`; {hint}")
        })
    };
    let is_all = |name: &String| name.trim() == "all";
    let some: Vec<&'static str> = names.iter().filter(|name| !is_all(name)).map(known).collect::<Result<_, _>>()?;
    Ok(if names.iter().any(is_all) { RULES.iter().map(|rule| rule.name).collect() } else { some })
}
