//! Each case is a project file and what it gives, one line for each thing.

use std::fmt::Write;

use super::{Around, ProjectFile};

/// A few files, by their paths.
struct Files(&'static [&'static str]);

impl Around for Files {
    fn resolve(&self, path: &str) -> Option<String> {
        self.0.iter().find(|own| own.eq_ignore_ascii_case(path)).map(|own| (*own).to_owned())
    }

    fn sources_below(&self, directory: &str) -> Vec<String> {
        let below = |path: &&&str| directory.is_empty() || path.starts_with(&format!("{directory}/"));
        self.0.iter().filter(below).filter(|path| path.ends_with(".wxs")).map(|path| (*path).to_owned()).collect()
    }

    fn solution_above(&self, _: &str) -> Option<String> {
        self.0.contains(&"All.sln").then(String::new)
    }
}

const FILES: Files = Files(&[
    "All.sln",
    "Setup/B.wxs",
    "Setup/UI/Dialogs.wxs",
    "Setup/a.wxs",
    "Setup/bin/Debug/Copy.wxs",
    "Setup/obj/Made.wxs",
    "Shared/Common.wxs",
]);

fn read(body: &str) -> ProjectFile {
    ProjectFile::read("Setup/Setup.wixproj", body.into(), &FILES).unwrap()
}

fn classic(body: &str) -> ProjectFile {
    read(&format!("<Project xmlns='http://schemas.microsoft.com/developer/msbuild/2003'>{body}</Project>"))
}

fn sdk(body: &str) -> ProjectFile {
    read(&format!("<Project Sdk='WixToolset.Sdk/5.0.2'>{body}</Project>"))
}

/// The sources, and after a bar those that are not there.
fn sources(project: &ProjectFile) -> String {
    let mut shown = project.sources.join(" ");
    if !project.missing.is_empty() {
        write!(shown, " | {}", project.missing.join(" ")).unwrap();
    }
    shown
}

/// The variables of these names, with `?` for a text that is not known and `-` for what is not defined.
fn variables(project: &ProjectFile, names: &str) -> String {
    let value = |name: &str| {
        let found = project.options.defines.iter().find(|(own, _)| own == name);
        found.map_or("-".to_owned(), |(_, text)| text.clone().unwrap_or("?".to_owned()))
    };
    names.split(' ').map(|name| format!("{name}={}", value(name))).collect::<Vec<_>>().join(" ")
}

#[test]
fn classic_projects_compile_what_they_name() {
    for (items, named) in [
        ("", ""),
        (r"<Compile Include='A.wxs' /><Compile Include='ui\dialogs.WXS' />", "Setup/a.wxs Setup/UI/Dialogs.wxs"),
        (r"<Compile Include='B.wxs; a.wxs;B.wxs' />", "Setup/B.wxs Setup/a.wxs"),
        (r"<Compile Include='$(ProjectDir)..\Shared\*.wxs' />", "Shared/Common.wxs"),
        (r"<Compile Include='$(SolutionDir)Shared\Common.wxs' />", "Shared/Common.wxs"),
        (r"<Compile Include='$(MSBuildProjectDirectory)\a.wxs' />", "Setup/a.wxs"),
        (r"<Compile Include='**\?.wxs' Exclude='B.*' />", "Setup/a.wxs"),
        (r"<Compile Include='a.wxs' Condition=&quot;'$(Configuration)' == 'Release'&quot; />", ""),
        (r"<Compile Include='Made.wxs;$(Elsewhere)\x.wxs' />", r" | Setup/Made.wxs ?\x.wxs"),
        (r"<Compile Include='Version.wxi' /><Content Include='a.wxs' />", ""),
    ] {
        let items = items.replace("&quot;", "\"");
        let defaults = "<PropertyGroup><Configuration>Debug</Configuration></PropertyGroup>";
        let project = classic(&format!("{defaults}<ItemGroup>{items}</ItemGroup>"));
        assert_eq!(sources(&project), named, "{items}");
    }
}

#[test]
fn sdk_projects_compile_all_below_them() {
    for (body, named) in [
        ("", "Setup/a.wxs Setup/B.wxs Setup/UI/Dialogs.wxs"),
        (r"<ItemGroup><Compile Remove='ui\**' /></ItemGroup>", "Setup/a.wxs Setup/B.wxs"),
        (
            r"<ItemGroup><Compile Include='..\Shared\Common.wxs' /></ItemGroup>",
            "Setup/a.wxs Setup/B.wxs Setup/UI/Dialogs.wxs Shared/Common.wxs",
        ),
        ("<PropertyGroup><EnableDefaultItems>false</EnableDefaultItems></PropertyGroup>", ""),
        (
            "<PropertyGroup><EnableDefaultCompileItems>False</EnableDefaultCompileItems></PropertyGroup>
             <ItemGroup><Compile Include='a.wxs' /></ItemGroup>",
            "Setup/a.wxs",
        ),
    ] {
        assert_eq!(sources(&sdk(body)), named, "{body}");
    }
}

