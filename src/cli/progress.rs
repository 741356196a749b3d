//! One line on stderr that says what a long run is about, redrawn in its place, and gone when there is something to print.

use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::arguments::CheckArguments;
use super::output::{draw, is_dumb};
use crate::preprocess::Files;

/// A run that is over by then needs no line.
const AFTER: Duration = Duration::from_secs(1);
/// From one look at the counts to the next.
const EACH: Duration = Duration::from_millis(100);

/// How far a run has come, and who tells of it. When it is dropped, the line is gone.
#[derive(Default)]
pub(super) struct Progress {
    counts: Arc<Counts>,
    teller: Option<Arc<Teller>>,
}

#[derive(Debug, Default)]
struct Counts {
    files: AtomicUsize,
    read: AtomicUsize,
    projects: AtomicUsize,
    /// Which project is checked, from 1 on.
    checking: AtomicUsize,
}

impl Progress {
    /// A line where somebody looks at stderr and nobody is asked; else nothing but the counts.
    pub(super) fn new(arguments: &CheckArguments) -> Progress {
        let taken = arguments.quiet || arguments.interactive || arguments.project.stdin_filename.is_some();
        if taken || !io::stderr().is_terminal() || is_dumb() {
            return Progress::default();
        }
        Progress::told(AFTER, draw)
    }

    fn told(after: Duration, draw: impl Fn(&str) + Send + Sync + 'static) -> Progress {
        let counts = Arc::new(Counts::default());
        let teller = Arc::new(Teller { draw: Box::new(draw), told: Mutex::default() });
        let (seen, own) = (counts.clone(), teller.clone());
        let tell = move || {
            thread::sleep(after);
            while own.tell(&seen.line()) {
                thread::sleep(EACH);
            }
        };
        // Where no thread is to be had, the run goes on without a line.
        let thread = thread::Builder::new().spawn(tell);
        Progress { counts, teller: thread.ok().map(|_| teller) }
    }

    /// So many files are going to be read.
    pub(super) fn found(&self, files: usize) {
        self.counts.files.store(files, Ordering::Relaxed);
    }

    /// Files that are counted when they are read.
    pub(super) fn count<'c>(&'c self, files: &'c dyn Files) -> Counted<'c> {
        Counted { files, count: &self.counts.read }
    }

    /// One project of so many is checked, from 1 on.
    pub(super) fn check(&self, project: usize, projects: usize) {
        self.counts.projects.store(projects, Ordering::Relaxed);
        // Several threads check, and one may be ahead of another.
        self.counts.checking.fetch_max(project, Ordering::Relaxed);
    }
}

impl Counts {
    fn line(&self) -> String {
        let [files, read, projects, checking] =
            [&self.files, &self.read, &self.projects, &self.checking].map(|count| count.load(Ordering::Relaxed));
        match () {
            () if checking > 0 => format!("wixlint: checking project {checking} of {projects}"),
            () if files > 0 => format!("wixlint: {read} of {files} files read"),
            () => "wixlint: looking for sources".to_owned(),
        }
    }
}

pub(super) struct Counted<'c> {
    files: &'c dyn Files,
    count: &'c AtomicUsize,
}

impl Files for Counted<'_> {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let read = self.files.read(path);
        self.count.fetch_add(1, Ordering::Relaxed);
        read
    }

    fn resolve(&self, path: &str) -> Option<String> {
        self.files.resolve(path)
    }
}

/// What a thread draws, until the run ends. Nobody waits for the thread: most runs are over while it sleeps.
struct Teller {
    draw: Box<dyn Fn(&str) + Send + Sync>,
    told: Mutex<Told>,
}

#[derive(Default)]
struct Told {
    line: String,
    is_over: bool,
}

impl Teller {
    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Draws a line that is not there yet. Whether the run goes on.
    fn tell(&self, line: &str) -> bool {
        let mut told = self.told();
        if !told.is_over && told.line != line {
            (self.draw)(line);
            line.clone_into(&mut told.line);
        }
        !told.is_over
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(teller) = &self.teller {
            let mut told = teller.told();
            told.is_over = true;
            if !told.line.is_empty() {
                (teller.draw)("");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::Progress;
    use crate::disk::Disk;
    use crate::preprocess::Files;

    #[test]
    fn the_line_follows_the_run_and_goes_away() {
        let (sender, drawn) = mpsc::channel();
        let progress = Progress::told(Duration::ZERO, move |line| sender.send(line.to_owned()).unwrap());
        assert_eq!(drawn.recv().unwrap(), "wixlint: looking for sources");
        progress.found(3);
        assert_eq!(drawn.recv().unwrap(), "wixlint: 0 of 3 files read");
        progress.count(&Disk::default()).read("Cargo.toml").unwrap();
        assert_eq!(drawn.recv().unwrap(), "wixlint: 1 of 3 files read");
        progress.check(1, 2);
        assert_eq!(drawn.recv().unwrap(), "wixlint: checking project 1 of 2");
        drop(progress);
        assert_eq!(drawn.iter().collect::<Vec<_>>(), [""], "the thread ends, and draws no more");
    }

    #[test]
    fn a_short_run_draws_nothing() {
        let (sender, drawn) = mpsc::channel::<String>();
        drop(Progress::told(Duration::from_secs(3600), move |line| sender.send(line.to_owned()).unwrap()));
        assert_eq!(drawn.try_iter().count(), 0);
    }
}
