//! What holds for every source: generated packages of both dialects, checked and fixed.
#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use std::fmt::Write as _;
use std::io;
use std::sync::Arc;

use proptest::prelude::*;
use wixlint::diagnostic::{Applicability, Diagnostic};
use wixlint::fix::repair::{Repaired, Terms, repair};
use wixlint::msi::Table;
use wixlint::preprocess::Files;
use wixlint::project::{Project, Settings};
use wixlint::sequence::Schedule;
use wixlint::source::{Source, Sources};

/// No file but those that are handed over.
struct Nothing;

impl Files for Nothing {
    fn read(&self, _: &str) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn resolve(&self, _: &str) -> Option<String> {
        None
    }
}

/// A custom action and where it is to stand.
#[derive(Clone, Debug)]
struct Action {
    reads: bool,
    shape: Shape,
    place: Placed,
    condition: Option<&'static str>,
}

#[derive(Clone, Copy, Debug)]
enum Shape {
    Value,
    Dll,
    Deferred,
    SetProperty,
    SetPropertyInBoth,
}

#[derive(Clone, Debug)]
enum Placed {
    Before(Target),
    After(Target),
    Number(u16),
}

#[derive(Clone, Debug)]
enum Target {
    Standard(&'static str),
    /// One of the generated actions, by number.
    Custom(usize),
}

fn target() -> impl Strategy<Value = Target> {
    let standard = prop::sample::select(vec![
        "CostFinalize",
        "InstallValidate",
        "InstallInitialize",
        "InstallFiles",
        "InstallFinalize",
        "StopServices",
        "InstallExecute",
    ]);
    prop_oneof![standard.prop_map(Target::Standard), (0..8usize).prop_map(Target::Custom)]
}

fn action() -> impl Strategy<Value = Action> {
    let shape = prop::sample::select(vec![
        Shape::Value,
        Shape::Value,
        Shape::Dll,
        Shape::Deferred,
        Shape::SetProperty,
        Shape::SetPropertyInBoth,
    ]);
    let place = prop_oneof![
        target().prop_map(Placed::Before),
        target().prop_map(Placed::After),
        (1..7000u16).prop_map(Placed::Number)
    ];
    let condition =
        prop::sample::select(vec![None, None, Some("P0"), Some("NOT Installed"), Some("$C=3"), Some("REMOVE")]);
    (prop::bool::weighted(0.4), shape, place, condition).prop_map(|(reads, shape, place, condition)| Action {
        reads,
        shape,
        place,
        condition,
    })
}

/// Names whose order is neither that of the document nor that of the alphabet.
const NAMES: [&str; 8] = ["Mid", "alpha", "Zed", "_low", "Beta10", "Beta2", "beta", "Last"];

/// The source of a package; every second action in a fragment of its own file.
fn sources(actions: &[Action], v3: bool, line_end: &str) -> [String; 2] {
    let (namespace, open, close, refer) = if v3 {
        let head = r#"<Product Id="*" Name="P" Language="1033" Version="1.0" Manufacturer="M" UpgradeCode="6D6A3E0C-7B0A-4C5E-9C53-1F2B3C4D5E6F"><Package/>"#;
        ("http://schemas.microsoft.com/wix/2006/wi", head, "</Product>", "BinaryKey")
    } else {
        (
            "http://wixtoolset.org/schemas/v4/wxs",
            r#"<Package Name="P" Manufacturer="M" Version="1.0">"#,
            "</Package>",
            "BinaryRef",
        )
    };
    let mut files =
        [format!("<Wix xmlns=\"{namespace}\">\n{open}\n"), format!("<Wix xmlns=\"{namespace}\">\n<Fragment>\n")];
    for name in NAMES.iter().take(actions.len()).skip(1).step_by(2) {
        writeln!(files[0], "<CustomActionRef Id=\"{name}\"/>").unwrap();
    }
    for (at, action) in actions.iter().enumerate() {
        write_action(&mut files[at % 2], at, action, v3, refer);
    }
    let [mut first, mut second] = files;
    write!(first, "<Binary Id=\"B\" SourceFile=\"b.dll\"/>\n{close}\n</Wix>").unwrap();
    second += "</Fragment>\n</Wix>\n";
    [first.replace('\n', line_end), second.replace('\n', line_end)]
}

fn write_action(out: &mut String, at: usize, action: &Action, v3: bool, refer: &str) {
    let name = NAMES[at];
    let value = if action.reads { "x[MsiRestartManagerSessionKey]" } else { "[P1]" };
    let target = |target: &Target| match target {
        Target::Standard(name) => (*name).to_owned(),
        Target::Custom(at) => NAMES[*at].to_owned(),
    };
    let place = match &action.place {
        Placed::Before(anchor) => format!("Before='{}'", target(anchor)),
        Placed::After(anchor) => format!("After='{}'", target(anchor)),
        Placed::Number(number) => format!("Sequence='{number}'"),
    };
    let (attribute, inner) = match action.condition {
        Some(condition) if v3 => (String::new(), condition),
        Some(condition) => (format!(" Condition=\"{condition}\""), ""),
        None => (String::new(), ""),
    };
    let assign =
        matches!(action.shape, Shape::SetProperty | Shape::SetPropertyInBoth) && !place.starts_with("Sequence");
    if assign {
        let tables = if matches!(action.shape, Shape::SetProperty) { " Sequence=\"execute\"" } else { "" };
        writeln!(out, "<SetProperty Id=\"P{at}\" Action=\"{name}\" Value=\"{value}\" {place}{tables}{attribute}>{inner}</SetProperty>").unwrap();
        return;
    }
    let comment = if action.reads { "<!-- wixlint: reads MsiRestartManagerSessionKey -->" } else { "" };
    let definition = match action.shape {
        Shape::Dll => format!("{comment}<CustomAction Id=\"{name}\" {refer}=\"B\" DllEntry=\"E\"/>"),
        Shape::Deferred => {
            format!("{comment}<CustomAction Id=\"{name}\" {refer}=\"B\" DllEntry=\"E\" Execute=\"deferred\"/>")
        }
        _ => format!("<CustomAction Id=\"{name}\" Property=\"P{at}\" Value=\"{value}\"/>"),
    };
    writeln!(out, "{definition}<InstallExecuteSequence><Custom Action=\"{name}\"  {place}{attribute}>{inner}</Custom></InstallExecuteSequence>").unwrap();
}

fn compile(texts: &[String]) -> (Project, Sources) {
    let mut sources = Sources::default();
    let given = texts
        .iter()
        .enumerate()
        .map(|(at, text)| (Arc::new(Source::decode(format!("{at}.wxs"), text.clone().into_bytes()).unwrap()), None));
    let project = Project::compile(given.collect(), &Settings::default(), &Nothing, &mut sources);
    (project, sources)
}

fn fix(texts: &[String], trust: Applicability) -> (Repaired, Vec<String>) {
    let (project, sources) = compile(texts);
    let files = project.files.clone();
    let repaired = repair(
        project,
        sources,
        &Terms {
            settings: &Settings::default(),
            files: &Nothing,
            neighbours: &[],
            trust,
            wanted: &|_: &Diagnostic, _: &Sources, _| true,
        },
    );
    let fixed = files.iter().map(|&file| repaired.sources.get(file).text().to_owned()).collect();
    (repaired, fixed)
}

/// The actions of each table in their order, those that are `left_out` left out.
fn orders(texts: &[String], left_out: &[&str]) -> Vec<Vec<String>> {
    let (project, _) = compile(texts);
    let packages = project.worlds()[0].packages(&Settings::default());
    let order = |table| {
        let schedule = Schedule::compute(&packages[0], table);
        let rows = schedule.rows.iter().filter(|row| !left_out.contains(&row.action));
        // What the toolset refuses to place has no place to keep, and standard actions that only a reference
        // brings come and go with it.
        rows.filter(|row| row.number.is_some())
            .filter(|row| row.action != "StopServices" && row.action != "InstallFiles")
            .map(|row| row.action.to_owned())
            .collect()
    };
    Table::ALL.into_iter().map(order).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn fixes_keep_their_promises(
        actions in prop::collection::vec(action(), 1..8),
        v3 in any::<bool>(),
        line_end in prop::sample::select(vec!["\n", "\r\n"]),
    ) {
        let texts = sources(&actions, v3, line_end);
        let (repaired, fixed) = fix(&texts, Applicability::Safe);
        prop_assert!(repaired.project.errors.is_empty(), "{:?}\n{}", repaired.project.errors, fixed.concat());

        // Twice is once.
        let (again, twice) = fix(&fixed, Applicability::Safe);
        prop_assert!(again.applied.is_empty());
        prop_assert_eq!(&twice, &fixed);

        // Who did not move keeps the order. Readers and what prepares them may move.
        let reads = |at: usize| actions[at].reads;
        let prepares = |at: usize| matches!(&actions[at].place, Placed::Before(Target::Custom(_)));
        let movable: Vec<&str> = (0..actions.len()).filter(|&at| reads(at) || prepares(at)).map(|at| NAMES[at]).collect();
        prop_assert_eq!(orders(&texts, &movable), orders(&fixed, &movable), "{}\n{}", texts.concat(), fixed.concat());

        // Only attributes that place an action change: the rest of each line stays.
        for (old, new) in texts.iter().zip(&fixed) {
            prop_assert_eq!(old.lines().count(), new.lines().count());
            for (old, new) in old.split(line_end).zip(new.split(line_end)) {
                let name = |line: &str| line.split("Action=\"").nth(1).map(|rest| rest.split('"').next().unwrap_or_default().to_owned());
                prop_assert!(old == new || name(old) == name(new), "{}\n{}", old, new);
            }
        }
    }
}
