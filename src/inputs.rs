//! What is checked: the paths that somebody names, as groups of files that make a project each, and what
//! configuration says about them.

use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::config::{self, Config};
use crate::diagnostic::Note;
use crate::disk::{Disk, Found, identity, reason, slashed};
use crate::policy::{Levels, Override, Patterns, Policy};
use crate::preprocess::{Files, Options, Platform};
use crate::project::discovery::{by_directory, is_source};
use crate::project::wixproj::{ProjectFile, is_project};
use crate::project::{self, Settings};
use crate::rules;
use crate::source::{MAX_FILE_SIZE, Source};
use crate::threads::each;
use crate::wix::Generation;

/// What somebody asks to look at.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Files that make one project, project files, or directories; none: the current directory.
    pub paths: Vec<PathBuf>,
    /// The one project file, which need not be named like one.
    pub project: Option<PathBuf>,
    /// The file that standard input stands for.
    pub stdin_filename: Option<PathBuf>,
    pub build: Build,
}

/// What somebody says about how projects are built, which wins over what they say themselves.
#[derive(Clone, Debug, Default)]
pub struct Build {
    /// Preprocessor variables, as `NAME` or `NAME=VALUE`.
    pub defines: Vec<String>,
    pub include_dirs: Vec<PathBuf>,
    pub platform: Option<Platform>,
    pub generation: Option<Generation>,
    /// The configuration to read; `None`: the nearest.
    pub config: Option<PathBuf>,
    pub no_config: bool,
    /// What the configuration excludes is looked at all the same.
    pub no_exclude: bool,
}

/// The projects that were asked for.
#[derive(Default)]
pub struct Inputs {
    pub groups: Vec<Group>,
    /// What could not be looked into.
    pub errors: Vec<String>,
    /// The files that were named by themselves, which make the first group.
    pub named: Vec<String>,
    /// Standard input, where it stands for a file that sources include.
    pub buffer: Option<(String, Vec<u8>)>,
    /// What was searched.
    pub disk: Arc<Disk>,
}

/// The files of one project.
pub struct Group {
    files: Vec<InputFile>,
    /// What the project file says, and its path.
    project: Option<(String, ProjectFile)>,
}

pub struct InputFile {
    path: String,
    /// The text that standard input gives in the file's place.
    text: Option<Vec<u8>>,
}

/// What was read.
#[derive(Default)]
pub struct Given {
    pub files: Vec<project::Given>,
    /// Which file standard input stands for, and its bytes.
    pub stdin: Option<(usize, Vec<u8>)>,
    pub errors: Vec<String>,
}

/// Reading so many files is not worth a thread.
const FEWEST: usize = 512;

impl InputFile {
    fn decode(&self, files: &dyn Files) -> io::Result<project::Given> {
        self.read(files).map(|bytes| match Source::decode(&*self.path, bytes) {
            Ok(source) => (Arc::new(source), None),
            Err(bad) => (Arc::new(bad.source), Some(bad.error)),
        })
    }

    fn read(&self, files: &dyn Files) -> io::Result<Vec<u8>> {
        match &self.text {
            Some(text) => Ok(text.clone()),
            None => files.read(&self.path),
        }
    }
}

impl Group {
    fn new(paths: Vec<String>) -> Group {
        Group { files: paths.into_iter().map(|path| InputFile { path, text: None }).collect(), project: None }
    }

