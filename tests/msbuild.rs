//! `msbuild/wixlint.targets`: its text, and builds by a real engine that import it.
//!
//! `WIXLINT_MSBUILD` names an MSBuild; without it the builds are xbuild's, which Debian has. That one does not read errors from
//! what tools print, so that only exit codes fail its builds.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by failing")]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use quick_xml::Reader;
use quick_xml::events::Event;

const TARGETS: &str = "msbuild/wixlint.targets";

/// Late in a Debug build of the Pro edition only.
const PACKAGE: &str = r#"<Wix xmlns="http://wixtoolset.org/schemas/v4/wxs">
  <Package Name="Example" Manufacturer="Example" Version="1.0.0">
    <CustomAction Id="Join" Property="JOIN" Value="[MsiRestartManagerSessionKey]" />
    <InstallExecuteSequence>
      <?if $(var.Edition) = "Pro 2" and $(var.Configuration) = Debug and $(sys.BUILDARCH) = x64?>
      <Custom Action="Join" After="InstallInitialize" />
      <?else?>
      <Custom Action="Join" Before="InstallValidate" />
      <?endif?>
    </InstallExecuteSequence>
  </Package>
</Wix>
"#;

/// What a test asks of a build; the targets of WiX itself are stubs.
struct Build {
    /// Which target runs the compiler.
    compiler: &'static str,
    source: &'static str,
    properties: &'static [&'static str],
}

const DEBUG: Build = Build { compiler: "Compile", source: "src\\Package.wxs", properties: &[] };

/// Whether a build succeeds, and what it prints.
fn build(build: &Build) -> (bool, String) {
    let name =
        format!("wixlint msbuild {} {}", std::process::id(), build.properties.concat().replace(['/', ':', '='], ""));
    let folder = std::env::temp_dir().join(name + build.compiler + &build.source.len().to_string());
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("src/Package.wxs"), PACKAGE).unwrap();
    let targets = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(TARGETS);
    let project = PROJECT
        .replace("TARGETS", targets.to_str().unwrap())
        .replace("COMPILER", build.compiler)
        .replace("SOURCE", build.source);
    fs::write(folder.join("Installer.wixproj"), project).unwrap();
    let engine = std::env::var("WIXLINT_MSBUILD").unwrap_or_else(|_| "xbuild".to_owned());
    let output = Command::new(&engine)
        .args(["/nologo", "/verbosity:normal", concat!("/p:WixlintPath=", env!("CARGO_BIN_EXE_wixlint"))])
        .args(build.properties)
        .arg("Installer.wixproj")
        .current_dir(&folder)
        .output()
        .unwrap_or_else(|error| panic!("{engine}: {error}"));
    fs::remove_dir_all(&folder).unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.success(), printed)
}

const PROJECT: &str = r#"<Project DefaultTargets="Build" xmlns="http://schemas.microsoft.com/developer/msbuild/2003">
  <PropertyGroup>
    <Configuration Condition=" '$(Configuration)' == '' ">Debug</Configuration>
    <Platform>x64</Platform>
    <InstallerPlatform>x64</InstallerPlatform>
    <DefineConstants>Edition=Pro 2;Out=bin\;;</DefineConstants>
  </PropertyGroup>
  <ItemGroup>
    <Compile Include="SOURCE" />
  </ItemGroup>
  <Import Project="TARGETS" />
  <Target Name="COMPILER"><Message Importance="high" Text="COMPILED" /></Target>
  <Target Name="Build" DependsOnTargets="COMPILER" />
</Project>
"#;

const FOUND: &str = "src/Package.wxs(6,7,6,57): error session-key-after-install-validate: `Join` reads";

#[test]
#[ignore = "needs xbuild, which .ci/run installs, or an MSBuild"]
fn a_build_shows_what_is_found_before_it_compiles() {
    for compiler in ["Compile", "CoreWixBuild", "CoreCompile"] {
        let (done, printed) = build(&Build { compiler, ..DEBUG });
        assert!(printed.contains(FOUND), "{compiler}: {printed}");
        let reads_errors = std::env::var_os("WIXLINT_MSBUILD").is_some();
        assert_eq!((done, printed.contains("COMPILED")), (!reads_errors, !reads_errors), "{compiler}: {printed}");
    }
}

