//! The settings under `editors`, in the editors themselves, and on the page that tells of them.
//!
//! In each editor the same happens: `Join.wxs` is opened, what is shown is written down, the file is saved, the action gets
//! another name, all is saved. What an editor needs to be led through that stands in `tests/editors`.
#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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

/// What comes of the two files in an editor; its script gets the directory as `FOLDER`.
fn edited_in(name: &str, editor: &mut Command) -> String {
    let folder = env::temp_dir().join(format!("wixlint-editors-{}-{name}", std::process::id())).join("installer");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("Package.wxs"), PACKAGE).unwrap();
    fs::write(folder.join("Join.wxs"), JOIN).unwrap();
    let own = Path::new(env!("CARGO_BIN_EXE_wixlint")).parent().unwrap().to_path_buf();
    let path = env::split_paths(&env::var_os("PATH").unwrap()).collect::<Vec<PathBuf>>();
    let path = env::join_paths(std::iter::once(own).chain(path)).unwrap();
    // Nothing of the machine's own configuration has a part.
    let home = folder.parent().unwrap();
    editor.env("PATH", path).env("HOME", home).env("FOLDER", &folder).env_remove("XDG_CONFIG_HOME");
    let output = editor.stdin(Stdio::null()).output().unwrap();
    let read = |file: &str| fs::read_to_string(folder.join(file)).unwrap_or_default();
    let picture =
        [("shown", "shown.txt"), ("saved", "saved.txt"), ("renamed", "Join.wxs"), ("and its package", "Package.wxs")];
    let picture: String = picture.iter().map(|(title, file)| format!("{title}:\n{}", read(file))).collect();
    fs::remove_dir_all(home).unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    if output.status.success() { picture } else { format!("{picture}{} {}{}", output.status, said[0], said[1]) }
}

/// Debian's is an old one; `NEOVIM` may name another.
#[test]
#[ignore = "needs Neovim"]
fn neovim_shows_repairs_and_renames() {
    let programs = [Some("nvim".into()), env::var_os("NEOVIM")];
    for program in programs.into_iter().flatten() {
        let version = Command::new(&program).arg("--version").output().unwrap();
        let version = String::from_utf8(version.stdout).unwrap();
        let minor = version.split('.').nth(1).and_then(|minor| minor.parse::<u32>().ok()).unwrap();
        let settings = if minor < 11 { "editors/neovim/wixlint-0.7.lua" } else { "editors/neovim/wixlint.lua" };
        let mut neovim = Command::new(program);
        neovim.args(["--headless", "-u", "NONE", "-i", "NONE", "-n"]);
        neovim.args(["--cmd", "filetype on", "-S", settings, "-S", "tests/editors/neovim.lua"]);
        assert_eq!(edited_in(&format!("neovim-{minor}"), &mut neovim), PICTURE, "{settings} in {version}");
    }
}

#[test]
#[ignore = "needs Emacs with Eglot"]
fn emacs_shows_repairs_and_renames() {
    let mut emacs = Command::new("emacs");
    emacs.args(["--batch", "--funcall", "package-initialize"]);
    emacs.args(["--load", "editors/emacs/wixlint.el", "--load", "tests/editors/emacs.el"]);
    assert_eq!(edited_in("emacs", &mut emacs), PICTURE);
}
