//! The verdicts of xmllint: asked for, stored, and read back.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

pub(crate) fn is_installed() -> bool {
    Command::new("xmllint").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// Whether xmllint accepts the document.
pub(crate) fn ask(document: &[u8]) -> bool {
    let mut child = Command::new("xmllint")
        .args(["--noout", "--nonet", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // It may stop to read at the first mistake.
    drop(child.stdin.take().unwrap().write_all(document));
    child.wait().unwrap().success()
}

/// The stored verdicts on the mutants of a seed: true for those that are accepted.
pub(crate) fn stored(seed: &Path, mutants: &[String]) -> Vec<bool> {
    let path = seed.with_extension("verdicts");
    if std::env::var_os("WIXLINT_RECORD").is_some() {
        let verdicts: Vec<bool> = mutants.iter().map(|mutant| ask(mutant.as_bytes())).collect();
        fs::write(&path, print(mutants, &verdicts)).unwrap();
        return verdicts;
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    let mut lines = stored.lines();
    let current = lines.next() == Some(&checksum(mutants));
    assert!(current, "{}: made for other mutants; run with WIXLINT_RECORD=1 where xmllint is", path.display());
    lines.flat_map(str::chars).map(|verdict| verdict == '+').collect()
}

fn print(mutants: &[String], verdicts: &[bool]) -> String {
    let mut printed = checksum(mutants);
    for line in verdicts.chunks(100) {
        printed.push('\n');
        printed.extend(line.iter().map(|&accepted| if accepted { '+' } else { '-' }));
    }
    printed.push('\n');
    printed
}

/// FNV-1a over the mutants, each with an end.
fn checksum(mutants: &[String]) -> String {
    let bytes = mutants.iter().flat_map(|mutant| mutant.bytes().chain([0]));
    let sum = bytes.fold(0xCBF2_9CE4_8422_2325_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3));
    format!("{sum:016x} {}", mutants.len())
}
