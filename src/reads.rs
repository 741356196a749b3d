//! Which properties an action reads and writes, and the evidence.
//!
//! A read is seen in formatted text, in a script that stands in the source, or is declared: by a
//! comment, by the configuration, or by `data/readers.tsv` for the custom actions of known
//! libraries. What a DLL or a program does inside is not seen; such an action is opaque.

use std::borrow::Cow;
use std::sync::LazyLock;

use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::code::{self, Code};
use crate::data;
use crate::msi::condition::{Operand, operands};
use crate::msi::formatted::{Reference, references};
use crate::project::Package;
use crate::source::Span;
use crate::wix::{CustomAction, Entry, Execute, Kind, Program, Text};

/// What the user declares actions to read: the action's name, and properties.
pub type Declared = [(String, Vec<String>)];

/// One read of a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read<'w> {
    pub property: Cow<'w, str>,
    /// Where it can be seen; `None` where no source shows it.
    pub span: Option<Span>,
    pub evidence: Evidence,
    /// The calls that lead there from the entry point of the action's code.
    pub through: &'w [Span],
}

/// How a read is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Formatted text in this attribute.
    Formatted(&'static str),
    /// The condition of a scheduled action, which is evaluated when its turn comes.
    Condition,
    /// A script.
    Script,
    /// The source of a DLL.
    Code,
    /// A comment beside the custom action.
    Comment,
    /// The configuration.
    Configuration,
    /// The custom action of a known library.
    Library,
}

/// Something that costing works out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Costs<'w> {
    pub span: Span,
    /// As it is written: `[#file]`, `$component`.
    pub what: Cow<'w, str>,
    pub is_state: bool,
}

/// What an action touches.
#[derive(Clone, Debug, Default)]
pub struct Flow<'w> {
    pub reads: Vec<Read<'w>>,
    /// The property or directory it is known to write.
    pub writes: Option<&'w str>,
    /// The first of the component or feature states, or paths of files and components, that it needs.
    pub costs: Option<Costs<'w>>,
    /// It runs code that may touch any property.
    pub opaque: bool,
    /// Its code asks when it runs, and may read different things then.
    pub asks_when: bool,
}

/// What the actions of a package read and write.
#[derive(Debug, Default)]
pub struct Flows<'w> {
    list: Vec<Doing<'w>>,
    /// Where in `list` each action is.
    index: FxHashMap<&'w str, usize>,
    /// For each property the actions in `list` that read it: rules ask again and again, and few
    /// actions read any one property.
    readers: FxHashMap<Cow<'w, str>, Vec<usize>>,
}

/// What is known of an action.
#[derive(Debug)]
pub struct Doing<'w> {
    pub action: &'w str,
    /// `None`: the package does not hold it.
    pub definition: Option<&'w CustomAction>,
    pub flow: Flow<'w>,
}

impl Doing<'_> {
    /// When the action's code runs; `None` where that cannot be known. An action of a library, which
    /// no source defines, is taken for an immediate one: those that are known to read are.
    pub fn execute(&self) -> Option<Execute> {
        self.definition.map_or(Some(Execute::Immediate), |action| action.execute)
    }
}

impl<'w> Flows<'w> {
    /// Looks at every custom action of the package, and at what is declared of others.
    pub fn of(package: &Package<'w>, declared: &Declared) -> Flows<'w> {
        let count = package.sections.iter().map(|section| section.actions.len()).sum();
        let index = FxHashMap::with_capacity_and_hasher(count, FxBuildHasher);
        let mut flows = Flows { list: Vec::with_capacity(count), index, readers: FxHashMap::default() };
        for action in package.actions() {
            flows.know(&action.id.text, || (Some(action), definition(action, package.code)));
        }
        for entry in package.entries() {
            let name = &*entry.action.text;
            let known = LIBRARY.get(name).copied();
            let configured = declared.iter().find(|(action, _)| action == name);
            if known.is_none() && configured.is_none() {
                continue;
            }
            let flow = flows.know(name, || (None, Flow { opaque: true, ..Flow::default() }));
            let configured = configured.iter().flat_map(|(_, properties)| properties);
            if known.is_some_and(|(_, costs)| costs) {
                let what = Cow::Borrowed("paths of files");
                flow.costs.get_or_insert(Costs { span: Span::NOWHERE, what, is_state: false });
            }
            flow.add(known.into_iter().map(|(property, _)| Cow::Borrowed(property)), Evidence::Library);
            flow.add(configured.map(|property| Cow::Owned(property.clone())), Evidence::Configuration);
        }
        for (at, known) in flows.list.iter().enumerate() {
            for read in &known.flow.reads {
                flows.readers.entry(read.property.clone()).or_default().push(at);
            }
        }
        flows
    }

    /// What an action does, found out if it is the first of its name.
    fn know(
        &mut self,
        action: &'w str,
        find_out: impl FnOnce() -> (Option<&'w CustomAction>, Flow<'w>),
    ) -> &mut Flow<'w> {
        let at = *self.index.entry(action).or_insert(self.list.len());
        if at == self.list.len() {
            let (definition, flow) = find_out();
            self.list.push(Doing { action, definition, flow });
        }
        &mut self.list[at].flow
    }

    /// Where an action is among all that something is known of, for [`at`](Flows::at).
    pub fn position(&self, action: &str) -> Option<usize> {
        self.index.get(action).copied()
    }

