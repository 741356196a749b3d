//! Real sources, where there are any: the folder that `WIXLINT_CORPUS` names, against xmllint on the same files.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::processes::{Folder, WIXLINT};
use crate::timing::{in_turns, milliseconds, print, ratio, time};

const ROUNDS: usize = 15;

pub(crate) fn run() {
    let Some(folder) = std::env::var_os("WIXLINT_CORPUS").map(PathBuf::from) else {
        return println!("  WIXLINT_CORPUS names no folder");
    };
    let mut files = Vec::new();
    sources(&folder, &mut files);
    let size = |path: &PathBuf| fs::metadata(path).map_or(0, |data| data.len());
    let Some(largest) = files.iter().max_by_key(|path| size(path)) else {
        return println!("  there are no sources in {}", folder.display());
    };
    println!(
        "  {} files, {} KB, the largest {} KB",
        files.len(),
        files.iter().map(size).sum::<u64>() / 1024,
        size(largest) / 1024
    );
    save(largest);
    if Command::new("xmllint").arg("--version").stderr(Stdio::null()).status().is_err() {
        return println!("  xmllint is not here");
    }
    let lint = || spawn(WIXLINT, [OsStr::new("-q"), folder.as_os_str()]);
    let noout = || [OsStr::new("--noout")].into_iter();
    let at_once = || spawn("xmllint", noout().chain(files.iter().map(|file| file.as_os_str())));
    let [ours, theirs] = in_turns(ROUNDS, lint, at_once);
    print("wixlint on the folder", &format!("{:.1} ms", milliseconds(ours)), "");
    print("  : xmllint on its files at once", &format!("{:.2}", ratio(ours, theirs)), "at most 0.5");
    let one_by_one = || files.iter().map(|file| spawn("xmllint", noout().chain([file.as_os_str()]))).sum();
    let [ours, theirs] = in_turns(3, lint, one_by_one);
    print("  : xmllint on each file", &format!("{:.2}", ratio(ours, theirs)), "");
}

/// What an editor waits for when it hands over the largest file.
fn save(largest: &Path) {
    let folder = Folder::new();
    let Ok(bytes) = fs::read(largest) else { return };
    folder.write("Largest.wxs", &bytes);
    let file = folder.path().join("Largest.wxs");
    let arguments = [OsStr::new("--fix"), OsStr::new("--quiet"), file.as_os_str()];
    let [saved, started] = in_turns(100, || spawn(WIXLINT, arguments), || spawn(WIXLINT, [OsStr::new("--version")]));
    print("wixlint --fix --quiet on the largest", &format!("{:.1} ms", milliseconds(saved)), "at most 30 ms");
    print("  : wixlint --version", &format!("{:.2}", ratio(saved, started)), "");
}

fn spawn<'a>(program: &str, arguments: impl IntoIterator<Item = &'a OsStr>) -> Duration {
    time(|| Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status()).1
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|end| end == "wxs" || end == "wxi") {
            files.push(path);
        }
    }
}
