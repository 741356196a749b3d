//! From a fix that a rule offers to changed files.
//!
//! A [`Fix`](crate::diagnostic::Fix) is a value: edits that belong together. In here such values
//! are chosen so that they do not disturb each other and become text ([`apply`]), the change is
//! shown ([`diff`]), and the file on disk is replaced ([`write`](mod@write)), which is the only
//! part that touches the disk.

pub mod apply;
pub mod diff;
pub mod ignore;
pub mod prove;
pub mod repair;
pub mod write;
