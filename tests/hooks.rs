//! The hooks in the real pre-commit and prek, as `.pre-commit-hooks.yaml` has them, which installs wixlint from the last commit
//! of this repository, and from the wheel that `pyproject.toml` makes.
//!
//! Each compiles wixlint, which takes minutes; `CARGO_TARGET_DIR` lets them share what they compile.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by failing")]

#[path = "shared/temporary.rs"]
mod temporary;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use temporary::Temporary;

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

/// A repository that a test has made, and what differs there from the environment of the test.
struct Repository(Temporary, Vec<(&'static str, OsString)>);

impl Repository {
    fn new(name: &str) -> Repository {
        let path = Temporary::new(&format!("hooks-{name}"));
        // What the tools install goes away with the repository.
        let home = |tool| path.join(".git").join(tool).into_os_string();
        let homes = vec![("PRE_COMMIT_HOME", home("pre-commit-home")), ("PREK_HOME", home("prek-home"))];
        let repository = Repository(path, homes);
        repository.git(&["init", "--quiet"]);
        repository
    }

    fn file(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).unwrap();
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.0);
        command.envs(self.1.iter().cloned());
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "Somebody").env(format!("GIT_{who}_EMAIL"), "somebody@example.com");
        }
        command.output().unwrap_or_else(|error| panic!("{program}: {error}; .ci/run installs it"))
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

/// What becomes of commits, with the hooks that `hooks` writes down as the configuration for the id of one.
fn hooks_run_in(tool: &str, repository: &Repository, hooks: &dyn Fn(&str) -> String) {
    repository.file(".pre-commit-config.yaml", &hooks("wixlint"));
    repository.git(&["add", "--all"]);
    let installed = repository.run(tool, &["install", "--install-hooks"]);
    let printed = [installed.stdout, installed.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(installed.status.success(), "{}", printed.concat());

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
    repository.file("Package.wxs", &LATE.replace("InstallFiles", "CostFinalize"));
    let (done, printed) = repository.commit("In time");
    assert!(done, "{tool}: {printed}");
    repository.file("Late.wxs", &LATE.replace("<CustomActionRef Id=\"Stop\" />", ""));
    assert!(
        repository.git(&["add", "--all"]) && repository.git(&["commit", "--no-verify", "--quiet", "--message", "Late"])
    );
    fs::remove_file(repository.0.join("Stop.wxs")).unwrap();
    let (done, printed) = repository.commit("Only a deletion");
    assert!(!done && printed.contains("Late.wxs"), "{tool}: {printed}");
}

/// The hooks as this repository offers them.
fn hooks_of_this_repository(tool: &str) {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let revision = Command::new("git").args(["rev-parse", "HEAD"]).current_dir(own).output().unwrap();
    let revision = String::from_utf8(revision.stdout).unwrap();
    let (source, revision) = (own.display(), revision.trim());
    let mut repository = Repository::new(tool);
    // prek keeps crates in a place of its own, so that it can share nothing that others have compiled.
    if let Some(target) = env::var_os("CARGO_TARGET_DIR").filter(|_| tool == "prek") {
        repository.1.push(("CARGO_TARGET_DIR", PathBuf::from(target).join("prek").into_os_string()));
    }
    hooks_run_in(tool, &repository, &|id| {
        format!("repos:\n- repo: {source}\n  rev: {revision}\n  hooks:\n  - id: {id}\n    verbose: true\n")
    });
}

#[test]
#[ignore = "needs pre-commit, which .ci/run installs, and compiles wixlint"]
fn hooks_run_in_pre_commit() {
    hooks_of_this_repository("pre-commit");
}

#[test]
#[ignore = "needs prek, which .ci/run installs, and compiles wixlint"]
fn hooks_run_in_prek() {
    hooks_of_this_repository("prek");
}

/// The wheel in an environment of its own, and as what a hook depends on, where there is no Rust.
#[test]
#[ignore = "needs maturin and pre-commit, which .ci/run installs, and compiles wixlint"]
fn the_wheel_needs_no_rust() {
    let mut repository = Repository::new("wheel");
    let folder = repository.0.join(".git").join("wheel");
    let folder = folder.to_str().unwrap();
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let must = |output: Output| {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    must(repository.run("maturin", &["build", "--release", "--manifest-path", manifest, "--out", folder]));
    let wheel = fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let wheel = wheel.to_str().unwrap();

    let has_rust = |folder: &PathBuf| {
        ["cargo", "rustc"].iter().any(|name| folder.join(name).with_extension(env::consts::EXE_EXTENSION).is_file())
    };
    let path = env::var_os("PATH").unwrap();
    repository.1.push(("PATH", env::join_paths(env::split_paths(&path).filter(|folder| !has_rust(folder))).unwrap()));
    let programs = format!(".git/venv/{}", if cfg!(windows) { "Scripts" } else { "bin" });
    must(repository.run("python3", &["-m", "venv", ".git/venv"]));
    let program = |name: &str| repository.0.join(&programs).join(name).to_str().unwrap().to_owned();
    must(repository.run(&program("pip"), &["install", "--quiet", "--no-index", wheel]));
    let version = must(repository.run(&program("wixlint"), &["--version"]));
    assert_eq!(version.trim(), concat!("wixlint ", env!("CARGO_PKG_VERSION")));

    let entries = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/.pre-commit-hooks.yaml")).unwrap();
    hooks_run_in("pre-commit", &repository, &|id| {
        let start = entries.find(&format!("- id: {id}\n")).unwrap();
        let entry = entries[start..].lines().find_map(|line| line.strip_prefix("  entry: ")).unwrap();
        format!(
            "repos:\n- repo: local\n  hooks:\n  - id: {id}\n    name: {id}\n    entry: {entry}\n    language: python\n    \
             additional_dependencies: ['{wheel}']\n    pass_filenames: false\n    always_run: true\n    verbose: true\n"
        )
    });
}
