//! `wixlint completions` and `wixlint man`: what the arguments say of themselves.

use std::io::{self, Write};

use clap::CommandFactory;
use clap_complete::Shell;

use super::arguments::Arguments;
use super::output::complain;
use super::{CLEAN, FAILED};

pub(super) fn completions(shell: Shell) -> u8 {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "wixlint", &mut script);
    print(&script)
}

pub(super) fn page() -> u8 {
    let mut page = Vec::new();
    match clap_mangen::Man::new(Arguments::command()).render(&mut page) {
        Ok(()) => print(&page),
        Err(error) => {
            complain(&error.to_string());
            FAILED
        }
    }
}

fn print(text: &[u8]) -> u8 {
    // Nobody reads on when the pipe is closed, and that is no failure of ours.
    let _closed = io::stdout().lock().write_all(text);
    CLEAN
}
