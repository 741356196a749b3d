//! Generated sources.

use std::fmt::Write;

/// A file of a project: its path and its bytes.
pub(crate) type Input = (String, Vec<u8>);

/// The property that is read too late.
const KEY: &str = "MsiRestartManagerSessionKey";

/// The root element, with the package's element and the name of the inline condition's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    V3,
    V4,
}

impl Language {
    fn package(self, content: &str) -> String {
        let (schema, open, close) = match self {
            Language::V3 => (
                "http://schemas.microsoft.com/wix/2006/wi",
                r#"<Product Id="*" Name="Generated" Language="1033" Version="1.0" Manufacturer="None" UpgradeCode="{7B6DE6E6-D5A8-4C5E-9D0C-2B1A6E6D5A87}">"#,
                "</Product>",
            ),
            Language::V4 => (
                "http://wixtoolset.org/schemas/v4/wxs",
                r#"<Package Name="Generated" Version="1.0" Manufacturer="None" UpgradeCode="{7B6DE6E6-D5A8-4C5E-9D0C-2B1A6E6D5A87}">"#,
                "</Package>",
            ),
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Wix xmlns=\"{schema}\">\n  {open}\n{content}  {close}\n</Wix>\n"
        )
    }
}

/// Where the actions of [`actions`] are placed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Layout {
    /// Each after the one before it.
    Chain,
    /// All after the same standard action.
    Siblings,
    /// Each with a number; more than there are numbers share them.
    Numbers,
}

/// Components as a harvester writes them, and custom actions, in one file.
pub(crate) fn harvest(components: usize, actions: usize) -> Input {
    let mut content = String::with_capacity(components * 260 + actions * 260);
    content.push_str("    <Feature Id=\"Main\"><ComponentGroupRef Id=\"Harvested\" /></Feature>\n");
    content.push_str("    <ComponentGroup Id=\"Harvested\">\n");
    push_components(&mut content, 0..components);
    content.push_str("    </ComponentGroup>\n");
    push_quiet_actions(&mut content, 0..actions);
    ("Harvested.wxs".to_owned(), Language::V4.package(&content).into_bytes())
}

/// A package and `count` fragments of about 5 KB each, which it links.
pub(crate) fn fragments(count: usize) -> Vec<Input> {
    let mut package = String::from("    <Feature Id=\"Main\">\n");
    for at in 0..count {
        let _infallible = writeln!(package, "      <ComponentGroupRef Id=\"Group{at}\" />");
    }
    package.push_str("    </Feature>\n");
    let mut files = vec![("Package.wxs".to_owned(), Language::V4.package(&package).into_bytes())];
    files.extend((0..count).map(|at| fragment(at, 17)));
    files
}

/// A fragment with a group of components and two custom actions.
fn fragment(at: usize, components: usize) -> Input {
    let mut text = String::from("<Wix xmlns=\"http://wixtoolset.org/schemas/v4/wxs\">\n  <Fragment>\n");
    let _infallible = writeln!(text, "    <ComponentGroup Id=\"Group{at}\" Directory=\"INSTALLFOLDER\">");
    push_components(&mut text, at * components..(at + 1) * components);
    text.push_str("    </ComponentGroup>\n");
    push_quiet_actions(&mut text, 2 * at..2 * at + 2);
    text.push_str("  </Fragment>\n</Wix>\n");
    (format!("Fragment{at}.wxs"), text.into_bytes())
}