    /// The project that a project file makes.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn of_project(path: &str, disk: &Disk) -> Result<Group, String> {
        let bytes = disk.read(path).map_err(|error| format!("cannot read {path}: {}", reason(&error)))?;
        let project = ProjectFile::read(path, bytes, disk)?;
        Ok(Group { project: Some((path.to_owned(), project.clone())), ..Group::new(project.sources) })
    }

    /// What tells it from other groups: its project file, or the directory of its first source.
    pub fn name(&self) -> String {
        self.project_path().map_or_else(|| slashed(&self.directory()), str::to_owned)
    }

    pub fn project_path(&self) -> Option<&str> {
        self.project.as_ref().map(|(path, _)| &**path)
    }

    fn names(&self, path: &str, disk: &Disk) -> bool {
        let wanted = disk.identity(path);
        self.paths().any(|own| disk.identity(own) == wanted)
    }

    /// What the project file leaves open.
    pub fn note(&self) -> Option<Note> {
        let (path, project) = self.project.as_ref()?;
        let (first, more) = project.missing.split_first()?;
        let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
        let message = format!("{path} names `{first}`{more}, not found; what a build puts there is unknown");
        Some(Note { message, span: None })
    }

    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|file| &*file.path)
    }

    /// What the request and the nearest configuration say about a project.
    ///
    /// # Errors
    /// A configuration that cannot be read.
    pub fn settings(&self, build: &Build) -> Result<Settings, String> {
        let (config, directory, spelled) = self.config(build)?;
        let project = self.project.as_ref().map(|(_, project)| project);
        let mut preprocess = project.map_or_else(Options::default, |project| project.options.clone());
        // The last definition counts: the command line wins over the configuration, and that over the project.
        preprocess.defines.extend(config.defines.into_iter().map(|(name, value)| (name, Some(value))));
        preprocess.defines.extend(build.defines.iter().map(|define| {
            let (name, value) = define.split_once('=').unwrap_or((define, ""));
            (name.to_owned(), Some(value.to_owned()))
        }));
        // Of directories, the first one that has the file.
        let configured = config.include_dirs.iter().map(|path| slashed(&directory.join(path.replace('\\', "/"))));
        let include_dirs = build.include_dirs.iter().map(|path| slashed(path)).chain(configured);
        preprocess.include_dirs.splice(..0, include_dirs);
        preprocess.platform = build.platform.unwrap_or(preprocess.platform);
        preprocess.platform_is_given |= build.platform.is_some();
        preprocess.extensions = config.extensions.iter().map(|extension| extension.namespace.clone()).collect();
        let generation = build.generation.or(config.wix).or(project.and_then(|project| project.generation));
        preprocess.wix_major = generation.map(Generation::major);
        let excluded = Some(config.exclude).filter(|patterns| !patterns.is_empty() && !build.no_exclude);
        let policy = Policy {
            levels: config.rules,
            overrides: overrides(config.overrides, &spelled)?,
            excluded: excluded.map(|patterns| below(&patterns, &spelled)).transpose()?,
            requires_reason: config.requires_reason,
            ..Policy::default()
        };
        Ok(Settings {
            preprocess,
            generation,
            readers: config.reads,
            extensions: config.extensions,
            policy,
            links_more: project.is_some_and(|project| project.links_more),
        })
    }

    /// The configuration, the directory that its paths start from, and that directory as it is spelled.
    fn config(&self, build: &Build) -> Result<(Config, PathBuf, PathBuf), String> {
        let nearest = || config::find(&self.directory()).filter(|_| !build.no_config);
        let Some(path) = build.config.clone().or_else(nearest) else { return Ok(Default::default()) };
        let directory = path.parent().map(identity).unwrap_or_default();
        let below = directory.strip_prefix(identity(Path::new("."))).map(Path::to_path_buf);
        let spelled = path.parent().map(Path::to_path_buf).unwrap_or_default();
        Ok((read_config(&path)?, below.unwrap_or(directory), spelled))
    }

    /// Leaves out the files that the policy excludes, but for those of a project file, which a build would take all the
    /// same. Whether any is left.
    pub fn leave_out(&mut self, policy: &Policy) -> bool {
        if let Some(excluded) = policy.excluded.as_ref().filter(|_| self.project.is_none()) {
            // Of standard input, the text is handed back all the same.
            self.files.retain(|file| file.text.is_some() || !excluded.contain(&file.path));
        }
        !self.files.is_empty()
    }

    /// Reads and decodes the files, on so many threads; their order stays.
    pub fn read(self, jobs: Option<NonZeroUsize>, files: &dyn Files) -> Given {
        let read = each(self.files.len(), FEWEST, jobs, &|at| self.files[at].decode(files));
        let mut given = Given::default();
        for (file, read) in self.files.into_iter().zip(read) {
            match read {
                Ok(source) => {
                    given.stdin = file.text.map(|bytes| (given.files.len(), bytes)).or(given.stdin);
                    given.files.push(source);
                }
                Err(error) => given.errors.push(format!("cannot read {}: {}", file.path, reason(&error))),
            }
        }
        given
    }

    /// The directory of the project file, or of the first source.
    pub fn directory(&self) -> PathBuf {
        let first = self.project_path().or_else(|| self.paths().next()).unwrap_or_default();
        Path::new(first).parent().map(Path::to_path_buf).unwrap_or_default()
    }
}

