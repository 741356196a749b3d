//! Namespaces: which one a prefix means.

/// Which namespace an element is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Namespace {
    /// `http://schemas.microsoft.com/wix/2003/01/wi`
    V2,
    /// `http://schemas.microsoft.com/wix/2006/wi`
    V3,
    /// `http://wixtoolset.org/schemas/v4/wxs`
    V4,
    /// None at all.
    Absent,
    /// Of one of WiX's own extensions, by the name in its namespace: `util`, `NetFx`.
    Extension(&'static str),
    /// Of an extension that the user declares, by its place in [`Options::extensions`](super::Options::extensions).
    Declared(usize),
    /// Of an extension that nobody here knows, or one that has nothing to do with WiX.
    Foreign,
}

impl Namespace {
    /// The namespace of that name.
    pub fn from_uri(uri: &str) -> Namespace {
        match uri {
            "http://schemas.microsoft.com/wix/2003/01/wi" => Namespace::V2,
            V3 => Namespace::V3,
            "http://wixtoolset.org/schemas/v4/wxs" => Namespace::V4,
            "" => Namespace::Absent,
            _ => EXTENSIONS
                .into_iter()
                .find(|name| {
                    let v3 = uri.strip_prefix("http://schemas.microsoft.com/wix/");
                    let v3 = v3.and_then(|rest| rest.strip_suffix("Extension"));
                    let v4 = uri.strip_prefix("http://wixtoolset.org/schemas/v4/wxs/");
                    v3.or(v4).is_some_and(|found| found.eq_ignore_ascii_case(name))
                })
                .map_or(Namespace::Foreign, Namespace::Extension),
        }
    }
}

/// The namespace of v3 sources.
pub(super) const V3: &str = "http://schemas.microsoft.com/wix/2006/wi";

/// WiX's own extensions, as their namespaces end: before `Extension` in v3, after the last slash in
/// v4 and later.
const EXTENSIONS: [&str; 22] = [
    "bal",
    "complus",
    "dependency",
    "difx",
    "difxapp",
    "directx",
    "firewall",
    "gaming",
    "http",
    "iis",
    "msmq",
    "netfx",
    "ps",
    "powershell",
    "sql",
    "tag",
    "ui",
    "util",
    "vs",
    "visualstudio",
    "lux",
    "wixui",
];

/// What a prefix means from some depth of the tree on.
#[derive(Debug)]
pub(super) struct Binding {
    pub(super) depth: usize,
    /// `None`: what has no prefix.
    pub(super) prefix: Option<String>,
    pub(super) namespace: Namespace,
}

/// The namespace that a prefix means where `namespaces` are in scope.
pub(super) fn resolve(namespaces: &[Binding], prefix: Option<&str>) -> Namespace {
    let found = namespaces.iter().rev().find(|binding| binding.prefix.as_deref() == prefix);
    found.map_or(Namespace::Foreign, |binding| binding.namespace)
}
