//! Which sources a project file names.

use super::condition::Truth;
use super::msbuild::{Properties, unescape};
use super::places::Places;
use super::tree::Element;
use super::{Around, is_project};
use crate::project::discovery::is_source;
use crate::project::pattern::matches;

/// The items of one kind with the truth of what they hang on, in the order of the file. Items that
/// a target makes while it builds are not among them.
pub(super) fn of_kind<'e>(root: &'e Element, kind: &str, properties: &Properties) -> Vec<(&'e Element, Truth)> {
    let mut found = Vec::new();
    collect(root, kind, Truth::True, properties, &mut found);
    found
}

fn collect<'e>(
    parent: &'e Element,
    kind: &str,
    outer: Truth,
    properties: &Properties,
    found: &mut Vec<(&'e Element, Truth)>,
) {
    let mut left = outer;
    for child in &parent.children {
        let holds = left.and(properties.holds(child));
        match &*child.name {
            "ItemGroup" | "Choose" | "When" | "Otherwise" => collect(child, kind, holds, properties, found),
            _ if parent.is("ItemGroup") && child.is(kind) => found.push((child, holds)),
            _ => {}
        }
        if parent.is("Choose") {
            left = left.and(properties.holds(child).not());
        }
    }
}

/// Whether a build links what is not among the sources: libraries, or extensions that are not WiX's own.
pub(super) fn links_more(root: &Element, properties: &Properties) -> bool {
    let named = |kind: &'static str| of_kind(root, kind, properties).into_iter().filter(is_possible).map(include);
    let foreign = |name: &str| !name.starts_with("Wix");
    named("WixLibrary").next().is_some()
        || named("WixExtension").any(foreign)
        || named("PackageReference").any(|name| !name.starts_with("WixToolset."))
        || named("ProjectReference").any(is_project)
}

fn is_possible((_, holds): &(&Element, Truth)) -> bool {
    *holds != Truth::False
}

fn include((item, _): (&Element, Truth)) -> &str {
    item.get("Include").unwrap_or_default()
}

/// The sources of a project, and those that it names and that are not there.
#[derive(Debug, Default)]
pub(super) struct Compiled {
    pub(super) sources: Vec<String>,
    pub(super) missing: Vec<String>,
}

pub(super) struct Compile<'c> {
    pub(super) properties: &'c Properties,
    pub(super) places: &'c Places,
    pub(super) around: &'c dyn Around,
}

impl Compile<'_> {
    /// The sources; `by_default`: with all below the project's folder, as SDK projects have it.
    pub(super) fn sources(&self, root: &Element, by_default: bool) -> Compiled {
        let mut compiled = Compiled::default();
        if by_default && self.takes_all() {
            compiled.sources = self.all();
        }
        for (item, holds) in of_kind(root, "Compile", self.properties) {
            if holds == Truth::False {
                continue;
            }
            let excluded = self.patterns(item.get("Exclude"));
            for pattern in self.list(item.get("Include")) {
                self.include(&pattern, &excluded, &mut compiled);
            }
            if holds == Truth::True {
                let removed = self.patterns(item.get("Remove"));
                compiled.sources.retain(|source| !removed.iter().any(|pattern| matches(pattern, source)));
            }
        }
        compiled
    }

    fn takes_all(&self) -> bool {
        let is_off = |name| self.properties.known(name).is_some_and(|value| value.eq_ignore_ascii_case("false"));
        !is_off("EnableDefaultItems") && !is_off("EnableDefaultCompileItems")
    }

    /// The sources below the project's folder, but for what builds put there.
    fn all(&self) -> Vec<String> {
        let built = self.patterns(Some("bin/**;obj/**"));
        let mut sources = self.around.sources_below(&self.places.project);
        sources.retain(|source| !built.iter().any(|pattern| matches(pattern, source)));
        in_order(sources)
    }

    fn include(&self, pattern: &str, excluded: &[String], compiled: &mut Compiled) {
        let Some(path) = self.places.locate(pattern) else {
            compiled.missing.push(pattern.replace(super::msbuild::MARKS, "?"));
            return;
        };
        let found = match path.contains(['*', '?']) {
            true => in_order(self.glob(&path)),
            false => self.around.resolve(&path).into_iter().collect(),
        };
        if found.is_empty() && is_source(&path) && !path.contains(['*', '?']) {
            compiled.missing.push(path);
        }
        for source in found {
            let unwanted = excluded.iter().any(|pattern| matches(pattern, &source));
            if is_source(&source) && !unwanted && !compiled.sources.contains(&source) {
                compiled.sources.push(source);
            }
        }
    }

    fn glob(&self, pattern: &str) -> Vec<String> {
        let fixed = pattern.find(['*', '?']).map_or(pattern, |wild| &pattern[..wild]);
        let directory = fixed.rsplit_once('/').map_or("", |(directory, _)| directory);
        let mut found = self.around.sources_below(directory);
        found.retain(|source| matches(pattern, source));
        found
    }

    /// The items of a list, without MSBuild's escapes.
    fn list(&self, list: Option<&str>) -> Vec<String> {
        let list = self.properties.expand(list.unwrap_or_default());
        list.split(';').map(str::trim).filter(|item| !item.is_empty()).map(unescape).collect()
    }

    fn patterns(&self, list: Option<&str>) -> Vec<String> {
        self.list(list).iter().filter_map(|pattern| self.places.locate(pattern)).collect()
    }
}

/// Paths as Windows lists them: the files of a folder, then its folders, each by the alphabet.
fn in_order(mut paths: Vec<String>) -> Vec<String> {
    paths.sort_by_cached_key(|path| {
        let last = path.matches('/').count();
        let part = |(at, part): (usize, &str)| (at < last, part.to_lowercase());
        path.split('/').enumerate().map(part).collect::<Vec<_>>()
    });
    paths
}
