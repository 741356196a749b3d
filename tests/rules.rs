//! The rules against their pages, which are documentation and tests at once, and against further
//! cases in `fixtures/rules`, which are written the same way.
//!
//! A fenced `wxs` block is a source; a line that ends with `<!-- error: text -->` (or `warning`,
//! `info`) must be reported, with a message that holds the text, and no other line may be. A rule
//! name before the text (`<!-- error: other-rule: text -->`) means a finding of another rule than the
//! page's. A `diff` is what `--fix` makes of the blocks before it, or of the first ones in a section
//! that has none before it. Blocks that carry names (`wxs file=Actions.wxs`, `toml file=wixlint.toml`)
//! and follow each other make one project; so do `dll`, which lists what a DLL exports, and blocks of code.
#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

#[path = "rules/dll.rs"]
mod dll;
#[path = "rules/page.rs"]
mod page;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::sync::Arc;

use page::{Mark, Page, picture};
use wixlint::analysis::Analysis;
use wixlint::config::Config;
use wixlint::diagnostic::{Applicability, Diagnostic};
use wixlint::fix::diff::{Diff, Form};
use wixlint::fix::prove::{Base, prove};
use wixlint::fix::repair::{Terms, repair};
use wixlint::model::Model;
use wixlint::policy::{Level, Policy};
use wixlint::preprocess::Files;
use wixlint::project::{Project, Settings};
use wixlint::rules::{RULES, names};
use wixlint::sequence::ProblemKind;
use wixlint::source::{Source, Sources};

/// Rules whose pages show no source, and why.
const WITHOUT_EXAMPLE: &[(&str, &str)] =
    &[("unreadable-encoding", "a page is UTF-8, and so is everything that it can show")];

/// Files that lie in memory.
struct Memory(BTreeMap<String, Vec<u8>>);

impl Files for Memory {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.0.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn resolve(&self, path: &str) -> Option<String> {
        self.0.keys().find(|name| name.eq_ignore_ascii_case(path)).cloned()
    }

    fn above(&self, directory: &str) -> Vec<String> {
        vec![directory.to_owned()]
    }

    fn below(&self, _directory: &str, most: usize, is_wanted: &dyn Fn(&str) -> bool) -> Vec<String> {
        self.0.keys().filter(|path| is_wanted(path)).take(most).cloned().collect()
    }
}

/// A project of a page, compiled.
struct Case<'p> {
    page: &'p Page,
    shown: &'p page::Project,
    files: Memory,
    settings: Settings,
    sources: Sources,
    project: Project,
}

/// What a finding says, and in which configurations it holds.
fn whole(finding: &Diagnostic) -> String {
    finding.when().map_or(finding.message.clone(), |when| format!("{} ({when})", finding.message))
}

