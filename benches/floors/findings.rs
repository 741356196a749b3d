//! A file that is all mistakes: finding them, proving their fixes, showing and making them.

use std::process::Command;

use wixlint::report::{self, Applied, Format, Report, Style};

use crate::inputs::{Layout, late_readers};
use crate::lint::{Loaded, lint};
use crate::processes::Folder;
use crate::timing::{in_turns, milliseconds, print, ratio, time};

const WIXLINT: &str = env!("CARGO_BIN_EXE_wixlint");
const STYLE: Style = Style { color: false, unicode: true, width: 120, links: false, summary: true };

pub(crate) fn run() {
    for layout in [Layout::Siblings, Layout::Chain, Layout::Numbers] {
        let input = late_readers(layout, 10_000, 5_000_000);
        let inputs = std::slice::from_ref(&input);
        let loaded = Loaded::new(inputs.to_vec());
        let findings = loaded.findings();
        let fixed = findings.iter().filter(|finding| finding.fix.is_some()).count();
        println!(
            "  {layout:?}: {} findings, {fixed} with a fix, in {:.1} MB",
            findings.len(),
            input.1.len() as f64 / 1e6
        );

        let report = Report {
            sources: &loaded.sources,
            findings: &findings,
            notes: &[],
            failures: &[],
            files: 1,
            applied: Applied::default(),
            page: |_| None,
        };
        let render = || {
            let mut out = Vec::new();
            time(|| report::write(Format::Full, &report, &STYLE, &mut out)).1
        };
        let [render, lint] = in_turns(3, render, || lint(inputs).1);
        print("linting", &format!("{:.0} ms", milliseconds(lint)), "");
        print("rendering", &format!("{:.0} ms", milliseconds(render)), "");
        print("rendering : linting", &format!("{:.2}", ratio(render, lint)), "under 2");
        for option in ["--diff", "--fix"] {
            let folder = Folder::new();
            folder.write(&input.0, &input.1);
            let run = || Command::new(WIXLINT).args(["-q", option]).arg(folder.path()).output();
            print(option, &format!("{:.0} ms", milliseconds(time(run).1)), "a few seconds at most");
        }
    }
}
