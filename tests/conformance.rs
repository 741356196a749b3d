//! The computed sequences against those that the real toolsets gave for the same sources.
//!
//! A case is `NAME.wxs` with `NAME.tsv`, or `NAME.v4.tsv` to `NAME.v7.tsv` where the generations of
//! the toolset differ. `fixtures/conformance/README.md` tells how the files are written.
#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use wixlint::analysis::Analysis;
use wixlint::diagnostic::Severity;
use wixlint::disk::Disk;
use wixlint::msi::Table;
use wixlint::preprocess::Platform;
use wixlint::project::{Project, Settings};
use wixlint::sequence::{ProblemKind, Schedule};
use wixlint::source::{Source, Sources};
use wixlint::wix::Generation;

const FOLDER: &str = "fixtures/conformance";

/// Cases whose tables are not computed yet, and what they need.
const PENDING: &[(&str, &str)] = &[
    ("v3-79b-suppress-flag", "switches of the linker, which wixlint has no twin for"),
    ("v3-61b-orphaned-component", "which components features reach; no sequence depends on it"),
    ("v3-85-pp-undefined-in-if", UNDEFINED),
    ("v3-99p-no-entry", "fragments without an entry section are a library"),
    ("v4-64-pp-undefined", UNDEFINED),
];

const UNDEFINED: &str = "a variable that nothing defines may come from the command line; that is a note";

type Rows = BTreeMap<(String, String), (String, String)>;

struct Case {
    name: String,
    generation: Generation,
    sources: Vec<String>,
    settings: Settings,
    expected: String,
}

fn cases() -> Vec<Case> {
    let mut names: Vec<String> =
        fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names.iter().filter_map(|name| name.strip_suffix(".tsv")).map(case).collect()
}

fn case(name: &str) -> Case {
    let (base, generation) = match name.rsplit_once(".v") {
        Some((base, "4")) => (base, Generation::V4),
        Some((base, "5")) => (base, Generation::V5),
        Some((base, "6")) => (base, Generation::V6),
        Some((base, "7")) => (base, Generation::V7),
        _ if name.starts_with("v3") => (name, Generation::V3),
        _ => (name, Generation::V7),
    };
    let text = fs::read_to_string(format!("{FOLDER}/{base}.wxs")).unwrap();
    let options = options(&text);
    let mut settings = Settings { generation: Some(generation), ..Settings::default() };
    settings.preprocess.platform_is_given = true;
    let mut sources = vec![format!("{FOLDER}/{base}.wxs")];
    for (key, value) in options {
        match key.as_str() {
            _ if value.ends_with("x64") => settings.preprocess.platform = Platform::X64,
            "sources" => sources.extend(value.split(',').map(|source| format!("{FOLDER}/{source}"))),
            _ => {
                for word in value.split(' ') {
                    if let Some(define) = word.strip_prefix("-d") {
                        let (name, value) = define.split_once('=').unwrap_or((define, ""));
                        settings.preprocess.defines.push((name.to_owned(), Some(value.to_owned())));
                    } else if let Some(directory) = word.strip_prefix("-I") {
                        settings.preprocess.include_dirs.push(format!("{FOLDER}/{directory}"));
                    }
                }
            }
        }
    }
    let expected = fs::read_to_string(format!("{FOLDER}/{name}.tsv")).unwrap();
    Case { name: name.to_owned(), generation, sources, settings, expected }
}

/// `oracle: key=value; key=value` in a comment at the top: what the toolset was run with.
fn options(text: &str) -> Vec<(String, String)> {
    let Some(start) = text.find("<!-- oracle:") else { return Vec::new() };
    let comment = &text[start + "<!-- oracle:".len()..];
    let comment = &comment[..comment.find("-->").unwrap()];
    let pairs = comment.split(';').filter_map(|pair| pair.split_once('='));
    pairs.map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned())).collect()
}

fn compile(case: &Case, sources: &mut Sources) -> Project {
    let given =
        case.sources.iter().map(|path| (Arc::new(Source::decode(path, fs::read(path).unwrap()).unwrap()), None));
    Project::compile(given.collect(), &case.settings, &Disk::default(), sources)
}

