//! Inputs that were once too much, and whole files to start from: replayed as the fuzzer runs them.
//!
//! `fixtures/fuzz/TARGET` holds what `cargo fuzz run TARGET` has found, minimized. `WIXLINT_SEEDS=1` writes the
//! seeds to `fuzz/corpus`, where the fuzzer begins.
#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]
#![expect(clippy::expect_used, clippy::panic, reason = "a promise that is broken is a panic to the fuzzer")]

#[path = "fuzz/targets.rs"]
mod targets;

use std::fs;
use std::path::{Path, PathBuf};

use targets::TARGETS;

/// Every file below a folder, sorted.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(below(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

#[test]
fn what_was_once_too_much_is_not_any_more() {
    for folder in fs::read_dir("fixtures/fuzz").unwrap().map(|entry| entry.unwrap().path()) {
        let target = TARGETS.iter().find(|(name, _)| folder.ends_with(name));
        let (_, run) = target.unwrap_or_else(|| panic!("{} is the name of no target", folder.display()));
        for path in below(&folder) {
            println!("{}", path.display());
            run(&fs::read(path).unwrap());
        }
    }
}

/// What the fuzzer starts from, for each target.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let read = |folder: &str, extensions: &[&str]| -> Vec<(PathBuf, Vec<u8>)> {
        let wanted = |path: &PathBuf| path.extension().is_some_and(|own| extensions.iter().any(|end| own == *end));
        below(Path::new(folder))
            .into_iter()
            .filter(wanted)
            .map(|path| (path.clone(), fs::read(path).unwrap()))
            .collect()
    };
    let plain = |files: Vec<(PathBuf, Vec<u8>)>| files.into_iter().map(|(_, bytes)| bytes).collect::<Vec<_>>();
    let values = |name: &str| -> Vec<Vec<u8>> {
        let texts = plain(read("fixtures/conformance", &["wxs"]));
        let texts: Vec<String> = texts.iter().map(|text| String::from_utf8_lossy(text).into_owned()).collect();
        let value = |rest: &str| rest.split('"').next().unwrap_or_default().as_bytes().to_vec();
        let attribute = format!(" {name}=\"");
        texts.iter().flat_map(|text| text.split(&attribute).skip(1).map(value)).collect()
    };
    match target {
        "reader" => plain(read("fixtures/wellformed", &["xml"])),
        "preprocessor" => plain(read("fixtures/conformance", &["wxs"]))
            .into_iter()
            .filter(|text| text.windows(2).any(|pair| pair == b"<?"))
            .chain(plain(read("fixtures/wellformed", &["xml"])))
            .collect(),
        "condition" => values("Condition"),
        "formatted" => values("Value"),
        _ => {
            let extensions: &[&str] = match target {
                "code" => &["cs", "cpp", "h", "rs", "vbs", "js", "csproj", "vcxproj", "def"],
                _ => &["wxs", "wxi", "cs", "cpp", "rs", "vbs", "js", "csproj", "vcxproj"],
            };
            let cases = fs::read_dir("fixtures/projects").unwrap().map(|case| case.unwrap().path());
            let project = |case: PathBuf| {
                let mut files = Vec::new();
                for (path, bytes) in read(case.to_str().unwrap(), extensions) {
                    let name = path.strip_prefix(&case).unwrap().to_str().unwrap().replace('\\', "/");
                    files.extend(format!("==== {name}\n").into_bytes());
                    files.extend(bytes);
                }
                files
            };
            let mut seeds: Vec<Vec<u8>> = cases.map(project).filter(|files| !files.is_empty()).collect();
            seeds.sort();
            seeds
        }
    }
}

#[test]
fn seeds_break_no_promise() {
    for (name, run) in TARGETS {
        let folder = Path::new("fuzz/corpus").join(name);
        let is_recording = std::env::var_os("WIXLINT_SEEDS").is_some();
        if is_recording {
            fs::create_dir_all(&folder).unwrap();
        }
        let seeds = seeds(name);
        assert!(!seeds.is_empty(), "{name}");
        for (at, seed) in seeds.iter().enumerate() {
            if is_recording {
                fs::write(folder.join(format!("seed-{at}")), seed).unwrap();
            }
            run(seed);
        }
    }
}
