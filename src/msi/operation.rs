//! What conditions find while Windows Installer does something, as `data/operations.tsv` has it.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::data;

/// What Windows Installer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A product is installed that is not there yet.
    FirstInstallation,
    /// A user removes a product, all of it or feature by feature.
    Removal,
}

struct Known {
    first: &'static str,
    removing: &'static str,
    needs: Vec<&'static str>,
}

static KNOWN: LazyLock<FxHashMap<&'static str, Known>> = LazyLock::new(|| {
    data::rows::<5>(include_str!("../../data/operations.tsv"))
        .map(|[name, first, removing, needs, _]| {
            let needs = needs.split(',').filter(|name| !name.is_empty()).collect();
            (name, Known { first, removing, needs })
        })
        .collect()
});

impl Operation {
    /// Whether a property has a value meanwhile; `None`: it may or may not.
    pub fn has_value(self, property: &str) -> Option<bool> {
        match self.known(property)? {
            "set" => Some(true),
            "none" => Some(false),
            _ => None,
        }
    }

    /// The value that a property has meanwhile, or a state: that of what the sign stands for.
    pub(super) fn value(self, name: &str) -> Option<&'static str> {
        self.known(name).filter(|known| !matches!(*known, "" | "set" | "none"))
    }

    fn known(self, name: &str) -> Option<&'static str> {
        let known = KNOWN.get(name)?;
        Some(match self {
            Operation::FirstInstallation => known.first,
            Operation::Removal => known.removing,
        })
    }
}

/// The properties that have a value whenever one has.
pub(super) fn needs(property: &str) -> &'static [&'static str] {
    KNOWN.get(property).map_or(&[], |known| &known.needs)
}