impl<'p> Case<'p> {
    fn compile(page: &'p Page, shown: &'p page::Project) -> Case<'p> {
        let sources = shown.files.iter().map(|file| (file.name.clone(), file.whole().into_bytes()));
        let files = Memory(sources.chain(shown.others.iter().cloned()).collect());
        let readers = Config::parse(&shown.config, &names()).unwrap().reads;
        // A page is about its rule, on or off.
        let asked = RULES.iter().filter(|rule| rule.name == page.rule()).map(|rule| (rule.name, Level::On)).collect();
        let policy = Policy { levels: asked, ..Policy::default() };
        let settings = Settings { readers, policy, ..Settings::default() };
        let given = shown.files.iter().filter(|file| file.name.ends_with(".wxs"));
        let given = given.map(|file| (Arc::new(Source::decode(&*file.name, file.whole().into()).unwrap()), None));
        let mut sources = Sources::default();
        let project = Project::compile(given.collect(), &settings, &files, &mut sources);
        Case { page, shown, files, settings, sources, project }
    }

    fn findings(&self) -> Vec<Diagnostic> {
        let analysis = Analysis::of(&self.project, &self.settings);
        let (project, sources) = (&self.project, &self.sources);
        prove(&Base {
            project,
            analysis: &analysis,
            sources,
            settings: &self.settings,
            files: &self.files,
            neighbours: &[],
        })
    }

    /// File and line of a finding, the line counted in the block.
    fn place(&self, finding: &Diagnostic) -> (String, usize) {
        let span = finding.primary.span;
        let source = self.sources.get(span.file);
        let before =
            self.shown.files.iter().find(|file| file.name == source.path()).map_or(0, page::File::lines_before);
        let line = source.line_of(span.start) as usize;
        (source.path().to_owned(), line.checked_sub(before).unwrap_or(usize::MAX))
    }

    /// The rule that a mark means, and its part of the message.
    fn meaning<'m>(&self, mark: &'m Mark) -> (String, &'m str) {
        let named = mark.text.split_once(':').filter(|(name, _)| RULES.iter().any(|rule| rule.name == *name));
        match named {
            Some((name, text)) => (name.to_owned(), text.trim()),
            None if RULES.iter().any(|rule| rule.name == mark.text) => (mark.text.clone(), ""),
            None => (self.page.rule().to_owned(), &mark.text),
        }
    }

    fn is_met(&self, mark: &Mark, finding: &Diagnostic) -> bool {
        let (rule, text) = self.meaning(mark);
        let fix = match (&mark.fix, &finding.fix, &finding.no_fix) {
            (None, ..) => true,
            (Some(wanted), Some(fix), _) => wanted == fix.applicability.name(),
            (Some(wanted), None, Some(reason)) => {
                wanted.strip_prefix("no fix:").is_some_and(|part| reason.contains(part.trim()))
            }
            (Some(wanted), None, None) => wanted == "no fix",
        };
        rule == finding.rule && mark.severity == finding.severity.name() && whole(finding).contains(text) && fix
    }

    /// What was expected and not found, and what was found and not expected.
    fn check(&self) -> Result<(), String> {
        let mut found = self.findings();
        let told: Vec<String> = found.iter().map(|finding| finding.subject.clone()).collect();
        let mut remarks = Vec::new();
        for file in &self.shown.files {
            for mark in &file.marks {
                let place = (file.name.clone(), mark.line);
                match found.iter().position(|finding| self.place(finding) == place && self.is_met(mark, finding)) {
                    Some(at) => drop(found.remove(at)),
                    None => remarks.push((place.0, place.1, format!("expected {mark:?}"))),
                }
            }
        }
        for finding in &found {
            let (name, line) = self.place(finding);
            let fix = match (&finding.fix, &finding.no_fix) {
                (Some(fix), _) => fix.applicability.name().to_owned(),
                (None, Some(reason)) => format!("no fix: {reason}"),
                (None, None) => "no fix".to_owned(),
            };
            let (severity, rule) = (finding.severity.name(), finding.rule);
            remarks.push((name, line, format!("found {severity}[{rule}]: {} | {fix}", whole(finding))));
        }
        for problem in self.problems(&told) {
            remarks.push((String::new(), 0, format!("WiX does not build it: {problem}")));
        }
        if remarks.is_empty() { Ok(()) } else { Err(picture(self.shown, &remarks)) }
    }

    /// What the toolset would refuse and no finding tells; an example that does not build teaches nothing else.
    fn problems(&self, told: &[String]) -> Vec<String> {
        let analysis = Analysis::of(&self.project, &self.settings);
        let is_template = |model: &&Model<'_>| model.package.sections.iter().any(|section| section.is_template);
        let models = analysis.worlds.iter().flatten().filter(|model| !is_template(model));
        let schedules = models.flat_map(|model| &model.schedules);
        let problems = schedules.flat_map(|schedule| schedule.problems.iter().map(move |problem| (schedule, problem)));
        let refused = problems.filter(|(schedule, problem)| {
            let subject = format!("{}/{}", schedule.table.name(), problem.action);
            !problem.kind.is_warning() && problem.kind != ProblemKind::Undefined && !told.contains(&subject)
        });
        refused.map(|(_, problem)| format!("{:?} of `{}`", problem.kind, problem.action)).collect()
    }

    /// What `--fix` makes of the project, as the lines of a diff without its headers.
    fn diff(self) -> Vec<String> {
        let Case { shown, files, settings, sources, project, .. } = self;
        let repaired = repair(
            project,
            sources,
            &Terms {
                settings: &settings,
                files: &files,
                neighbours: &[],
                trust: Applicability::Safe,
                wanted: &|_, _, _| true,
            },
        );
        let mut lines = Vec::new();
        for (_, source) in repaired.sources.iter() {
            let Some(file) = shown.files.iter().find(|file| file.name == source.path()) else { continue };
            let new = source.text().strip_prefix(&*file.before).and_then(|text| text.strip_suffix(&*file.after));
            let decode = |text: &str| Source::decode(&*file.name, text.into()).unwrap();
            let (old, new) = (decode(&file.shown), decode(new.unwrap()));
            let mut patch = Vec::new();
            Diff::between(&old, &new).write(&file.name, Form::Patch, &mut patch).unwrap();
            let patch = String::from_utf8(patch).unwrap();
            lines.extend(patch.lines().filter(|line| !is_header(line)).map(|line| line.trim_end().to_owned()));
        }
        lines
    }
}

impl Page {
    /// The rule that the page is about.
    fn rule(&self) -> &str {
        self.text.lines().next().and_then(|line| line.strip_prefix("# ")).unwrap_or_default()
    }
}

