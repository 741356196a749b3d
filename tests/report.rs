//! The same three findings in every format, and labels that no rule should ever make.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::process::Command;
use std::sync::Arc;

use serde_json::Value;
use wixlint::diagnostic::{Applicability, Diagnostic, Edit, Fix, Label, Note, Severity};
use wixlint::report::{Format, Page, Report, Style, write};
use wixlint::source::{FileId, Source, Sources, Span};

const ACTIONS: &str = r#"<Wix>
	<Fragment>
		<CustomAction Id="JoinSession" Value="[MsiRestartManagerSessionKey]" />
		<CustomAction Id="Größe" Script="vbscript">漢字 = 1
		</CustomAction>
		<InstallExecuteSequence>
			<Custom Action="JoinSession" After="StopAgent" />
		</InstallExecuteSequence>
	</Fragment>
</Wix>
"#;

const PACKAGE: &str = "\u{FEFF}<Wix>\r\n  <Package>\r\n    <InstallExecuteSequence>\r\n      \
    <Custom Action=\"StopAgent\" After=\"InstallValidate\" />\r\n    </InstallExecuteSequence>\r\n  \
    </Package>\r\n</Wix>";

/// The page of any rule.
const PAGE: &str = "# a-rule\n\nWhat is wrong.\n\n## Why\n\nIt does harm.\n";

/// Two files, three findings, two notes.
struct Example {
    sources: Sources,
    findings: Vec<Diagnostic>,
    notes: Vec<Note>,
}

