//! `--watch`: checks again whenever a file has changed that took part, or a new source is there.
//!
//! Files are looked at by their times and lengths, which works on every system and file system alike.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::arguments::{CheckArguments, ProjectArguments};
use super::check::{self, Heard};
use super::output::{complain, is_dumb};
use crate::config;
use crate::disk::{Buffered, Disk, Found, identity, slashed};
use crate::inputs::Inputs;
use crate::preprocess::Files;
use crate::project::wixproj::is_project;

/// From one look at the files to the next, at least.
const EACH: Duration = Duration::from_millis(300);
/// Looking takes at most one part in so many of the time.
const PATIENCE: u32 = 20;

/// Checks again and again, until Ctrl-C or until nobody reads on.
///
/// # Errors
/// The job cannot even be begun. Later on, what cannot be done may be mended while somebody watches.
pub(super) fn run(arguments: &CheckArguments) -> Result<u8, String> {
    let watch = Arc::new(Watch::default());
    let mut is_begun = false;
    loop {
        let before = watch.look(&arguments.project);
        clear();
        match check::once(arguments, Some(watch.clone())) {
            Ok((code, Heard::Nobody)) => return Ok(code),
            Ok(_) => {}
            Err(message) if !is_begun => return Err(message),
            Err(message) => complain(&message),
        }
        is_begun = true;
        let after = watch.look(&arguments.project);
        if watch.explains(&before, &after) {
            if !arguments.quiet {
                complain(&format!("watching {} files; Ctrl-C ends", after.values().flatten().count()));
            }
            watch.wait(&arguments.project, after);
        }
    }
}

/// Begins a new screen, on a terminal.
fn clear() {
    let mut out = io::stdout().lock();
    if out.is_terminal() && !is_dumb() {
        let _closed = out.write_all(b"\x1b[2J\x1b[H").and_then(|()| out.flush());
    }
}

/// When a file was changed, and how long it is; `None`: it is not there.
type Stamp = Option<(SystemTime, u64)>;

/// Files with their stamps.
type Stamps = BTreeMap<PathBuf, Stamp>;

fn stamp(path: &Path) -> Stamp {
    let data = std::fs::metadata(path).ok()?;
    Some((data.modified().ok()?, data.len()))
}

/// What the runs have asked of the disk so far.
#[derive(Debug, Default)]
pub(super) struct Watch {
    asked: Mutex<BTreeSet<PathBuf>>,
    /// What fixes have written in the last run.
    written: Mutex<Stamps>,
}

impl Watch {
    /// What a run reads before it asks for sources: project files and configurations, those that do not exist yet too.
    pub(super) fn expect(&self, inputs: &Inputs, arguments: &CheckArguments) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.extend(arguments.baseline.iter().chain(&arguments.project.build.config).cloned());
        for group in &inputs.groups {
            asked.extend(group.project_path().map(PathBuf::from));
            asked.extend(config::places(&group.directory()));
        }
    }

    fn wrote(&self, path: &Path) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.insert(identity(path), stamp(path));
    }

    fn asks(&self, path: &str) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(PathBuf::from(path));
    }

    /// The files as they are now, also sources that nobody has asked for yet.
    fn look(&self, arguments: &ProjectArguments) -> Stamps {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let found = directories(arguments).into_iter().flat_map(|directory| {
            let Found { sources, projects, .. } = Disk::default().search(&directory);
            sources.into_iter().chain(projects).map(PathBuf::from)
        });
        asked.into_iter().chain(found).map(|path| (path.clone(), stamp(&path))).collect()
    }

    /// Whether a run itself has made all the difference that there is since it began.
    fn explains(&self, before: &Stamps, after: &Stamps) -> bool {
        let written = std::mem::take(&mut *self.written.lock().unwrap_or_else(PoisonError::into_inner));
        let is_own = |path: &Path, now: Stamp| written.get(&identity(path)).is_some_and(|own| *own == now);
        let now = |path: &PathBuf| after.get(path).copied().flatten();
        before.iter().all(|(path, was)| now(path) == *was || is_own(path, now(path)))
    }

    /// Returns when something has changed, and nothing changes any more: saving takes several steps.
    fn wait(&self, arguments: &ProjectArguments, mut known: Stamps) {
        let mut is_changed = false;
        loop {
            let began = Instant::now();
            let now = self.look(arguments);
            let same = now == known;
            if same && is_changed {
                return;
            }
            is_changed |= !same;
            known = now;
            thread::sleep(EACH.max(began.elapsed() * PATIENCE));
        }
    }
}

/// Where new sources would be found.
fn directories(arguments: &ProjectArguments) -> Vec<PathBuf> {
    let project = arguments.project.as_deref().and_then(Path::parent);
    let named = arguments.paths.iter().filter_map(|path| match () {
        () if path.is_dir() => Some(path.as_path()),
        () if is_project(&slashed(path)) => path.parent(),
        () => None,
    });
    let none = arguments.paths.is_empty() && arguments.project.is_none();
    let all = project.into_iter().chain(named).chain(none.then_some(Path::new(".")));
    all.map(|path| if path.as_os_str().is_empty() { PathBuf::from(".") } else { path.to_owned() }).collect()
}

/// The disk, with a note of all that is asked of it.
#[derive(Debug, Default)]
pub(super) struct Watched {
    pub(super) files: Buffered,
    /// `None`: nobody watches.
    pub(super) watch: Option<Arc<Watch>>,
}

impl Watched {
    /// A fix has written a file.
    pub(super) fn wrote(&self, path: &str) {
        if let Some(watch) = &self.watch {
            watch.wrote(Path::new(path));
        }
    }

    fn note(&self, path: &str) {
        if let Some(watch) = &self.watch {
            watch.asks(path);
        }
    }
}

impl Files for Watched {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.note(path);
        self.files.read(path)
    }

    fn resolve(&self, path: &str) -> Option<String> {
        self.note(path);
        self.files.resolve(path)
    }

    fn list(&self, directory: &str) -> Option<Vec<String>> {
        self.files.list(directory)
    }

    fn above(&self, directory: &str) -> Vec<String> {
        self.files.above(directory)
    }

    fn below(&self, directory: &str, most: usize, is_wanted: &dyn Fn(&str) -> bool) -> Vec<String> {
        self.files.below(directory, most, is_wanted)
    }
}
