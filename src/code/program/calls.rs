//! What calls of the installer's interface mean, as `data/session_calls.tsv` has it.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::Language;
use crate::data;

/// What a call of the installer's interface does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meaning {
    pub(super) role: Role,
    /// The place of the argument that it is about, from 0.
    pub(super) argument: Option<usize>,
    /// It is a call of a session.
    on_session: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Property,
    Formatted,
    Condition,
    Write,
    Data,
    Costs,
    Mode,
    Template,
    Formats,
}

static CALLS: LazyLock<FxHashMap<(&'static str, &'static str), Meaning>> = LazyLock::new(|| {
    let rows = data::rows::<5>(include_str!("../../../data/session_calls.tsv"));
    rows.filter_map(|[family, call, argument, role, _]| {
        let role = match role {
            "property" => Role::Property,
            "formatted" => Role::Formatted,
            "condition" => Role::Condition,
            "write" => Role::Write,
            "data" => Role::Data,
            "costs" => Role::Costs,
            "mode" => Role::Mode,
            "template" => Role::Template,
            "formats" => Role::Formats,
            _ => return None,
        };
        let on_session = matches!(family, "dtf" | "msica" | "script");
        Some(((family, call), Meaning { role, argument: argument.parse().ok(), on_session }))
    })
    .collect()
});

/// The names that the headers of Windows Installer give to properties.
pub(super) static MACROS: LazyLock<FxHashMap<&'static str, &'static str>> = LazyLock::new(|| {
    data::rows::<2>(include_str!("../../../data/property_macros.tsv"))
        .map(|[name, property]| (name, property))
        .collect()
});

pub(super) fn meaning(language: Language, name: &str, on_session: bool, is_plain: bool) -> Option<Meaning> {
    let families: &[&str] = match language {
        Language::CSharp => &["dtf", "native"],
        Language::Cpp => &["native"],
        Language::Rust => &["msica", "native"],
        Language::Script => &["script"],
    };
    let lower;
    let name = if language == Language::Script {
        lower = name.to_ascii_lowercase();
        &*lower
    } else {
        name
    };
    families.iter().find_map(|family| {
        let plain = match *family {
            // Each function comes for both kinds of characters.
            "native" if name.starts_with("Msi") => name.strip_suffix(['A', 'W']).unwrap_or(name),
            _ => name,
        };
        let meaning = CALLS.get(&(*family, plain)).copied()?;
        let fits = if meaning.on_session { on_session } else { is_plain };
        fits.then_some(meaning)
    })
}
