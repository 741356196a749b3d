//! What the pages for users say: `README.md` and `docs/*.md`.
//!
//! A block marked `console` is a session in a fresh copy of `fixtures/example`, or of the folder that is named behind the
//! mark. A line that begins with `$ ` is a command, which may end with `# exits with N`; below it stands what it prints,
//! first stdout, then stderr. A line `...` stands for any lines. Elsewhere every indented or fenced line that begins with
//! `wixlint` or `cargo` is a command, and runs, unless [`NOT_RUN`] says why it cannot.
#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use wixlint::config::Config;
use wixlint::rules::{RULES, Rule, names};

const WIXLINT: &str = env!("CARGO_BIN_EXE_wixlint");

/// Commands that no test can run, and why.
const NOT_RUN: &[(&str, &str)] = &[
    ("cargo test", "runs this test"),
    ("cargo install --path .", "installs a program"),
    ("wixlint --fix --interactive", "asks on a terminal; the conflict is tested in tests/transcripts/failures.txt"),
    ("wixlint --watch", "does not end; see tests/watch.rs"),
];

/// Where the index of the rules puts them. What stands nowhere comes last.
const GROUPS: &[(&str, &[&str])] = &[
    (
        "The key of the Restart Manager session",
        &[
            "session-key-after-install-validate",
            "session-key-in-script-action",
            "session-key-in-ui-sequence",
            "session-key-first-sequence",
            "session-key-authored",
            "session-key-needs-msi4",
        ],
    ),
    (
        "What WiX refuses to build",
        &[
            "sequence-cycle",
            "unknown-action",
            "no-room-for-action",
            "action-scheduled-twice",
            "custom-action-defined-twice",
            "malformed-schedule-entry",
            "scheduled-relative-to-exit-dialog",
            "set-property-both-sequences",
            "hidden-dialog-set",
            "unmergeable-action",
            "preprocessor-error",
            "malformed-xml",
        ],
    ),
    (
        "Properties that are read too early or too late",
        &[
            "property-read-before-set",
            "property-read-after-cleared",
            "property-case-mismatch",
            "launch-condition-reads-later-property",
            "remove-all-before-install-validate",
            "private-property-in-app-search",
            "set-directory-before-cost-finalize",
            "directory-set-after-cost-finalize",
            "quiet-exec-property-name",
        ],
    ),
    (
        "Deferred, rollback and commit actions",
        &[
            "in-script-outside-transaction",
            "in-script-before-remove-existing-products",
            "in-script-in-ui-sequence",
            "in-script-reads-property",
            "custom-action-data-set-late",
            "custom-action-data-in-immediate",
            "secret-in-custom-action-data",
            "rollback-after-deferred",
            "rollback-or-script-async",
            "no-impersonate-immediate",
        ],
    ),
    (
        "Order and place",
        &[
            "duplicate-sequence-number",
            "ambiguous-order",
            "first-sequence-only-in-execute",
            "custom-action-in-advertise-sequence",
            "dialog-in-execute-sequence",
            "remove-existing-products-misplaced",
            "standard-action-order",
            "standard-action-wrong-table",
        ],
    ),
    (
        "Conditions and standard actions",
        &[
            "lost-default-condition",
            "install-validate-conditioned",
            "required-action-conditioned",
            "required-action-missing",
            "error-action-unconditional",
            "force-reboot-unconditional",
            "misspelt-standard-action",
            "custom-action-shadows-standard-action",
            "dll-entry-not-exported",
        ],
    ),
    (
        "Files and comments",
        &["unreadable-encoding", "unsupported-namespace", "malformed-suppression", "unused-suppression"],
    ),
];

/// A page, with `/` in its path.
struct Page {
    path: String,
    text: String,
}

impl Page {
    fn read(path: &str) -> Page {
        let text = fs::read_to_string(path).unwrap().replace("\r\n", "\n");
        Page { path: path.to_owned(), text }
    }

