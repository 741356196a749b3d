//! `--fix` as a user runs it: what is on the disk is whole at any moment, and what the preview shows is what is done.
#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

#[path = "shared/temporary.rs"]
mod temporary;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use temporary::Temporary;

/// A directory that is removed at the end of a test.
struct Folder(Temporary);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = Temporary::new(&format!("fix-{name}"));
        Folder(path)
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.join(name)).unwrap()
    }

    fn wixlint(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wixlint"));
        command.args(["--no-config"]).args(arguments).current_dir(&self.0);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.wixlint(arguments).output().unwrap()
    }
}

/// A package whose reader is late, with the line ends and whatever else comes first.
fn package(line_end: &str) -> String {
    let lines = [
        "<Wix xmlns=\"http://wixtoolset.org/schemas/v4/wxs\">",
        "  <Package Name=\"Example\" Manufacturer=\"Example\" Version=\"1.0.0\">",
        "    <CustomAction Id=\"Join\" Property=\"JOIN\" Value=\"[MsiRestartManagerSessionKey]\" />",
        "    <InstallExecuteSequence>",
        "      <Custom Action=\"Join\" After=\"InstallFiles\" />",
        "    </InstallExecuteSequence>",
        "  </Package>",
        "</Wix>",
    ];
    lines.join(line_end)
}

fn fixed(line_end: &str) -> String {
    package(line_end).replace("After=\"InstallFiles\"", "Before=\"InstallValidate\"")
}

/// As the folders of many packages.
fn many(folder: &Folder, count: usize) -> Vec<String> {
    let names: Vec<String> = (0..count).map(|at| format!("p{at}/Package.wxs")).collect();
    names.iter().for_each(|name| folder.file(name, package("\n")));
    names
}

#[test]
fn the_preview_applied_is_the_fix() {
    let folder = Folder::new("preview");
    let mixed = package("\n").replacen('\n', "\r\n", 3);
    let sources: [(&str, Vec<u8>); 5] = [
        ("lf/Package.wxs", package("\n").into_bytes()),
        ("crlf/Package.wxs", (package("\r\n") + "\r\n").into_bytes()),
        ("mixed/Package.wxs", mixed.clone().into_bytes()),
        ("bom/Package.wxs", ("\u{FEFF}".to_owned() + &package("\r\n")).into_bytes()),
        ("last/Package.wxs", (package("\n") + "\n").into_bytes()),
    ];
    sources.iter().for_each(|(name, bytes)| folder.file(name, bytes));
    let preview = folder.run(&["--diff", "--quiet"]).stdout;
    assert!(sources.iter().all(|(name, bytes)| folder.read(name) == *bytes), "--diff has changed something");
    assert_eq!(folder.run(&["--fix", "--quiet"]).status.code(), Some(0));
    let fixes: Vec<Vec<u8>> = sources.iter().map(|(name, _)| folder.read(name)).collect();
    assert_eq!(fixes[0], fixed("\n").into_bytes());
    sources.iter().for_each(|(name, bytes)| folder.file(name, bytes));
    folder.file("change.patch", preview);
    let mut git = Command::new("git");
    git.args(["-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "change.patch"]);
    let output = git.current_dir(&folder.0).env("GIT_CEILING_DIRECTORIES", std::env::temp_dir()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for ((name, _), fix) in sources.iter().zip(fixes) {
        assert_eq!(folder.read(name), fix, "{name}");
    }
}

#[test]
fn a_second_run_finds_nothing_to_fix() {
    let folder = Folder::new("twice");
    folder.file("Package.wxs", package("\r\n"));
    assert_eq!(folder.run(&["--fix"]).status.code(), Some(0));
    let first = folder.read("Package.wxs");
    let again = folder.run(&["--fix"]);
    assert_eq!((again.status.code(), folder.read("Package.wxs")), (Some(0), first));
    assert_eq!(String::from_utf8_lossy(&again.stdout), "nothing found in 1 file\n");
}

#[test]
fn killed_at_any_moment_each_file_is_whole() {
    let folder = Folder::new("killed");
    let (old, new) = (package("\n").into_bytes(), fixed("\n").into_bytes());
    let mut was_between = false;
    for delay in (0..40).map(|step| Duration::from_millis(step * 2)) {
        let names = many(&folder, 60);
        let mut child = folder.wixlint(&["--fix"]).spawn().unwrap();
        std::thread::sleep(delay);
        let _ = child.kill();
        let _ = child.wait();
        let texts: Vec<Vec<u8>> = names.iter().map(|name| folder.read(name)).collect();
        assert!(texts.iter().all(|text| *text == old || *text == new), "a file is neither old nor new");
        was_between |= texts.contains(&old) && texts.contains(&new);
    }
    // Where a machine is so fast or slow that none was caught between, the test has shown nothing wrong either.
    if !was_between {
        eprintln!("no run was killed between two files");
    }
}

#[test]
fn two_at_once_tear_nothing() {
    let folder = Folder::new("two");
    let names = many(&folder, 60);
    let children: Vec<_> = (0..3).map(|_| folder.wixlint(&["--fix"]).spawn().unwrap()).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(errors.lines().all(|line| line.contains("has changed since it was checked")), "{errors}");
        let code = output.status.code();
        assert!(matches!(code, Some(0)) || (code == Some(2) && !errors.is_empty()), "{code:?} {errors}");
    }
    names.iter().for_each(|name| assert_eq!(folder.read(name), fixed("\n").into_bytes(), "{name}"));
    assert!(leftovers(&folder.0).is_empty());
}

/// Temporary files that were left behind.
fn leftovers(directory: &Path) -> Vec<PathBuf> {
    let mut left = Vec::new();
    for entry in fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            left.extend(leftovers(&entry));
        } else if entry.extension().is_some_and(|extension| extension == "tmp") {
            left.push(entry);
        }
    }
    left
}

#[test]
fn what_cannot_be_written_is_told_and_the_rest_is_done() {
    let folder = Folder::new("protected");
    let names = many(&folder, 3);
    let path = folder.0.join(&names[1]);
    let writable = fs::metadata(&path).unwrap().permissions();
    let mut protected = writable.clone();
    protected.set_readonly(true);
    fs::set_permissions(&path, protected).unwrap();
    let output = folder.run(&["--fix"]);
    fs::set_permissions(&path, writable).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("p1/Package.wxs is write-protected and was not fixed"), "{errors}");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(folder.read(&names[0]), fixed("\n").into_bytes());
    assert_eq!(folder.read(&names[1]), package("\n").into_bytes());
    assert_eq!(folder.read(&names[2]), fixed("\n").into_bytes());
}

/// A limit on the size of files does what a full disk does.
#[cfg(unix)]
#[test]
fn without_space_the_file_stays() {
    let folder = Folder::new("full");
    folder.file("Package.wxs", package("\n"));
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" --no-config --fix", env!("CARGO_BIN_EXE_wixlint")]);
    let output = shell.current_dir(&folder.0).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("Package.wxs was not fixed: no temporary file can be written beside it"), "{errors}");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(folder.read("Package.wxs"), package("\n").into_bytes());
    assert!(leftovers(&folder.0).is_empty());
}
