//! The `wixlint` program.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    wixlint::cli::run(std::env::args_os())
}
