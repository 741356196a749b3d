//! What the program says of its arguments: completions and the manual page.
#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use std::io::Write;
use std::process::{Command, Stdio};

fn printed(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_wixlint")).args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_shell_completes_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = printed(&["completions", shell]);
        for word in ["sequence", "explain", "completions", "unsafe-fixes", "baseline"] {
            assert!(script.contains(word), "{shell} does not know {word}");
        }
    }
}

/// Where the shell is at hand, it has to understand the script.
#[test]
fn bash_understands_the_script() {
    let Ok(mut bash) = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn() else { return };
    bash.stdin.take().unwrap().write_all(printed(&["completions", "bash"]).as_bytes()).unwrap();
    assert!(bash.wait().unwrap().success());
}

#[test]
fn the_manual_page_tells_of_all_options() {
    let page = printed(&["man"]);
    assert!(page.contains(".TH wixlint 1"));
    for option in ["fix", "diff", "select", "output\\-format", "stdin\\-filename", "add\\-ignore"] {
        assert!(page.contains(option), "{option}");
    }
}
