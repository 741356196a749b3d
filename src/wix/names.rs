//! The names in a file as it is written, each with its place: for those who ask where something is named, not what it
//! means. Both ways of every condition of the preprocessor are looked at, and nothing is expanded.

use std::borrow::Cow;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::Dialect;
use super::elements::{self, meanings};
use super::schedule::{assignment_tables, sequence_tables};
use crate::data;
use crate::msi::Table;
use crate::msi::condition::{Operand, operands};
use crate::msi::formatted::{Reference, references};
use crate::preprocess::Namespace;
use crate::source::{FileId, Span};
use crate::suppress;
use crate::syntax::{Attribute, Event, Reader, decode_reference, split_name};

/// A name in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name<'t> {
    pub text: &'t str,
    /// What it names: `CustomAction`, `Property`, or another kind that `data/elements.tsv` knows; [`ACTION`] for
    /// what an entry is Before or After.
    pub kind: &'static str,
    pub role: Role,
    /// The name itself.
    pub span: Span,
    /// The start tag that it is in, or the element whose text it is in.
    pub element: Span,
    /// The tables that this element is about: all of them hold what is named in it, if that is an action. None: the
    /// element does not say.
    pub tables: &'static [Table],
}

/// What a place in a file does with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It makes what is named.
    Define,
    /// It makes an action that is named after what is named: `Set` and the name.
    Imply,
    Refer,
    /// It puts an action into a sequence.
    Schedule,
}

/// A custom action, a dialog or a standard action.
pub const ACTION: &str = "Action";

/// The names of a file, in the order of their places.
pub fn names(file: FileId, text: &str) -> Vec<Name<'_>> {
    let mut naming =
        Naming { file, text, dialect: Dialect::V4, prefixes: Vec::new(), names: Vec::new(), open: Vec::new() };
    let mut reader = Reader::new(file, text);
    while let Some(event) = reader.next() {
        match event {
            Event::Start { name, span, empty } => {
                naming.element(name, span, reader.attributes());
                if !empty {
                    naming.open.push((name, span));
                }
            }
            Event::End { .. } => drop(naming.open.pop()),
            Event::Text { span } => naming.content(span),
            Event::CData { content, .. } => naming.content(content),
            _ => {}
        }
    }
    naming.names.sort_by_key(|name| name.span);
    naming.names
}

/// Where a file says a word, other than in comments and in texts for people to read.
pub fn mentions(file: FileId, text: &str, word: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut look = |span: Span| {
        let within = text.get(span.range()).unwrap_or_default();
        found.extend(words(within, word).map(|at| {
            let start = span.start + at as u32;
            Span { start, end: start + word.len() as u32, ..span }
        }));
    };
    let is_for_people = |attribute: &Attribute| {
        let name = text.get(attribute.name.range()).unwrap_or_default();
        ATTRIBUTES["*"].iter().any(|row| row.role == "text" && row.attribute == name)
    };
    let mut reader = Reader::new(file, text);
    while let Some(event) = reader.next() {
        match event {
            Event::Start { .. } => {
                let values = reader.attributes().iter().filter(|attribute| !is_for_people(attribute));
                values.for_each(|attribute| look(attribute.value));
            }
            Event::Text { span } => look(span),
            Event::CData { content, .. } => look(content),
            // The name of a file is none of anything in it.
            Event::Instruction { target, content, .. } if &text[target.range()] != "include" => look(content),
            Event::Comment { content, span } if text[content.range()].contains(suppress::PREFIX) => look(span),
            _ => {}
        }
    }
    found
}

/// Where a text holds a word that is no part of a longer identifier.
pub fn words<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> {
    let is_inner = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '.');
    text.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let (before, after) = (text[..*at].chars().next_back(), text[at + word.len()..].chars().next());
        // A full stop may end a sentence.
        !before.is_some_and(is_inner) && !after.is_some_and(|after| after != '.' && is_inner(after))
    })
}

/// A row of `data/name_attributes.tsv`.
struct Meaning {
    attribute: &'static str,
    kind: &'static str,
    role: &'static str,
    wanted: Option<(&'static str, &'static str)>,
}

