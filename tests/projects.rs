//! Small projects with what is reported of them and what a fix would change.
//!
//! A case is a folder of `fixtures/projects` with its sources. `report.txt` holds what
//! `wixlint --output-format concise` prints in it, `diff.txt` what `wixlint --diff` does: the changes, and
//! below them what has no fix, with the reason. `WIXLINT_RECORD=1` writes both down instead of comparing them.
#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn projects_are_reported_and_fixed_as_pictured() {
    let mut cases: Vec<PathBuf> = fs::read_dir("fixtures/projects").unwrap().map(|case| case.unwrap().path()).collect();
    cases.sort();
    assert!(!cases.is_empty());
    let mut failures = Vec::new();
    for case in cases {
        for (name, arguments) in [("report.txt", &["--output-format", "concise"][..]), ("diff.txt", &["--diff"])] {
            let printed = run(&case, arguments);
            let picture = case.join(name);
            if std::env::var_os("WIXLINT_RECORD").is_some() {
                fs::write(&picture, printed).unwrap();
            } else if fs::read_to_string(&picture).unwrap_or_default().replace("\r\n", "\n") != printed {
                failures.push(format!("{} should read:\n{printed}", picture.display()));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What the program prints, about the case as it lies there.
fn run(case: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wixlint"));
    command.current_dir(case).arg("--no-config").args(arguments).env_remove("FORCE_COLOR");
    let output = command.output().unwrap();
    format!("{}{}", String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// All cases at once: which thread checks what makes no difference.
#[test]
fn threads_make_no_difference() {
    let all = Path::new("fixtures/projects");
    let alone = run(all, &["--jobs", "1"]);
    assert!(alone.contains("fixable with --fix"), "{alone}");
    for jobs in ["2", "3", "16"] {
        assert_eq!(run(all, &["--jobs", jobs]), alone, "{jobs} threads");
    }
}
