//! What holds for every project that people may write: generated ones, with all their mistakes.
#![expect(clippy::expect_used, clippy::panic, reason = "a promise that is broken fails the test")]

#[path = "hostile/generator.rs"]
mod generator;
#[path = "fuzz/promises.rs"]
mod promises;

use promises::{Memory, check, told};
use proptest::prelude::*;
use wixlint::diagnostic::Diagnostic;
use wixlint::project::Settings;
use wixlint::source::Sources;

fn list(findings: &[Diagnostic], sources: &Sources) -> Vec<String> {
    findings.iter().map(|finding| told(finding, sources)).collect()
}

/// A project as it can be read when a case fails.
fn shown(memory: &Memory) -> String {
    memory.0.iter().map(|(path, bytes)| format!("==== {path}\n{}", String::from_utf8_lossy(bytes))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn promises_are_kept(files in generator::project()) {
        let memory = Memory::new(files);
        let checked = std::panic::catch_unwind(|| check(&memory, &Settings::default()));
        prop_assert!(checked.is_ok(), "{}", shown(&memory));
    }

    #[test]
    fn findings_depend_on_the_sources_only(files in generator::project()) {
        let memory = Memory::new(files);
        let settings = Settings::default();
        let (findings, project, sources) = memory.findings(&settings);
        let expected = list(&findings, &sources);
        // Several at a time find the same.
        let threads = std::thread::scope(|scope| {
            let run = || {
                let (findings, _, sources) = memory.findings(&settings);
                list(&findings, &sources)
            };
            let threads = [scope.spawn(run), scope.spawn(run)];
            threads.map(|thread| thread.join().expect("no panic"))
        });
        for found in threads {
            prop_assert_eq!(&found, &expected);
        }
        // The toolset does not care in which order files are given, as long as it builds them: of what is there
        // twice, the first counts. Which worlds are looked at goes by the files' order as well.
        let is_refused = |finding: &Diagnostic| finding.message.contains("WiX");
        if project.worlds().len() > 1 || findings.iter().any(is_refused) {
            return Ok(());
        }
        let mut turned = memory.clone();
        turned.0.reverse();
        let (findings, _, sources) = turned.findings(&settings);
        let (mut found, mut expected) = (list(&findings, &sources), expected);
        found.sort();
        expected.sort();
        prop_assert_eq!(found, expected, "{}", shown(&memory));
    }
}
