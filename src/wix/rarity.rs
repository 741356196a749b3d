//! What few sections hold: rules that are about such things pass over packages without any.

use super::{CustomAction, Entry, EntryKind, Execute, Kind, Position, Return};

/// Something that few sections hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rarity {
    /// A custom action that shows an error.
    ErrorAction,
    RollbackAction,
    /// A custom action that nobody waits for.
    AsyncAction,
    /// Code that asks for the rights of the system, and is not known to run from the installation script.
    Unimpersonated,
    /// An entry that takes an action out.
    Suppressed,
    /// A standard action at a place that the source gives it.
    PlacedStandard,
    /// A dialog in a table that runs without dialogs.
    LostDialog,
}

/// A set of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rarities(u8);

impl Rarities {
    pub fn contains(self, rarity: Rarity) -> bool {
        self.0 & (1 << rarity as u8) != 0
    }

    fn insert(&mut self, rarity: Rarity, is_there: bool) {
        self.0 |= u8::from(is_there) << rarity as u8;
    }

    pub(super) fn see_action(&mut self, action: &CustomAction) {
        self.insert(Rarity::ErrorAction, action.kind == Kind::Error);
        self.insert(Rarity::RollbackAction, action.execute == Some(Execute::Rollback));
        self.insert(Rarity::AsyncAction, action.returns != Return::Waits);
        let is_in_script = action.execute.is_some_and(Execute::is_in_script);
        self.insert(Rarity::Unimpersonated, action.refuses_impersonation && !is_in_script);
    }

    pub(super) fn see_entry(&mut self, entry: &Entry) {
        self.insert(Rarity::Suppressed, entry.suppress);
        self.insert(Rarity::PlacedStandard, entry.kind == EntryKind::Standard && entry.position != Position::Default);
        self.insert(Rarity::LostDialog, entry.kind == EntryKind::Dialog && !entry.table.is_ui());
    }
}
