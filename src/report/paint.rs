//! Colours by ANSI codes, and links by OSC 8; or none.

use std::fmt;

use super::Style;
use crate::diagnostic::Severity;

/// What a piece of text is, and thereby its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Error,
    Warning,
    Info,
    /// The headline and whatever is to stand out without a colour.
    Strong,
    /// Frames, line numbers, and the marks of related places.
    Frame,
}

impl Role {
    fn code(self) -> &'static str {
        match self {
            Role::Error => "1;31",
            Role::Warning => "1;33",
            Role::Info => "1;36",
            Role::Strong => "1",
            Role::Frame => "1;34",
        }
    }
}

impl From<Severity> for Role {
    fn from(severity: Severity) -> Role {
        match severity {
            Severity::Error => Role::Error,
            Severity::Warning => Role::Warning,
            Severity::Info => Role::Info,
        }
    }
}

/// A text that leads to a page, if there is one.
pub struct Linked<T> {
    pub text: T,
    pub url: Option<String>,
}

/// A text in the colour of its role.
pub(super) struct Painted<T> {
    role: Role,
    color: bool,
    text: T,
}

impl Style {
    pub(super) fn paint<T: fmt::Display>(&self, role: Role, text: T) -> Painted<T> {
        Painted { role, color: self.color, text }
    }

    /// A rule's name, which leads to its page where the screen shows links.
    pub(super) fn link<T: fmt::Display>(&self, text: T, url: impl FnOnce() -> Option<String>) -> Linked<T> {
        Linked { text, url: if self.links { url() } else { None } }
    }
}

impl<T: fmt::Display> fmt::Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.color { write!(f, "\x1b[{}m{}\x1b[0m", self.role.code(), self.text) } else { self.text.fmt(f) }
    }
}

impl<T: fmt::Display> fmt::Display for Linked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.url {
            Some(url) => write!(f, "\x1b]8;;{url}\x1b\\{}\x1b]8;;\x1b\\", self.text),
            None => self.text.fmt(f),
        }
    }
}