impl Inputs {
    /// # Errors
    /// A path that does not exist, or a directory or a project without WiX sources that was named.
    pub fn find(request: &Request) -> Result<Inputs, String> {
        let mut inputs = Inputs::default();
        let mut named = Vec::new();
        for path in request.paths.iter().chain(&request.project) {
            let data = std::fs::metadata(path)
                .map_err(|error| format!("cannot read {}: {}", path.display(), reason(&error)))?;
            let slashed = slashed(path);
            match () {
                () if data.is_dir() => inputs.directory(path, true)?,
                () if is_project(&slashed) || request.project.is_some() => inputs.project(&slashed)?,
                () => named.push(slashed),
            }
        }
        if request.paths.len() > 1 {
            inputs.drop_repeated(&mut named);
        }
        let none = request.paths.is_empty() && request.project.is_none();
        let stdin = request.stdin_filename.as_ref().map(|path| slashed(path));
        match &stdin {
            Some(path) if none => inputs.around(path),
            None if none => inputs.directory(Path::new("."), false)?,
            _ => {}
        }
        let has_named = !named.is_empty();
        if has_named {
            inputs.named.clone_from(&named);
            inputs.groups.insert(0, Group::new(named));
        }
        if let Some(path) = stdin {
            inputs.take_stdin(path, has_named)?;
        }
        inputs.spell_alike();
        Ok(inputs)
    }

    /// Every project below some directories, for an editor: one without sources is none yet.
    pub fn below(directories: &[PathBuf]) -> Inputs {
        let mut inputs = Inputs::default();
        for directory in directories {
            let found = inputs.directory(directory, false);
            inputs.errors.extend(found.err());
        }
        inputs.spell_alike();
        inputs
    }

    /// Takes in a source that is open in an editor, and the project it belongs to. Below a directory that was searched, a
    /// file that is there and was not found is left out on purpose.
    pub fn take_open(&mut self, path: &str, is_searched: bool) {
        let is_here = |inputs: &Inputs| inputs.groups.iter().any(|group| group.names(path, &inputs.disk));
        let is_there = Path::new(path).exists();
        if is_here(self) || (is_searched && is_there) {
            return;
        }
        if !is_searched {
            self.around(path);
        }
        if !is_here(self) {
            self.add_new(InputFile { path: path.to_owned(), text: None }, false);
        }
    }

    fn directory(&mut self, path: &Path, named: bool) -> Result<(), String> {
        let Found { mut sources, projects, errors } = self.disk.search(path);
        if sources.is_empty() && errors.is_empty() && named {
            return Err(format!("there are no WiX sources (*.wxs) in {}", path.display()));
        }
        self.errors.extend(errors);
        let mut taken = FxHashSet::default();
        for project in projects {
            match Group::of_project(&project, &self.disk) {
                Ok(group) => {
                    taken.extend(group.paths().map(|path| self.disk.identity(path)));
                    self.groups.extend(Some(group).filter(|group| !group.files.is_empty()));
                }
                Err(error) => self.errors.push(error),
            }
        }
        // Finding out what a path means asks the system.
        sources.retain(|source| taken.is_empty() || !taken.contains(&self.disk.identity(source)));
        self.groups.extend(by_directory(sources).into_iter().map(Group::new));
        Ok(())
    }

    /// A project file that was named.
    fn project(&mut self, path: &str) -> Result<(), String> {
        let group = Group::of_project(path, &self.disk)?;
        if group.files.is_empty() {
            return Err(format!("{path} names no WiX sources (*.wxs) that exist"));
        }
        self.groups.push(group);
        Ok(())
    }

    /// The projects that files belong to, but for those that have no other files. The files are spelled as here.
    pub fn around_all(files: &[String], disk: Arc<Disk>) -> Vec<Group> {
        let mut inputs = Inputs { disk, ..Inputs::default() };
        let spelled: FxHashMap<PathBuf, &String> =
            files.iter().map(|path| (inputs.disk.identity(path), path)).collect();
        let mut found = FxHashSet::default();
        for path in files {
            if !found.contains(&inputs.disk.identity(path)) {
                inputs.around(path);
                let new = inputs.groups.last().into_iter().flat_map(Group::paths);
                found.extend(new.map(|path| inputs.disk.identity(path)));
            }
        }
        let Inputs { disk, mut groups, .. } = inputs;
        for file in groups.iter_mut().flat_map(|group| &mut group.files) {
            if let Some(path) = spelled.get(&disk.identity(&file.path)) {
                file.path.clone_from(path);
            }
        }
        groups.retain(|group| group.paths().any(|path| !spelled.contains_key(&disk.identity(path))));
        groups
    }

