//! The settings under `editors`, in the editors themselves, and on the page that tells of them.
//!
//! In each editor the same happens: `Join.wxs` is opened, what is shown is written down, the file is saved, the action gets
//! another name, all is saved. What an editor needs to be led through that stands in `tests/editors`.
#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

const PACKAGE: &str = r#"<Wix xmlns="http://wixtoolset.org/schemas/v4/wxs">
  <Package Name="Agent" Manufacturer="Harbor" Version="1.0.0">
    <CustomActionRef Id="Join" />
  </Package>
</Wix>
"#;

const JOIN: &str = r#"<Wix xmlns="http://wixtoolset.org/schemas/v4/wxs">
  <Fragment>
    <CustomAction Id="Join" Property="JOINED" Value="[MsiRestartManagerSessionKey]" />
    <InstallExecuteSequence>
      <!-- ä 😀 --> <Custom Action="Join" After="InstallFiles" />
    </InstallExecuteSequence>
  </Fragment>
</Wix>
"#;

/// What every editor makes of the two.
const PICTURE: &str = r#"shown:
5: `Join` reads MsiRestartManagerSessionKey at 4001, after InstallValidate (1400) has cleared it
saved:
<Wix xmlns="http://wixtoolset.org/schemas/v4/wxs">
  <Fragment>
    <CustomAction Id="Join" Property="JOINED" Value="[MsiRestartManagerSessionKey]" />
    <InstallExecuteSequence>
      <!-- ä 😀 --> <Custom Action="Join" Before="InstallValidate" />
    </InstallExecuteSequence>
  </Fragment>
</Wix>
renamed:
<Wix xmlns="http://wixtoolset.org/schemas/v4/wxs">
  <Fragment>
    <CustomAction Id="Enlist" Property="JOINED" Value="[MsiRestartManagerSessionKey]" />
    <InstallExecuteSequence>
      <!-- ä 😀 --> <Custom Action="Enlist" Before="InstallValidate" />
    </InstallExecuteSequence>
  </Fragment>
</Wix>
and its package:
<Wix xmlns="http://wixtoolset.org/schemas/v4/wxs">
  <Package Name="Agent" Manufacturer="Harbor" Version="1.0.0">
    <CustomActionRef Id="Enlist" />
  </Package>
</Wix>
"#;

/// The two files in a directory of their own, and a home without anybody's configuration above it.
struct Installer(PathBuf);

impl Installer {
    fn new(name: &str) -> Installer {
        let folder = env::temp_dir().join(format!("wixlint-editors-{}-{name}", std::process::id())).join("installer");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("Package.wxs"), PACKAGE).unwrap();
        fs::write(folder.join("Join.wxs"), JOIN).unwrap();
        Installer(folder)
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.0.join(file)).unwrap_or_default()
    }

    /// What an editor says that went wrong; its script gets the directory as `FOLDER`.
    fn edited_in(&self, editor: &mut Command) -> String {
        let own = Path::new(env!("CARGO_BIN_EXE_wixlint")).parent().unwrap().to_path_buf();
        let path = env::split_paths(&env::var_os("PATH").unwrap()).collect::<Vec<PathBuf>>();
        let path = env::join_paths(std::iter::once(own).chain(path)).unwrap();
        editor.env("PATH", path).env("HOME", self.0.parent().unwrap()).env("FOLDER", &self.0);
        let output = editor.env_remove("XDG_CONFIG_HOME").stdin(Stdio::null()).output().unwrap();
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        if output.status.success() { String::new() } else { format!("{} {}{}", output.status, said[0], said[1]) }
    }
}

impl Drop for Installer {
    fn drop(&mut self) {
        let _left = fs::remove_dir_all(self.0.parent().unwrap());
    }
}

/// What comes of the two files in an editor.
fn picture(name: &str, editor: &mut Command) -> String {
    let installer = Installer::new(name);
    let wrong = installer.edited_in(editor);
    let files =
        [("shown", "shown.txt"), ("saved", "saved.txt"), ("renamed", "Join.wxs"), ("and its package", "Package.wxs")];
    let picture = files.map(|(title, file)| format!("{title}:\n{}", installer.read(file))).concat();
    picture + &wrong
}