fn example() -> Example {
    let mut sources = Sources::default();
    let actions = sources.add(source("src/Actions.wxs", ACTIONS));
    let package = sources.add(source("src/Package.wxs", PACKAGE));
    let at = |file, text| find(&sources, file, text);
    let label = |span, message: &str| Label { span, message: message.to_owned() };
    let schedule = at(actions, r#"<Custom Action="JoinSession" After="StopAgent" />"#);
    let session = Diagnostic {
        rule: "session-key-after-install-validate",
        subject: String::new(),
        severity: Severity::Error,
        message: "`JoinSession` reads MsiRestartManagerSessionKey at 1402, after InstallValidate (1400) has cleared it"
            .to_owned(),
        primary: label(schedule, "runs right after `StopAgent`"),
        related: vec![
            label(
                at(package, r#"<Custom Action="StopAgent" After="InstallValidate" />"#),
                "which runs right after InstallValidate",
            ),
            label(at(actions, r#"Value="[MsiRestartManagerSessionKey]""#), "the key is read here"),
        ],
        help: Some("schedule `JoinSession` Before=\"InstallValidate\"".to_owned()),
        fix: Some(Arc::new(Fix {
            applicability: Applicability::Safe,
            message: "schedule `JoinSession` before InstallValidate".to_owned(),
            edits: vec![Edit {
                span: at(actions, r#"After="StopAgent""#),
                replacement: r#"Before="InstallValidate""#.to_owned(),
            }],
            moves: Vec::new(),
        })),
        no_fix: None,
        configurations: Vec::new(),
    };
    let multi_line = Diagnostic {
        rule: "unused-custom-action",
        subject: String::new(),
        severity: Severity::Warning,
        message: "`Größe` is never scheduled".to_owned(),
        primary: label(
            at(actions, "<CustomAction Id=\"Größe\" Script=\"vbscript\">漢字 = 1\n\t\t</CustomAction>"),
            "nothing runs it",
        ),
        related: Vec::new(),
        help: None,
        fix: None,
        no_fix: Some("another project may schedule it".to_owned()),
        configurations: ["`$(var.Debug)` is defined and `$(var.Edition) = Pro`", "`$(var.Edition) = Pro` is false"]
            .map(str::to_owned)
            .to_vec(),
    };
    let wide = Diagnostic {
        rule: "suspicious-script",
        subject: String::new(),
        severity: Severity::Info,
        message: "a message with \u{1b}[31mescape\u{7}\nsequences".to_owned(),
        primary: label(at(actions, "= 1"), ""),
        related: Vec::new(),
        help: None,
        fix: None,
        no_fix: None,
        configurations: Vec::new(),
    };
    let notes = vec![
        Note {
            message: "position of `Foo` is unknown: extension X is not known".to_owned(),
            span: Some(at(package, "<Package>")),
        },
        Note { message: "3 files could not be assigned to a project".to_owned(), span: None },
    ];
    Example { findings: vec![session, multi_line, wide], notes, sources }
}

fn source(path: &str, text: &str) -> Arc<Source> {
    Arc::new(Source::decode(path, text.as_bytes().to_vec()).unwrap())
}

fn find(sources: &Sources, file: FileId, text: &str) -> Span {
    let start = sources.get(file).text().find(text).unwrap() as u32;
    Span { file, start, end: start + text.len() as u32 }
}

const STYLE: Style = Style { color: false, unicode: true, width: 100, links: false, summary: true };

impl Example {
    fn write(&self, format: Format, style: Style) -> String {
        let report = Report {
            sources: &self.sources,
            findings: &self.findings,
            notes: &self.notes,
            failures: &[],
            files: 12,
            applied: wixlint::report::Applied::Nothing,
            page: |_| Some(Page { text: PAGE, url: "https://example.com/a-rule".to_owned() }),
        };
        let mut out = Vec::new();
        write(format, &report, &style, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }
}

/// Compares two pictures and shows both when they differ.
#[track_caller]
fn assert_picture(actual: &str, expected: &str) {
    assert!(actual == expected, "is:\n{actual}\nshould be:\n{expected}");
}

#[test]
fn full() {
    let expected = r#"
error[session-key-after-install-validate]: `JoinSession` reads MsiRestartManagerSessionKey at 1402, after InstallValidate (1400) has cleared it
  ╭─ src/Actions.wxs:7:4
7 │             <Custom Action="JoinSession" After="StopAgent" />
  │             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ runs right after `StopAgent`
  ├─ src/Package.wxs:4:7
4 │       <Custom Action="StopAgent" After="InstallValidate" />
  │       -----------------------------------------------------
  │       which runs right after InstallValidate
  ├─ src/Actions.wxs:3:34
3 │         <CustomAction Id="JoinSession" Value="[MsiRestartManagerSessionKey]" />
  │                                        -------------------------------------
  │                                        the key is read here
  = help: schedule `JoinSession` Before="InstallValidate"
  = fix: schedule `JoinSession` before InstallValidate (safe)

warning[unused-custom-action]: `Größe` is never scheduled
  ╭─ src/Actions.wxs:4:3
4 │         <CustomAction Id="Größe" Script="vbscript">漢字 = 1
  │         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ nothing runs it (to line 5)
  = no automatic fix: another project may schedule it
  = note: only when `$(var.Debug)` is defined and `$(var.Edition) = Pro`, or when `$(var.Edition) = Pro` is false

info[suspicious-script]: a message with \u{1b}[31mescape\u{7}\nsequences
  ╭─ src/Actions.wxs:4:49
4 │         <CustomAction Id="Größe" Script="vbscript">漢字 = 1
  │                                                         ^^^

note: position of `Foo` is unknown: extension X is not known
  ╭─ src/Package.wxs:2:3
2 │   <Package>
  │   ^^^^^^^^^

note: 3 files could not be assigned to a project

1 error, 1 warning, 1 info in 12 files; 1 fixable with --fix
"#;
    assert_picture(&example().write(Format::Full, STYLE), &expected[1..]);
}

#[test]
fn full_in_ascii_on_a_narrow_screen() {
    let style = Style { unicode: false, width: 60, ..STYLE };
    let expected = r#"
error[session-key-after-install-validate]: `JoinSession` reads MsiRestartManagerSessionKey at 1402, after InstallValidate (1400) has cleared it
 --> src/Actions.wxs:7:4
7 | <Custom Action="JoinSession" After="StopAgent" />
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  | runs right after `StopAgent`
 ::: src/Package.wxs:4:7
4 | <Custom Action="StopAgent" After="InstallValidate" />
  | -----------------------------------------------------
  | which runs right after InstallValidate
 ::: src/Actions.wxs:3:34
3 | ...nSession" Value="[MsiRestartManagerSessionKey]" />
  |              -------------------------------------
  |              the key is read here
  = help: schedule `JoinSession` Before="InstallValidate"
  = fix: schedule `JoinSession` before InstallValidate (safe)

warning[unused-custom-action]: `Größe` is never scheduled
 --> src/Actions.wxs:4:3
4 | <CustomAction Id="Größe" Script="vbscript">漢字 = 1
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  | nothing runs it (to line 5)
  = no automatic fix: another project may schedule it
  = note: only when `$(var.Debug)` is defined and `$(var.Edition) = Pro`, or when `$(var.Edition) = Pro` is false

info[suspicious-script]: a message with \u{1b}[31mescape\u{7}\nsequences
 --> src/Actions.wxs:4:49
4 | <CustomAction Id="Größe" Script="vbscript">漢字 = 1
  |                                                 ^^^

note: position of `Foo` is unknown: extension X is not known
 --> src/Package.wxs:2:3
2 |   <Package>
  |   ^^^^^^^^^

note: 3 files could not be assigned to a project

1 error, 1 warning, 1 info in 12 files; 1 fixable with --fix
"#;
    assert_picture(&example().write(Format::Full, style), &expected[1..]);
}

#[test]
fn full_in_color() {
    let example = Example { notes: Vec::new(), ..example() };
    let report = Report {
        sources: &example.sources,
        findings: &example.findings[..1],
        notes: &[],
        failures: &[],
        files: 1,
        applied: wixlint::report::Applied::Nothing,
        page: |_| None,
    };
    let mut out = Vec::new();
    write(Format::Full, &report, &Style { color: true, ..STYLE }, &mut out).unwrap();
    let expected = r#"
^[[1;31merror[session-key-after-install-validate]^[[0m: ^[[1m`JoinSession` reads MsiRestartManagerSessionKey at 1402, after InstallValidate (1400) has cleared it^[[0m
  ^[[1;34m╭─^[[0m src/Actions.wxs:7:4
^[[1;34m7 │^[[0m             <Custom Action="JoinSession" After="StopAgent" />
^[[1;34m  │^[[0m             ^[[1;31m^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^[[0m ^[[1;31mruns right after `StopAgent`^[[0m
  ^[[1;34m├─^[[0m src/Package.wxs:4:7
^[[1;34m4 │^[[0m       <Custom Action="StopAgent" After="InstallValidate" />
^[[1;34m  │^[[0m       ^[[1;34m-----------------------------------------------------^[[0m
^[[1;34m  │^[[0m       ^[[1;34mwhich runs right after InstallValidate^[[0m
  ^[[1;34m├─^[[0m src/Actions.wxs:3:34
^[[1;34m3 │^[[0m         <CustomAction Id="JoinSession" Value="[MsiRestartManagerSessionKey]" />
^[[1;34m  │^[[0m                                        ^[[1;34m-------------------------------------^[[0m
^[[1;34m  │^[[0m                                        ^[[1;34mthe key is read here^[[0m
  ^[[1;34m=^[[0m ^[[1mhelp^[[0m: schedule `JoinSession` Before="InstallValidate"
  ^[[1;34m=^[[0m ^[[1mfix^[[0m: schedule `JoinSession` before InstallValidate (safe)

1 error in 1 file; 1 fixable with --fix
"#;
    assert_picture(&String::from_utf8(out).unwrap().replace('\x1b', "^["), &expected[1..]);
}

#[test]
fn concise() {
    let expected = r#"
src/Actions.wxs:7:4: error[session-key-after-install-validate] `JoinSession` reads MsiRestartManagerSessionKey at 1402, after InstallValidate (1400) has cleared it [*]
src/Actions.wxs:4:3: warning[unused-custom-action] `Größe` is never scheduled (when `$(var.Debug)` is defined and `$(var.Edition) = Pro`, or when `$(var.Edition) = Pro` is false)
src/Actions.wxs:4:49: info[suspicious-script] a message with \u{1b}[31mescape\u{7}\nsequences
src/Package.wxs:2:3: note: position of `Foo` is unknown: extension X is not known
note: 3 files could not be assigned to a project
1 error, 1 warning, 1 info in 12 files; 1 fixable with --fix
"#;
    assert_picture(&example().write(Format::Concise, STYLE), &expected[1..]);
}

#[test]
fn json() {
    // The line breaks are the test's: the document is one line.
    let expected: String = r##"
{"version":1,
"findings":[
  {"rule":"session-key-after-install-validate","severity":"error","message":"`JoinSession` reads MsiRestartManagerSessionKey at 1402, after InstallValidate (1400) has cleared it","help":"schedule `JoinSession` Before=\"InstallValidate\"",
    "path":"src/Actions.wxs","start":{"line":7,"column":4,"offset":198},"end":{"line":7,"column":53,"offset":247},
    "related":[{"path":"src/Package.wxs","start":{"line":4,"column":7,"offset":59},"end":{"line":4,"column":60,"offset":112},"message":"which runs right after InstallValidate"},{"path":"src/Actions.wxs","start":{"line":3,"column":34,"offset":51},"end":{"line":3,"column":71,"offset":88},"message":"the key is read here"}],
    "fix":{"applicability":"safe","message":"schedule `JoinSession` before InstallValidate","edits":[{"path":"src/Actions.wxs","start":227,"end":244,"replacement":"Before=\"InstallValidate\""}]},
    "no_fix":null,"configurations":[]},
  {"rule":"unused-custom-action","severity":"warning","message":"`Größe` is never scheduled","help":null,
    "path":"src/Actions.wxs","start":{"line":4,"column":3,"offset":94},"end":{"line":5,"column":18,"offset":167},
    "related":[],
    "fix":null,
    "no_fix":"another project may schedule it",
    "configurations":["`$(var.Debug)` is defined and `$(var.Edition) = Pro`","`$(var.Edition) = Pro` is false"]},
  {"rule":"suspicious-script","severity":"info","message":"a message with \u001b[31mescape\u0007\nsequences","help":null,
    "path":"src/Actions.wxs","start":{"line":4,"column":49,"offset":146},"end":{"line":4,"column":52,"offset":149},
    "related":[],
    "fix":null,
    "no_fix":null,"configurations":[]}],
"notes":[{"message":"position of `Foo` is unknown: extension X is not known",
    "path":"src/Package.wxs","start":{"line":2,"column":3,"offset":12},"end":{"line":2,"column":12,"offset":21}},{"message":"3 files could not be assigned to a project","path":null,"start":null,"end":null}],
"summary":{"files":12,"findings":3,"fixable":1}}"##
        .lines()
        .map(str::trim_start)
        .collect();
    assert_picture(&example().write(Format::Json, STYLE), &(expected + "\n"));
}

#[test]
fn sarif() {
    let expected = r###"
{
  "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
  "runs": [
    {
      "columnKind": "unicodeCodePoints",
      "invocations": [
        {
          "executionSuccessful": true,
          "toolExecutionNotifications": [
            {
              "level": "note",
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {"uri": "src/Package.wxs"},
                    "region": {"endColumn": 12, "endLine": 2, "startColumn": 3, "startLine": 2}
                  }
                }
              ],
              "message": {"text": "position of `Foo` is unknown: extension X is not known"}
            },
            {"level": "note", "message": {"text": "3 files could not be assigned to a project"}}
          ]
        }
      ],
      "results": [
        {
          "fixes": [
            {
              "artifactChanges": [
                {
                  "artifactLocation": {"uri": "src/Actions.wxs"},
                  "replacements": [
                    {
                      "deletedRegion": {"endColumn": 50, "endLine": 7, "startColumn": 33, "startLine": 7},
                      "insertedContent": {"text": "Before=\"InstallValidate\""}
                    }
                  ]
                }
              ],
              "description": {"text": "schedule `JoinSession` before InstallValidate (safe)"}
            }
          ],
          "level": "error",
          "locations": [
            {
              "message": {"text": "runs right after `StopAgent`"},
              "physicalLocation": {
                "artifactLocation": {"uri": "src/Actions.wxs"},
                "region": {"endColumn": 53, "endLine": 7, "startColumn": 4, "startLine": 7}
              }
            }
          ],
          "message": {
            "text": "`JoinSession` reads MsiRestartManagerSessionKey at 1402, after InstallValidate (1400) has cleared it\nschedule `JoinSession` Before=\"InstallValidate\""
          },
          "partialFingerprints": {"wixlint/v1": "b747a9c3475546bf0000"},
          "relatedLocations": [
            {
              "id": 1,
              "message": {"text": "which runs right after InstallValidate"},
              "physicalLocation": {
                "artifactLocation": {"uri": "src/Package.wxs"},
                "region": {"endColumn": 60, "endLine": 4, "startColumn": 7, "startLine": 4}
              }
            },
            {
              "id": 2,
              "message": {"text": "the key is read here"},
              "physicalLocation": {
                "artifactLocation": {"uri": "src/Actions.wxs"},
                "region": {"endColumn": 71, "endLine": 3, "startColumn": 34, "startLine": 3}
              }
            }
          ],
          "ruleId": "session-key-after-install-validate",
          "ruleIndex": 0
        },
        {
          "level": "warning",
          "locations": [
            {
              "message": {"text": "nothing runs it"},
              "physicalLocation": {
                "artifactLocation": {"uri": "src/Actions.wxs"},
                "region": {"endColumn": 18, "endLine": 5, "startColumn": 3, "startLine": 4}
              }
            }
          ],
          "message": {
            "text": "`Größe` is never scheduled (when `$(var.Debug)` is defined and `$(var.Edition) = Pro`, or when `$(var.Edition) = Pro` is false)"
          },
          "partialFingerprints": {"wixlint/v1": "ca7817fbcb4e877e0000"},
          "ruleId": "unused-custom-action",
          "ruleIndex": 2
        },
        {
          "level": "note",
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {"uri": "src/Actions.wxs"},
                "region": {"endColumn": 52, "endLine": 4, "startColumn": 49, "startLine": 4}
              }
            }
          ],
          "message": {"text": "a message with \u001b[31mescape\u0007\nsequences"},
          "partialFingerprints": {"wixlint/v1": "03019d048ceec68a0000"},
          "ruleId": "suspicious-script",
          "ruleIndex": 1
        }
      ],
      "tool": {
        "driver": {
          "name": "wixlint",
          "rules": [
            {
              "defaultConfiguration": {"level": "error"},
              "fullDescription": {"text": "What is wrong."},
              "help": {
                "markdown": "# a-rule\n\nWhat is wrong.\n\n## Why\n\nIt does harm.\n",
                "text": "# a-rule\n\nWhat is wrong.\n\n## Why\n\nIt does harm.\n"
              },
              "helpUri": "https://example.com/a-rule",
              "id": "session-key-after-install-validate",
              "shortDescription": {"text": "What is wrong."}
            },
            {
              "defaultConfiguration": {"level": "note"},
              "fullDescription": {"text": "What is wrong."},
              "help": {
                "markdown": "# a-rule\n\nWhat is wrong.\n\n## Why\n\nIt does harm.\n",
                "text": "# a-rule\n\nWhat is wrong.\n\n## Why\n\nIt does harm.\n"
              },
              "helpUri": "https://example.com/a-rule",
              "id": "suspicious-script",
              "shortDescription": {"text": "What is wrong."}
            },
            {
              "defaultConfiguration": {"level": "warning"},
              "fullDescription": {"text": "What is wrong."},
              "help": {
                "markdown": "# a-rule\n\nWhat is wrong.\n\n## Why\n\nIt does harm.\n",
                "text": "# a-rule\n\nWhat is wrong.\n\n## Why\n\nIt does harm.\n"
              },
              "helpUri": "https://example.com/a-rule",
              "id": "unused-custom-action",
              "shortDescription": {"text": "What is wrong."}
            }
          ],
          "semanticVersion": "0.1.0"
        }
      }
    }
  ],
  "version": "2.1.0"
}
"###;
    // The picture is denser than the document.
    let written: Value = serde_json::from_str(&example().write(Format::Sarif, STYLE)).unwrap();
    let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap();
    assert_picture(&pretty(&written), &pretty(&serde_json::from_str(expected).unwrap()));
}

#[test]
fn github() {
    let expected = r#"
::error file=src/Actions.wxs,line=7,endLine=7,col=4,endColumn=53,title=wixlint session-key-after-install-validate::`JoinSession` reads MsiRestartManagerSessionKey at 1402, after InstallValidate (1400) has cleared it; schedule `JoinSession` Before="InstallValidate"
::warning file=src/Actions.wxs,line=4,endLine=5,title=wixlint unused-custom-action::`Größe` is never scheduled (when `$(var.Debug)` is defined and `$(var.Edition) = Pro`, or when `$(var.Edition) = Pro` is false)
::notice file=src/Actions.wxs,line=4,endLine=4,col=49,endColumn=52,title=wixlint suspicious-script::a message with \u{1b}[31mescape\u{7} sequences
note - position of `Foo` is unknown: extension X is not known (src/Package.wxs:2:3)
note - 3 files could not be assigned to a project
1 error, 1 warning, 1 info in 12 files; 1 fixable with --fix
"#;
    assert_picture(&example().write(Format::Github, STYLE), &expected[1..]);
}

#[test]
fn gitlab() {
    let expected = r#"
[
  {
    "check_name": "session-key-after-install-validate",
    "description": "`JoinSession` reads MsiRestartManagerSessionKey at 1402, after InstallValidate (1400) has cleared it; schedule `JoinSession` Before=\"InstallValidate\"",
    "fingerprint": "b747a9c3475546bf0000",
    "location": {
      "lines": {
        "begin": 7,
        "end": 7
      },
      "path": "src/Actions.wxs"
    },
    "severity": "major"
  },
  {
    "check_name": "unused-custom-action",
    "description": "`Größe` is never scheduled (when `$(var.Debug)` is defined and `$(var.Edition) = Pro`, or when `$(var.Edition) = Pro` is false)",
    "fingerprint": "ca7817fbcb4e877e0000",
    "location": {
      "lines": {
        "begin": 4,
        "end": 5
      },
      "path": "src/Actions.wxs"
    },
    "severity": "minor"
  },
  {
    "check_name": "suspicious-script",
    "description": "a message with \u001b[31mescape\u0007 sequences",
    "fingerprint": "03019d048ceec68a0000",
    "location": {
      "lines": {
        "begin": 4,
        "end": 4
      },
      "path": "src/Actions.wxs"
    },
    "severity": "info"
  }
]
"#;
    assert_picture(&example().write(Format::Gitlab, STYLE), &expected[1..]);
}

#[test]
fn junit() {
    let expected = r#"
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="wixlint" tests="3" failures="3" errors="0">
  <testsuite name="wixlint" tests="3" failures="3" errors="0">
    <testcase name="session-key-after-install-validate at 7:4" classname="src/Actions.wxs" file="src/Actions.wxs" line="7">
      <failure type="error" message="`JoinSession` reads MsiRestartManagerSessionKey at 1402, after InstallValidate (1400) has cleared it; schedule `JoinSession` Before=&quot;InstallValidate&quot;">
src/Actions.wxs:7:4: `JoinSession` reads MsiRestartManagerSessionKey at 1402, after InstallValidate (1400) has cleared it; schedule `JoinSession` Before=&quot;InstallValidate&quot;
      </failure>
    </testcase>
    <testcase name="unused-custom-action at 4:3" classname="src/Actions.wxs" file="src/Actions.wxs" line="4">
      <failure type="warning" message="`Größe` is never scheduled (when `$(var.Debug)` is defined and `$(var.Edition) = Pro`, or when `$(var.Edition) = Pro` is false)">
src/Actions.wxs:4:3: `Größe` is never scheduled (when `$(var.Debug)` is defined and `$(var.Edition) = Pro`, or when `$(var.Edition) = Pro` is false)
      </failure>
    </testcase>
    <testcase name="suspicious-script at 4:49" classname="src/Actions.wxs" file="src/Actions.wxs" line="4">
      <failure type="info" message="a message with �[31mescape� sequences">
src/Actions.wxs:4:49: a message with �[31mescape� sequences
      </failure>
    </testcase>
  </testsuite>
</testsuites>
"#;
    assert_picture(&example().write(Format::Junit, STYLE), &expected[1..]);
}

#[test]
fn msbuild() {
    let expected = r#"
src/Actions.wxs(7,4,7,53): error session-key-after-install-validate: `JoinSession` reads MsiRestartManagerSessionKey at 1402, after InstallValidate (1400) has cleared it; schedule `JoinSession` Before="InstallValidate"
src/Actions.wxs(4,3,5,18): warning unused-custom-action: `Größe` is never scheduled (when `$(var.Debug)` is defined and `$(var.Edition) = Pro`, or when `$(var.Edition) = Pro` is false)
src/Actions.wxs(4,49,4,52): info suspicious-script: a message with \u{1b}[31mescape\u{7} sequences
note - position of `Foo` is unknown: extension X is not known (src/Package.wxs:2:3)
note - 3 files could not be assigned to a project
1 error, 1 warning, 1 info in 12 files; 1 fixable with --fix
"#;
    assert_picture(&example().write(Format::Msbuild, STYLE), &expected[1..]);
}

#[test]
fn people_are_shown_some_of_many_notes() {
    let notes: Vec<Note> = (0..53).map(|number| Note { message: format!("note {number}"), span: None }).collect();
    let sources = Sources::default();
    let applied = wixlint::report::Applied::Nothing;
    let report =
        Report { sources: &sources, findings: &[], notes: &notes, failures: &[], files: 1, applied, page: |_| None };
    for (format, shown) in [(Format::Full, 51), (Format::Concise, 51), (Format::Json, 53)] {
        let mut out = Vec::new();
        write(format, &report, &STYLE, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let (mark, more) = if format == Format::Json { ("\"message\":\"note ", false) } else { ("note: ", true) };
        assert_eq!(text.matches(mark).count(), shown, "{text}");
        assert_eq!(text.contains("note: 3 more notes; the JSON format has all of them\n"), more, "{text}");
    }
}

#[test]
fn summary_of_a_clean_run() {
    let sources = Sources::default();
    let report = Report {
        sources: &sources,
        findings: &[],
        notes: &[],
        failures: &[],
        files: 1,
        applied: wixlint::report::Applied::Nothing,
        page: |_| None,
    };
    for (summary, expected) in [(true, "nothing found in 1 file\n"), (false, "")] {
        for format in [Format::Full, Format::Concise] {
            let mut out = Vec::new();
            write(format, &report, &Style { summary, ..STYLE }, &mut out).unwrap();
            assert_picture(&String::from_utf8(out).unwrap(), expected);
        }
    }
    let mut out = Vec::new();
    write(Format::Json, &report, &STYLE, &mut out).unwrap();
    let expected =
        "{\"version\":1,\"findings\":[],\"notes\":[],\"summary\":{\"files\":1,\"findings\":0,\"fixable\":0}}\n";
    assert_picture(&String::from_utf8(out).unwrap(), expected);
}

#[test]
fn summary_of_fixes() {
    let mut example = example();
    let mut with = |applicability, findings: usize| {
        let mut fix = example.findings[0].fix.clone();
        fix.iter_mut().for_each(|fix| Arc::make_mut(fix).applicability = applicability);
        example.findings[findings].fix = fix;
        example.write(Format::Concise, STYLE).lines().last().map(str::to_owned).unwrap()
    };
    let safe = with(Applicability::Safe, 1);
    assert_eq!(safe, "1 error, 1 warning, 1 info in 12 files; 2 fixable with --fix");
    let mixed = with(Applicability::Unsafe, 1);
    assert_eq!(mixed, "1 error, 1 warning, 1 info in 12 files; 1 fixable with --fix, 1 more with --unsafe-fixes");
    let only_unsafe = with(Applicability::Unsafe, 0);
    assert_eq!(only_unsafe, "1 error, 1 warning, 1 info in 12 files; 2 fixable with --fix --unsafe-fixes");
}

/// Every span up to and beyond the end of the text, also turned around.
fn all_spans(file: FileId, length: u32) -> Vec<Span> {
    let offsets: Vec<_> = (0..=length + 2).chain([u32::MAX - 1, u32::MAX]).collect();
    offsets.iter().flat_map(|&start| offsets.iter().map(move |&end| Span { file, start, end })).collect()
}

#[test]
fn no_label_can_break_a_report() {
    for text in ["", "\u{FEFF}", "a", "\n", "\r\n", "\n\n", "é漢\r\n\t👩\u{200d}🔧\u{1b}\r", "a\nb\u{301}\n"] {
        let mut sources = Sources::default();
        let file = sources.add(source("a.wxs", text));
        let other = sources.add(source("b.wxs", "<b/>"));
        let spans = all_spans(file, text.len() as u32).into_iter().chain(all_spans(other, 4));
        let labels: Vec<_> = spans.map(|span| Label { span, message: "here".to_owned() }).collect();
        let finding = Diagnostic { related: labels, ..example().findings.remove(1) };
        let primary = Label { span: Span { file, start: 0, end: u32::MAX }, message: String::new() };
        let findings = [Diagnostic { primary, ..finding }];
        for (format, width, unicode) in [
            (Format::Full, 0, false),
            (Format::Full, 20, true),
            (Format::Full, usize::MAX, true),
            (Format::Concise, 80, true),
            (Format::Json, 80, true),
        ] {
            let report = Report {
                sources: &sources,
                findings: &findings,
                notes: &[],
                failures: &[],
                files: 1,
                applied: wixlint::report::Applied::Nothing,
                page: |_| None,
            };
            let mut out = Vec::new();
            write(format, &report, &Style { width, unicode, ..STYLE }, &mut out).unwrap();
            let out = String::from_utf8(out).unwrap();
            assert!(!out.contains(['\u{1b}', '\r']), "{out}");
        }
    }
}

#[test]
fn a_huge_line_is_cut() {
    let text = format!("{}<X/>{}<Y/>", "a".repeat(3_000_000), "é".repeat(1_000_000));
    let mut sources = Sources::default();
    let file = sources.add(source("a.wxs", &text));
    let label = |text| Label { span: find(&sources, file, text), message: "here".to_owned() };
    let whole = Label { span: Span { file, start: 0, end: text.len() as u32 }, message: "all".to_owned() };
    let related = vec![label("<Y/>"), whole];
    let findings = [Diagnostic {
        primary: label("<X/>"),
        related,
        no_fix: None,
        configurations: Vec::new(),
        ..example().findings.remove(1)
    }];
    let report = Report {
        sources: &sources,
        findings: &findings,
        notes: &[],
        failures: &[],
        files: 1,
        applied: wixlint::report::Applied::Nothing,
        page: |_| None,
    };
    let mut out = Vec::new();
    write(Format::Full, &report, &Style { width: 40, ..STYLE }, &mut out).unwrap();
    let expected = r#"
warning[unused-custom-action]: `Größe` is never scheduled
  ╭─ a.wxs:1:3000001
1 │ …aaaaaaaaaaaaaaa<X/>ééééééééééééééé…
  │                 ^^^^ here
  ├─ a.wxs:1:4000005
1 │ …éééééééééééééééééééééééééééééé<Y/>
  │                                ----
  │                                here
  ├─ a.wxs:1:1
1 │ aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…
  │ ----------------------------------
  │ all

1 warning in 1 file
"#;
    assert_picture(&String::from_utf8(out).unwrap(), &expected[1..]);
}

/// Of each level GitHub shows ten annotations of a step.
#[test]
fn github_gets_the_worst_first_and_the_rest_as_lines() {
    let example = example();
    let [error, warning, ..] = &example.findings[..] else { panic!() };
    let mut findings = vec![warning.clone(); 12];
    findings.push(error.clone());
    let printed = Example { findings, ..example }.write(Format::Github, STYLE);
    let starts: Vec<&str> =
        printed.lines().map(|line| line.split([' ', ':']).find(|word| !word.is_empty()).unwrap()).collect();
    let expected = ["error"].into_iter().chain(["warning"; 10]).chain(["GitHub", "src/Actions.wxs", "src/Actions.wxs"]);
    assert_eq!(starts[..14], expected.collect::<Vec<_>>(), "{printed}");
    assert!(printed.ends_with("1 error, 12 warnings in 12 files; 1 fixable with --fix\n"), "{printed}");
    assert!(printed.contains("\nGitHub shows 10 annotations of a level for a step; these are the other findings:\n"));
}

/// What paths look like to those who take them apart.
#[test]
fn paths_are_written_as_each_format_has_them() {
    let written = |format, path: &str| {
        let mut sources = Sources::default();
        let file = sources.add(source(path, "<Wix/>"));
        let primary = Label { span: Span { file, start: 0, end: 4 }, message: String::new() };
        let findings = vec![Diagnostic { primary, ..example().findings.remove(2) }];
        Example { sources, findings, notes: Vec::new() }.write(format, STYLE)
    };
    for (format, path, is) in [
        (Format::Sarif, "./a b/ä%.wxs", r#""uri": "a%20b/%C3%A4%25.wxs""#),
        (Format::Sarif, "../x:y.wxs", r#""uri": "../x%3Ay.wxs""#),
        (Format::Sarif, "/src/a.wxs", r#""uri": "file:///src/a.wxs""#),
        (Format::Sarif, "C:/a b/c.wxs", r#""uri": "file:///C:/a%20b/c.wxs""#),
        (Format::Github, "./a,b/50%:1.wxs", "file=a%2Cb/50%25%3A1.wxs,"),
        (Format::Gitlab, "./a b.wxs", r#""path": "a b.wxs""#),
        (Format::Junit, "./a&b.wxs", r#"file="a&amp;b.wxs""#),
        (Format::Msbuild, "C:/a b/c.wxs", "C:/a b/c.wxs(1,1,1,5): info "),
    ] {
        let written = written(format, path);
        assert!(written.contains(is), "{is} in {written}");
    }
}

/// What the validator of SARIF's own makers has against a document: errors and warnings, those of code scanning too.
fn objections(document: &str) -> Vec<String> {
    let folder = std::env::temp_dir().join(format!("wixlint-sarif-{}-{}", std::process::id(), document.len()));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("report.sarif"), document).unwrap();
    let arguments =
        "validate report.sarif --output verdict.sarif --rule-kind Sarif;Ghas --level Error;Warning --kind Fail";
    let mut validator = Command::new("Sarif.Multitool");
    validator.args(arguments.split(' ')).current_dir(&folder).env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1");
    let printed = validator.output().expect("Sarif.Multitool is not on the path");
    let verdict = fs::read_to_string(folder.join("verdict.sarif"));
    let verdict = verdict.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&printed.stdout)));
    fs::remove_dir_all(&folder).unwrap();
    let verdict: Value = serde_json::from_str(verdict.trim_start_matches('\u{FEFF}')).unwrap();
    let results = verdict["runs"][0]["results"].as_array().unwrap();
    results.iter().map(|result| format!("{} {}", result["ruleId"].as_str().unwrap(), result["message"])).collect()
}

#[test]
#[ignore = "needs Sarif.Multitool, which .ci/run installs"]
fn sarif_is_valid() {
    let document = example().write(Format::Sarif, STYLE);
    let mut wixlint = Command::new(env!("CARGO_BIN_EXE_wixlint"));
    let run = wixlint.args(["--select=all", "--output-format=sarif", "fixtures/example", "fixtures/projects"]).output();
    let run = String::from_utf8(run.unwrap().stdout).unwrap();
    assert!(run.matches("\"ruleId\"").count() > 20, "{run}");
    for document in [&document, &run] {
        // There is no address at which to learn more of the tool. Of a document that it cannot read it says nothing.
        let objections = objections(document);
        assert!(objections.iter().all(|objection| objection.starts_with("SARIF2005 ")), "{objections:#?}");
        assert_eq!(objections.len(), 1);
    }
    let broken = document.replace("\"ruleIndex\"", "\"rulePlace\"");
    assert!(objections(&broken).iter().any(|objection| objection.starts_with("JSON")), "{:#?}", objections(&broken));
}