fn push_components(text: &mut String, numbers: std::ops::Range<usize>) {
    for number in numbers {
        // Digits that look like a hash: no two of them in a row begin alike.
        let hash = (number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let _infallible = write!(
            text,
            "      <Component Id=\"cmp{hash:016X}{number:08X}\" Guid=\"{{{:08X}-0000-4000-8000-{number:012X}}}\">\n        \
             <File Id=\"fil{hash:016X}{number:08X}\" KeyPath=\"yes\" Source=\"$(var.SourceDir)\\lib\\module{}\\file{number}.dll\" />\n      \
             </Component>\n",
            hash >> 32,
            number % 97,
        );
    }
}

/// Custom actions that do nothing wrong.
fn push_quiet_actions(text: &mut String, numbers: std::ops::Range<usize>) {
    for number in numbers.clone() {
        let _infallible = writeln!(
            text,
            "    <CustomAction Id=\"Quiet{number}\" Property=\"PATH{number}\" Value=\"[INSTALLFOLDER]part{number}\" />"
        );
    }
    text.push_str("    <InstallExecuteSequence>\n");
    for number in numbers {
        let _infallible = writeln!(
            text,
            "      <Custom Action=\"Quiet{number}\" After=\"CostFinalize\" Condition=\"NOT Installed\" />"
        );
    }
    text.push_str("    </InstallExecuteSequence>\n");
}

/// `count` custom actions in one table that read nothing.
pub(crate) fn actions(language: Language, layout: Layout, count: usize) -> Input {
    scheduled(language, layout, count, "[INSTALLFOLDER]", "CostFinalize", 0)
}

/// `count` custom actions that read the session key too late, and `size` bytes in all.
pub(crate) fn late_readers(layout: Layout, count: usize, size: usize) -> Input {
    let value = format!("[{KEY}]");
    let (path, text) = scheduled(Language::V4, layout, count, &value, "InstallFinalize", 0);
    let missing = size.saturating_sub(text.len());
    if missing == 0 {
        return (path, text);
    }
    scheduled(Language::V4, layout, count, &value, "InstallFinalize", missing / 250)
}

fn scheduled(language: Language, layout: Layout, count: usize, value: &str, anchor: &str, components: usize) -> Input {
    let mut content = String::new();
    if components > 0 {
        content.push_str("    <ComponentGroup Id=\"Harvested\">\n");
        push_components(&mut content, 0..components);
        content.push_str("    </ComponentGroup>\n");
    }
    for at in 0..count {
        let _infallible =
            writeln!(content, "    <CustomAction Id=\"Action{at}\" Property=\"PROPERTY{at}\" Value=\"{value}\" />");
    }
    content.push_str("    <InstallExecuteSequence>\n");
    for at in 0..count {
        let place = match layout {
            Layout::Chain if at > 0 => format!("After=\"Action{}\"", at - 1),
            Layout::Chain | Layout::Siblings => format!("After=\"{anchor}\""),
            Layout::Numbers => format!("Sequence=\"{}\"", at % 32_000 + 1),
        };
        let _infallible = writeln!(content, "      <Custom Action=\"Action{at}\" {place} />");
    }
    content.push_str("    </InstallExecuteSequence>\n");
    ("Package.wxs".to_owned(), language.package(&content).into_bytes())
}

/// C# files in projects of fifty; one of them is what a custom action calls, and calls into another.
pub(crate) fn programs(count: usize) -> Vec<Input> {
    let mut files = Vec::with_capacity(count + count / 50);
    for at in 0..count {
        let project = at / 50;
        if at % 50 == 0 {
            files.push((
                format!("src/p{project}/p{project}.csproj"),
                b"<Project Sdk=\"Microsoft.NET.Sdk\" />\n".to_vec(),
            ));
        }
        let mut text =
            format!("using System;\n\nnamespace Generated.P{project}\n{{\n    public class Part{at}\n    {{\n");
        for method in 0..40 {
            let _ = writeln!(
                text,
                "        public int Method{method}(string name, int number)\n        {{\n            var text = name + \"{method}\";\n            Console.WriteLine(text);\n            return number * {method};\n        }}\n"
            );
        }
        text.push_str("    }\n}\n");
        files.push((format!("src/p{project}/Part{at}.cs"), text.into_bytes()));
    }
    let entry = "using WixToolset.Dtf.WindowsInstaller;\n\npublic static class Actions\n{\n    [CustomAction]\n    public static ActionResult JoinSession(Session session)\n    {\n        new Restart(session).Join();\n        return ActionResult.Success;\n    }\n}\n";
    let restart = format!(
        "using WixToolset.Dtf.WindowsInstaller;\n\npublic class Restart\n{{\n    private readonly Session session;\n\n    public Restart(Session session) {{ this.session = session; }}\n\n    public string Join() => session[\"{KEY}\"];\n}}\n"
    );
    files.push(("src/p3/Actions.cs".to_owned(), entry.into()));
    files.push(("src/p3/Restart.cs".to_owned(), restart.into_bytes()));
    files
}
