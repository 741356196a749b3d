//! The libraries of WiX's own extensions: fragments like any other, but nobody here wrote them.
//!
//! An extension's element does no more than refer to a custom action of its library; the fragment
//! that defines the action schedules it. All libraries are taken for linked in: what they define is
//! named so that sources do not define it by accident. They are read when a reference first needs
//! them.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::{Access, Dialect, Entry, EntryKind, Exit, Generation, Position, Section, SectionKind, SymbolKey, Text};
use crate::data;
use crate::msi::Table;
use crate::preprocess::{Origin, Platform};
use crate::source::Span;

/// The ending of the flavours that v3 has for some actions; x86 has none.
fn flavour(platform: Platform) -> &'static str {
    match platform {
        Platform::X86 => "",
        Platform::X64 => "_x64",
        Platform::Arm64 => "_A64",
    }
}

/// The libraries of one generation of the toolset.
#[derive(Debug)]
pub struct Library {
    pub sections: Vec<Section>,
    symbols: FxHashMap<SymbolKey, usize>,
    /// For each entry's key the sections that schedule it.
    entries: FxHashMap<SymbolKey, Vec<usize>>,
    /// What an extension's element refers to, for each platform.
    elements: FxHashMap<(SymbolKey, Platform), Vec<SymbolKey>>,
    /// The actions by what their names have in common in all generations; made when it is first asked for.
    twins: OnceLock<FxHashMap<String, Vec<String>>>,
}

/// The key under which an element of an extension refers to its library.
pub(super) fn element_key(extension: &str, element: &str) -> SymbolKey {
    SymbolKey::new("extension element", &format!("{}:{element}", extension.to_ascii_lowercase()))
}

impl Library {
    /// The libraries of a generation.
    pub fn of(generation: Generation) -> &'static Library {
        static LIBRARIES: [OnceLock<Library>; 5] = [const { OnceLock::new() }; 5];
        LIBRARIES[generation as usize].get_or_init(|| Library::load(generation))
    }

    /// The section that defines a symbol.
    pub fn definition(&self, symbol: SymbolKey) -> Option<usize> {
        self.symbols.get(&symbol).copied()
    }

    /// Every action that the libraries schedule, under its name in this generation.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.sections.iter().flat_map(|section| &section.entries)
    }

    /// The name that this generation has for an action which another one, or another platform, has under
    /// `name`: `WixCloseApplications` is `Wix4CloseApplications_X86` in v4 and later.
    pub fn renamed(&self, name: &str, platform: Platform) -> Option<&str> {
        let twins = self.twins.get_or_init(|| {
            let mut twins: FxHashMap<String, Vec<String>> = FxHashMap::default();
            for action in self.entries().map(|entry| &entry.action.text) {
                twins.entry(plain(action).to_owned()).or_default().push(action.clone());
            }
            twins
        });
        let twins = twins.get(plain(name))?.iter().map(String::as_str).filter(|own| *own != name);
        twins.max_by_key(|own| (own.ends_with(platform.short_name()), std::cmp::Reverse(own.len())))
    }

    /// The sections that schedule an action in a table.
    pub fn schedules(&self, entry: SymbolKey) -> &[usize] {
        self.entries.get(&entry).map_or(&[], Vec::as_slice)
    }

    /// What an extension's element refers to on a platform.
    pub fn element(&self, key: SymbolKey, platform: Platform) -> &[SymbolKey] {
        self.elements.get(&(key, platform)).map_or(&[], Vec::as_slice)
    }

    /// The sections that a reference leads to where no source has what it names.
    pub fn reached(&self, reference: SymbolKey, platform: Platform) -> impl Iterator<Item = &Section> {
        let brought = self.element(reference, platform).iter().filter_map(|symbol| self.definition(*symbol));
        let named = self.definition(reference).into_iter().chain(self.schedules(reference).iter().copied());
        brought.chain(named).map(|at| &self.sections[at])
    }

    fn load(generation: Generation) -> Library {
        let mut library = Library {
            sections: Vec::new(),
            symbols: FxHashMap::default(),
            entries: FxHashMap::default(),
            elements: FxHashMap::default(),
            twins: OnceLock::new(),
        };
        let mut scheduled: FxHashMap<&str, Vec<[&'static str; 6]>> = FxHashMap::default();
        for row in data::rows::<6>(include_str!("../../data/library_entries.tsv")) {
            scheduled.entry(row[0]).or_default().push(row);
        }
        let fragments = data::rows::<6>(include_str!("../../data/library_fragments.tsv"));
        for [id, generations, platforms, extension, defines, references] in fragments {
            if !generations.split(',').any(|name| name == generation.name()) {
                continue;
            }
            let templated = generation != Generation::V3 && platforms != "any";
            let platforms = if templated { &Platform::ALL[..] } else { &[Platform::X86][..] };
            for platform in platforms {
                let rows = scheduled.get(id).map_or(&[][..], Vec::as_slice);
                library.add(Fragment {
                    extension,
                    defines,
                    references,
                    rows,
                    suffix: platform.short_name(),
                    generation,
                });
            }
        }
        library.add_searches(generation);
        library.add_elements(generation);
        library
    }

    /// Properties that a search gives their values, each in a fragment of its own unless one is there.
    fn add_searches(&mut self, generation: Generation) {
        for [extension, properties] in data::rows::<2>(include_str!("../../data/library_searches.tsv")) {
            for property in properties.split(' ') {
                let symbol = SymbolKey::new("Property", property);
                let at = *self.symbols.entry(symbol).or_insert_with(|| {
                    self.sections.push(Section { symbols: vec![symbol], ..fragment(extension, generation) });
                    self.sections.len() - 1
                });
                self.sections[at].tables.insert("AppSearch");
            }
        }
    }

    fn add(&mut self, fragment: Fragment<'_>) {
        let at = self.sections.len();
        let section = fragment.section();
        for &symbol in &section.symbols {
            self.symbols.entry(symbol).or_insert(at);
        }
        for entry in &section.entries {
            self.entries.entry(SymbolKey::entry(entry.table, &entry.action.text)).or_default().push(at);
        }
        self.sections.push(section);
    }

    fn add_elements(&mut self, generation: Generation) {
        let column = (generation as usize).min(3);
        for row in data::rows::<7>(include_str!("../../data/library_elements.tsv")) {
            let [extension, element, by_generation @ .., _] = row;
            let key = element_key(extension, element);
            for platform in Platform::ALL {
                let names = by_generation[column].split(' ').filter(|name| *name != "-");
                let symbols = names.map(|name| self.named(name, platform)).collect();
                self.elements.insert((key, platform), symbols);
            }
        }
    }

    /// A name of the table of elements as a symbol: of its kind, for its platform.
    fn named(&self, name: &str, platform: Platform) -> SymbolKey {
        let (kind, name) = name.split_once(':').unwrap_or(("CustomAction", name));
        if name.ends_with("{P}") {
            return SymbolKey::new(kind, &name.replace("{P}", platform.short_name()));
        }
        let flavour = SymbolKey::new(kind, &format!("{name}{}", flavour(platform)));
        if self.symbols.contains_key(&flavour) { flavour } else { SymbolKey::new(kind, name) }
    }
}