    /// The fenced blocks, each with its mark, the number of its first line, and its lines.
    fn blocks(&self) -> Vec<(&str, usize, Vec<&str>)> {
        let mut blocks = Vec::new();
        let mut lines = self.text.lines().enumerate();
        while let Some((at, line)) = lines.next() {
            if let Some(mark) = line.strip_prefix("```") {
                let lines = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```");
                blocks.push((mark, at + 2, lines.collect()));
            }
        }
        blocks
    }

    /// The text outside of fenced and indented blocks.
    fn prose(&self) -> String {
        let mut fenced = false;
        let is_prose = |line: &&str| {
            let is_fence = line.starts_with("```");
            fenced ^= is_fence;
            !fenced && !is_fence && !line.starts_with("    ")
        };
        self.text.lines().filter(is_prose).collect::<Vec<_>>().join("\n")
    }

    /// The commands that are no picture, each without its remark.
    fn commands(&self) -> Vec<String> {
        let fenced = self.blocks().into_iter().filter(|(mark, ..)| !mark.starts_with("console"));
        let fenced = fenced.flat_map(|(.., lines)| lines);
        let lines = fenced.chain(self.text.lines().filter(|line| line.starts_with("    "))).map(str::trim_start);
        // A message of the program begins with its name, too.
        let is_command = |line: &&str| ["wixlint", "cargo"].contains(&line.split(' ').next().unwrap());
        lines.filter(is_command).map(|line| line.split("  ").next().unwrap().trim_end().to_owned()).collect()
    }
}

fn pages() -> Vec<Page> {
    let names = fs::read_dir("docs").unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut paths: Vec<String> =
        names.filter(|name| name.ends_with(".md")).map(|name| format!("docs/{name}")).collect();
    paths.push("README.md".to_owned());
    paths.sort();
    paths.iter().map(|path| Page::read(path)).collect()
}

/// A copy of a folder, in one of its own, that goes away with the test. Code is searched for beside an installer, too: other
/// people's temporary files are not to be looked at.
struct Folder(PathBuf);

impl Folder {
    fn copy(of: &str, name: &str) -> Folder {
        let folder = std::env::temp_dir().join(format!("wixlint-docs-{name}-{}", std::process::id())).join("example");
        copy(Path::new(of), &folder);
        Folder(folder)
    }

    /// What a command prints, and its exit code.
    fn run(&self, command: &str) -> (String, Option<i32>) {
        let mut words = words(command);
        let stdin =
            redirected(&mut words, "<").map_or(Stdio::null(), |name| fs::File::open(self.0.join(name)).unwrap().into());
        let out = redirected(&mut words, ">");
        let program = words.remove(0);
        if program == "cat" {
            return (fs::read_to_string(self.0.join(&words[0])).unwrap(), Some(0));
        }
        let mut command = Command::new(if program == "wixlint" { WIXLINT } else { &program });
        for variable in ["NO_COLOR", "FORCE_COLOR", "FORCE_HYPERLINK", "COLUMNS", "TERM"] {
            command.env_remove(variable);
        }
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "Somebody").env(format!("GIT_{who}_EMAIL"), "somebody@example.com");
        }
        let output = command.args(words).current_dir(&self.0).stdin(stdin).output().unwrap();
        let mut printed = String::from_utf8_lossy(&output.stderr).into_owned();
        match out {
            Some(name) => fs::write(self.0.join(name), output.stdout).unwrap(),
            None => printed.insert_str(0, &String::from_utf8_lossy(&output.stdout)),
        }
        (printed, output.status.code())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _left = fs::remove_dir_all(self.0.parent().unwrap());
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        match path.is_dir() {
            true => copy(&path, &to),
            false => assert!(fs::copy(&path, &to).is_ok(), "{}", path.display()),
        }
    }
}

/// The words of a command; quotes hold one together.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for character in command.chars() {
        match quote {
            _ if quote == Some(character) => quote = None,
            None if matches!(character, '"' | '\'') => quote = Some(character),
            None if character == ' ' => words.push(String::new()),
            _ => words.last_mut().unwrap().push(character),
        }
    }
    words.into_iter().filter(|word| !word.is_empty()).collect()
}

/// Takes out what stands behind an arrow.
fn redirected(words: &mut Vec<String>, arrow: &str) -> Option<String> {
    let at = words.iter().position(|word| word == arrow)?;
    words.drain(at..at + 2).nth(1)
}

/// Whether lines are those of a picture.
fn fits(picture: &[&str], lines: &[&str]) -> bool {
    match picture.split_first() {
        None => lines.is_empty(),
        Some((&"...", rest)) => (0..=lines.len()).any(|skipped| fits(rest, &lines[skipped..])),
        Some((first, rest)) => {
            lines.split_first().is_some_and(|(line, lines)| line.trim_end() == first.trim_end() && fits(rest, lines))
        }
    }
}

/// A block as it would read if it showed what the commands print now.
fn shown(mark: &str, lines: &[&str], name: &str) -> (bool, String) {
    let from = mark.strip_prefix("console").unwrap().trim();
    let folder = Folder::copy(if from.is_empty() { "fixtures/example" } else { from }, name);
    let (mut is_right, mut text) = (true, String::new());
    let mut lines = lines.iter().copied().peekable();
    while let Some(line) = lines.next() {
        let command = line.strip_prefix("$ ");
        assert!(command.is_some(), "{name}: a block begins with a command: {line}");
        let command = command.unwrap();
        let (command, remark) = command.split_once("  # ").unwrap_or((command, "exits with 0"));
        let (printed, code) = folder.run(command.trim());
        let mut picture = Vec::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
            picture.push(line);
        }
        while picture.last().is_some_and(|line| line.is_empty()) {
            picture.pop();
        }
        let code = code.unwrap();
        let printed: Vec<&str> = printed.trim_end().lines().collect();
        is_right &= fits(&picture, &printed) && remark == format!("exits with {code}");
        let exit = if code == 0 { String::new() } else { format!("  # exits with {code}") };
        writeln!(text, "$ {}{exit}\n{}", command.trim(), printed.join("\n")).unwrap();
    }
    (is_right, text)
}

