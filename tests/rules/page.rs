//! Pages in Markdown whose fenced blocks are installer sources: how they are taken apart.

use std::fmt::Write as _;

use super::dll;

/// What a page holds, from top to bottom.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) projects: Vec<Project>,
    /// Each with the number of the project that it changes, and its lines.
    pub(crate) diffs: Vec<(usize, Vec<String>)>,
    /// Fences that mean nothing to the tests: their lines in the page.
    pub(crate) strange: Vec<usize>,
}

/// Blocks that are one project.
#[derive(Debug)]
pub(crate) struct Project {
    /// The headings it stands below, the `##` one first.
    pub(crate) section: String,
    pub(crate) heading: String,
    pub(crate) files: Vec<File>,
    /// The text of a `wixlint.toml`.
    pub(crate) config: String,
    /// What lies beside the sources: scripts, programs, and DLLs that export what the block lists.
    pub(crate) others: Vec<(String, Vec<u8>)>,
}

/// A block of source.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) name: String,
    /// The source without its marks, as the page shows it.
    pub(crate) shown: String,
    /// What the harness puts around it to make it a whole file.
    pub(crate) before: String,
    pub(crate) after: String,
    pub(crate) marks: Vec<Mark>,
}

/// A finding that a line is marked with: `<!-- error: text -->`, where the text is a part of the
/// message, may begin with another rule's name, and may end with `| safe`, `| unsafe` or
/// `| no fix: text`.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    /// The line in the block, from 0.
    pub(crate) line: usize,
    pub(crate) severity: String,
    pub(crate) text: String,
    pub(crate) fix: Option<String>,
}

impl File {
    pub(crate) fn whole(&self) -> String {
        [&*self.before, &self.shown, &self.after].concat()
    }

    /// Lines that stand before the block in the whole file.
    pub(crate) fn lines_before(&self) -> usize {
        self.before.lines().count()
    }
}

impl Page {
    pub(crate) fn parse(path: &str, text: String) -> Page {
        let mut page = Page { path: path.to_owned(), ..Page::default() };
        let (mut section, mut heading) = (String::new(), String::new());
        let mut lines = text.lines().enumerate();
        // The project that the next named block may belong to, and the one that a diff changes.
        let (mut open, mut changes) = (false, None);
        while let Some((at, line)) = lines.next() {
            if let Some(name) = line.strip_prefix("## ") {
                name.clone_into(&mut section);
                heading.clear();
                (open, changes) = (false, None);
            } else if let Some(name) = line.strip_prefix("### ") {
                name.clone_into(&mut heading);
                open = false;
            }
            let Some(info) = line.strip_prefix("```") else { continue };
            let block: Vec<&str> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
            let words: Vec<&str> = info.split(' ').collect();
            let name = words.iter().find_map(|word| word.strip_prefix("file="));
            match words[0] {
                "diff" => {
                    let lines = block.into_iter().map(str::to_owned).collect();
                    page.diffs.push((changes.unwrap_or(0), lines));
                }
                "wxs" | "toml" | "dll" | "cs" | "cpp" | "rs" | "def" | "vbs" | "js" => {
                    let joins = open
                        && page.projects.last().is_some_and(|project| {
                            let is_source = matches!(words[0], "wxs" | "toml");
                            let is_new = name.is_some_and(|name| project.files.iter().all(|file| file.name != name));
                            // What lies beside the sources comes before them.
                            is_new && (is_source || project.files.is_empty())
                        });
                    if !joins {
                        let (section, heading) = (section.clone(), heading.clone());
                        let (files, others) = (Vec::new(), Vec::new());
                        page.projects.push(Project { section, heading, files, config: String::new(), others });
                    }
                    open = name.is_some();
                    changes = Some(page.projects.len() - 1);
                    let Some(project) = page.projects.last_mut() else { continue };
                    if words[0] == "toml" {
                        project.config = block.join("\n");
                    } else if words[0] == "dll" {
                        project.others.push((name.unwrap_or_default().to_owned(), dll::exporting(&block)));
                    } else if words[0] != "wxs" {
                        project.others.push((name.unwrap_or_default().to_owned(), block.join("\n").into_bytes()));
                    } else {
                        let first = project.files.is_empty();
                        project.files.push(file(name.unwrap_or("Package.wxs"), &block, words.contains(&"v3"), first));
                    }
                }
                "text" => {}
                _ => page.strange.push(at + 1),
            }
        }
        page.text = text;
        page
    }
}

