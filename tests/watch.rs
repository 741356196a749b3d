//! What goes on while a run lasts: `--watch`, and the line of progress.
#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

#[path = "shared/temporary.rs"]
mod temporary;

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};

use temporary::Temporary;

const LATE: &str = r#"<Wix xmlns="http://wixtoolset.org/schemas/v4/wxs">
  <?include actions.wxi ?>
  <Package Name="Example" Manufacturer="Example" Version="1.0.0" UpgradeCode="0E4C0D6B-6B3B-4C55-9E57-0B54A1C6D1F2">
    <CustomAction Id="Join" Property="JOIN" Value="$(var.Value)" />
    <InstallExecuteSequence>
      <Custom Action="Join" After="InstallFiles" />
    </InstallExecuteSequence>
  </Package>
</Wix>
"#;

const FRAGMENT: &str = r#"<Wix xmlns="http://wixtoolset.org/schemas/v4/wxs">
  <Fragment>
    <CustomAction Id="Stop" Property="STOP" Value="1" />
  </Fragment>
"#;

/// A folder that goes away with the test.
struct Folder(Temporary);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = Temporary::new(&format!("watch-{name}"));
        let folder = Folder(folder);
        folder.file("Package.wxs", LATE);
        folder.include("[MsiRestartManagerSessionKey]");
        folder
    }

    fn file(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).unwrap();
    }

    fn include(&self, value: &str) {
        self.file("actions.wxi", &format!("<Include><?define Value = \"{value}\" ?></Include>\n"));
    }
}

/// A program that watches, and ends with the test.
struct Watching {
    program: Child,
    out: BufReader<ChildStdout>,
    err: BufReader<ChildStderr>,
}

impl Watching {
    fn begin(folder: &Folder, arguments: &[&str]) -> Watching {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wixlint"));
        command.args(["--watch", "--output-format", "concise"]).args(arguments).current_dir(&folder.0);
        let mut program = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (out, err) = (program.stdout.take().unwrap(), program.stderr.take().unwrap());
        Watching { program, out: BufReader::new(out), err: BufReader::new(err) }
    }

    /// What a run prints, and what is said when it waits for changes.
    fn run(&mut self) -> [String; 2] {
        let mut printed = String::new();
        let is_last =
            |printed: &str| printed.lines().last().is_some_and(|line| line.contains(" in ") && !line.contains(':'));
        while !is_last(&printed) {
            assert_ne!(self.out.read_line(&mut printed).unwrap(), 0, "ended after: {printed}");
        }
        let mut said = String::new();
        while !said.contains("watching") {
            assert_ne!(self.err.read_line(&mut said).unwrap(), 0, "ended after: {said}");
        }
        [printed, said]
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ended = self.program.kill().and_then(|()| self.program.wait());
    }
}

#[test]
fn changes_are_checked() {
    let folder = Folder::new("changes");
    let mut watching = Watching::begin(&folder, &[]);
    let late = "Package.wxs:6:7: error[session-key-after-install-validate] `Join` reads \
                MsiRestartManagerSessionKey at 4001, after InstallValidate (1400) has cleared it [*]\n1 error in 1 file; 1 fixable with --fix\n";
    assert_eq!(watching.run(), [late, "wixlint: watching 2 files; Ctrl-C ends\n"]);
    folder.include("an include has changed");
    assert_eq!(watching.run()[0], "nothing found in 1 file\n");
    folder.file("New.wxs", FRAGMENT);
    let [printed, said] = watching.run();
    assert!(printed.starts_with("New.wxs:") && printed.ends_with("1 error in 2 files\n"), "{printed}");
    assert_eq!(said, "wixlint: watching 3 files; Ctrl-C ends\n");
    folder.file("wixlint.toml", "exclude = [\"New.wxs\"\n");
    let said = &mut String::new();
    while !said.contains("watching") {
        assert_ne!(watching.err.read_line(said).unwrap(), 0, "ended after: {said}");
    }
    assert!(said.contains("wixlint.toml:"), "{said}");
    folder.file("wixlint.toml", "exclude = [\"New.wxs\"]\n");
    assert_eq!(watching.run()[0], "nothing found in 1 file\n");
}

/// What `--fix` writes itself does not make it run again: only what somebody else changes does.
#[test]
fn own_changes_are_none() {
    let folder = Folder::new("fix");
    let late = LATE.replace("$(var.Value)", "[MsiRestartManagerSessionKey]");
    folder.file("Package.wxs", &late);
    let mut watching = Watching::begin(&folder, &["--fix"]);
    let is_fixed = |[printed, _]: [String; 2]| printed.ends_with("fixed 1, nothing left in 1 file\n");
    assert!(is_fixed(watching.run()));
    folder.file("Package.wxs", &late.replace("Example", "Another"));
    assert!(is_fixed(watching.run()));
    folder.file("Package.wxs", &late);
    assert!(is_fixed(watching.run()));
}

/// What is wrong from the beginning is said, and no more.
#[test]
fn what_cannot_be_done_is_not_watched() {
    for wrong in [["--watch", "no-such-folder"], ["--watch", "--select=no-such-rule"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_wixlint")).args(wrong).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn what_ends_by_itself_is_not_watched() {
    for other in ["--stdin-filename=Package.wxs", "--staged", "--add-ignore", "--write-baseline", "--interactive"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wixlint"));
        let output = command.args(["--fix", "--watch", other]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{other}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("cannot be used with"), "{other}: {said}");
    }
}

/// A run on a terminal that lasts, here since it waits for its baseline, says so after a second. The line goes away before
/// anything is printed.
#[test]
#[cfg(target_os = "linux")]
fn a_long_run_says_what_it_does() {
    use std::io::Read;

    let folder = Folder::new("progress");
    let has = |program: &str| Command::new(program).arg("--version").stdout(Stdio::null()).status().is_ok();
    if !has("script") || !has("mkfifo") {
        return;
    }
    let pipe = folder.0.join("baseline.toml");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let wixlint = format!("{} --baseline baseline.toml", env!("CARGO_BIN_EXE_wixlint"));
    let mut command = Command::new("script");
    command.args(["--quiet", "--return", "--command", &wixlint, "/dev/null"]).current_dir(&folder.0);
    command.env("TERM", "xterm").env("NO_COLOR", "1").env("FORCE_HYPERLINK", "0");
    let mut terminal = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut out = terminal.stdout.take().unwrap();
    let mut shown = vec![0; "wixlint: looking for sources".len()];
    out.read_exact(&mut shown).unwrap();
    assert_eq!(String::from_utf8(shown).unwrap(), "wixlint: looking for sources");
    fs::write(&pipe, "").unwrap();
    let mut shown = String::new();
    out.read_to_string(&mut shown).unwrap();
    let (before, report) = shown.split_once("error[").unwrap();
    // The last that is drawn is spaces, from the start of the line and back to it.
    let mut drawn = before.rsplit('\r');
    assert_eq!(drawn.next(), Some(""), "{shown:?}");
    assert_eq!(drawn.next().map(str::trim), Some(""), "{shown:?}");
    assert!(!report.contains("wixlint:"), "{shown:?}");
    assert_eq!(terminal.wait().unwrap().code(), Some(1));
}
