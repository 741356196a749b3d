//! Project files: which sources MSBuild would build, and what it would tell the compiler.
//!
//! A file is evaluated as MSBuild does, from the top to the bottom, without the files that it
//! imports. What those, the command line of a build or a function would say stays unknown, and what
//! depends on it too: nothing is guessed.

mod condition;
mod items;
mod msbuild;
mod places;
mod tree;
mod variables;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::preprocess::{Options, Platform};
use crate::source::Source;
use crate::wix::Generation;
use items::{Compile, Compiled, links_more};
use msbuild::{PROJECT, Properties, SOLUTION};
use places::Places;
use tree::Element;
use variables::{Passed, include_dirs};

/// What lies around a project file. Paths have `/` between their parts.
pub trait Around {
    /// The path of an existing file that `path` names to Windows, where case does not count.
    fn resolve(&self, path: &str) -> Option<String>;

    /// The WiX sources in a directory and below it.
    fn sources_below(&self, directory: &str) -> Vec<String>;

    /// The nearest directory with a solution, at a directory or above it.
    fn solution_above(&self, directory: &str) -> Option<String>;
}

/// What a project file says.
#[derive(Clone, Debug, Default)]
pub struct ProjectFile {
    /// The sources that it names and that are there, in the order in which they are compiled.
    pub sources: Vec<String>,
    /// The sources that it names and that are not there: a build makes them.
    pub missing: Vec<String>,
    /// Whether a build links libraries or extensions that nobody here knows.
    pub links_more: bool,
    /// The generation of the toolset, if the file says so.
    pub generation: Option<Generation>,
    /// Variables, directories of includes, and the platform.
    pub options: Options,
}

/// Whether a path names a project of WiX.
pub fn is_project(path: &str) -> bool {
    path.len() > 8 && path.get(path.len() - 8..).is_some_and(|end| end.eq_ignore_ascii_case(".wixproj"))
}

impl ProjectFile {
    /// Reads the project file at `path`.
    ///
    /// # Errors
    /// Why it is no XML, with the line where that is the reason.
    pub fn read(path: &str, bytes: Vec<u8>, around: &dyn Around) -> Result<ProjectFile, String> {
        let source = Source::decode(path, bytes)
            .map_err(|_| format!("cannot read {path}: it is in no encoding that wixlint reads"))?;
        let source = Arc::new(source);
        let root = Element::parse(source.clone())
            .map_err(|error| format!("{path}:{}: {}", source.place(error.span.start).line, error.message))?;
        let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory).to_owned();
        let places = Places { solution: around.solution_above(&directory), project: directory };
        Ok(ProjectFile::evaluate(&root, path, &places, around))
    }

    fn evaluate(root: &Element, path: &str, places: &Places, around: &dyn Around) -> ProjectFile {
        let style = Style::of(root);
        // What is built when nothing is said decides which files there are, and for which platform.
        let mut default = reserved(path, places);
        if style.is_sdk {
            default.set("Configuration", "Debug");
        }
        default.default_configuration(root);
        default.evaluate(root);
        // What the sources are told has to hold for every configuration, since each will be built.
        let mut every = reserved(path, places);
        every.evaluate(root);
        let (properties, generation) = (&default, style.generation);
        let Compiled { sources, missing } = Compile { properties, places, around }.sources(root, style.is_sdk);
        let platform = platform(properties);
        let platform_is_given = every.known("InstallerPlatform").is_some_and(|name| !name.is_empty());
        let include_dirs = include_dirs(properties, places);
        let options = Options { include_dirs, platform, platform_is_given, ..Options::default() };
        let options = Passed { properties: &every, places, generation, options }.all(root);
        let links_more = !missing.is_empty() || links_more(root, properties);
        ProjectFile { sources, missing, links_more, generation: style.generation, options }
    }
}

/// Which toolset a project file is written for.
struct Style {
    is_sdk: bool,
    generation: Option<Generation>,
}

impl Style {
    /// An SDK is named by an attribute, by an element, or where its files are imported.
    fn of(root: &Element) -> Style {
        let attribute = root.get("Sdk").map(|sdk| sdk.split_once('/').unwrap_or((sdk, "")));
        let elements = root.children.iter().filter_map(|child| {
            let name = if child.is("Sdk") { child.get("Name") } else { child.get("Sdk") };
            Some((name?, child.get("Version").unwrap_or_default()))
        });
        let mut named = attribute.into_iter().chain(elements);
        let Some((_, version)) = named.find(|(name, _)| name.eq_ignore_ascii_case("WixToolset.Sdk")) else {
            return Style { is_sdk: false, generation: Some(Generation::V3) };
        };
        let generation = match version.split('.').next().unwrap_or_default() {
            "4" => Some(Generation::V4),
            "5" => Some(Generation::V5),
            "6" => Some(Generation::V6),
            "7" => Some(Generation::V7),
            _ => None,
        };
        Style { is_sdk: true, generation }
    }
}

/// The properties that every project file can use.
fn reserved(path: &str, places: &Places) -> Properties {
    let mut properties = Properties::default();
    let file = path.rsplit('/').next().unwrap_or(path);
    let (stem, extension) = file.rsplit_once('.').unwrap_or((file, ""));
    for name in ["MSBuildProjectDirectory", "MSBuildThisFileDirectory", "ProjectDir"] {
        properties.set(name, PROJECT);
    }
    for name in ["MSBuildProjectName", "MSBuildThisFileName", "ProjectName"] {
        properties.set(name, stem);
    }
    for name in ["MSBuildProjectFile", "MSBuildThisFile", "ProjectFileName"] {
        properties.set(name, file);
    }
    for name in ["MSBuildProjectExtension", "MSBuildThisFileExtension", "ProjectExt"] {
        properties.set(name, format!(".{extension}"));
    }
    if places.solution.is_some() {
        properties.set("SolutionDir", SOLUTION);
    }
    properties
}

/// The platform that the project builds for: its own word, the compiler's option, or MSBuild's.
fn platform(properties: &Properties) -> Platform {
    let mut words = properties.get("CompilerAdditionalOptions").split_whitespace();
    let option = words.any(|word| word == "-arch").then(|| words.next()).flatten();
    let said = [properties.known("InstallerPlatform"), option, properties.known("Platform")];
    let named = |name: &str| Platform::ALL.into_iter().find(|platform| platform.name().eq_ignore_ascii_case(name));
    said.into_iter().flatten().find(|name| !name.is_empty()).and_then(named).unwrap_or_default()
}
