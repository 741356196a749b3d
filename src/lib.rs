//! wixlint tells the authors of Windows installers which action will run at the wrong moment.
#![forbid(unsafe_code)]

pub mod diagnostic;
pub mod fix;
pub mod report;
pub mod source;
pub mod syntax;