    /// The project that a file belongs to: of the nearest project file that names it, or of its directory.
    fn around(&mut self, path: &str) {
        let projects = self.disk.projects_above(path);
        let mut projects = projects.iter().filter_map(|project| Group::of_project(project, &self.disk).ok());
        let named = projects.find(|group| group.names(path, &self.disk));
        // A file that is not saved yet may be in a directory that does not exist yet.
        let beside = || Some(self.disk.sources_beside(path)).filter(|sources| !sources.is_empty()).map(Group::new);
        self.groups.extend(named.or_else(beside));
    }

    /// Gives a file that several groups have one path in all of them.
    fn spell_alike(&mut self) {
        if self.groups.len() < 2 {
            return;
        }
        let mut spelled: FxHashMap<PathBuf, String> = FxHashMap::default();
        for file in self.groups.iter_mut().flat_map(|group| &mut group.files) {
            let path = spelled.entry(self.disk.identity(&file.path)).or_insert_with(|| file.path.clone());
            file.path.clone_from(path);
        }
    }

    /// What is named twice is looked at once: a file, and a project inside another directory that is named.
    fn drop_repeated(&mut self, named: &mut Vec<String>) {
        let mut seen = FxHashSet::default();
        named.retain(|path| seen.insert(self.disk.identity(path)));
        let mut seen = FxHashSet::default();
        let mut is_new = |paths: &mut dyn Iterator<Item = &str>| {
            seen.insert(paths.map(|path| self.disk.identity(path)).collect::<Vec<_>>())
        };
        is_new(&mut named.iter().map(|path| &**path));
        self.groups.retain(|group| is_new(&mut group.paths().chain(group.project_path())));
    }

    /// Puts standard input in the place of the file that it stands for.
    fn take_stdin(&mut self, path: String, named: bool) -> Result<(), String> {
        if Path::new(&path).is_dir() {
            return Err(format!("standard input cannot stand for {path}, which is a directory"));
        }
        let mut text = Vec::new();
        let read = io::stdin().lock().take(MAX_FILE_SIZE + 1).read_to_end(&mut text);
        read.map_err(|error| format!("cannot read standard input: {error}"))?;
        if text.len() as u64 > MAX_FILE_SIZE {
            return Err("cannot read standard input: larger than 1 GiB".to_owned());
        }
        let wanted = self.disk.identity(&path);
        let mut files = self.groups.iter_mut().flat_map(|group| &mut group.files);
        if let Some(file) = files.find(|file| self.disk.identity(&file.path) == wanted) {
            file.text = Some(text);
            return Ok(());
        }
        if !is_source(&path) {
            self.buffer = Some((path, text));
            return Ok(());
        }
        self.add_new(InputFile { path, text: Some(text) }, named);
        Ok(())
    }

    /// Adds a file that is not saved yet: it belongs to the files that are named, else to those that lie beside it.
    fn add_new(&mut self, file: InputFile, named: bool) {
        let wanted = identity(Path::new(&file.path));
        let beside = |group: &Group| {
            let first = group.paths().next().map(Path::new).and_then(Path::parent);
            first.map(identity).as_deref() == wanted.parent()
        };
        match self.groups.iter_mut().find(|group| named || beside(group)) {
            Some(group) => group.files.push(file),
            None => self.groups.push(Group { files: vec![file], project: None }),
        }
    }
}

fn overrides(configured: Vec<(Vec<String>, Levels)>, directory: &Path) -> Result<Vec<Override>, String> {
    let one = |(paths, levels): (Vec<String>, Levels)| Ok(Override { paths: below(&paths, directory)?, levels });
    configured.into_iter().map(one).collect()
}

/// Patterns of paths below a directory.
fn below(patterns: &[String], directory: &Path) -> Result<Patterns, String> {
    // As they are spelled: a file that is found through a link lies where the link does.
    let absolute = |path: &Path| std::path::absolute(path).map_or_else(|_| slashed(path), |path| slashed(&path));
    let here = absolute(Path::new("."));
    Patterns::new(patterns, &absolute(directory), &here).map_err(|(_, reason)| reason)
}

fn read_config(path: &Path) -> Result<Config, String> {
    let bytes = Disk::default()
        .read(&slashed(path))
        .map_err(|error| format!("cannot read {}: {}", path.display(), reason(&error)))?;
    let text =
        String::from_utf8(bytes).map_err(|_| format!("cannot read {}: it is not valid UTF-8", path.display()))?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
    Config::parse(text, &rules::names())
        .map_err(|error| format!("{}:{}: {}", path.display(), place(text, error.span.start), error.message))
}

/// The line and column of a byte of a text, as people write them.
pub fn place(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(1, |line| line.chars().count() + 1);
    format!("{line}:{column}")
}
