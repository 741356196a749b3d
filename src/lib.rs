//! wixlint tells the authors of Windows installers which action will run at the wrong moment.
//!
//! The way of the data, once: bytes, spans, authored facts, linked package, schedule, findings,
//! edits, text. Each room knows those above it and none below; `tests/layers.rs` holds them to it.
//!
//! | room | what it knows |
//! |---|---|
//! | [`source`] | the bytes of a file: encoding, lines, spans |
//! | [`diagnostic`] | what a finding and a fix are, as values |
//! | [`syntax`] | XML as written, strictly, with exact places |
//! | [`suppress`] | comments that silence rules |
//! | [`preprocess`] | variables, conditions, loops, includes |
//! | [`policy`] | which rules are reported, where, and how severe |
//! | [`msi`] | Windows Installer: tables, standard actions, conditions, formatted text, property lifetimes |
//! | [`code`] | what DLLs and scripts ask of the installer, by their sources |
//! | [`wix`] | the WiX language: elements become authored facts |
//! | [`project`] | which files belong together, and what links to what |
//! | [`sequence`] | WiX's algorithm: who runs when, and why |
//! | [`reads`] | which properties an action reads and writes |
//! | [`model`] | all of this about one package, for the rules |
//! | [`listing`] | computed sequences as finished data, to be shown and compared |
//! | [`reschedule`] | what it takes to move an action |
//! | [`rules`] | what is wrong |
//! | [`analysis`] | the way from compiled files to findings, as one function |
//! | [`fix`] | edits: proved, applied, shown, written |
//! | [`report`] | findings in the formats that people and programs read |
//! | [`baseline`] | counts of findings that are known |
//! | [`config`], [`disk`], [`threads`] | configuration, the file system, work on several threads |
//! | [`inputs`] | which projects are meant by the paths that somebody names |
//! | [`lsp`] | the language server
//! | `cli` | arguments and exit codes |
#![forbid(unsafe_code)]

pub mod analysis;
pub mod baseline;
pub mod cli;
pub mod code;
pub mod config;
mod data;
pub mod diagnostic;
pub mod disk;
pub mod fix;
pub mod inputs;
pub mod listing;
pub mod lsp;
pub mod model;
pub mod msi;
pub mod policy;
pub mod preprocess;
pub mod project;
pub mod reads;
pub mod report;
pub mod reschedule;
pub mod rules;
pub mod sequence;
pub mod source;
pub mod suppress;
pub mod syntax;
pub mod threads;
pub mod wix;