fn expected_rows(case: &Case) -> Rows {
    let rows = case.expected.lines().filter(|line| !line.starts_with('#') && !line.starts_with("Module"));
    rows.map(|line| {
        let mut cells = line.split('\t').map(str::to_owned);
        let mut next = || cells.next().unwrap_or_default();
        ((next(), next()), (next(), next()))
    })
    .collect()
}

fn computed_rows(schedules: &[Schedule<'_>]) -> Rows {
    let rows = schedules.iter().flat_map(|schedule| schedule.rows.iter().map(|row| (schedule.table, row)));
    rows.map(|(table, row)| {
        let number = row.number.map_or("?".to_owned(), |number| number.to_string());
        ((table.name().to_owned(), row.action.to_owned()), (number, row.condition.to_owned()))
    })
    .collect()
}

/// An undefined action may come from an extension, which the case may well be about.
fn is_refused(kind: ProblemKind) -> bool {
    !kind.is_warning() && kind != ProblemKind::Undefined
}

/// What differs, or nothing.
fn check(case: &Case) -> Result<(), String> {
    let mut sources = Sources::default();
    let project = compile(case, &mut sources);
    let packages = project.worlds().first().map_or_else(Vec::new, |world| world.packages(&case.settings));
    if !case.expected.starts_with("#result\tok") {
        return refused(case, &project, &sources);
    }
    let [package] = &packages[..] else { return Err(format!("{} packages", packages.len())) };
    let schedules = Schedule::compute_all(package);
    let problems: Vec<_> =
        schedules.iter().flat_map(|schedule| &schedule.problems).filter(|problem| is_refused(problem.kind)).collect();
    if !problems.is_empty() {
        return Err(format!("the toolset builds it, but: {problems:?}"));
    }
    if !package.is_product() {
        return Ok(());
    }
    let (expected, computed) = (expected_rows(case), computed_rows(&schedules));
    let keys: std::collections::BTreeSet<_> = expected.keys().chain(computed.keys()).collect();
    let wrong: Vec<String> = keys
        .into_iter()
        .filter(|key| expected.get(*key) != computed.get(*key))
        .map(|key| format!("    {}/{}: true {:?}, computed {:?}", key.0, key.1, expected.get(key), computed.get(key)))
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(format!("{} rows differ\n{}", wrong.len(), wrong.join("\n"))) }
}

/// Where the toolset has its first error, an error is found; some of its failures name no place.
fn refused(case: &Case, project: &Project, sources: &Sources) -> Result<(), String> {
    let analysis = Analysis::of(project, &case.settings);
    let errors = analysis.findings.iter().map(|finding| &finding.diagnostic);
    let places: Vec<String> = errors
        .filter(|error| error.severity == Severity::Error)
        .map(|error| {
            let span = error.primary.span;
            let source = sources.get(span.file);
            let path = source.path().strip_prefix(FOLDER).unwrap_or(source.path());
            format!("{}:{}", path.trim_start_matches('/'), source.place(span.start).line)
        })
        .collect();
    let mut expected = case.expected.lines().filter_map(|line| line.strip_prefix("#diag\terror\t"));
    let (code, place) = expected.next().and_then(|line| line.split_once('\t')).unwrap_or_default();
    let found = if place.contains(':') { places.iter().any(|found| found == place) } else { !places.is_empty() };
    if found { Ok(()) } else { Err(format!("the toolset refuses it with {code} at {place}; found are {places:?}")) }
}

#[test]
fn sequences_are_those_of_the_toolset() {
    let mut failures = Vec::new();
    let cases = cases();
    assert!(cases.len() > 300, "only {} cases found", cases.len());
    for case in &cases {
        let pending = PENDING.iter().find(|(name, _)| case.name == *name);
        match (check(case), pending) {
            (Ok(()), None) | (Err(_), Some(_)) => {}
            (Err(difference), None) => failures.push(format!("{} ({:?}): {difference}", case.name, case.generation)),
            (Ok(()), Some(_)) => failures.push(format!("{} is equal now; it is no longer pending", case.name)),
        }
    }
    assert!(failures.is_empty(), "{} of {} cases differ:\n{}", failures.len(), cases.len(), failures.join("\n"));
    assert_eq!(Table::ALL.len(), 5);
}