static ATTRIBUTES: LazyLock<FxHashMap<&'static str, Vec<Meaning>>> = LazyLock::new(|| {
    let mut attributes: FxHashMap<_, Vec<Meaning>> = FxHashMap::default();
    for [element, attribute, kind, role, wanted] in data::rows(include_str!("../../data/name_attributes.tsv")) {
        attributes.entry(element).or_default().push(Meaning { attribute, kind, role, wanted: wanted.split_once('=') });
    }
    attributes
});

struct Naming<'t> {
    file: FileId,
    text: &'t str,
    dialect: Dialect,
    /// The prefixes that the root element gives to WiX's own elements.
    prefixes: Vec<&'t str>,
    names: Vec<Name<'t>>,
    /// The names and start tags of the open elements.
    open: Vec<(Span, Span)>,
}

impl<'t> Naming<'t> {
    fn at(&self, span: Span) -> &'t str {
        self.text.get(span.range()).unwrap_or_default()
    }

    fn element(&mut self, name: Span, element: Span, attributes: &[Attribute]) {
        if self.open.is_empty() {
            self.root(attributes);
        }
        let (prefix, local) = split_name(self.at(name));
        let value = |wanted: &str| {
            attributes.iter().find(|attribute| self.at(attribute.name) == wanted).map(|attribute| attribute.value)
        };
        let mut found = Vec::new();
        let parent = self.open.last().map_or("", |(parent, _)| split_name(self.at(*parent)).1);
        let in_sequence = is_scheduled(parent, local);
        let tables = match local {
            "SetProperty" => assignment_tables(value("Sequence").map(|span| self.at(span))),
            // Where the linker looks for what is named.
            "BillboardAction" => &[Table::InstallExecute],
            _ => sequence_tables(parent),
        };
        if in_sequence {
            let action = match local {
                "Custom" => value("Action").map(|span| ("CustomAction", span)),
                "Show" => value("Dialog").map(|span| ("Dialog", span)),
                _ => Some((ACTION, Span { start: name.end - local.len() as u32, ..name })),
            };
            found.extend(action.map(|(kind, span)| (kind, Role::Schedule, span)));
        }
        if in_sequence || matches!(local, "SetProperty") {
            let places = ["Before", "After"].into_iter().filter_map(value);
            found.extend(places.map(|span| (ACTION, Role::Refer, span)));
        }
        if let Some(target) = value("Id").filter(|_| matches!(local, "SetProperty" | "SetDirectory")) {
            let implied = value("Action").is_none().then_some(("CustomAction", Role::Imply, target));
            found.extend(implied);
        }
        if prefix.is_none_or(|prefix| self.prefixes.contains(&prefix)) {
            found.extend(meanings(self.dialect, local).iter().filter_map(|meaning| match meaning.role {
                elements::Role::Define(kind) => Some((kind, Role::Define, value(meaning.attribute)?)),
                elements::Role::Refer(kind) => Some((kind, Role::Refer, value(meaning.attribute)?)),
                _ => None,
            }));
        }
        let mut conditions = Vec::new();
        for row in [local, "*"].into_iter().filter_map(|element| ATTRIBUTES.get(element)).flatten() {
            let Some(span) = value(row.attribute) else { continue };
            let holds = |(attribute, wanted)| value(attribute).is_some_and(|span| self.at(span) == wanted);
            match row.role {
                _ if !row.wanted.is_none_or(holds) => {}
                "condition" => conditions.push(span),
                "text" => {}
                "list" => found.extend(parts(self.at(span), span).map(|part| (row.kind, Role::Refer, part))),
                "define" => found.push((row.kind, Role::Define, span)),
                _ => found.push((row.kind, Role::Refer, span)),
            }
        }
        for (kind, role, span) in found {
            self.name(kind, role, span, element, tables);
        }
        if self.is_in_bundle() {
            return;
        }
        for span in conditions {
            self.condition(span, &masked(self.at(span)), element);
        }
        for attribute in attributes {
            self.formatted(attribute.value, element);
        }
    }

    /// Whether it is a bundle's, whose brackets and conditions are about variables of its own.
    fn is_in_bundle(&self) -> bool {
        self.open.get(1).is_some_and(|(name, _)| split_name(self.at(*name)).1 == "Bundle")
    }

    /// The dialect, by the namespace of the root element.
    fn root(&mut self, attributes: &[Attribute]) {
        let mut is_v3 = false;
        for attribute in attributes {
            let namespace = Namespace::from_uri(self.at(attribute.value));
            let name = self.at(attribute.name);
            if name.starts_with("xmlns") && matches!(namespace, Namespace::V3 | Namespace::V4) {
                is_v3 |= namespace == Namespace::V3;
                self.prefixes.extend(name.strip_prefix("xmlns:"));
            }
        }
        self.dialect = if is_v3 { Dialect::V3 } else { Dialect::V4 };
    }

    /// A value that is a name and nothing else, but for a modifier of access before it.
    fn name(&mut self, kind: &'static str, role: Role, value: Span, element: Span, tables: &'static [Table]) {
        let written = self.at(value);
        let text = match written.split_once(' ') {
            Some((_, name)) if role != Role::Refer && self.dialect == Dialect::V4 => name.trim_start(),
            _ => written,
        };
        if text.is_empty() || text.contains(['&', '$', '[', '(']) {
            return;
        }
        let span = Span { start: value.end - text.len() as u32, ..value };
        self.names.push(Name { text, kind, role, span, element, tables });
    }

    /// Text of an element: formatted, or a condition where v3 has one.
    fn content(&mut self, span: Span) {
        let Some(&(name, element)) = self.open.last().filter(|_| !self.is_in_bundle()) else { return };
        let (_, local) = split_name(self.at(name));
        let parent = self.open.len().checked_sub(2).map_or("", |at| split_name(self.at(self.open[at].0)).1);
        let holds_condition =
            is_scheduled(parent, local) || matches!(local, "Condition" | "Publish" | "SetProperty" | "SetDirectory");
        if self.dialect == Dialect::V3 && holds_condition {
            // References are no part of it.
            self.condition(span, self.at(span), element);
        } else if local != "CustomAction" {
            // A script has brackets of its own.
            self.formatted(span, element);
        }
    }

    fn condition(&mut self, value: Span, text: &str, element: Span) {
        for (offset, operand) in operands(text) {
            if let Operand::Property(name) = operand {
                self.part(value, offset, name.len(), "Property", element);
            }
        }
    }

    fn formatted(&mut self, value: Span, element: Span) {
        for (offset, reference) in references(self.at(value)) {
            match reference {
                Reference::Property(name) => self.part(value, offset, name.len(), "Property", element),
                Reference::File(name) => self.part(value, offset, name.len(), "File", element),
                Reference::Component(name) => self.part(value, offset, name.len(), "Component", element),
                Reference::Environment(_) => {}
            }
        }
    }

    fn part(&mut self, value: Span, offset: usize, length: usize, kind: &'static str, element: Span) {
        let start = value.start + offset as u32;
        let span = Span { file: self.file, start, end: start + length as u32 };
        let text = self.at(span);
        if !text.contains(['&', '$']) {
            self.names.push(Name { text, kind, role: Role::Refer, span, element, tables: &[] });
        }
    }
}

