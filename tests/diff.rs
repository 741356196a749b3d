//! Every diff is given to the real `git apply`, and the bytes that come out are compared with the
//! bytes that a fix would write.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "shared/temporary.rs"]
mod temporary;

use std::fs;
use std::process::Command;
use std::sync::Arc;

use temporary::Temporary;
use wixlint::diagnostic::Edit;
use wixlint::fix::apply::apply;
use wixlint::fix::diff::{Diff, Form};
use wixlint::source::{Source, Sources, Span};

/// A directory that is removed at the end of a test.
struct Folder(Temporary);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = Temporary::new(&format!("diff-{name}"));
        Folder(path)
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn apply(&self, patch: &[u8]) {
        self.write("change.patch", patch);
        let mut git = Command::new("git");
        git.args(["-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "change.patch"]);
        git.current_dir(&self.0).env("GIT_CEILING_DIRECTORIES", std::env::temp_dir());
        let output = git.output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{error}\n{}", String::from_utf8_lossy(patch));
    }
}

/// A file before and after.
struct Case {
    old: Source,
    new: Source,
}

impl Case {
    /// `edits` are byte ranges of the decoded text.
    fn new(path: &str, bytes: &[u8], edits: &[(u32, u32, &str)]) -> Case {
        let old = Source::decode(path, bytes.to_vec()).unwrap();
        let mut sources = Sources::default();
        let file = sources.add(Arc::new(Source::decode(path, Vec::new()).unwrap()));
        let edit = |&(start, end, text): &(u32, u32, &str)| Edit {
            span: Span { file, start, end },
            replacement: text.to_owned(),
        };
        let edits: Vec<_> = edits.iter().map(edit).collect();
        let new = old.with_text(apply(old.text(), &edits).unwrap());
        Case { old, new }
    }

    /// Replaces the first occurrence of each text.
    fn replacing(path: &str, bytes: &[u8], edits: &[(&str, &str)]) -> Case {
        let source = Source::decode(path, bytes.to_vec()).unwrap();
        let mut places = Vec::new();
        for &(old, new) in edits {
            let at = source.text().find(old).unwrap();
            places.push((at as u32, (at + old.len()) as u32, new));
        }
        Case::new(path, bytes, &places)
    }

    fn patch(&self) -> Vec<u8> {
        let mut patch = Vec::new();
        Diff::between(&self.old, &self.new).write(self.old.path(), Form::Patch, &mut patch).unwrap();
        patch
    }

    /// Applies the diff.
    fn check(&self) {
        let folder = Folder::new(&format!("{:?}", std::thread::current().id()));
        folder.write(self.old.path(), &self.old.encode().unwrap());
        let patch = self.patch();
        folder.apply(&patch);
        let result = fs::read(folder.0.join(self.old.path())).unwrap();
        assert_eq!(result, self.new.encode().unwrap(), "{}", String::from_utf8_lossy(&patch));
    }
}

/// Ten lines with the given line end.
fn ten_lines(end: &str) -> String {
    (1..=10).map(|line| format!("<line n='{line}'/>{end}")).collect()
}

#[test]
fn line_feeds() {
    let case = Case::replacing("a.wxs", ten_lines("\n").as_bytes(), &[("'5'", "'five'")]);
    case.check();
    let patch = case.patch();
    let expected = "\
--- a/a.wxs
+++ b/a.wxs
@@ -2,7 +2,7 @@
 <line n='2'/>
 <line n='3'/>
 <line n='4'/>
-<line n='5'/>
+<line n='five'/>
 <line n='6'/>
 <line n='7'/>
 <line n='8'/>
";
    assert_eq!(String::from_utf8(patch).unwrap(), expected);
}

#[test]
fn carriage_returns() {
    Case::replacing("a.wxs", ten_lines("\r\n").as_bytes(), &[("'5'", "'five'")]).check();
    Case::replacing("a.wxs", ten_lines("\r\n").as_bytes(), &[("'1'/>\r\n", "'1'/>\n"), ("'9'", "'\r'")]).check();
}

#[test]
fn mixed_line_ends() {
    let text = "<a/>\r\n<b/>\n<c/>\r\n<d/>\n<e/>\r<f/>\n\n\r\n<g/>";
    Case::replacing("a.wxs", text.as_bytes(), &[("<b/>", "<B/>"), ("<d/>\n", ""), ("<g/>", "<g/>\r\n")]).check();
}

#[test]
fn byte_order_mark() {
    let text = format!("\u{FEFF}{}", ten_lines("\r\n"));
    for line in ["'1'", "'2'", "'4'", "'5'", "'10'"] {
        Case::replacing("a.wxs", text.as_bytes(), &[(line, "'é'")]).check();
    }
    Case::new("a.wxs", text.as_bytes(), &[(0, 0, "<?xml?>\n")]).check();
    Case::new("a.wxs", text.as_bytes(), &[(0, 15, "")]).check();
}

#[test]
fn missing_final_newline() {
    for (old, new) in [("<b/>", "<c/>"), ("<b/>", "<b/>\n"), ("\n<b/>", ""), ("\n<b/>", "\n"), ("<a/>", "<x/>")] {
        Case::replacing("a.wxs", b"<a/>\n<b/>", &[(old, new)]).check();
    }
    Case::replacing("a.wxs", b"<a/>\n<b/>\n", &[("<b/>\n", "<b/>")]).check();
}

#[test]
fn empty_text() {
    Case::new("a.wxs", b"", &[(0, 0, "<a/>\n<b/>")]).check();
    Case::new("a.wxs", b"<a/>\n", &[(0, 5, "\n")]).check();
}

#[test]
fn windows_1252_is_patched_as_it_lies_on_disk() {
    let bytes = b"<?xml version='1.0' encoding='windows-1252'?>\r\n<a t='\x80 \xE9'/>\r\n<b t='\xFC'/>\r\n";
    let case = Case::replacing("a.wxs", bytes, &[("ü", "ß")]);
    case.check();
    let patch = case.patch();
    assert!(patch.ends_with(b"-<b t='\xFC'/>\r\n+<b t='\xDF'/>\r\n"), "{}", String::from_utf8_lossy(&patch));
}

#[test]
fn a_text_that_the_encoding_cannot_express_is_an_error() {
    let case = Case::new("a.wxs", b"<?xml version='1.0' encoding='latin1'?>", &[(0, 0, "漢")]);
    let error = Diff::between(&case.old, &case.new).write("a.wxs", Form::Patch, &mut Vec::new()).unwrap_err();
    assert_eq!(error.to_string(), "a.wxs: its encoding has no '漢'");
}

#[test]
fn utf16_is_shown_decoded() {
    let bytes: Vec<u8> = "\u{FEFF}<a/>\r\n<é/>\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let case = Case::replacing("a.wxs", &bytes, &[("é", "漢")]);
    let patch = String::from_utf8(case.patch()).unwrap();
    let expected = "\
# a.wxs is UTF-16, which git takes for binary: shown decoded, not to be applied
--- a/a.wxs
+++ b/a.wxs
@@ -1,2 +1,2 @@
 <a/>
-<é/>
+<漢/>
";
    assert_eq!(patch, expected);
}

// Windows has no files of these names.
#[cfg(unix)]
#[test]
fn unusual_paths() {
    for path in ["a b.wxs", "sub/ä 漢.wxs", "quo\"te.wxs", "back\\slash.wxs", "t\ta\nb\u{1}.wxs", "./dot.wxs"] {
        Case::replacing(path, b"<a/>\n", &[("a", "b")]).check();
    }
}

#[test]
fn an_absolute_path_loses_its_first_slash() {
    let case = Case::replacing("/abs/a.wxs", b"<a/>", &[("a", "b")]);
    assert!(case.patch().starts_with(b"--- a/abs/a.wxs\n+++ b/abs/a.wxs\n"));
}

#[test]
fn no_difference_writes_nothing() {
    let case = Case::replacing("a.wxs", b"<a/>\n", &[("a", "a")]);
    assert!(Diff::between(&case.old, &case.new).is_empty());
    assert_eq!(case.patch(), b"");
}

#[test]
fn people_see_colours_and_no_control_characters() {
    let case = Case::replacing("a.wxs", b"<a\t/>\x1b[2J\r\n<b/>\n", &[("b", "c")]);
    let mut shown = Vec::new();
    Diff::between(&case.old, &case.new).write("a.wxs", Form::Colored, &mut shown).unwrap();
    let expected = "\
^[[1m--- a/a.wxs^[[m
^[[1m+++ b/a.wxs^[[m
^[[36m@@ -1,2 +1,2 @@^[[m
 <a\t/>\\u{1b}[2J
^[[31m-<b/>^[[m
^[[32m+<c/>^[[m
";
    assert_eq!(String::from_utf8(shown).unwrap().replace('\x1b', "^["), expected);
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }
}

/// A text with many equal lines, and edits all over it.
fn random_case(dice: &mut Dice, path: &str) -> Case {
    const LINES: [&str; 6] = ["<a/>\n", "<b/>\r\n", "\n", "</Component>\n", "<é/>\n", "x"];
    const TEXTS: [&str; 6] = ["", "\n", "<c/>", "é\r\n", "</Component>\n<a/>\n", "z"];
    let mut text: String = if dice.roll(2) == 0 { String::new() } else { "\u{FEFF}".to_owned() };
    let mark = text.len();
    (0..1 + dice.roll(60)).for_each(|_| text.push_str(LINES[dice.roll(6)]));
    let boundaries: Vec<_> = text[mark..].char_indices().map(|(at, _)| at as u32).collect();
    let mut edits = Vec::new();
    let mut at = dice.roll(20);
    while at < boundaries.len() {
        let end = (at + dice.roll(12)).min(boundaries.len() - 1);
        edits.push((boundaries[at], boundaries[end], TEXTS[dice.roll(6)]));
        at = end + 1 + dice.roll(40);
    }
    // A text that disappears is not a change of a file but its removal.
    edits.push((text.len() as u32 - mark as u32, text.len() as u32 - mark as u32, "."));
    Case::new(path, text.as_bytes(), &edits)
}

#[test]
fn random_edits_survive_git() {
    let mut dice = Dice(0x5EED);
    let cases: Vec<_> = (0..400).map(|number| random_case(&mut dice, &format!("{number}.wxs"))).collect();
    let folder = Folder::new("random");
    let mut patch = Vec::new();
    for case in &cases {
        folder.write(case.old.path(), &case.old.encode().unwrap());
        patch.extend(case.patch());
    }
    folder.apply(&patch);
    for case in &cases {
        let result = fs::read(folder.0.join(case.old.path())).unwrap();
        assert_eq!(result, case.new.encode().unwrap(), "{}", String::from_utf8_lossy(&case.patch()));
    }
}

#[test]
fn distant_changes_make_two_hunks() {
    let line = |number: usize| format!("<line n='{number}'/>\n");
    let text: String = (0..5000).map(line).collect();
    let case = Case::replacing("a.wxs", text.as_bytes(), &[("'17'", "''"), ("<line n='4000'/>\n", "")]);
    case.check();
    let patch = String::from_utf8(case.patch()).unwrap();
    let headers: Vec<_> = patch.lines().filter(|line| line.starts_with("@@")).collect();
    assert_eq!(headers, ["@@ -15,7 +15,7 @@", "@@ -3998,7 +3998,6 @@"]);
}

#[test]
fn a_long_insertion_is_found() {
    let inserted: String = (0..1000).map(|number| format!("<new n='{number}'/>\n")).collect();
    let text = ten_lines("\n");
    let at = text.find("<line n='6'").unwrap() as u32;
    let case = Case::new("a.wxs", text.as_bytes(), &[(at, at, &inserted)]);
    case.check();
    let patch = String::from_utf8(case.patch()).unwrap();
    assert_eq!(patch.lines().filter(|line| line.starts_with('-')).count(), 1, "{patch}");
}