/// The tables that an extension's element asks for, or writes rows of; `None` for an element that no
/// library knows.
pub(super) fn tables(extension: &str, element: &str) -> Option<&'static str> {
    static ELEMENTS: OnceLock<FxHashMap<SymbolKey, &'static str>> = OnceLock::new();
    let elements = ELEMENTS.get_or_init(|| {
        let rows = data::rows::<7>(include_str!("../../data/library_elements.tsv"));
        rows.map(|[extension, element, .., tables]| (element_key(extension, element), tables)).collect()
    });
    elements.get(&element_key(extension, element)).copied()
}

/// An action's name without what tells generations and platforms apart: a prefix with the number of the
/// toolset that brought the action, and the platform's ending.
fn plain(name: &str) -> &str {
    let endings = ["_X86", "_X64", "_A64", "_x64", "_ARM"];
    let name = endings.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name);
    let short = name.strip_prefix("Wix").unwrap_or(name);
    short.strip_prefix(['4', '5', '6']).unwrap_or(short)
}

/// An extension's fragment with nothing in it yet.
fn fragment(extension: &'static str, generation: Generation) -> Section {
    let dialect = if generation == Generation::V3 { Dialect::V3 } else { Dialect::V4 };
    Section { library: Some(extension), ..Section::new(SectionKind::Fragment, dialect, Span::NOWHERE) }
}

/// A row of the table of fragments, for one platform.
struct Fragment<'f> {
    extension: &'static str,
    defines: &'static str,
    references: &'static str,
    rows: &'f [[&'static str; 6]],
    suffix: &'static str,
    generation: Generation,
}

impl Fragment<'_> {
    fn section(&self) -> Section {
        let mut section = fragment(self.extension, self.generation);
        let symbols = |list: &'static str| list.split(' ').filter_map(|symbol| symbol.split_once(':'));
        section.symbols = symbols(self.defines).map(|(kind, name)| SymbolKey::new(kind, &self.name(name))).collect();
        section.references = symbols(self.references)
            .map(|(kind, name)| match (kind, name.split_once('/')) {
                ("WixAction", Some((table, action))) => SymbolKey::new(table, &self.name(action)),
                _ => SymbolKey::new(kind, &self.name(name)),
            })
            .collect();
        section.entries = self.rows.iter().filter_map(|row| self.entry(row)).collect();
        section
    }

    fn name(&self, name: &str) -> String {
        name.replace("{P}", self.suffix)
    }

    fn entry(&self, [_, table, action, position, condition, access]: &[&'static str; 6]) -> Option<Entry> {
        let text = |text: &str| Text { text: self.name(text), span: Span::NOWHERE, origin: Origin::Literal };
        let position = match position.split_once(' ')? {
            ("Before", target) => Position::Before(text(target)),
            ("After", target) => Position::After(text(target)),
            ("OnExit", event) => Position::Exit(Exit::from_name(event)?),
            _ => Position::Unknown,
        };
        let dialog = self.defines.split(' ').any(|symbol| symbol.strip_prefix("Dialog:") == Some(action));
        Some(Entry {
            table: Table::from_name(table)?,
            action: text(action),
            kind: if dialog { EntryKind::Dialog } else { EntryKind::Custom },
            position,
            condition: (!condition.is_empty()).then(|| text(condition)),
            access: match *access {
                "plain" => Access::Plain,
                "override" => Access::Override,
                _ => Access::Virtual,
            },
            suppress: false,
            span: Span::NOWHERE,
            placed_by: None,
            sequence: None,
            looped: false,
            library: Some(self.extension),
        })
    }
}