/// Whether an element is a row of a sequence; which sequence includes a file is not to be seen there.
fn is_scheduled(parent: &str, local: &str) -> bool {
    !sequence_tables(parent).is_empty() || (parent == "Include" && matches!(local, "Custom" | "Show"))
}

/// The parts of a list with semicolons between them.
fn parts(text: &str, span: Span) -> impl Iterator<Item = Span> {
    let mut start = span.start;
    text.split(';').map(move |part| {
        let blank = (part.len() - part.trim_start().len()) as u32;
        let own = Span { start: start + blank, end: start + blank + part.trim().len() as u32, ..span };
        start += part.len() as u32 + 1;
        own
    })
}

/// A text with each character reference replaced by its character, after as many blanks as keep all other characters in
/// their places.
fn masked(raw: &str) -> Cow<'_, str> {
    if !raw.contains('&') {
        return Cow::Borrowed(raw);
    }
    let mut masked = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        masked.push_str(&rest[..at]);
        let length = rest[at..].find(';').map_or(1, |end| end + 1);
        let reference = &rest[at..at + length];
        let character = decode_reference(reference).unwrap_or(' ');
        masked.extend(std::iter::repeat_n(' ', length.saturating_sub(character.len_utf8())));
        masked.push(character);
        rest = &rest[at + length..];
    }
    masked.push_str(rest);
    Cow::Owned(masked)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Role, names};
    use crate::source::{Source, Sources};

    /// Each name as its sign, kind and text: `=` defines, `~` implies, `@` schedules, `>` refers.
    fn told(text: &str) -> String {
        let mut sources = Sources::default();
        let file = sources.add(Arc::new(Source::decode("a.wxs", text.as_bytes().to_vec()).unwrap()));
        let sign = |role| match role {
            Role::Define => '=',
            Role::Imply => '~',
            Role::Schedule => '@',
            Role::Refer => '>',
        };
        let names = names(file, text);
        assert!(names.iter().all(|name| sources.text(name.span) == name.text));
        let told: Vec<String> =
            names.iter().map(|name| format!("{}{}:{}", sign(name.role), name.kind, name.text)).collect();
        told.join(" ")
    }

    #[test]
    fn names_of_v4() {
        let source = r#"<Wix xmlns="http://wixtoolset.org/schemas/v4/wxs"><Fragment>
  <CustomAction Id="internal Join" Property="JOIN" Value="[Key] and [#Readme]" />
  <SetProperty Id="DIR" Before="Join" Value="[$Main]" Condition="A AND NOT B AND $Main=3" />
  <InstallExecuteSequence>
    <Custom Action="Join" After="InstallFiles" Condition="C &lt;&gt; &quot;x&quot;" />
    <InstallValidate Condition="$(var.X) OR D" />
  </InstallExecuteSequence>
  <Property Id="$(var.Name)" />
  <Property Id="SecureCustomProperties" Value="A; B" />
  <ProgressText Action="Join">Joining [A]</ProgressText>
</Fragment></Wix>"#;
        assert_eq!(
            told(source),
            "=CustomAction:Join >Property:JOIN >Property:Key >File:Readme \
             ~CustomAction:DIR >Property:DIR >Action:Join >Component:Main >Property:A >Property:B \
             @CustomAction:Join >Action:InstallFiles >Property:C \
             @Action:InstallValidate >Property:D \
             =Property:SecureCustomProperties >Property:A >Property:B \
             >Action:Join >Property:A"
        );
    }

    #[test]
    fn elements_of_wix_may_have_a_prefix() {
        let source = r#"<w:Wix xmlns:w="http://schemas.microsoft.com/wix/2006/wi"><w:Fragment><w:Property Id="A"/>
  <w:InstallUISequence><w:Custom Action="X" Before="Y">A = 1</w:Custom></w:InstallUISequence></w:Fragment></w:Wix>"#;
        assert_eq!(told(source), "=Property:A @CustomAction:X >Action:Y >Property:A");
    }

    #[test]
    fn what_is_included_may_stand_in_a_sequence() {
        let source = r#"<Include xmlns="http://schemas.microsoft.com/wix/2006/wi">
  <Custom Action="A" Before="B">C = 1</Custom><Property Id="D" Before="E" /></Include>"#;
        assert_eq!(told(source), "@CustomAction:A >Action:B >Property:C =Property:D");
    }

    #[test]
    fn names_of_v3_also_where_conditions_are_texts() {
        let source = r#"<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi"><Fragment>
  <?if $(var.X) ?><CustomActionRef Id="One" /><?else?><CustomActionRef Id="Two" /><?endif?>
  <InstallExecuteSequence><Custom Action="One" Before="Two"><![CDATA[NOT A]]></Custom></InstallExecuteSequence>
  <Condition Message="[B]">Installed OR C</Condition>
  <Condition Message="none"><![CDATA[&Main = 3 AND E <> "a;b"]]></Condition>
  <CustomAction Id="Run" Script="vbscript">x = a[0]</CustomAction>
  <Publish Event="DoAction" Value="One">1</Publish>
</Fragment></Wix>"#;
        assert_eq!(
            told(source),
            ">CustomAction:One >CustomAction:Two \
             @CustomAction:One >Action:Two >Property:A \
             >Property:B >Property:Installed >Property:C >Property:E \
             =CustomAction:Run >CustomAction:One"
        );
    }
}
