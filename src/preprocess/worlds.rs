//! Worlds: what a build may pass for the variables that nothing defines.
//!
//! A world gives such variables something definite, as soon as a condition asks for it: undefined, or
//! defined with a text that decides the condition. All files of a project share it, so that no two
//! conditions are ever taken in a way that contradicts itself: every world is one that a command line
//! can make.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::source::Span;

/// At most so many worlds.
pub const MAX_WORLDS: usize = 16;

/// What a world takes for true of a variable that nothing defines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assumed {
    Undefined,
    /// It has a text, and nothing is known of it.
    Defined,
    /// It has this text; no other one decides the conditions in the same way.
    Exactly(String),
    /// It has a text that decides conditions as this one does.
    Like(String),
}

/// By variable, without the prefix `var.`; others as they are written: `env.NAME`.
pub type Assumptions = BTreeMap<String, Assumed>;

/// How undecided conditions are taken where nothing is assumed yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Leaning {
    /// What nothing defines is not defined, and comparisons hold.
    #[default]
    First,
    /// The other way round.
    Second,
}

/// A condition that nothing in the sources decides.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Condition {
    /// As it is written: an expression, or a variable that is asked for.
    pub text: String,
    pub asks: Asks,
}

/// What a condition wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asks {
    /// `<?if?>` and `<?elseif?>`
    Holds,
    /// `<?ifdef?>` and `<?ifndef?>`
    Defined,
}

impl Condition {
    /// The condition in words, when it holds or when it does not.
    pub fn told(&self, holds: bool) -> String {
        let text = &self.text;
        match (self.asks, holds) {
            (Asks::Holds, true) => format!("`{text}`"),
            (Asks::Holds, false) => format!("`{text}` is false"),
            (Asks::Defined, true) => format!("`{text}` is defined"),
            (Asks::Defined, false) => format!("`{text}` is not defined"),
        }
    }
}

/// How a world has taken a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub condition: Arc<Condition>,
    pub holds: bool,
    /// The instruction.
    pub span: Span,
    /// The variables that it asks for.
    pub roots: Vec<String>,
    /// Taken like this, it leaves nothing open about them.
    pub pins: bool,
    /// What to assume for the condition to be taken the other way; `None`: nothing that was tried does it.
    pub other: Option<Assumptions>,
}

impl Decision {
    /// Whether it goes without saying where `other` is said.
    pub fn follows_from(&self, other: &Decision) -> bool {
        let shared = self.roots.iter().all(|root| other.roots.contains(root));
        // Only what is defined has a text that can be asked for.
        let defined = self.condition.asks == Asks::Defined && self.holds && other.condition.asks == Asks::Holds;
        shared && (other.pins || defined)
    }
}

/// One of the ways to take the undecided conditions, while it is worked out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    pub leaning: Leaning,
    pub assumed: Assumptions,
}

impl World {
    /// The world in which the conditions are taken as `decision` was not.
    pub fn other(&self, decision: &Decision) -> Option<World> {
        let mut assumed = self.assumed.clone();
        assumed.extend(decision.other.clone()?);
        Some(World { leaning: self.leaning, assumed })
    }
}