fn is_header(line: &str) -> bool {
    ["--- ", "+++ ", "@@ "].iter().any(|start| line.starts_with(start))
}

fn pages(folder: &str) -> Vec<Page> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path().to_str().unwrap().to_owned());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".md")).collect();
    names.sort();
    names.iter().map(|name| Page::parse(name, fs::read_to_string(name).unwrap())).collect()
}

/// Everything that is wrong with a page.
fn failures(page: &Page) -> Vec<String> {
    let mut failures: Vec<String> = Vec::new();
    let mut fail = |message: String| failures.push(format!("{}: {message}", page.path));
    for line in &page.strange {
        fail(format!("line {line}: neither wxs, toml, dll, code, diff nor text"));
    }
    for shown in &page.projects {
        if let Err(picture) = Case::compile(page, shown).check() {
            fail(picture);
        }
    }
    for (at, wanted) in &page.diffs {
        let Some(shown) = page.projects.get(*at) else {
            fail("a diff of nothing".to_owned());
            continue;
        };
        let wanted: Vec<&str> = wanted.iter().map(|line| line.trim_end()).filter(|line| !is_header(line)).collect();
        let made = Case::compile(page, shown).diff();
        if wanted != made {
            let (wanted, made) = (wanted.join("\n"), made.join("\n"));
            fail(format!("the fix differs\n{}--- the page\n{wanted}\n--- wixlint\n{made}\n", picture(shown, &[])));
        }
    }
    failures
}

fn assert_none(failures: &[String]) {
    assert!(failures.is_empty(), "{} failures\n\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn pages_are_true() {
    let mut wrong = Vec::new();
    for page in pages("src/rules") {
        wrong.extend(failures(&page));
        let rule = RULES.iter().find(|rule| rule.name == page.rule());
        let excused = WITHOUT_EXAMPLE.iter().any(|(rule, _)| *rule == page.rule());
        let marks = |project: &page::Project| project.files.iter().map(|file| file.marks.len()).sum::<usize>();
        let count = |section: &str| page.projects.iter().filter(|project| project.section == section).count();
        for project in &page.projects {
            if project.section == "Not reported" && marks(project) > 0 {
                wrong.push(format!("{}: a mark below Not reported", page.path));
            }
            if project.section == "Example" && marks(project) == 0 {
                wrong.push(format!("{}: an example without a mark\n{}", page.path, picture(project, &[])));
            }
        }
        if rule.is_none() {
            wrong.push(format!("{}: its first line names no rule", page.path));
        }
        if excused == (count("Example") > 0) || excused == (count("Not reported") > 0) {
            wrong.push(format!("{}: examples are missing, or it is excused and has some", page.path));
        }
    }
    assert_none(&wrong);
}

#[test]
fn further_cases_hold() {
    let cases = pages("fixtures/rules");
    assert!(!cases.is_empty());
    assert_none(&cases.iter().flat_map(failures).collect::<Vec<_>>());
}

#[test]
fn unreadable_encodings_are_reported() {
    let xml = |encoding: &str| format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>\n<Wix/>\n").into_bytes();
    let cases: [(&str, Vec<u8>, &str); 5] = [
        ("Shift JIS", xml("shift_jis"), "`shift_jis` is not one that wixlint reads"),
        ("a broken UTF-8 sequence", b"<Wix>\n\xFF</Wix>\n".to_vec(), "not valid UTF-8: see byte 6"),
        ("half a UTF-16 unit", b"\xFF\xFE<\0W".to_vec(), "not valid UTF-16"),
        ("windows-1252", [xml("windows-1252"), b"<!-- \xE9 -->".to_vec()].concat(), ""),
        ("UTF-8 with a byte order mark", b"\xEF\xBB\xBF<Wix/>".to_vec(), ""),
    ];
    for (what, bytes, wanted) in cases {
        let given = match Source::decode("Package.wxs", bytes) {
            Ok(source) => (Arc::new(source), None),
            Err(undecodable) => (Arc::new(undecodable.source), Some(undecodable.error)),
        };
        let (settings, files) = (Settings::default(), Memory(BTreeMap::new()));
        let project = Project::compile(vec![given], &settings, &files, &mut Sources::default());
        let findings = Analysis::of(&project, &settings).findings;
        let mut found = findings.iter().filter(|finding| finding.diagnostic.rule == "unreadable-encoding");
        match found.next() {
            None => assert!(wanted.is_empty(), "{what}: nothing is reported"),
            Some(finding) => {
                let message = &finding.diagnostic.message;
                assert!(!wanted.is_empty() && message.contains(wanted), "{what}: {message}");
            }
        }
    }
}
