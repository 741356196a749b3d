//! The command line: the only room that knows clap.

mod arguments;
mod check;
mod explain;
mod git;
mod init;
mod interactive;
mod known;
mod manual;
mod neighbours;
mod output;
mod progress;
mod repairs;
mod sequence;
mod server;
mod silence;
mod watch;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};

/// Nothing is left to report.
pub const CLEAN: u8 = 0;
/// Something is left, or a preview would change something.
pub const FOUND: u8 = 1;
/// The job could not be done.
pub const FAILED: u8 = 2;

/// Runs wixlint with these arguments, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // A pipe that is closed while help is printed is no failure of ours.
            let _closed = error.print();
            return ExitCode::from(if error.use_stderr() { FAILED } else { CLEAN });
        }
    };
    let code = match arguments.command {
        None => check::run(&arguments.check),
        Some(Command::Check(check)) => check::run(&check),
        Some(Command::Sequence(sequence)) => sequence::run(&sequence),
        Some(Command::Server(server)) => server::run(&server),
        Some(Command::Init) => init::run(),
        Some(Command::Completions { shell }) => manual::completions(shell),
        Some(Command::Man) => manual::page(),
        Some(Command::Explain { rule }) => explain::run(rule.as_deref()),
    };
    ExitCode::from(code)
}