#[test]
fn the_toolset_is_named() {
    for (project, generation) in [
        ("<Project />", "v3"),
        ("<Project Sdk='WixToolset.Sdk' />", "?"),
        ("<Project Sdk='WixToolset.Sdk/4.0.0-rc.3' />", "v4"),
        ("<Project><Sdk Name='WixToolset.Sdk' Version='6.0.1' /></Project>", "v6"),
        ("<Project><Import Project='Sdk.props' Sdk='WixToolset.Sdk' Version='7.0.0' /></Project>", "v7"),
    ] {
        assert_eq!(read(project).generation.map_or("?", |generation| generation.name()), generation, "{project}");
    }
}

/// Configuration and Platform default to Debug and x64, which other builds override; two other
/// properties are what they are.
const DEFAULTS: &str = "<PropertyGroup>
    <Configuration Condition=\" '$(Configuration)' == '' \">Debug</Configuration>
    <Platform Condition=\" '$(Platform)' == '' \">x64</Platform>
    <Flavor>Debug</Flavor><Chip>x64</Chip>
  </PropertyGroup>";

#[test]
fn constants_are_defined_as_far_as_they_are_known() {
    for (body, defined) in [
        ("<DefineConstants>A;B=1;C=x y</DefineConstants>", "A= B=1 C=x y"),
        ("<DefineConstants>A=$(Outside);B=2</DefineConstants>", "A=? B=2 C=-"),
        ("<DefineConstants>$(Outside);B=2</DefineConstants>", "A=- B=2 C=-"),
        (
            "<DefineConstants>A=1;$(Outside)=2;C=$([System.DateTime]::Now.ToString('y'))</DefineConstants>",
            "A=1 B=- C=?",
        ),
        ("<X>1</X><DefineConstants>A=$(X)$(x)</DefineConstants>", "A=11 B=- C=-"),
        ("<DefineConstants>A=1%3B2;B=100%);C=$)</DefineConstants>", "A=1;2 B=100%) C=$)"),
        ("<DefineConstants>A=1</DefineConstants><DefineConstants>$(DefineConstants);B</DefineConstants>", "A=1 B= C=-"),
        ("<DefineConstants Condition=\"'$(Flavor)|$(Chip)' == 'debug|X64'\">A</DefineConstants>", "A= B=- C=-"),
        (
            "<DefineConstants Condition=\"'$(Configuration)|$(Platform)' == 'debug|X64'\">A</DefineConstants>",
            "A=- B=- C=-",
        ),
        (
            "<DefineConstants Condition=\"'$(Configuration)|$(Platform)' == 'Release|x64'\">A</DefineConstants>",
            "A=- B=- C=-",
        ),
        ("<DefineConstants Condition=\"'$(Outside)' == '1'\">A</DefineConstants>", "A=- B=- C=-"),
        (
            "<DefineConstants>A=1;B=1</DefineConstants>
             <DefineConstants Condition='$(Outside)'>B=2;C=2;A=1</DefineConstants>",
            "A=1 B=- C=-",
        ),
        ("<DefineConstants>A=$(ProjectDir)x;B=$(MSBuildProjectName)</DefineConstants>", "A=? B=Setup C=-"),
    ] {
        let project = classic(&format!("{DEFAULTS}<PropertyGroup>{body}</PropertyGroup>"));
        assert_eq!(variables(&project, "A B C"), defined, "{body}");
    }
}

#[test]
fn conditions_are_decided_or_left() {
    for (condition, holds) in [
        ("", "yes"),
        ("'a' == 'A'", "yes"),
        ("'a' != 'A'", "no"),
        ("$(Flavor) == Debug", "yes"),
        ("'$(Flavor)' == 'Release' or '$(Chip)' == 'x64'", "yes"),
        ("'$(Flavor)' == 'Debug' AND ('$(Chip)' == 'x86')", "no"),
        ("!('$(Flavor)' == 'Debug')", "no"),
        ("true", "yes"),
        ("'$(Configuration)' == 'Debug'", "?"),
        ("Exists('$(ProjectDir)x')", "?"),
        ("!Exists('$(Outside)x') and '1' == '2'", "no"),
        ("'$(Outside)' == ''", "?"),
        ("'$(Outside)|x86' == 'Debug|x64'", "no"),
        ("'$(Outside)' == '' or '1' == '1'", "yes"),
        ("$(Outside.StartsWith('a'))", "?"),
        ("'1' &lt; '2'", "?"),
        ("'unfinished", "?"),
    ] {
        let body = format!("<PropertyGroup><A>no</A><A Condition=\"{condition}\">yes</A></PropertyGroup>");
        let constants = "<PropertyGroup><DefineConstants>A=$(A)</DefineConstants></PropertyGroup>";
        let project = classic(&format!("{DEFAULTS}{body}{constants}"));
        assert_eq!(variables(&project, "A"), format!("A={holds}"), "{condition}");
    }
}

