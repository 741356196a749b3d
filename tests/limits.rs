//! Where wixlint stops: sources and files that would take all time or all memory. Each is told with its name,
//! the limit, and what to do where there is something.
#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

#[path = "shared/temporary.rs"]
mod temporary;

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use temporary::Temporary;

/// A folder that goes away with the test.
struct Folder(Temporary);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = Temporary::new(&format!("limits-{name}"));
        Folder(folder)
    }

    fn write(&self, name: &str, text: &str) -> &Folder {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// What the program prints in the folder, and its exit code.
    fn run(&self, arguments: &[&str]) -> (String, Option<i32>) {
        self.run_with(arguments, Stdio::null())
    }

    /// The same with a standard input. A run that does not come to an end is ended.
    fn run_with(&self, arguments: &[&str], stdin: Stdio) -> (String, Option<i32>) {
        const LONGEST: Duration = Duration::from_secs(60);
        let (out, err) = (self.0.join("printed.out"), self.0.join("printed.err"));
        let mut program = Command::new(env!("CARGO_BIN_EXE_wixlint"));
        program.args(["--output-format", "concise"]).args(arguments).current_dir(&self.0);
        program.env_remove("FORCE_COLOR").stdin(stdin);
        program.stdout(fs::File::create(&out).unwrap()).stderr(fs::File::create(&err).unwrap());
        let (mut running, started) = (program.spawn().unwrap(), Instant::now());
        let status = loop {
            if let Some(status) = running.try_wait().unwrap() {
                break status;
            }
            if started.elapsed() > LONGEST {
                running.kill().unwrap();
                running.wait().unwrap();
                assert!(started.elapsed() <= LONGEST, "{arguments:?} does not come to an end");
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let printed = String::from_utf8_lossy(&fs::read(out).unwrap()).into_owned();
        (printed + &String::from_utf8_lossy(&fs::read(err).unwrap()), status.code())
    }

    /// Checks the folder, in which `expected` has to be said.
    fn says(&self, expected: &str) {
        let (printed, _) = self.run(&[]);
        assert!(printed.contains(expected), "{expected:?} is not said in:\n{printed}");
    }
}

fn package(inner: &str) -> String {
    format!(
        r#"<Wix xmlns="http://wixtoolset.org/schemas/v4/wxs"><Package Name="P" Manufacturer="M" Version="1.0">{inner}</Package></Wix>"#
    )
}

#[test]
fn includes_end() {
    let cycle = Folder::new("cycle");
    cycle.write("a.wxs", &package("<?include a.wxi?>")).write("a.wxi", "<Include><?include b.wxi?></Include>");
    cycle.write("b.wxi", "<Include><?include A.wxi?></Include>");
    cycle.says("b.wxi:1:10: note: this include leads back to itself; it is left out");

    let deep = Folder::new("deep");
    deep.write("a.wxs", &package("<?include 0.wxi?>"));
    for at in 0..1100 {
        deep.write(&format!("{at}.wxi"), &format!("<Include><?include {}.wxi?></Include>", at + 1));
    }
    deep.says("1022.wxi:1:10: note: includes are nested 1024 deep, and WiX goes no deeper; this one is left out");

    let wide = Folder::new("wide");
    wide.write("a.wxs", &package("<?include 0.wxi?>"));
    for at in 0..30 {
        let next = at + 1;
        wide.write(&format!("{at}.wxi"), &format!("<Include><?include {next}.wxi?><?include {next}.wxi?></Include>"));
    }
    wide.write("30.wxi", "<Include/>");
    wide.says("this file includes others more than ten thousand times; the rest is left out");

    let long = Folder::new("long");
    long.write("a.wxs", &package(&"<?include long.wxi?>".repeat(9_000)));
    long.write("long.wxi", &format!("<Include>{}</Include>", "<Property Id='P' Value='1'/>".repeat(1_000)));
    long.says("note: loops and includes make more than 200000 elements of the same text; the rest is left out");
}

#[test]
fn loops_end() {
    let hundred: Vec<String> = (0..100).map(|at| at.to_string()).collect();
    let open: String = (0..6).map(|at| format!("<?foreach I{at} in {}?>", hundred.join(";"))).collect();
    let body = r#"<Property Id="P$(var.I0)" Value="$(var.I5)"/>"#;
    let folder = Folder::new("loops");
    folder.write("a.wxs", &package(&(open + body + &"<?endforeach?>".repeat(6))));
    folder.says("note: loops and includes make more than 200000 elements of the same text; the rest is left out");
}

#[test]
fn texts_of_variables_end() {
    let doubled = "<?define A=0123456789abcdef?>".to_owned() + &"<?define A=$(var.A)$(var.A)?>".repeat(15);
    let copies: String = (0..500).map(|at| format!("<?define B{at}=$(var.A)?>")).collect();
    let actions: String =
        (0..500).map(|at| format!(r#"<CustomAction Id="A{at}" Property="P" Value="$(var.A)"/>"#)).collect();
    let conditions = "<?if $(var.A) = 1?><?endif?>".repeat(500);
    for (name, rest) in [("copies", copies), ("values", actions), ("conditions", conditions)] {
        let folder = Folder::new(name);
        folder.write("a.wxs", &package(&(doubled.clone() + &rest)));
        folder.says("a.wxs:1:1: note: variables make more than 64 MiB of text of this file; what they make beyond");
    }
    let folder = Folder::new("properties");
    let doubled = "<A>$(A)$(A)</A>".repeat(60);
    folder.write("a.wxs", &package(""));
    folder.write("a.wixproj", &format!("<Project><PropertyGroup><A>;a.wxs</A>{doubled}</PropertyGroup><ItemGroup><Compile Include='a.wxs'/></ItemGroup></Project>"));
    let (printed, code) = folder.run(&["a.wixproj"]);
    assert_eq!(code, Some(0), "{printed}");
}

#[test]
fn entities_are_not_expanded() {
    let entity = |at: usize| format!("<!ENTITY e{at} '{}'>", format!("&e{};", at - 1).repeat(10));
    let entities: String = (1..20).map(entity).collect();
    let head = format!("<!DOCTYPE Wix [<!ENTITY e0 'text'>{entities}]>");
    let folder = Folder::new("entities");
    folder.write("a.wxs", &(head + &package(r#"<Property Id="P" Value="&e19;"/>&e19;"#)));
    folder.says("error[malformed-xml] entity `e6` stands for more than 1000000 bytes");
}

#[test]
fn long_conditions_end() {
    // Many terms, many variables, many texts, deep parentheses, many conditions.
    let terms = format!("<?if $(var.A) = 1 {}?><?endif?>", "and $(var.B) = 2 or $(var.C)=3 ".repeat(20_000));
    let names: String = (0..20_000).map(|at| format!("or $(var.V{at}) = 1 ")).collect();
    let texts: String = (0..20_000).map(|at| format!("or $(var.A) = {at} ")).collect();
    let nested = format!("<?if {}1{}?><?endif?>", "(".repeat(100_000), ")".repeat(100_000));
    let several: String = (0..2_000).map(|at| format!("<?if $(var.V{at}) = 1?><?endif?>")).collect();
    for (name, inner, expected) in [
        (
            "terms",
            terms,
            "note: this condition has more than 64 variables or 32 KiB; it was looked at with all of them empty",
        ),
        (
            "names",
            format!("<?if $(var.A) = 1 {names}?><?endif?>"),
            "note: this condition has more than 64 variables or 32 KiB",
        ),
        (
            "texts",
            format!("<?if $(var.A) = 1 {texts}?><?endif?>"),
            "note: this condition has more than 64 variables or 32 KiB",
        ),
        ("nested", nested, "error[preprocessor-error]"),
        ("several", several, "16 of the ways to take them were looked at, and no fix is offered"),
    ] {
        let folder = Folder::new(name);
        folder.write("a.wxs", &package(&inner));
        folder.says(expected);
    }
}

/// What Windows Installer reads: conditions, formatted text and scripts.
#[test]
fn long_texts_of_the_installer_end() {
    let row = r#"<InstallExecuteSequence><Custom Action="A" After="InstallFiles""#;
    let condition = |text: String| {
        format!(
            r#"{row} Condition="{text}"/></InstallExecuteSequence><Launch Condition="{text}" Message="m"/><CustomAction Id="A" Error="e"/>"#
        )
    };
    let value =
        |text: String| format!(r#"{row}/></InstallExecuteSequence><CustomAction Id="A" Property="P" Value="{text}"/>"#);
    let script = |language: &str, text: String| {
        format!(r#"{row}/></InstallExecuteSequence><CustomAction Id="A" Script="{language}">{text}</CustomAction>"#)
    };
    for (name, inner) in [
        ("joined", condition("A AND ".repeat(20_000) + "RemoveExistingProducts")),
        ("negated", condition("NOT ".repeat(100_000) + "A")),
        ("bracketed", condition("(".repeat(100_000) + "A" + &")".repeat(100_000))),
        ("brackets", value("[".repeat(100_000) + "A" + &"]".repeat(100_000))),
        ("properties", value("[MsiRestartManagerSessionKey]".repeat(20_000))),
        ("calls", script("vbscript", "x = Session.Property(\"P\") + (".repeat(2_000))),
        ("script", script("vbscript", "x = Session.Property(\"P\") + (".repeat(200_000))),
        ("functions", script("jscript", "function a(".repeat(2_000))),
    ] {
        let folder = Folder::new(name);
        folder.write("a.wxs", &package(&inner));
        folder.says(" in 1 file");
    }
}

#[test]
fn a_folder_may_be_called_like_a_source() {
    let folder = Folder::new("folders");
    folder.write("x.wxs/inner.wxs", &package(""));
    assert_eq!(folder.run(&[]).0, "nothing found in 1 file\n");
    assert_eq!(folder.run(&["x.wxs"]).0, "nothing found in 1 file\n");
}

#[test]
fn a_file_of_more_than_a_gibibyte_is_refused() {
    let folder = Folder::new("large");
    let file = fs::File::create(folder.0.join("a.wxs")).unwrap();
    // A file with a hole takes no space; where it would, there is no such test.
    if cfg!(unix) && file.set_len((1 << 30) + 1).is_ok() {
        assert_eq!(
            folder.run(&["a.wxs"]),
            ("nothing found in 0 files\nwixlint: cannot read a.wxs: larger than 1 GiB\n".to_owned(), Some(2))
        );
    }
}

#[test]
fn thousands_of_files_are_read() {
    let folder = Folder::new("tree");
    let fragment = r#"<Wix xmlns="http://wixtoolset.org/schemas/v4/wxs"><Fragment/></Wix>"#;
    for at in 0..2_000 {
        folder.write(&format!("{}/{at}.wxs", at / 100), fragment);
    }
    folder.says("nothing found in 2000 files");
}

/// Names of devices on Windows, and paths as Windows spells them.
#[test]
fn names_of_windows_are_nothing_special_elsewhere() {
    let folder = Folder::new("windows");
    let paths = [r"sub\INNER.wxi", r".\sub\..\sub\inner.wxi", "NUL", "con.wxi", r"\\?\C:\x.wxi", r"C:\x.wxi"];
    let includes: String = paths.iter().map(|path| format!("<?include {path}?>")).collect();
    folder.write("a.wxs", &package(&includes)).write("sub/Inner.wxi", "<Include/>");
    let (printed, code) = folder.run(&["a.wxs"]);
    assert_eq!(code, Some(0), "{printed}");
    for path in &paths[3..] {
        assert!(printed.contains(&format!("include file `{path}` was not found")), "{path}:\n{printed}");
    }
    assert!(!printed.contains("inner") && !printed.contains("INNER"), "{printed}");
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn what_is_no_file_is_not_waited_for() {
        let folder = Folder::new("fifo");
        for name in ["pipe.wxs", "pipe.wxi", "pipe.toml", "pipe.wixproj"] {
            assert!(Command::new("mkfifo").arg(folder.0.join(name)).status().unwrap().success());
        }
        folder.write("a.wxs", &package("<?include pipe.wxi?>"));
        let (printed, _) = folder.run(&["pipe.wxs"]);
        assert!(printed.contains("wixlint: cannot read pipe.wxs: not a regular file"), "{printed}");
        let (printed, _) = folder.run(&["--project", "pipe.wixproj"]);
        assert!(printed.contains("wixlint: cannot read pipe.wixproj: not a regular file"), "{printed}");
        let (printed, _) = folder.run(&["--config", "pipe.toml", "a.wxs"]);
        assert!(printed.contains("wixlint: cannot read pipe.toml: not a regular file"), "{printed}");
        let (printed, _) = folder.run(&["/dev/zero"]);
        assert!(printed.contains("wixlint: cannot read /dev/zero: not a regular file"), "{printed}");
        folder.says("a.wxs:1:100: note: include file `pipe.wxi` was not found");
    }

    #[test]
    fn links_that_lead_nowhere_are_told() {
        let folder = Folder::new("links");
        folder.write("a.wxs", &package(""));
        fs::create_dir(folder.0.join("sub")).unwrap();
        symlink("..", folder.0.join("sub/up")).unwrap();
        symlink("loop.wxs", folder.0.join("loop.wxs")).unwrap();
        symlink("nowhere", folder.0.join("dead.wxs")).unwrap();
        folder.says("nothing found in 1 file");
        assert!(folder.run(&["loop.wxs"]).0.starts_with("wixlint: cannot read loop.wxs: "));
        assert_eq!(folder.run(&["dead.wxs"]).0, "wixlint: cannot read dead.wxs: there is no such file\n");
    }

    /// macOS does not take such names.
    #[cfg(target_os = "linux")]
    #[test]
    fn paths_that_are_no_text_are_told() {
        let folder = Folder::new("bytes");
        let name = OsStr::from_bytes(b"b\xFF.wxs");
        fs::write(folder.0.join(name), package("")).unwrap();
        let (printed, code) = folder.run(&[]);
        assert!(printed.contains("cannot read b\u{FFFD}.wxs: its path is not valid UTF-8; rename it"), "{printed}");
        assert_eq!(code, Some(2));
    }
}
