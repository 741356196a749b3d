//! Transcripts of the real program: `tests/transcripts/*.txt`.
//!
//! A transcript is a session in an empty folder:
//!
//! ```text
//! file NAME [crlf] [bom] [utf16] [windows-1252]     the lines that follow, up to an empty line, are its text
//! $ [NAME=VALUE...] wixlint ARGUMENTS [< FILE]      runs the program; what it prints follows
//! $ show NAME                                       the file's text, decoded; CR is shown as ␍, ESC as ␛
//! $ mkdir NAME                                      makes a folder
//! $ git ARGUMENTS                                   runs git, as somebody
//! ## REMARK
//! ```
//!
//! Of what a command prints, stderr comes after stdout, each line marked with `! `; last comes the exit
//! code, unless it is 0. `WIXLINT_RECORD=1` writes down what is printed instead of comparing it.
#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

#[path = "shared/temporary.rs"]
mod temporary;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use temporary::Temporary;

#[test]
fn transcripts_are_what_the_program_prints() {
    let mut failures = Vec::new();
    let mut paths: Vec<PathBuf> =
        fs::read_dir("tests/transcripts").unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty());
    for path in paths {
        let written = fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
        let folder = Folder::new(path.file_stem().unwrap().to_str().unwrap());
        let printed = replay(&written, &folder.0);
        if std::env::var_os("WIXLINT_RECORD").is_some() {
            fs::write(&path, printed).unwrap();
        } else if printed != written {
            failures.push(format!("{} should read:\n{printed}", path.display()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What README shows is what the example gives.
#[test]
fn readme_shows_the_example() {
    let output = Command::new(env!("CARGO_BIN_EXE_wixlint"))
        .arg("fixtures/example")
        .env_remove("COLUMNS")
        .env_remove("FORCE_COLOR")
        .env_remove("FORCE_HYPERLINK")
        .output()
        .unwrap();
    let indent = |line: &str| format!("    {line}").trim_end().to_owned();
    let printed: Vec<String> = String::from_utf8(output.stdout).unwrap().trim_end().lines().map(indent).collect();
    let readme = fs::read_to_string("README.md").unwrap().replace("\r\n", "\n");
    assert!(readme.contains(&printed.join("\n")), "README.md should show:\n{}", printed.join("\n"));
}

/// The picture that README shows is what the example gives.
#[test]
fn the_example_is_drawn() {
    let picture = "fixtures/example/sequence.svg";
    let mut command = Command::new(env!("CARGO_BIN_EXE_wixlint"));
    let output = command.args(["sequence", "--format", "svg", "fixtures/example"]).output().unwrap();
    let drawn = String::from_utf8(output.stdout).unwrap();
    if std::env::var_os("WIXLINT_RECORD").is_some() {
        fs::write(picture, &drawn).unwrap();
    }
    assert_eq!(fs::read_to_string(picture).unwrap().replace("\r\n", "\n"), drawn);
}

/// A folder that goes away with the test.
struct Folder(Temporary);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = Temporary::new(&format!("transcript-{name}"));
        Folder(folder)
    }
}

/// The transcript with what the program prints now.
fn replay(written: &str, folder: &Path) -> String {
    let mut printed = String::new();
    let mut lines = written.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        printed.push_str(line);
        if let Some(header) = line.strip_prefix("file ") {
            let mut text = String::new();
            for line in lines.by_ref() {
                printed.push_str(line);
                if line == "\n" {
                    break;
                }
                text.push_str(line);
            }
            write_file(header.trim_end(), &text, folder);
        } else if let Some(command) = line.strip_prefix("$ ") {
            printed.push_str(&run(command.trim_end(), folder));
            // What was printed last time ends where the next step begins.
            let step = |line: &str| line.starts_with("$ ") || line.starts_with("file ") || line.starts_with("## ");
            while lines.next_if(|line| !step(line)).is_some() {}
            if lines.peek().is_some() {
                printed.push('\n');
            }
        }
    }
    printed
}

fn write_file(header: &str, text: &str, folder: &Path) {
    let mut words = header.split(' ');
    let path = folder.join(words.next().unwrap());
    let traits: Vec<&str> = words.collect();
    let text = if traits.contains(&"crlf") { text.replace('\n', "\r\n") } else { text.to_owned() };
    let mut bytes = match () {
        () if traits.contains(&"utf16") => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        () if traits.contains(&"windows-1252") => text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect(),
        () => text.into_bytes(),
    };
    if traits.contains(&"bom") {
        let mark: &[u8] = if traits.contains(&"utf16") { &[0xFF, 0xFE] } else { &[0xEF, 0xBB, 0xBF] };
        bytes.splice(0..0, mark.iter().copied());
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn run(command: &str, folder: &Path) -> String {
    if let Some(name) = command.strip_prefix("show ") {
        return show(&fs::read(folder.join(name)).unwrap());
    }
    if let Some(name) = command.strip_prefix("mkdir ") {
        fs::create_dir_all(folder.join(name)).unwrap();
        return String::new();
    }
    if let Some(arguments) = command.strip_prefix("git ") {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com", "-c", "core.autocrlf=false"]);
        let output = git.args(arguments.split(' ')).current_dir(folder).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        return String::new();
    }
    let (command, stdin) = match command.split_once(" < ") {
        Some((command, name)) => (command, Stdio::from(fs::File::open(folder.join(name)).unwrap())),
        None => (command, Stdio::null()),
    };
    let mut program = Command::new(env!("CARGO_BIN_EXE_wixlint"));
    for variable in ["NO_COLOR", "FORCE_COLOR", "FORCE_HYPERLINK", "COLUMNS", "TERM"] {
        program.env_remove(variable);
    }
    let mut words = command.split(' ');
    while let Some(word) = words.next().filter(|word| *word != "wixlint") {
        let (name, value) = word.split_once('=').unwrap();
        program.env(name, value);
    }
    let output = program.args(words).current_dir(folder).stdin(stdin).output().unwrap();
    let mut printed = show(&output.stdout);
    // The folder has another name each time.
    let stderr = String::from_utf8_lossy(&output.stderr).replace(folder.to_str().unwrap(), "FOLDER");
    for line in stderr.lines() {
        writeln!(printed, "! {line}").unwrap();
    }
    match output.status.code() {
        Some(0) => {}
        code => writeln!(printed, "exit {}", code.map_or("by a signal".to_owned(), |code| code.to_string())).unwrap(),
    }
    // Blank lines separate the steps of a transcript.
    printed.lines().filter(|line| !line.is_empty()).fold(String::new(), |text, line| text + line + "\n")
}

/// Bytes as text, whatever the encoding.
fn show(bytes: &[u8]) -> String {
    let utf16 = bytes.starts_with(&[0xFF, 0xFE]);
    let units = bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair));
    let text = match () {
        () if utf16 => char::decode_utf16(units).map(|c| c.unwrap_or('?')).collect(),
        () => {
            String::from_utf8(bytes.to_vec()).unwrap_or_else(|_| bytes.iter().map(|&byte| char::from(byte)).collect())
        }
    };
    let mut text: String = text.replace('\u{FEFF}', "⟨BOM⟩").replace('\r', "␍").replace('\u{1B}', "␛");
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}
