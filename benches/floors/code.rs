//! A save beside a large code base: what it costs to look for the code that a custom action calls.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::inputs::{self, Input};
use crate::processes::Folder;
use crate::timing::{in_turns, milliseconds, print, ratio, time};

/// So many C# files lie beside the installer.
const FILES: usize = 2_000;

pub(crate) fn run() {
    let folder = Folder::new();
    let files = inputs::programs(FILES);
    let mut paths = Vec::new();
    for (path, bytes) in &files {
        let path: PathBuf = folder.path().join(path);
        let _there = path.parent().map(fs::create_dir_all);
        let _written = fs::write(&path, bytes);
        paths.push(path);
    }
    let (calls, plain) = (installer("calls.wxs", true), installer("plain.wxs", false));
    folder.write(&calls.0, &calls.1);
    folder.write(&plain.0, &plain.1);
    let bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    print("C# files beside the installer", &format!("{FILES}, {:.1} MB", bytes as f64 / 1e6), "");

    let save = |name: &str| spawn(&folder.path().join(name));
    let read =
        || time(|| paths.iter().filter_map(|path| fs::read(path).ok()).map(|bytes| bytes.len()).sum::<usize>()).1;
    let [with, floor] = in_turns(30, || save(&calls.0), read);
    print("a save, an action calls one of them", &format!("{:.1} ms", milliseconds(with)), "under 50 ms");
    print("to read the files : that", &format!("{:.2}", ratio(floor, with)), "");
    let [without, _] = in_turns(30, || save(&plain.0), || save(&calls.0));
    print("a save, no action calls a DLL", &format!("{:.1} ms", milliseconds(without)), "as without the files");
}

fn spawn(file: &Path) -> Duration {
    let mut wixlint = Command::new(env!("CARGO_BIN_EXE_wixlint"));
    wixlint.arg(file).stdout(Stdio::null()).stderr(Stdio::null());
    time(|| wixlint.status()).1
}

fn installer(name: &str, calls: bool) -> Input {
    let action =
        if calls { r#"BinaryRef="Actions" DllEntry="JoinSession""# } else { r#"Property="SESSION" Value="1""# };
    let package = format!(
        r#"<Wix xmlns="http://wixtoolset.org/schemas/v4/wxs">
  <Package Name="Generated" Version="1.0" Manufacturer="None" UpgradeCode="7B6DE6E6-D5A8-4C5E-9D0C-2B1A6E6D5A87">
    <Binary Id="Actions" SourceFile="Generated.CA.dll"/>
    <CustomAction Id="JoinSession" {action}/>
    <InstallExecuteSequence><Custom Action="JoinSession" After="InstallFiles"/></InstallExecuteSequence>
  </Package>
</Wix>
"#
    );
    (name.to_owned(), package.into_bytes())
}