#[test]
fn one_branch_of_a_choice_counts() {
    let project = classic(&format!(
        "{DEFAULTS}<Choose>
           <When Condition=\"'$(Chip)' == 'x86'\"><PropertyGroup><A>1</A></PropertyGroup></When>
           <When Condition=\"'$(Chip)' == 'x64'\"><PropertyGroup><A>2</A></PropertyGroup></When>
           <Otherwise><PropertyGroup><A>3</A></PropertyGroup></Otherwise>
         </Choose>
         <PropertyGroup><DefineConstants>A=$(A)</DefineConstants></PropertyGroup>"
    ));
    assert_eq!(variables(&project, "A"), "A=2");
}

#[test]
fn what_a_target_sets_is_not_known() {
    let project = classic(
        "<PropertyGroup><DefineConstants>A=1;B=1</DefineConstants></PropertyGroup>
         <Target Name='BeforeBuild'>
           <PropertyGroup><DefineConstants>$(DefineConstants);C=1</DefineConstants></PropertyGroup>
           <CreateProperty Value='A=1'><Output TaskParameter='Value' PropertyName='DefineConstants' /></CreateProperty>
         </Target>",
    );
    assert_eq!(variables(&project, "A B C"), "A=1 B=- C=-");
}

#[test]
fn a_build_passes_on_what_it_knows() {
    let project = classic(&format!(
        "{DEFAULTS}<PropertyGroup><OutputName>My</OutputName><OutputType>Module</OutputType></PropertyGroup>
         <ItemGroup>
           <ProjectReference Include='..\\Lib\\Some.Lib.csproj'><Name>Lib (x)</Name></ProjectReference>
           <ProjectReference Include='$(Outside)\\Tool.csproj' />
         </ItemGroup>"
    ));
    assert_eq!(
        variables(&project, "Configuration Platform ProjectName ProjectExt ProjectFileName ProjectDir"),
        "Configuration=? Platform=? ProjectName=Setup ProjectExt=.wixproj ProjectFileName=Setup.wixproj ProjectDir=?"
    );
    assert_eq!(
        variables(&project, "TargetName TargetExt TargetFileName TargetPath"),
        "TargetName=My TargetExt=.msm TargetFileName=My.msm TargetPath=?"
    );
    assert_eq!(variables(&project, "Tool.ProjectName Tool.TargetPath"), "Tool.ProjectName=Tool Tool.TargetPath=?");
    let lib = project.options.defines.iter().find(|(name, _)| name == "Lib _x_.ProjectName");
    assert_eq!(lib.and_then(|(_, text)| text.as_deref()), Some("Some.Lib"));
    let places = &project.options.places;
    for (name, place) in [("ProjectDir", "Setup"), ("SolutionDir", ""), ("Lib _x_.ProjectDir", "Lib")] {
        assert!(places.contains(&(name.to_owned(), place.to_owned())), "{name}: {places:?}");
    }
}

#[test]
fn includes_and_the_platform() {
    let group = |body: &str| classic(&format!("{DEFAULTS}<PropertyGroup>{body}</PropertyGroup>")).options;
    let paths = r"<IncludeSearchPaths>inc;..\Shared\;$(Outside)\x</IncludeSearchPaths>";
    assert_eq!(group(paths).include_dirs, ["Setup/inc", "Shared"]);
    for (body, platform) in [
        ("", "x64"),
        ("<Platform>AnyCPU</Platform>", "x86"),
        ("<InstallerPlatform>arm64</InstallerPlatform>", "arm64"),
        ("<Platform>Win32</Platform><CompilerAdditionalOptions>-arch x64</CompilerAdditionalOptions>", "x64"),
    ] {
        assert_eq!(group(body).platform.name(), platform, "{body}");
    }
}

#[test]
fn a_file_that_is_no_xml_says_where() {
    let error = ProjectFile::read("Setup.wixproj", b"<Project>\n<A>\n</Project>".to_vec(), &FILES).unwrap_err();
    assert!(error.starts_with("Setup.wixproj:"), "{error}");
}
