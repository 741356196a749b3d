//! The shape of the crate: arrows between rooms point one way, and what lies in `src` is what it is
//! said to be.
#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use std::fs;
use std::path::{Path, PathBuf};

use wixlint::rules::RULES;

/// Every room, each of which may use those before it.
const ROOMS: &[&str] = &[
    "source",
    "diagnostic",
    "syntax",
    "suppress",
    "data",
    "msi",
    "preprocess",
    "policy",
    "code",
    "wix",
    "project",
    "sequence",
    "reads",
    "model",
    "listing",
    "reschedule",
    "rules",
    "analysis",
    "fix",
    "report",
    "baseline",
    "config",
    "disk",
    "threads",
    "inputs",
    "lsp",
    "cli",
];

/// Arrows that would be allowed by the order, and must not be there all the same.
const APART: &[(&str, &[&str])] = &[
    // The language and the engine are two bodies of knowledge; nor does the engine know files.
    ("data", &["source", "diagnostic", "syntax"]),
    ("msi", &["source", "diagnostic", "syntax"]),
    // A rule reads the model.
    ("rules", &["syntax", "preprocess::Element", "disk"]),
    ("report", &["syntax", "preprocess", "wix", "project", "sequence", "reads", "model", "rules", "analysis"]),
    ("config", &["diagnostic", "syntax", "preprocess", "project", "rules", "fix", "report"]),
];

/// The longest that a file in `src` may be, and the longest for a rule.
const LONGEST: usize = 500;
const LONGEST_RULE: usize = 120;

/// Files that are longer, and why.
const LONGER: &[(&str, &str)] = &[];

/// The headings of a rule's page, in their order.
const HEADINGS: &[&str] = &["Why", "Example", "Fix", "Not reported", "Evidence"];

struct File {
    path: String,
    text: String,
}

impl File {
    /// The module at the top that the file belongs to.
    fn room(&self) -> &str {
        let path = self.path.strip_prefix("src/").unwrap().strip_suffix(".rs").unwrap();
        path.split('/').next().unwrap()
    }

    /// Each `crate::path` outside of comments, with its line from 1 on.
    fn arrows(&self) -> Vec<(usize, String)> {
        let mut arrows = Vec::new();
        let code = self.text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
        for (at, line) in code {
            for part in line.split("crate::").skip(1) {
                let end = part.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').unwrap_or(part.len());
                // `crate::{a, b}` would hide what it names.
                assert!(!part.starts_with('{'), "{}:{}: one `use` for each room", self.path, at + 1);
                arrows.push((at + 1, part[..end].trim_end_matches(':').to_owned()));
            }
        }
        arrows
    }
}

fn sources() -> Vec<File> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    walk(Path::new("src"), &mut paths);
    paths.sort();
    let file = |path: &PathBuf| File {
        path: path.to_str().unwrap().replace('\\', "/"),
        text: fs::read_to_string(path).unwrap(),
    };
    paths.iter().map(file).collect()
}

fn place(room: &str) -> Option<usize> {
    ROOMS.iter().position(|name| *name == room)
}

#[test]
fn arrows_point_one_way() {
    let mut wrong = Vec::new();
    for file in sources().iter().filter(|file| !matches!(file.room(), "lib" | "main")) {
        let Some(own) = place(file.room()) else {
            wrong.push(format!("{}: a room that the order does not hold", file.path));
            continue;
        };
        let apart = APART.iter().find(|(room, _)| *room == file.room()).map_or(&[][..], |(_, apart)| apart);
        for (line, path) in file.arrows() {
            let room = path.split("::").next().unwrap_or_default();
            let backwards = place(room).is_none_or(|other| other > own);
            let forbidden = apart
                .iter()
                .any(|other| path == *other || path.strip_prefix(other).is_some_and(|rest| rest.starts_with("::")));
            if backwards || forbidden {
                wrong.push(format!("{}:{line}: `{}` must not use `{path}`", file.path, file.room()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Only the outermost rooms touch the disk, the clock or the environment.
#[test]
fn between_source_and_report_everything_is_pure() {
    let outside = ["disk", "config", "threads", "inputs", "lsp", "cli", "main", "lib"];
    let impure = ["std::fs", "std::env", "std::net", "std::process", "std::time", "std::thread"];
    let mut wrong = Vec::new();
    for file in sources() {
        let code = file.text.split("#[cfg(test)]").next().unwrap_or_default();
        if outside.contains(&file.room()) || file.path == "src/fix/write.rs" {
            continue;
        }
        for (at, line) in code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            if impure.iter().any(|path| line.contains(path)) {
                wrong.push(format!("{}:{}: {}", file.path, at + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_room_is_on_the_map() {
    let map = fs::read_to_string("src/lib.rs").unwrap();
    for room in ROOMS {
        assert!(map.contains(&format!("mod {room};")), "{room} is no module");
        let shown = map.contains(&format!("[`{room}`]")) || map.contains(&format!("`{room}`"));
        assert!(shown || *room == "data", "the table in src/lib.rs lacks {room}");
    }
    let table = fs::read_to_string("ARCHITECTURE.md").unwrap();
    let places: Vec<Option<usize>> = ROOMS
        .iter()
        .map(|room| {
            let mut rows = table.match_indices("\n| `").map(|(at, _)| (at, table[at + 1..].lines().next().unwrap()));
            rows.find_map(|(at, row)| Some(at + row.split('|').nth(1)?.find(&format!("`{room}`"))?))
        })
        .collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "the table in ARCHITECTURE.md: {places:?}");
}

#[test]
fn the_list_of_rules_is_the_folder() {
    let in_folder = |ending: &str| -> Vec<String> {
        let names = fs::read_dir("src/rules").unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> =
            names.filter_map(|name| Some(name.strip_suffix(ending)?.replace('_', "-"))).collect();
        names.sort();
        names
    };
    let listed: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(in_folder(".rs"), listed, "RULES is every file of src/rules, in alphabetical order");
    assert_eq!(in_folder(".md"), listed, "every rule has a page");
}

#[test]
fn pages_have_their_headings() {
    for rule in RULES {
        let lines: Vec<&str> = rule.doc.lines().collect();
        let page = format!("the page of {}", rule.name);
        assert_eq!(lines[0], format!("# {}", rule.name), "{page}: line 1");
        assert!(lines[1].is_empty() && lines[3].is_empty(), "{page}: lines 2 and 4 are empty");
        let summary = lines[2];
        assert!(summary.ends_with('.') && summary.len() <= 120 && !summary.contains('`'), "{page}: {summary}");
        let mut fenced = false;
        let mut headings = Vec::new();
        for line in &lines {
            fenced ^= line.starts_with("```");
            headings.extend(line.strip_prefix("## ").filter(|_| !fenced));
        }
        assert!(!fenced, "{page}: a block without an end");
        assert_eq!(headings, HEADINGS, "{page}");
        for link in rule.doc.split("](").skip(1) {
            let link = &link[..link.find(')').unwrap()];
            assert!(link.starts_with("https://") && !link.contains("/en-us/"), "{page}: {link}");
        }
    }
}

#[test]
fn files_are_short() {
    let mut wrong = Vec::new();
    for file in sources() {
        let lines = file.text.lines().count();
        let limit = if file.path.starts_with("src/rules/") { LONGEST_RULE } else { LONGEST };
        let excused = LONGER.iter().any(|(path, _)| *path == file.path);
        if excused != (lines > limit) {
            wrong.push(format!("{}: {lines} lines, {limit} allowed, excused: {excused}", file.path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
