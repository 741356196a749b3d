//! The preprocessor variables that MSBuild passes on to the compiler.

use super::condition::Truth;
use super::items::of_kind;
use super::msbuild::{PROJECT, Properties, SOLUTION, UNKNOWN, is_known, unescape};
use super::places::Places;
use super::tree::Element;
use crate::preprocess::Options;
use crate::wix::Generation;

/// What a build says of a referenced project and this file does not.
const BUILT: &[&str] = &[
    "Configuration",
    "FullConfiguration",
    "Platform",
    "ProjectPath",
    "TargetDir",
    "TargetExt",
    "TargetFileName",
    "TargetName",
    "TargetPath",
];

pub(super) struct Passed<'p> {
    pub(super) properties: &'p Properties,
    pub(super) places: &'p Places,
    pub(super) generation: Option<Generation>,
    pub(super) options: Options,
}

impl Passed<'_> {
    /// Everything that is passed on.
    pub(super) fn all(mut self, root: &Element) -> Options {
        self.constants();
        self.solution();
        self.project();
        for (reference, holds) in of_kind(root, "ProjectReference", self.properties) {
            if holds == Truth::True {
                self.reference(reference);
            }
        }
        self.options
    }

    fn define(&mut self, name: &str, text: &str) {
        if text.starts_with([PROJECT, SOLUTION])
            && let Some(place) = self.places.locate(&unescape(text))
        {
            self.options.places.push((name.to_owned(), place));
        }
        let text = is_known(text).then(|| unescape(text));
        self.options.defines.push((name.to_owned(), text));
    }

    /// `DefineConstants`, and `-d` among the compiler's other options.
    fn constants(&mut self) {
        let constants = self.properties.get("DefineConstants").split(';').map(str::trim);
        let others = self.properties.get("CompilerAdditionalOptions").split_whitespace();
        let others = others.filter_map(|word| word.strip_prefix("-d"));
        for constant in constants.chain(others) {
            let (name, text) = constant.split_once('=').unwrap_or((constant, ""));
            let name = name.trim();
            if !name.is_empty() && is_known(name) {
                self.define(name, text);
            }
        }
    }

    fn solution(&mut self) {
        let is_off = self.properties.known("DefineSolutionProperties");
        if self.places.solution.is_some() && !is_off.is_some_and(|value| value.eq_ignore_ascii_case("false")) {
            self.define("SolutionDir", &SOLUTION.to_string());
        }
    }

    fn project(&mut self) {
        self.options.places.push(("sys.CURRENTDIR".to_owned(), self.places.project.clone()));
        let properties = self.properties;
        for name in ["Configuration", "Platform", "ProjectDir", "ProjectExt", "ProjectFileName", "ProjectName"] {
            self.define(name, properties.get(name));
        }
        let unset = properties.get("MSBuildProjectName");
        let target = ["TargetName", "OutputName"].into_iter().find(|name| properties.is_set(name));
        let name = target.map_or(unset, |name| properties.get(name));
        let extension = extension(properties);
        self.define("TargetName", name);
        self.define("TargetExt", extension);
        self.define("TargetFileName", &format!("{name}{extension}"));
        let output = if self.generation == Some(Generation::V3) { properties.get("OutputPath") } else { "\u{1}" };
        self.define("OutDir", output);
        for name in ["ProjectPath", "TargetDir", "TargetPath"] {
            self.define(name, &UNKNOWN.to_string());
        }
    }

    fn reference(&mut self, reference: &Element) {
        let path = self.properties.expand(reference.get("Include").unwrap_or_default()).replace('\\', "/");
        let (directory, file) = path.rsplit_once('/').unwrap_or(("", &path));
        let (stem, extension) = file.rsplit_once('.').unwrap_or((file, ""));
        let name = reference.metadata("Name").map_or(stem.to_owned(), |name| self.properties.expand(name));
        if !is_known(file) || !is_known(&name) || file.contains(';') {
            return;
        }
        let name = variable_name(&name, self.generation);
        let directory = if directory.is_empty() { PROJECT.to_string() } else { directory.to_owned() };
        // Its text is the machine's; where it lies is known all the same.
        if let Some(place) = self.places.locate(&directory) {
            self.options.places.push((format!("{name}.ProjectDir"), place));
        }
        self.options.defines.push((format!("{name}.ProjectDir"), None));
        self.define(&format!("{name}.ProjectName"), stem);
        self.define(&format!("{name}.ProjectExt"), &format!(".{extension}"));
        self.define(&format!("{name}.ProjectFileName"), file);
        for part in BUILT {
            self.define(&format!("{name}.{part}"), &UNKNOWN.to_string());
        }
    }
}

/// The ending of what the project builds.
fn extension(properties: &Properties) -> &'static str {
    let unset = !properties.is_set("OutputType");
    match properties.known("OutputType").map(str::to_ascii_lowercase).as_deref() {
        Some("package") => ".msi",
        Some("module") => ".msm",
        Some("library") => ".wixlib",
        Some("bundle") => ".exe",
        Some("patch") => ".msp",
        None if unset => ".msi",
        _ => "\u{1}",
    }
}

/// The name under which a referenced project's variables are passed. v3 replaces what a command
/// line or the preprocessor cannot hold; later generations make an identifier of it.
fn variable_name(name: &str, generation: Option<Generation>) -> String {
    if generation == Some(Generation::V3) {
        return name.replace(['=', '"', '(', ')'], "_");
    }
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let name = name.replace(|c| !legal(c), "_");
    if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') { name } else { format!("_{name}") }
}

/// The directories of `IncludeSearchPaths`, as far as they are known.
pub(super) fn include_dirs(properties: &Properties, places: &Places) -> Vec<String> {
    let list = properties.get("IncludeSearchPaths").split(';').map(str::trim);
    list.filter(|path| !path.is_empty() && *path != "\u{1}").filter_map(|path| places.locate(&unescape(path))).collect()
}