/// A block as a file; a fragment of one gets a package around it, or `Fragment` in a further file.
fn file(name: &str, block: &[&str], v3: bool, first: bool) -> File {
    let mut file = File {
        name: name.to_owned(),
        shown: String::new(),
        before: String::new(),
        after: String::new(),
        marks: vec![],
    };
    for (line, text) in block.iter().enumerate() {
        let (text, marks) = without_marks(text, line);
        file.shown.push_str(&text);
        file.shown.push('\n');
        file.marks.extend(marks);
    }
    let start = file.shown.trim_start();
    if start.starts_with("<Wix") || start.starts_with("<?xml") || start.starts_with("<Include") {
        return file;
    }
    let sections = ["<Package", "<Product", "<Module", "<Fragment"].iter().any(|tag| start.starts_with(tag));
    let guid = "0F2B8A7C-6C1E-4C55-9E0B-3D1F5B0C7A11";
    let (root, package, end) = match (v3, first) {
        (_, false) => ("", "<Fragment>".to_owned(), "</Fragment>"),
        (true, true) => (
            "",
            format!(
                "<Product Id=\"*\" Name=\"Example\" Language=\"1033\" Version=\"1.0.0\" Manufacturer=\"Example\" UpgradeCode=\"{guid}\"><Package/>"
            ),
            "</Product>",
        ),
        (false, true) => (
            "",
            format!("<Package Name=\"Example\" Version=\"1.0.0\" Manufacturer=\"Example\" UpgradeCode=\"{guid}\">"),
            "</Package>",
        ),
    };
    let namespaces = if v3 {
        "xmlns=\"http://schemas.microsoft.com/wix/2006/wi\" xmlns:util=\"http://schemas.microsoft.com/wix/UtilExtension\""
    } else {
        "xmlns=\"http://wixtoolset.org/schemas/v4/wxs\" xmlns:util=\"http://wixtoolset.org/schemas/v4/wxs/util\""
    };
    let (package, end) = if sections { (root.to_owned(), "") } else { (package, end) };
    file.before = format!("<Wix {namespaces}>{package}\n");
    file.after = format!("{end}</Wix>\n");
    file
}

/// A line without its marks and the spaces before them.
fn without_marks(line: &str, at: usize) -> (String, Vec<Mark>) {
    let mut shown = line.to_owned();
    let mut marks = Vec::new();
    for severity in ["error", "warning", "info"] {
        let start = format!("<!-- {severity}:");
        while let Some(from) = shown.find(&start) {
            let Some(length) = shown[from..].find("-->") else { break };
            let text = shown[from + start.len()..from + length].trim().to_owned();
            let (text, fix) = match text.split_once('|') {
                Some((text, fix)) => (text.trim().to_owned(), Some(fix.trim().to_owned())),
                None => (text, None),
            };
            marks.push(Mark { line: at, severity: severity.to_owned(), text, fix });
            shown.replace_range(from..from + length + "-->".len(), "");
            shown.truncate(shown.trim_end().len());
        }
    }
    (shown, marks)
}

/// The source of a project with remarks below its lines.
pub(crate) fn picture(project: &Project, remarks: &[(String, usize, String)]) -> String {
    let mut picture = format!("{} / {}\n", project.section, project.heading);
    for file in &project.files {
        let _ = writeln!(picture, "  --- {}", file.name);
        for (at, line) in file.shown.lines().enumerate() {
            let _ = writeln!(picture, "  {:3} | {line}", at + 1);
            for (_, _, remark) in remarks.iter().filter(|(name, place, _)| *name == file.name && *place == at) {
                let _ = writeln!(picture, "      ^ {remark}");
            }
        }
    }
    let inside =
        |name: &str, at: usize| project.files.iter().any(|file| file.name == name && at < file.shown.lines().count());
    for (name, _, remark) in remarks.iter().filter(|(name, at, _)| !inside(name, *at)) {
        let _ = writeln!(picture, "  {name}, outside of the block: {remark}");
    }
    picture
}