#[test]
#[ignore = "needs xbuild, which .ci/run installs, or an MSBuild"]
fn properties_say_what_breaks_a_build() {
    let with = |properties| build(&Build { properties, ..DEBUG });
    let (done, printed) = with(&["/p:WixlintTreatWarningsAsErrors=true"]);
    assert!(!done && printed.contains(FOUND) && !printed.contains("COMPILED"), "{printed}");
    let both = &["/p:WixlintTreatWarningsAsErrors=true", "/p:WixlintTreatErrorsAsWarnings=true"];
    let (done, printed) = with(both);
    assert!(done && printed.contains("Package.wxs(6,7,6,57): ") && printed.contains("COMPILED"), "{printed}");
    let (done, printed) = with(&["/p:WixlintTreatWarningsAsErrors=true", "/p:WixlintOptions=--ignore all"]);
    assert!(done && printed.contains("nothing found in 1 file") && printed.contains("COMPILED"), "{printed}");
    let (done, printed) = with(&["/p:WixlintOptions=--no-such-option"]);
    assert!(!done && printed.contains("--no-such-option") && !printed.contains("COMPILED"), "{printed}");
}

#[test]
#[ignore = "needs xbuild, which .ci/run installs, or an MSBuild"]
fn the_configuration_that_is_built_is_checked() {
    let properties = &["/p:WixlintTreatWarningsAsErrors=true", "/p:Configuration=Release"];
    let (done, printed) = build(&Build { properties, ..DEBUG });
    assert!(done && printed.contains("nothing found in 1 file") && printed.contains("COMPILED"), "{printed}");
}

#[test]
#[ignore = "needs xbuild, which .ci/run installs, or an MSBuild"]
fn nothing_runs_when_there_is_nothing_to_check() {
    for build_of in [
        Build { properties: &["/p:WixlintEnabled=false"], ..DEBUG },
        Build { properties: &["/p:DesignTimeBuild=true"], ..DEBUG },
        Build { source: "none\\*.wxs", ..DEBUG },
    ] {
        let (done, printed) = build(&build_of);
        assert!(done && printed.contains("COMPILED") && !printed.contains("--output-format"), "{printed}");
    }
}

/// The head of the file names the properties that it reads, and the program has the options that it passes.
#[test]
fn the_targets_say_what_they_take() {
    let text = fs::read_to_string(TARGETS).unwrap();
    let mut reader = Reader::from_str(&text);
    let (mut comments, mut command, mut uses) = (Vec::new(), String::new(), String::new());
    loop {
        match reader.read_event().expect("the file is XML") {
            Event::Eof => break,
            Event::Comment(comment) => comments.push((*comment).to_owned()),
            Event::Start(element) | Event::Empty(element) => {
                for attribute in element.attributes() {
                    let attribute = attribute.unwrap();
                    let value = attribute.value.into_owned();
                    if matches!(attribute.key.as_ref(), "Command" | "Include") {
                        command += &format!(" {value}");
                    }
                    uses += &format!(" {value}");
                }
            }
            _ => {}
        }
    }
    let properties = |text: &str| -> BTreeSet<String> {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        words.filter(|word| word.len() > 7 && word.starts_with("Wixlint")).map(str::to_owned).collect()
    };
    assert_eq!(properties(&comments[0]), properties(&uses));
    let help = Command::new(env!("CARGO_BIN_EXE_wixlint")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let options: BTreeSet<&str> = command.split([' ', '&']).filter(|word| word.starts_with("--")).collect();
    assert_eq!(options, BTreeSet::from(["--arch", "--exit-zero", "--output-format", "--project"]));
    assert!(
        options.iter().all(|option| help.contains(&format!("{option} ")) || help.contains(&format!("{option}\n"))),
        "{help}"
    );
}
