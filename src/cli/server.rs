//! `wixlint server`.

use super::arguments::ServerArguments;
use super::check::rules;
use super::output::complain;
use super::{CLEAN, FAILED, FOUND};
use crate::lsp::{self, Terms};

pub(super) fn run(arguments: &ServerArguments) -> u8 {
    let served = terms(arguments).and_then(lsp::run);
    match served {
        // The protocol asks for 1 where the editor goes without a word.
        Ok(is_done) => {
            if is_done {
                CLEAN
            } else {
                FOUND
            }
        }
        Err(message) => {
            complain(&message);
            FAILED
        }
    }
}

fn terms(arguments: &ServerArguments) -> Result<Terms, String> {
    let selected = Some(&arguments.select).filter(|names| !names.is_empty());
    Ok(Terms {
        build: arguments.build.build(),
        selected: selected.map(|names| rules(names)).transpose()?,
        ignored: rules(&arguments.ignore)?,
    })
}
