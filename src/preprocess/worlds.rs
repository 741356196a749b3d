//! Conditions that nothing decides, and the ways in which they are taken.
//!
//! In world 0 every such condition of an `<?if?>` holds, and what nobody defines is not defined. In
//! world 1 none holds. Each further world belongs to one condition, which holds in it together with
//! those that surround it, while the others do not: so every branch is taken in one of the worlds.

/// At most so many worlds.
pub const MAX_WORLDS: usize = 16;

/// A condition that nothing decides.
#[derive(Clone, Debug)]
struct Undecided {
    /// Its text, or the variable that it asks for.
    key: String,
    /// The undecided conditions that have to hold for it to be met at all.
    within: Vec<String>,
}

/// The undecided conditions of a file, in the order in which its worlds have met them.
#[derive(Clone, Debug, Default)]
pub struct Worlds {
    met: Vec<Undecided>,
}

impl Worlds {
    /// How many worlds it takes, as far as is known by now.
    pub fn count(&self) -> usize {
        count(self.met.len())
    }

    /// The conditions, in the order of their worlds.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.met.iter().map(|undecided| &*undecided.key)
    }

    /// Whether a condition holds in a world; `first` is how it is in world 0. `within` are the
    /// undecided conditions that hold around it.
    pub(super) fn holds(&mut self, world: usize, key: &str, within: impl Iterator<Item = String>, first: bool) -> bool {
        if self.met.iter().all(|known| known.key != key) {
            self.met.push(Undecided { key: key.to_owned(), within: within.collect() });
        }
        match world {
            0 => first,
            1 => false,
            _ => {
                self.met.get(world - 2).is_some_and(|own| own.key == key || own.within.iter().any(|outer| outer == key))
            }
        }
    }
}

/// How many worlds so many undecided conditions take.
pub fn count(conditions: usize) -> usize {
    if conditions == 0 { 1 } else { (conditions + 2).min(MAX_WORLDS) }
}
