//! One large file and many small ones against the bare XML loop, and the memory they take.

use std::fs;
use std::process::Command;

use crate::inputs::{self, Input};
use crate::lint::{lint, read_bare};
use crate::processes::{Folder, peak_memory};
use crate::timing::{in_turns, print, ratio, time};

const WIXLINT: &str = env!("CARGO_BIN_EXE_wixlint");

pub(crate) fn run() {
    measure("one file, 200 000 components, 2 000 actions", &[inputs::harvest(200_000, 2_000)]);
    measure("2 000 files of 5 KB", &inputs::fragments(2_000));
}

fn measure(what: &str, inputs: &[Input]) {
    let size = inputs.iter().map(|(_, bytes)| bytes.len()).sum::<usize>();
    let megabytes = size as f64 / 1e6;
    println!("  {what}, {megabytes:.1} MB");
    let [lint, bare] = in_turns(5, || lint(inputs).1, || read_bare(inputs));
    let speed = |time: std::time::Duration| format!("{:.0} MB/s", megabytes / time.as_secs_f64());
    print("bare XML loop", &speed(bare), "");
    print("lint, from bytes to findings", &speed(lint), "");
    print("lint : bare", &format!("{:.2}", ratio(bare, lint)), "at least 0.5");

    let folder = Folder::new();
    for (path, bytes) in inputs {
        folder.write(path, bytes);
    }
    let run = || Command::new(WIXLINT).arg("-q").arg(folder.path()).output();
    let read = || {
        let read = |(path, _): &Input| (path.clone(), fs::read(folder.path().join(path)).unwrap_or_default());
        let (inputs, time) = time(|| inputs.iter().map(read).collect::<Vec<_>>());
        time + read_bare(&inputs)
    };
    let [process, bare] = in_turns(5, || time(run).1, read);
    print("whole process : bare, both with the disk", &format!("{:.2}", ratio(bare, process)), "");
    match peak_memory(WIXLINT, folder.path()) {
        Some(peak) => print("peak memory : input", &format!("{:.2}", peak as f64 / size as f64), "at most 4"),
        None => print("peak memory : input", "unknown, there is no /proc", ""),
    }
}
