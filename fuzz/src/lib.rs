//! The fuzz targets, which `tests/fuzz.rs` shares: it replays what they have found without a fuzzer.

#[path = "../../tests/fuzz/targets.rs"]
mod targets;

/// Runs a target on an input. A broken promise is a panic.
pub fn run(target: &str, data: &[u8]) {
    let found = targets::TARGETS.iter().find(|(name, _)| *name == target);
    let (_, run) = found.expect("fuzz_targets holds a file for each target");
    run(data);
}
