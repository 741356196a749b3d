//! A DLL whose source is not at hand: what it exports, and which names stand in it.

use object::read::pe::{PeFile32, PeFile64};

/// What can be seen of a DLL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dll {
    /// Where it lies.
    pub path: String,
    /// The names of its exports; `None`: it is no DLL that can be read.
    pub exports: Option<Vec<String>>,
    /// The properties among those that were asked for whose names stand in it, as ASCII or UTF-16.
    pub mentions: Vec<&'static str>,
}

/// Looks into a DLL for `names`.
pub(super) fn look(path: String, bytes: &[u8], names: &[&'static str]) -> Dll {
    let mentions = names.iter().copied().filter(|name| mentions(bytes, name)).collect();
    Dll { path, exports: exports(bytes), mentions }
}

fn exports(bytes: &[u8]) -> Option<Vec<String>> {
    let table = match PeFile64::parse(bytes) {
        Ok(file) => file.export_table().ok()?,
        Err(_) => PeFile32::parse(bytes).ok()?.export_table().ok()?,
    };
    let Some(table) = table else { return Some(Vec::new()) };
    let names = table.name_iter().filter_map(|(pointer, _)| table.name_from_pointer(pointer).ok());
    Some(names.map(|name| String::from_utf8_lossy(name).into_owned()).collect())
}

fn mentions(bytes: &[u8], name: &str) -> bool {
    let wide: Vec<u8> = name.bytes().flat_map(|byte| [byte, 0]).collect();
    memchr::memmem::find(bytes, name.as_bytes()).is_some() || memchr::memmem::find(bytes, &wide).is_some()
}
