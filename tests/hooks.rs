//! The hooks of `.pre-commit-hooks.yaml` in the real pre-commit and prek, where they are on the path and
//! `WIXLINT_HOOKS` is set: each installs wixlint from the last commit of this repository, which takes minutes.
#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const LATE: &str = r#"<Wix xmlns="http://wixtoolset.org/schemas/v4/wxs">
  <Package Name="Example" Manufacturer="Example" Version="1.0.0">
    <CustomAction Id="Join" Property="JOIN" Value="[MsiRestartManagerSessionKey]" />
    <InstallExecuteSequence>
      <Custom Action="Join" After="InstallFiles" />
    </InstallExecuteSequence>
    <CustomActionRef Id="Stop" />
  </Package>
</Wix>
"#;

const FRAGMENT: &str = r#"<Wix xmlns="http://wixtoolset.org/schemas/v4/wxs">
  <Fragment>
    <CustomAction Id="Stop" Property="STOP" Value="1" />
  </Fragment>
</Wix>
"#;

/// A repository that a test has made.
struct Repository(PathBuf);

impl Repository {
    fn new(name: &str) -> Repository {
        let path = std::env::temp_dir().join(format!("wixlint-hooks-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        let repository = Repository(path);
        repository.git(&["init", "--quiet"]);
        repository
    }

    fn file(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).unwrap();
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.0);
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "Somebody").env(format!("GIT_{who}_EMAIL"), "somebody@example.com");
        }
        command.output().unwrap()
    }

    fn git(&self, arguments: &[&str]) -> bool {
        self.run("git", arguments).status.success()
    }

    /// Commits all that has changed, and gives what the hooks print.
    fn commit(&self, message: &str) -> (bool, String) {
        assert!(self.git(&["add", "--all"]));
        let output = self.run("git", &["commit", "--message", message]);
        let printed = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        (output.status.success(), printed.concat())
    }
}

impl Drop for Repository {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// `--staged` without any tool around it.
#[test]
fn only_what_touches_sources_is_checked() {
    let repository = Repository::new("staged");
    let wixlint = |arguments: &[&str]| {
        let output = repository.run(env!("CARGO_BIN_EXE_wixlint"), arguments);
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    repository.file("Package.wxs", LATE);
    repository.file("Stop.wxs", FRAGMENT);
    repository.git(&["add", "--all"]);
    assert_eq!(wixlint(&["--staged", "--quiet"]).0, Some(1), "what is added is checked");
    repository.git(&["commit", "--quiet", "--message", "Begin"]);
    assert_eq!(wixlint(&["--staged", "--quiet"]).0, Some(1), "with nothing staged all is checked");
    repository.file("notes.txt", "Nothing about installers.");
    repository.git(&["add", "--all"]);
    assert_eq!(wixlint(&["--staged"]), (Some(0), String::new()), "a commit of something else costs nothing");
    repository.git(&["commit", "--quiet", "--message", "Note"]);
    repository.git(&["rm", "--quiet", "Stop.wxs"]);
    assert_eq!(wixlint(&["--staged", "--quiet"]).0, Some(1), "what is deleted is checked");
}

fn hooks_run_in(tool: &str, install: &[&str]) {
    let is_there = Command::new(tool).arg("--version").output().is_ok();
    if std::env::var_os("WIXLINT_HOOKS").is_none() || !is_there {
        return;
    }
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let revision = Command::new("git").args(["rev-parse", "HEAD"]).current_dir(own).output().unwrap();
    let revision = String::from_utf8(revision.stdout).unwrap();
    let repository = Repository::new(tool);
    let (source, revision) = (own.display(), revision.trim());
    let hooks =
        |id: &str| format!("repos:\n- repo: {source}\n  rev: {revision}\n  hooks:\n  - id: {id}\n    verbose: true\n");
    repository.file(".pre-commit-config.yaml", &hooks("wixlint"));
    repository.git(&["add", "--all"]);
    let installed = repository.run(tool, install);
    assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));

    repository.file("Package.wxs", LATE);
    repository.file("Stop.wxs", FRAGMENT);
    let (done, printed) = repository.commit("A late action");
    assert!(!done && printed.contains("session-key-after-install-validate"), "{tool}: {printed}");

    repository.file(".pre-commit-config.yaml", &hooks("wixlint-fix"));
    let (done, printed) = repository.commit("Repaired");
    assert!(
        !done && printed.contains("+      <Custom Action=\"Join\" Before=\"InstallValidate\" />"),
        "{tool}: {printed}"
    );
    let (done, printed) = repository.commit("Repaired");
    assert!(done, "{tool}: {printed}");

    repository.file("notes.txt", "Nothing about installers.");
    let (done, printed) = repository.commit("Notes");
    assert!(done && !printed.contains("nothing found"), "{tool}: {printed}");

    repository.file(".pre-commit-config.yaml", &hooks("wixlint"));
    fs::write(repository.0.join("Package.wxs"), LATE.replace("InstallFiles", "CostFinalize")).unwrap();
    assert!(repository.commit("In time").0);
    fs::write(repository.0.join("Late.wxs"), LATE.replace("<CustomActionRef Id=\"Stop\" />", "")).unwrap();
    assert!(
        repository.git(&["add", "--all"]) && repository.git(&["commit", "--no-verify", "--quiet", "--message", "Late"])
    );
    fs::remove_file(repository.0.join("Stop.wxs")).unwrap();
    let (done, printed) = repository.commit("Only a deletion");
    assert!(!done && printed.contains("Late.wxs"), "{tool}: {printed}");
}

#[test]
fn hooks_run_in_pre_commit() {
    hooks_run_in("pre-commit", &["install", "--install-hooks"]);
}

#[test]
fn hooks_run_in_prek() {
    hooks_run_in("prek", &["install", "--install-hooks"]);
}