    /// What is known of the action at a position.
    pub fn at(&self, position: usize) -> &Doing<'w> {
        &self.list[position]
    }

    fn known(&self, action: &str) -> Option<&Doing<'w>> {
        self.position(action).map(|at| self.at(at))
    }

    /// What the action itself does, its condition apart.
    pub fn of_action(&self, action: &str) -> Option<&Flow<'w>> {
        self.known(action).map(|known| &known.flow)
    }

    /// The custom action's definition, where the package holds it.
    pub fn definition(&self, action: &str) -> Option<&'w CustomAction> {
        self.known(action).and_then(|known| known.definition)
    }

    /// When an action's code runs, as [`Doing::execute`] has it.
    pub fn execute(&self, action: &str) -> Option<Execute> {
        self.known(action).map_or(Some(Execute::Immediate), Doing::execute)
    }

    /// The actions that read `property` other than by a condition.
    pub fn readers_of(&self, property: &str) -> impl Iterator<Item = &'w str> {
        self.readers.get(property).into_iter().flatten().map(|&at| self.list[at].action)
    }
}

impl<'w> Flow<'w> {
    /// The first read of `property`.
    pub fn read_of(&self, property: &str) -> Option<&Read<'w>> {
        self.reads.iter().find(|read| read.property == property)
    }

    fn add(&mut self, properties: impl Iterator<Item = Cow<'w, str>>, evidence: Evidence) {
        for property in properties {
            if self.read_of(&property).is_none() {
                self.reads.push(Read { property, span: None, evidence, through: &[] });
            }
        }
    }
}

/// For each action the property that it reads, and whether it needs paths as well.
static LIBRARY: LazyLock<FxHashMap<&'static str, (&'static str, bool)>> = LazyLock::new(|| {
    let rows = data::rows::<4>(include_str!("../data/readers.tsv"));
    rows.map(|[action, property, _, costs]| (action, (property, costs == "yes"))).collect()
});

/// What a custom action's definition says.
fn definition<'w>(action: &'w CustomAction, code: &'w Code) -> Flow<'w> {
    let mut flow = Flow {
        writes: action.target.as_ref().map(|target| &*target.text),
        opaque: matches!(action.kind, Kind::Dll(_) | Kind::Script(_) | Kind::Unknown),
        ..Flow::default()
    };
    for (attribute, text) in &action.formatted {
        formatted(&mut flow, attribute, text);
    }
    if let Kind::Script(Program::Inline) = action.kind {
        of_script(&mut flow, action);
    }
    if let Some(called) = action.call().and_then(|call| code.called(&call)) {
        let evidence = if matches!(action.kind, Kind::Script(_)) { Evidence::Script } else { Evidence::Code };
        flow.asks_when = called.asks_when;
        let what = Cow::Borrowed("what costing works out");
        flow.costs = flow.costs.take().or(called.costs.map(|span| Costs { span, what, is_state: false }));
        flow.reads.extend(called.reads.iter().map(|read| Read {
            property: Cow::Borrowed(&read.property),
            span: Some(read.span),
            evidence,
            through: &read.through,
        }));
    }
    flow.reads.extend(action.declared.iter().map(|text| Read {
        property: Cow::Borrowed(&text.text),
        span: Some(text.span),
        evidence: Evidence::Comment,
        through: &[],
    }));
    flow
}

/// What a script in the source reads. Its runs of characters are one text: a reference such as
/// `&quot;` is a run of its own.
fn of_script(flow: &mut Flow<'_>, action: &CustomAction) {
    let script: String = action.script.iter().map(|run| &*run.text).collect();
    let call = action.called.as_ref().and_then(|called| called.entry.as_ref());
    let asked = code::inline_script(&script, action.language, call.map(|call| &*call.text));
    flow.asks_when |= asked.asks_when;
    let reads = asked.reads.into_iter().map(|(offset, length, property)| {
        let mut start = 0;
        let run = action.script.iter().find(|run| {
            start += run.text.len();
            offset < start
        });
        let span = run.map(|run| run.part(offset + run.text.len() - start, length));
        Read { property: Cow::Owned(property), span, evidence: Evidence::Script, through: &[] }
    });
    flow.reads.extend(reads);
}

fn formatted<'w>(flow: &mut Flow<'w>, attribute: &'static str, text: &'w Text) {
    let found = references(&text.text);
    // One read or two are the rule, and there may be very many actions.
    flow.reads.reserve_exact(found.len());
    for (offset, reference) in found {
        match reference {
            Reference::Property(name) => flow.reads.push(Read {
                property: Cow::Borrowed(name),
                span: Some(text.part(offset, name.len())),
                evidence: Evidence::Formatted(attribute),
                through: &[],
            }),
            Reference::File(name) | Reference::Component(name) => {
                let start = text.text[..offset].rfind('[').unwrap_or(offset);
                let what = text.text.get(start..offset + name.len() + 1).unwrap_or(name);
                let span = text.part(start, what.len());
                flow.costs.get_or_insert(Costs { span, what: Cow::Borrowed(what), is_state: false });
            }
            Reference::Environment(_) => {}
        }
    }
}

/// What the condition of an entry reads.
pub fn of_condition(entry: &Entry) -> Flow<'_> {
    let mut flow = Flow::default();
    let Some(condition) = &entry.condition else { return flow };
    for (offset, operand) in operands(&condition.text) {
        match operand {
            Operand::Property(name) => flow.reads.push(Read {
                property: Cow::Borrowed(name),
                span: Some(condition.part(offset, name.len())),
                evidence: Evidence::Condition,
                through: &[],
            }),
            Operand::State(name) => {
                let what = condition.text.get(offset - 1..offset + name.len()).unwrap_or(name);
                let span = condition.part(offset - 1, what.len());
                flow.costs.get_or_insert(Costs { span, what: Cow::Borrowed(what), is_state: true });
            }
            Operand::Environment(_) => {}
        }
    }
    flow
}
