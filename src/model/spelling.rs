//! The names of properties that there are, to tell which one a name in another case means.

use std::borrow::Cow;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Model;
use crate::msi::property;

impl Model<'_> {
    /// Whether a symbol of the package has the name of a property or directory.
    pub fn has_property(&self, name: &str) -> bool {
        self.package.defines("Property", name) || self.package.defines("Directory", name)
    }
}

/// The properties that there are.
pub struct Spelling<'m, 'w> {
    model: &'m Model<'w>,
    /// Those of Windows Installer, by their lower case.
    standard: FxHashMap<String, &'static str>,
    names: FxHashSet<&'m str>,
    /// Those of the package, by their lower case.
    own: FxHashMap<String, &'m str>,
    /// Code of the package, or what nobody knows, may set any name.
    is_unseen: bool,
    /// A library may set names of the package's own.
    is_open: bool,
}

impl<'m, 'w> Spelling<'m, 'w> {
    pub fn of(model: &'m Model<'w>) -> Spelling<'m, 'w> {
        let sections = || model.package.sections.iter();
        let named = sections().flat_map(|section| &section.properties).map(|property| &*property.id.text);
        let set = sections().flat_map(|section| section.dialog_properties.iter().chain(&section.upgrade_properties));
        let names: FxHashSet<&str> = named
            .chain(set.map(String::as_str))
            .chain(model.package.actions().filter_map(|action| action.target.as_ref()).map(|target| &*target.text))
            .collect();
        Spelling {
            model,
            standard: property::standard().map(|name| (name.to_ascii_lowercase(), name)).collect(),
            own: names.iter().map(|name| (name.to_ascii_lowercase(), *name)).collect(),
            names,
            is_unseen: sections().any(|section| section.has_unknown_extension)
                || model.turns().any(|turn| turn.runs_code())
                || model.run_by_dialogs().filter_map(|action| model.flows.of_action(action)).any(|flow| flow.opaque),
            is_open: model.turns().any(|turn| turn.is_opaque()),
        }
    }

    /// The property that is meant by a name that no symbol has.
    pub fn meant(&self, name: &str) -> Option<Cow<'m, str>> {
        let folded = name.to_ascii_lowercase();
        match self.standard.get(&folded) {
            _ if self.names.contains(name) => None,
            // Code may well have a `TargetDir` of its own, but hardly an `installed`.
            Some(standard) if self.is_unseen && !property::is_private(standard) => None,
            Some(standard) => Some(Cow::Borrowed(*standard)).filter(|standard| standard != name),
            None if self.is_open || self.is_unseen => None,
            None => self.own.get(&folded).map(|own| Cow::Borrowed(*own)).or_else(|| {
                let upper = name.to_ascii_uppercase();
                self.model.has_property(&upper).then_some(Cow::Owned(upper))
            }),
        }
    }
}