/// Neovim without anybody's configuration.
fn neovim(program: &OsStr, scripts: [&str; 2]) -> Command {
    let mut neovim = Command::new(program);
    neovim.args(["--headless", "-u", "NONE", "-i", "NONE", "-n", "--cmd", "filetype on"]);
    neovim.args(scripts.iter().flat_map(|script| ["-S", script]));
    neovim
}

/// Debian's is an old one; `NEOVIM` may name another.
#[test]
#[ignore = "needs Neovim"]
fn neovim_shows_repairs_and_renames() {
    let programs = [Some(OsString::from("nvim")), env::var_os("NEOVIM")];
    for program in programs.into_iter().flatten() {
        let version = Command::new(&program).arg("--version").output().unwrap();
        let version = String::from_utf8(version.stdout).unwrap();
        let minor = version.split('.').nth(1).and_then(|minor| minor.parse::<u32>().ok()).unwrap();
        let settings = if minor < 11 { "editors/neovim/wixlint-0.7.lua" } else { "editors/neovim/wixlint.lua" };
        let mut neovim = neovim(&program, [settings, "tests/editors/neovim.lua"]);
        assert_eq!(picture(&format!("neovim-{minor}"), &mut neovim), PICTURE, "{settings} in {version}");
    }
}

#[test]
#[ignore = "needs Emacs with Eglot"]
fn emacs_shows_repairs_and_renames() {
    let mut emacs = Command::new("emacs");
    emacs.args(["--batch", "--funcall", "package-initialize"]);
    emacs.args(["--load", "editors/emacs/wixlint.el", "--load", "tests/editors/emacs.el"]);
    assert_eq!(picture("emacs", &mut emacs), PICTURE);
}

/// Without a server: the program repairs what was written, and the buffer takes it over.
#[test]
#[ignore = "needs Neovim"]
fn vim_repairs_on_save() {
    let installer = Installer::new("vim");
    let mut vim = neovim("nvim".as_ref(), ["editors/vim/wixlint.vim", "tests/editors/vim.vim"]);
    assert_eq!(installer.edited_in(&mut vim), "");
    let repaired = JOIN.replace("After=\"InstallFiles\"", "Before=\"InstallValidate\"");
    assert_eq!(installer.read("Join.wxs"), repaired);
    assert_eq!(installer.read("buffer.txt"), repaired);
}

/// What Zed would run on save: the fixed text on standard output, whatever is left to report.
#[test]
fn zeds_formatter_repairs_the_buffer() {
    let settings: Value = serde_json::from_str(&fs::read_to_string("editors/zed/settings.json").unwrap()).unwrap();
    let formatter = &settings["languages"]["XML"]["formatter"]["external"];
    assert_eq!(formatter["command"], "wixlint");
    let installer = Installer::new("zed");
    let path = installer.0.join("Join.wxs");
    let arguments = formatter["arguments"].as_array().unwrap().iter().map(|word| word.as_str().unwrap());
    let arguments = arguments.map(|word| word.replace("{buffer_path}", path.to_str().unwrap()));
    let mut command = Command::new(env!("CARGO_BIN_EXE_wixlint"));
    let output = command.args(arguments).stdin(fs::File::open(&path).unwrap()).output().unwrap();
    assert!(output.status.success());
    let repaired = JOIN.replace("After=\"InstallFiles\"", "Before=\"InstallValidate\"");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), repaired);
}

/// The page shows the files, each under a fence that names it.
#[test]
fn the_page_shows_the_files() {
    let page = fs::read_to_string("docs/editors.md").unwrap().replace("\r\n", "\n");
    let mut shown = Vec::new();
    for block in page.split("\n```").skip(1).step_by(2) {
        let (mark, text) = block.split_once('\n').unwrap();
        if let Some((_, path)) = mark.split_once(' ') {
            let file = fs::read_to_string(path).unwrap().replace("\r\n", "\n");
            assert_eq!(format!("{text}\n"), file, "{path} and docs/editors.md");
            shown.push(path);
        }
    }
    let folders = fs::read_dir("editors").unwrap().map(|entry| entry.unwrap().path());
    let files = folders.filter(|path| path.is_dir() && !path.ends_with("vscode")).flat_map(|path| {
        fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path().to_str().unwrap().replace('\\', "/"))
    });
    let (mut files, mut shown): (Vec<_>, Vec<_>) = (files.collect(), shown);
    files.sort();
    shown.sort();
    assert_eq!(shown, files, "what docs/editors.md shows, and what lies there");
}