#[test]
fn pictures_are_what_the_program_prints() {
    let mut failures = Vec::new();
    let mut count = 0;
    for page in pages() {
        for (mark, at, lines) in page.blocks().into_iter().filter(|(mark, ..)| mark.starts_with("console")) {
            let name = format!("{}-{at}", page.path.replace(['/', '.'], "-"));
            let (is_right, shown) = shown(mark, &lines, &name);
            count += 1;
            if !is_right {
                failures.push(format!("{}:{at} should read:\n{shown}", page.path));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(count > 10, "only {count} pictures");
}

#[test]
fn commands_can_be_run() {
    let mut failures = Vec::new();
    let mut named = BTreeSet::new();
    for page in pages() {
        for (at, command) in page.commands().into_iter().enumerate() {
            if let Some((excused, _)) = NOT_RUN.iter().find(|(excused, _)| *excused == command) {
                named.insert(*excused);
                continue;
            }
            let name = format!("{}-command-{at}", page.path.replace(['/', '.'], "-"));
            let folder = Folder::copy("fixtures/example", &name);
            // `cargo run` is run where the sources of wixlint are; what it names lies there, too.
            copy(Path::new("fixtures/example"), &folder.0.join("fixtures/example"));
            fs::write(folder.0.join("buffer"), fs::read("fixtures/example/Restart.wxs").unwrap()).unwrap();
            for setup in
                ["git init --quiet --initial-branch=main", "git add --all", "git commit --quiet --message Begin"]
            {
                assert_eq!(folder.run(setup).1, Some(0), "{setup}");
            }
            let own = command.replace("cargo run --release -- ", "wixlint ");
            let (printed, code) = folder.run(&own);
            if !matches!(code, Some(0 | 1)) || !own.starts_with("wixlint") {
                failures.push(format!("{}: {command}\n{printed}", page.path));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let all: BTreeSet<&str> = NOT_RUN.iter().map(|(command, _)| *command).collect();
    assert_eq!(named, all, "what is excused from running stands on a page");
}

/// What a page says goes into files is taken by who reads them.
#[test]
fn configurations_and_hooks_are_valid() {
    let hooks = fs::read_to_string(".pre-commit-hooks.yaml").unwrap();
    for page in pages() {
        for (mark, at, lines) in page.blocks() {
            let place = format!("{}:{at}", page.path);
            if mark == "toml" {
                let read = Config::parse(&lines.join("\n"), &names());
                assert!(read.is_ok(), "{place}: {read:?}");
            }
            let own = !lines.iter().any(|line| line.contains("repo: local"));
            for id in lines.iter().filter(|_| mark == "yaml" && own).filter_map(|line| line.split("id: ").nth(1)) {
                let id = id.trim_end_matches([' ', '}', ']']);
                assert!(hooks.contains(&format!("- id: {id}\n")), "{place}: there is no hook {id}");
            }
        }
    }
}

/// The figures of `docs/sequences.md`.
#[test]
fn figures_are_counted() {
    let names = fs::read_dir("fixtures/conformance").unwrap().map(|entry| entry.unwrap().file_name());
    let results = names.filter(|name| name.to_str().unwrap().ends_with(".tsv")).count();
    let page = Page::read("docs/sequences.md").text;
    assert!(page.contains(&format!("There are {results} results")), "docs/sequences.md: {results} results");
}

/// The long options that a text has, with their dashes.
fn options(text: &str) -> BTreeSet<String> {
    let starts =
        text.match_indices("--").filter(|(at, _)| !text[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '-'));
    let option = |(at, _): (usize, &str)| {
        let name: String = text[at + 2..].chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
        name.starts_with(|c: char| c.is_ascii_lowercase()).then(|| format!("--{name}"))
    };
    starts.filter_map(option).collect()
}

/// What a page says in code that is about wixlint.
fn own_code(page: &Page) -> String {
    let prose = page.prose();
    let spans = prose.split('`').skip(1).step_by(2).map(str::to_owned);
    let spans = spans.filter(|span| span.starts_with("wixlint") || span.starts_with("--"));
    let blocks = page.blocks().into_iter().flat_map(|(.., lines)| lines);
    let pictured = blocks.filter_map(|line| line.strip_prefix("$ ")).filter(|line| line.starts_with("wixlint"));
    spans.chain(pictured.map(str::to_owned)).chain(page.commands()).collect::<Vec<_>>().join("\n")
}

#[test]
fn options_are_told_and_exist() {
    let mut known = BTreeSet::from(["--help".to_owned(), "--version".to_owned()]);
    for command in [&["--help"][..], &["sequence", "--help"]] {
        let help = Command::new(WIXLINT).args(command).output().unwrap();
        let help = String::from_utf8(help.stdout).unwrap();
        let of_line = |line: &str| options(line.split("  ").find(|part| part.contains("--")).unwrap_or_default());
        known.extend(help.lines().filter(|line| line.trim_start().starts_with('-')).flat_map(of_line));
    }
    let mut told = BTreeSet::from(["--help".to_owned(), "--version".to_owned()]);
    for page in pages() {
        let code = own_code(&page).replace("cargo run --release -- ", "wixlint ").replace("cargo install --path .", "");
        let unknown: Vec<String> = options(&code).into_iter().filter(|option| !known.contains(option)).collect();
        assert!(unknown.is_empty(), "{} names options that wixlint does not have: {unknown:?}", page.path);
        told.extend(options(&code));
    }
    let untold: Vec<&String> = known.difference(&told).collect();
    assert!(untold.is_empty(), "neither README.md nor a page in docs tells of {untold:?}");
}

#[test]
fn links_lead_somewhere() {
    let mut wrong = Vec::new();
    let mut pages = pages();
    let linked = pages.iter().find(|page| page.path == "README.md").unwrap().prose();
    for page in pages.iter().filter(|page| page.path.starts_with("docs/")) {
        assert!(linked.contains(&format!("({})", page.path)), "README.md does not link {}", page.path);
    }
    pages.push(Page::read("ARCHITECTURE.md"));
    for page in pages {
        let folder = Path::new(&page.path).parent().unwrap();
        for link in page.prose().split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap();
            let is_there = link.starts_with("https://") || path.is_empty() || folder.join(path).exists();
            if !is_there {
                wrong.push(format!("{}: {link}", page.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `WIXLINT_RECORD=1 cargo test --test docs` writes the index anew.
#[test]
fn the_index_of_rules_is_complete() {
    let index = index();
    if std::env::var_os("WIXLINT_RECORD").is_some() {
        fs::write("docs/rules.md", &index).unwrap();
    }
    let is_kept = Page::read("docs/rules.md").text == index;
    assert!(is_kept, "WIXLINT_RECORD=1 cargo test --test docs writes docs/rules.md anew");
}

fn index() -> String {
    let named: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    assert!(named.iter().all(|name| RULES.iter().any(|rule| rule.name == *name)), "a rule that is not there");
    let rule = |name: &&str| RULES.iter().find(|rule| rule.name == *name).unwrap();
    let mut groups: Vec<(&str, Vec<&Rule>)> =
        GROUPS.iter().map(|(title, names)| (*title, names.iter().map(rule).collect())).collect();
    let is_grouped = |rule: &&Rule| named.contains(&rule.name);
    groups.push(("Others", RULES.iter().filter(|rule| !is_grouped(rule)).collect()));
    let mut index = INTRODUCTION.replace("COUNT", &RULES.len().to_string());
    for (title, rules) in groups.into_iter().filter(|(_, rules)| !rules.is_empty()) {
        write!(index, "\n## {title}\n\n| rule | severity | fix | what it finds |\n|---|---|---|---|\n").unwrap();
        for rule in rules {
            let (name, severity) = (rule.name, rule.severity.name());
            let off = if rule.by_default { "" } else { ", off" };
            let fix = if has_fix(rule) { "yes" } else { "" };
            let file = name.replace('-', "_");
            writeln!(index, "| [{name}](../src/rules/{file}.md) | {severity}{off} | {fix} | {} |", rule.summary())
                .unwrap();
        }
    }
    index
}

const INTRODUCTION: &str = "\
# The rules

There are COUNT. Each has a page, which tells why it matters, shows what is found and what is not, and cites what it rests on;
`wixlint explain NAME` prints it. The examples of all pages are run as tests. *off*: only reported with `--select NAME` or when
`wixlint.toml` says so. *fix*: `--fix` repairs it where the repair is proved to do no harm; the page tells where it is not.
";

/// Whether the page shows what a fix changes. What it shows is checked.
fn has_fix(rule: &Rule) -> bool {
    let fix = rule.doc.split("\n## Fix\n").nth(1).and_then(|rest| rest.split("\n## ").next());
    fix.is_some_and(|fix| fix.contains("```diff"))
}
