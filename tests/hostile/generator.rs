//! Packages as people may write them: both dialects, all ways to schedule, the preprocessor, and mistakes.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;

/// What stands in a package, a fragment or an include.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    Action {
        name: &'static str,
        shape: Shape,
        value: &'static str,
        entries: Vec<Entry>,
    },
    Assigned {
        element: &'static str,
        property: &'static str,
        action: Option<&'static str>,
        value: &'static str,
        entry: Entry,
    },
    Standard {
        name: &'static str,
        entry: Entry,
    },
    Plain(&'static str),
    Wrong(&'static str),
    If {
        opening: &'static str,
        inner: Vec<Item>,
        otherwise: Option<Vec<Item>>,
    },
    Foreach {
        list: &'static str,
        inner: Vec<Item>,
    },
    Include(&'static str),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    Value,
    Directory,
    Dll(&'static str),
    Script,
    Error,
}

/// A line of a sequence table.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    table: &'static str,
    places: Vec<Place>,
    condition: Option<&'static str>,
    modifier: Option<&'static str>,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    Before(&'static str),
    After(&'static str),
    Number(&'static str),
    OnExit(&'static str),
}

/// How a file is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hand {
    v3: bool,
    line_end: &'static str,
    mark: bool,
    indent: &'static str,
    quote: char,
    equals: &'static str,
    between: &'static str,
    /// Letters are written as references to them here and there.
    references: bool,
}

const NAMES: [&str; 9] = ["Join", "alpha", "Zed", "_low", "Step10", "Step2", "$(var.Name)", "Do$(var.I)", "Jöin"];
const STANDARD: [&str; 12] = [
    "AppSearch",
    "LaunchConditions",
    "CostFinalize",
    "InstallValidate",
    "InstallInitialize",
    "InstallFiles",
    "StopServices",
    "InstallExecute",
    "InstallFinalize",
    "RemoveExistingProducts",
    "InstalValidate",
    "ExitDialog",
];
const VALUES: [&str; 9] = [
    "[MsiRestartManagerSessionKey]",
    "[MsiRestartManagerSessionKey]",
    "x[MSIRESTARTMANAGERSESSIONKEY];[P1]",
    "[P1] & [P2]",
    "[[P1]][\\[]",
    "$(var.Value)",
    "[$(var.Name)]",
    "",
    "[INSTALLFOLDER]é\u{1F600}",
];
const CONDITIONS: [&str; 9] = [
    "MsiRestartManagerSessionKey",
    "NOT Installed",
    "P1 = \"<&>\" OR $C = 3",
    "REMOVE ~= \"ALL\"",
    "(",
    "$(var.Condition)",
    "",
    " P1 AND NOT (P2 >< \"a\") ",
    "\u{1F600}",
];
const TABLES: [&str; 6] = [
    "InstallExecuteSequence",
    "InstallExecuteSequence",
    "InstallExecuteSequence",
    "InstallUISequence",
    "AdminExecuteSequence",
    "AdvertiseExecuteSequence",
];
const PROPERTIES: [&str; 5] = ["P1", "P2", "MsiRestartManagerSessionKey", "INSTALLFOLDER", "Join"];

/// After these the session key is gone, or some action stands there.
const LATE: [&str; 6] = ["InstallInitialize", "InstallFiles", "InstallFinalize", "alpha", "Zed", "Join"];

fn anchor() -> impl Strategy<Value = &'static str> {
    prop_oneof![3 => select(&STANDARD[..]), 2 => select(&NAMES[..])]
}

fn entry() -> impl Strategy<Value = Entry> {
    let place = prop_oneof![
        4 => anchor().prop_map(Place::Before),
        4 => anchor().prop_map(Place::After),
        2 => select(&["1", "1399", "1401", "1401", "6600", "32767", "99999", "-1", "x", "$(var.Number)"][..]).prop_map(Place::Number),
        1 => select(&["success", "cancel", "error", "suspend", "never"][..]).prop_map(Place::OnExit),
    ];
    let places = prop_oneof![1 => Just(Vec::new()), 9 => prop::collection::vec(place.clone(), 1), 1 => prop::collection::vec(place, 2)];
    let condition = prop::option::of(select(&CONDITIONS[..]));
    let modifier = prop_oneof![6 => Just(None), 1 => Just(Some("Overridable")), 1 => Just(Some("Suppress"))];
    (select(&TABLES[..]), places, condition, modifier).prop_map(|(table, places, condition, modifier)| Entry {
        table,
        places,
        condition,
        modifier,
    })
}

fn leaf() -> impl Strategy<Value = Item> {
    let shape = prop_oneof![
        3 => Just(Shape::Value),
        1 => Just(Shape::Directory),
        3 => select(&["", " Execute=\"deferred\"", " Execute=\"firstSequence\"", " Return=\"asyncNoWait\""][..]).prop_map(Shape::Dll),
        1 => Just(Shape::Script),
        1 => Just(Shape::Error),
    ];
    let action = (select(&NAMES[..]), shape, select(&VALUES[..]), prop::collection::vec(entry(), 0..3))
        .prop_map(|(name, shape, value, entries)| Item::Action { name, shape, value, entries });
    // What there are fixes for: the key is read too late.
    let place = prop_oneof![
        3 => select(&LATE[..]).prop_map(Place::After),
        1 => select(&LATE[..]).prop_map(Place::Before),
        1 => Just(Place::Number("6600")),
    ];
    let late = (select(&NAMES[..]), place, prop::option::weighted(0.2, select(&CONDITIONS[..]))).prop_map(
        |(name, place, condition)| Item::Action {
            name,
            shape: Shape::Value,
            value: VALUES[0],
            entries: vec![Entry { table: TABLES[0], places: vec![place], condition, modifier: None }],
        },
    );
    let assigned = (
        select(&["SetProperty", "SetProperty", "SetDirectory"][..]),
        select(&PROPERTIES[..]),
        prop::option::of(select(&NAMES[..])),
        select(&VALUES[..]),
        entry(),
    )
        .prop_map(|(element, property, action, value, entry)| Item::Assigned {
            element,
            property,
            action,
            value,
            entry,
        });
    let standard = (select(&STANDARD[..]), entry()).prop_map(|(name, entry)| Item::Standard { name, entry });
    let plain = select(
        &[
            "<!-- wixlint: reads MsiRestartManagerSessionKey -->",
            "<!-- a comment é with < and & -->",
            "<!-- wixlint: allow -->",
            "<CustomActionRef Id=\"Join\"/>",
            "<CustomActionRef Id=\"Zed\"/>",
            "<PropertyRef Id=\"P1\"/>",
            "<Property Id=\"P1\" Value=\"$(var.Value)\" Secure=\"yes\"/>",
            "<Property Id=\"P2\"><RegistrySearch Id=\"S\" Root=\"HKLM\" Key=\"K\" Type=\"raw\"/></Property>",
            "<Binary Id=\"B\" SourceFile=\"b.dll\"/>",
            "<MajorUpgrade DowngradeErrorMessage=\"no\" Schedule=\"afterInstallValidate\"/>",
            "<?define Name = \"Join\"?>",
            "<?define Value = \"[MsiRestartManagerSessionKey]\"?>",
            "<?define Value = $(var.Value)$(var.Value)?>",
            "<?define Number = 1401?>",
            "<?undef Name?>",
            "<?warning something $(var.Name)?>",
            "<UI><Dialog Id=\"D\" Width=\"1\" Height=\"1\" Title=\"t\"/></UI>",
            "<Launch Condition=\"P1 OR Installed\" Message=\"m\"/>",
            "<StandardDirectory Id=\"ProgramFilesFolder\"><Directory Id=\"INSTALLFOLDER\" Name=\"x\"/></StandardDirectory>",
        ][..],
    )
    .prop_map(Item::Plain);
    let wrong = select(
        &[
            "<Custom/>",
            "<CustomAction/>",
            "<Unknown a=\"1\" a=\"2\"/>",
            "</Nothing>",
            "<Unclosed>",
            "<a b=c/>",
            "&nothing;",
            "&",
            "]]>",
            "<![CDATA[ <x> ]]>",
            "text $(var.Value) text",
            "<?if?>",
            "<?endif?>",
            "<?endforeach?>",
            "<?foreach I in?>",
            "<?include nothing.wxi?>",
            "<?error no $(var.Name)?>",
            "<?define?>",
            "<!-- -- -->",
            "<InstallExecuteSequence><Custom Action=\"Join\" Before=\"\" After=\"Join\"/></InstallExecuteSequence>",
            "<InstallExecuteSequence><Custom Action=\"Join\" After=\"Join\">1<!-- c -->2</Custom></InstallExecuteSequence>",
            "<SetProperty Id=\"P1\"/>",
            "<x:Extension xmlns:x=\"http://example.com/x\"><x:Action After=\"InstallFiles\"/></x:Extension>",
            "\u{FEFF}",
        ][..],
    )
    .prop_map(Item::Wrong);
    let include =
        select(&["part.wxi", "\"PART.wxi\"", "$(sys.SOURCEFILEDIR)part.wxi", "other.wxi"][..]).prop_map(Item::Include);
    prop_oneof![10 => action, 10 => late, 4 => assigned, 3 => standard, 4 => plain, 1 => wrong, 1 => include]
}

fn items(most: usize) -> impl Strategy<Value = Vec<Item>> {
    let item = leaf().prop_recursive(2, 12, 3, |inner| {
        let opening = select(
            &[
                "if $(var.Debug) = 1",
                "if $(var.Name) ~= Join and not $(var.Debug)",
                "if defined(Name)",
                "ifdef Debug",
                "ifdef Name",
                "ifndef Debug",
                "if $(sys.BUILDARCH) = x64",
                "if (",
            ][..],
        );
        let some = || prop::collection::vec(inner.clone(), 0..3);
        prop_oneof![
            2 => (opening, some(), prop::option::of(some())).prop_map(|(opening, inner, otherwise)| Item::If {
                opening,
                inner,
                otherwise
            }),
            1 => (select(&["a;b", "1;2;1", "", "$(var.List)", "\"x;y\""][..]), some())
                .prop_map(|(list, inner)| Item::Foreach { list, inner }),
        ]
    });
    prop::collection::vec(item, 0..most)
}

fn hand(v3: bool) -> impl Strategy<Value = Hand> {
    (
        select(&["\n", "\n", "\r\n", "\r"][..]),
        any::<bool>(),
        select(&["", "\t", "  "][..]),
        select(&['"', '\''][..]),
        select(&["=", "=", " = ", "\n="][..]),
        select(&[" ", "  ", "\n\t"][..]),
        prop::bool::weighted(0.2),
    )
        .prop_map(move |(line_end, mark, indent, quote, equals, between, references)| Hand {
            v3,
            line_end,
            mark,
            indent,
            quote,
            equals,
            between,
            references,
        })
}

/// What WiX refuses is left out: of what is there twice the first stays, and every entry has one place.
#[derive(Default)]
struct Tidy(BTreeSet<String>);

impl Tidy {
    fn items(&mut self, items: Vec<Item>) -> Vec<Item> {
        items.into_iter().filter_map(|item| self.item(item)).collect()
    }

    fn item(&mut self, item: Item) -> Option<Item> {
        Some(match item {
            Item::Action { name, shape, value, entries } => {
                if name.contains('$') || !self.0.insert(name.to_owned()) {
                    return None;
                }
                let entries = entries.into_iter().filter_map(|entry| self.entry(name, entry)).collect();
                Item::Action { name, shape, value, entries }
            }
            Item::Assigned { element, property, action, value, entry } => {
                let name = action.unwrap_or(property);
                let is_new = !name.contains('$') && self.0.insert(name.to_owned());
                let entry = self.entry(name, entry).filter(|_| is_new)?;
                if !matches!(entry.places[..], [Place::Before(_) | Place::After(_)]) {
                    return None;
                }
                Item::Assigned { element, property, action, value, entry }
            }
            Item::Standard { name, entry } => Item::Standard { name, entry: self.entry(name, entry)? },
            Item::Plain(text) => Item::Plain(text),
            Item::Wrong(_) => return None,
            Item::If { opening, inner, otherwise } => Item::If {
                opening: Some(opening).filter(|opening| !opening.ends_with('(')).unwrap_or("ifdef Debug"),
                inner: self.items(inner),
                otherwise: otherwise.map(|items| self.items(items)),
            },
            Item::Foreach { inner, .. } => Item::Foreach { list: "one", inner: self.items(inner) },
            Item::Include(path) => Item::Include(path),
        })
    }

    fn entry(&mut self, name: &str, mut entry: Entry) -> Option<Entry> {
        entry.places.truncate(1);
        let is_possible = match entry.places.first()? {
            Place::Before(anchor) | Place::After(anchor) => {
                *anchor != name && !matches!(*anchor, "ExitDialog" | "InstalValidate") && !anchor.contains('$')
            }
            Place::Number(number) => matches!(*number, "1399" | "1401" | "6600"),
            Place::OnExit(_) => false,
        };
        entry.modifier = None;
        (is_possible && self.0.insert(format!("{}/{name}", entry.table))).then_some(entry)
    }
}

/// A project: a package, up to two files of fragments, and two includes, one of which includes the other. Half
/// of them are such as WiX would build, or nearly.
pub(crate) fn project() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    (any::<bool>(), any::<bool>()).prop_flat_map(|(v3, is_tidy)| {
        let file = |most| (hand(v3), items(most));
        (file(8), prop::collection::vec(file(6), 0..3), file(3), file(2), any::<bool>()).prop_map(
            move |(package, fragments, part, other, is_library)| {
                let mut tidy = Tidy::default();
                let mut in_order = |items: &[Item]| if is_tidy { tidy.items(items.to_vec()) } else { items.to_vec() };
                let mut files = Vec::new();
                let (open, close) = match (is_library, v3) {
                    (true, _) => ("<Fragment>", "</Fragment>"),
                    (_, true) => (PRODUCT, "</Product>"),
                    (_, false) => (r#"<Package Name="P" Manufacturer="M" Version="1.0">"#, "</Package>"),
                };
                files.push(("main.wxs".to_owned(), file_of(package.0, [open, close], &in_order(&package.1))));
                for (at, (hand, items)) in fragments.iter().enumerate() {
                    let items = in_order(items);
                    let halves = items.split_at(items.len() / 2);
                    let mut text = body(*hand, halves.0);
                    text += "</Fragment>\n<Fragment Id=\"F\">\n";
                    text += &body(*hand, halves.1);
                    let path = format!("fragments{at}.wxs");
                    files.push((path, written(*hand, &wrapped(*hand, ["<Fragment>", "</Fragment>"], &text))));
                }
                files.push(("part.wxi".to_owned(), include_of(part.0, &in_order(&part.1))));
                files.push(("other.wxi".to_owned(), include_of(other.0, &in_order(&other.1))));
                files
            },
        )
    })
}

const PRODUCT: &str = r#"<Product Id="*" Name="P" Language="1033" Version="1.0" Manufacturer="M" UpgradeCode="6D6A3E0C-7B0A-4C5E-9C53-1F2B3C4D5E6F"><Package/>"#;

fn file_of(hand: Hand, frame: [&str; 2], items: &[Item]) -> Vec<u8> {
    written(hand, &wrapped(hand, frame, &body(hand, items)))
}

fn include_of(hand: Hand, items: &[Item]) -> Vec<u8> {
    written(hand, &format!("<Include>\n{}</Include>\n", body(hand, items)))
}

fn wrapped(hand: Hand, [open, close]: [&str; 2], body: &str) -> String {
    let namespace =
        if hand.v3 { "http://schemas.microsoft.com/wix/2006/wi" } else { "http://wixtoolset.org/schemas/v4/wxs" };
    format!("<Wix xmlns=\"{namespace}\">\n{open}\n{body}{close}\n</Wix>\n")
}

fn written(hand: Hand, text: &str) -> Vec<u8> {
    let mark = if hand.mark { "\u{FEFF}" } else { "" };
    format!("{mark}{}", text.replace('\n', hand.line_end)).into_bytes()
}

fn body(hand: Hand, items: &[Item]) -> String {
    items.iter().map(|item| format!("{}{}\n", hand.indent, hand.item(item))).collect()
}

impl Hand {
    fn item(self, item: &Item) -> String {
        match item {
            Item::Action { name, shape, value, entries } => {
                let binary = if self.v3 { "BinaryKey" } else { "BinaryRef" };
                let what = match shape {
                    Shape::Value => self.attribute("Property", "P1") + &self.attribute("Value", value),
                    Shape::Directory => self.attribute("Directory", "INSTALLFOLDER") + &self.attribute("Value", value),
                    Shape::Dll(execute) => self.attribute(binary, "B") + &self.attribute("DllEntry", "E") + execute,
                    Shape::Script => self.attribute("Script", "vbscript"),
                    Shape::Error => self.attribute("Error", value),
                };
                let inner = match shape {
                    Shape::Script => "x = Session.Property(\"MsiRestartManagerSessionKey\")",
                    _ => "",
                };
                let mut text = format!("<CustomAction{}{what}>{inner}</CustomAction>", self.attribute("Id", name));
                for entry in entries {
                    let action = self.attribute("Action", name);
                    text += &format!("\n<{0}>{1}</{0}>", entry.table, self.entry("Custom", &action, entry));
                }
                text
            }
            Item::Assigned { element, property, action, value, entry } => {
                let action = action.map(|action| self.attribute("Action", action)).unwrap_or_default();
                let table = match entry.table {
                    "InstallExecuteSequence" => self.attribute("Sequence", "execute"),
                    "InstallUISequence" => self.attribute("Sequence", "ui"),
                    _ => String::new(),
                };
                let own = self.attribute("Id", property) + &action + &self.attribute("Value", value) + &table;
                self.entry(element, &own, entry)
            }
            Item::Standard { name, entry } => format!("<{0}>{1}</{0}>", entry.table, self.entry(name, "", entry)),
            Item::Plain(text) | Item::Wrong(text) => (*text).to_owned(),
            Item::If { opening, inner, otherwise } => {
                let otherwise = otherwise.as_ref().map(|items| format!("<?else?>\n{}", body(self, items)));
                format!("<?{opening}?>\n{}{}<?endif?>", body(self, inner), otherwise.unwrap_or_default())
            }
            Item::Foreach { list, inner } => {
                format!("<?foreach I in {list}?>\n{}<?endforeach?>", body(self, inner))
            }
            Item::Include(path) => format!("<?include {path}?>"),
        }
    }

    fn entry(self, element: &str, own: &str, entry: &Entry) -> String {
        let mut text = format!("<{element}{own}");
        for place in &entry.places {
            text += &match place {
                Place::Before(anchor) => self.attribute("Before", anchor),
                Place::After(anchor) => self.attribute("After", anchor),
                Place::Number(number) => self.attribute("Sequence", number),
                Place::OnExit(when) => self.attribute("OnExit", when),
            };
        }
        text += &entry.modifier.map(|modifier| self.attribute(modifier, "yes")).unwrap_or_default();
        match entry.condition {
            Some(condition) if self.v3 => text + ">" + &self.escaped(condition) + &format!("</{element}>"),
            Some(condition) => text + &self.attribute("Condition", condition) + "/>",
            None => text + "/>",
        }
    }

    fn attribute(self, name: &str, value: &str) -> String {
        let Hand { quote, equals, between, .. } = self;
        format!("{between}{name}{equals}{quote}{}{quote}", self.escaped(value))
    }

    fn escaped(self, text: &str) -> String {
        let mut escaped = String::new();
        for (at, c) in text.chars().enumerate() {
            match c {
                '<' => escaped += "&lt;",
                '&' => escaped += "&amp;",
                '"' => escaped += "&quot;",
                'a'..='z' if self.references && at % 3 == 1 && !text.contains("$(") => {
                    escaped += &format!("&#x{:x};", u32::from(c));
                }
                c => escaped.push(c),
            }
        }
        escaped
    }
}
