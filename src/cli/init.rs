//! `wixlint init`.

use std::fs::OpenOptions;
use std::io::Write;

use super::output::complain;
use super::{CLEAN, FAILED};
use crate::config::{INITIAL, NAME};

pub(super) fn run() -> u8 {
    let written = OpenOptions::new().write(true).create_new(true).open(NAME);
    match written.and_then(|mut file| file.write_all(INITIAL.as_bytes())) {
        Ok(()) => {
            complain(&format!("wrote {NAME}; take away the `#` before what you want to say"));
            CLEAN
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            complain(&format!("{NAME} is here already, and stays as it is"));
            FAILED
        }
        Err(error) => {
            complain(&format!("cannot write {NAME}: {error}"));
            FAILED
        }
    }
}
