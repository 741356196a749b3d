//! Whole processes: how long they take to start and end, and how much memory they hold.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::inputs;
use crate::timing::{in_turns, milliseconds, print, ratio, time};

pub(crate) const WIXLINT: &str = env!("CARGO_BIN_EXE_wixlint");

pub(crate) fn run() {
    let folder = Folder::new();
    let (path, bytes) = &inputs::fragments(1)[1];
    folder.write(path, bytes);
    let file = folder.path().join(path);
    let (floor, what) = match empty_program(&folder) {
        Some(program) => (program, "an empty program"),
        // Without a compiler at hand, this is the least that wixlint itself can do.
        None => (PathBuf::from(WIXLINT), "wixlint --version"),
    };
    let wixlint = || spawn(Path::new(WIXLINT), &file);
    let [wixlint, floor] = in_turns(300, wixlint, || spawn(&floor, Path::new("--version")));
    print(what, &format!("{:.2} ms", milliseconds(floor)), "");
    print("wixlint on one file of 5 KB", &format!("{:.2} ms", milliseconds(wixlint)), "");
    print("wixlint : floor", &format!("{:.2}", ratio(wixlint, floor)), "at most 1.8");
}

fn spawn(program: &Path, argument: &Path) -> Duration {
    time(|| Command::new(program).arg(argument).stdout(Stdio::null()).stderr(Stdio::null()).status()).1
}

/// Builds a program that does nothing.
fn empty_program(folder: &Folder) -> Option<PathBuf> {
    folder.write("empty.rs", b"fn main() {}");
    let program = folder.path().join("empty");
    let mut rustc = Command::new("rustc");
    rustc.arg("-O").arg("-o").arg(&program).arg(folder.path().join("empty.rs"));
    rustc.status().ok().filter(|status| status.success()).map(|_| program)
}

/// The most memory that the program holds when it checks `path`, in bytes. Where the system keeps no
/// such account, or the process is gone before it was asked, it is not known.
pub(crate) fn peak_memory(program: &str, path: &Path) -> Option<u64> {
    let mut child = Command::new(program).arg("-q").arg(path).stdout(Stdio::null()).spawn().ok()?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak = None;
    while let Ok(None) = child.try_wait() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        peak = peak.max(kilobytes.map(|kilobytes| kilobytes * 1024));
    }
    peak
}

/// A folder that is gone when it is dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Folder {
        let path = std::env::temp_dir().join(format!("wixlint-floors-{}", std::process::id()));
        let _there = fs::create_dir_all(&path);
        Folder(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        if let Err(error) = fs::write(self.0.join(name), bytes) {
            println!("  cannot write {name}: {error}");
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.0);
    }
}
