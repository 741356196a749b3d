//! The worlds of a project: each file is compiled once for each way in which the worlds decide what it asks.
//!
//! The first two worlds lean this way and that; each further one takes one condition as the world that
//! met it did not. What contradicts itself is never assumed, and a world that WiX refuses to build,
//! by an `<?error?>` or for want of a variable, does not exist.

use std::collections::VecDeque;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{Compiled, Settings, World, harvest};
use crate::diagnostic::Note;
use crate::preprocess::{self, Assumptions, Decision, Files, Leaning, MAX_WORLDS, Mistake, MistakeKind, Outcome};
use crate::source::{DecodeError, FileId, Sources, Span};
use crate::syntax::SyntaxError;
use crate::wix::{self, Compiler, Document};

/// A file and what it includes, as one or several worlds have it.
#[derive(Debug)]
pub(super) struct Variant {
    /// The world's leaning, where it has made a difference.
    leaning: Option<Leaning>,
    /// What was assumed of the variables that it asks for, and what is after it.
    before: Assumptions,
    after: Assumptions,
    asked: FxHashSet<String>,
    pub(super) files: Vec<FileId>,
    pub(super) errors: Vec<SyntaxError>,
    pub(super) undecodable: Vec<(Span, DecodeError)>,
    pub(super) notes: Vec<Note>,
    mistakes: Vec<Mistake>,
    decisions: Vec<Decision>,
    refused: bool,
    pub(super) document: Arc<Document>,
}

impl Variant {
    fn new(world: &preprocess::World, mut outcome: Outcome, mut document: Document) -> Variant {
        if document.foreign_root.is_some() {
            // What is not for WiX is nothing that its preprocessor sees.
            let Outcome { files, errors, undecodable, notes, .. } = outcome;
            let assumed = world.assumed.clone();
            outcome = Outcome { files, errors, undecodable, notes, assumed, ..Outcome::default() };
        }
        if outcome.guesses_platform {
            // For another platform the source may not refuse to be built.
            outcome.mistakes.retain(|mistake| !is_authored(mistake));
        }
        let asked = outcome.asked;
        let only = |assumed: Assumptions| assumed.into_iter().filter(|(name, _)| asked.contains(name)).collect();
        let (before, after): (Assumptions, Assumptions) = (only(world.assumed.clone()), only(outcome.assumed));
        let mut notes = outcome.notes;
        notes.append(&mut document.notes);
        Variant {
            leaning: (before != after).then_some(world.leaning),
            before,
            after,
            asked,
            files: outcome.files,
            errors: outcome.errors,
            undecodable: outcome.undecodable,
            notes,
            mistakes: outcome.mistakes,
            decisions: outcome.decisions,
            refused: outcome.refused,
            document: Arc::new(document),
        }
    }

    /// Whether a world would see the file like this.
    fn fits(&self, world: &preprocess::World) -> bool {
        let same = |name: &String| world.assumed.get(name) == self.before.get(name);
        self.leaning.is_none_or(|leaning| leaning == world.leaning) && self.asked.iter().all(same)
    }
}

/// What compiling needs.
pub(super) struct Tools<'t> {
    pub(super) settings: &'t Settings,
    pub(super) files: &'t dyn Files,
    pub(super) sources: &'t mut Sources,
}

impl Compiled {
    /// The file in a world, which is told what the file assumes.
    fn variant(&mut self, world: &mut preprocess::World, tools: &mut Tools<'_>) -> Arc<Variant> {
        let known = self.variants.iter().find(|variant| variant.fits(world)).cloned();
        let variant = known.unwrap_or_else(|| {
            let mut compiler = Compiler::default();
            let options = &tools.settings.preprocess;
            let outcome = preprocess::run(self.file, world.clone(), options, tools.files, tools.sources, &mut compiler);
            let mut document = compiler.finish();
            harvest::look(&mut document, tools.files, tools.sources);
            let variant = Arc::new(Variant::new(world, outcome, document));
            self.variants.push(variant.clone());
            variant
        });
        world.assumed.extend(variant.after.clone());
        variant
    }
}

/// The worlds of a project, and what is to be said about them.
#[derive(Debug, Default)]
pub(super) struct Explored {
    pub(super) worlds: Vec<World>,
    /// There are more ways to take the conditions than were looked at.
    pub(super) is_cut: bool,
    pub(super) notes: Vec<Note>,
}

/// Works out the worlds of a project. What the files are compiled to is kept in them.
pub(super) fn explore(compiled: &mut [Compiled], tools: &mut Tools<'_>) -> Explored {
    let first = preprocess::World::default();
    let mut explorer = Explorer {
        compiled,
        tools,
        waiting: VecDeque::from([first.clone()]),
        started: vec![first],
        met: FxHashSet::default(),
        tried: Vec::new(),
    };
    let mut is_cut = false;
    while let Some(start) = explorer.waiting.pop_front() {
        is_cut = explorer.existing().count() == MAX_WORLDS || explorer.started.len() > MOST_STARTED;
        if is_cut {
            break;
        }
        explorer.look_at(start);
    }
    let tried = explorer.tried;
    let notes = conditions(&tried, is_cut).into_iter().collect();
    Explored { worlds: existing(tried), is_cut, notes }
}

/// So many worlds are tried to find those that exist.
const MOST_STARTED: usize = 4 * MAX_WORLDS;

/// A world that was tried.
struct Tried {
    start: preprocess::World,
    world: World,
    refused: bool,
}

impl Tried {
    /// Which way it has taken a condition.
    fn way(&self, condition: &preprocess::Condition) -> Option<bool> {
        let decisions = &self.world.decisions;
        decisions.iter().find(|decision| *decision.condition == *condition).map(|decision| decision.holds)
    }

    /// Whether it takes the conditions that the other one meets as that does.
    fn agrees(&self, other: &Tried) -> bool {
        other.world.decisions.iter().all(|decision| self.way(&decision.condition) == Some(decision.holds))
    }
}

struct Explorer<'e, 't> {
    compiled: &'e mut [Compiled],
    tools: &'e mut Tools<'t>,
    waiting: VecDeque<preprocess::World>,
    /// All that were tried or are waiting.
    started: Vec<preprocess::World>,
    /// The conditions that were met in worlds that exist.
    met: FxHashSet<Arc<preprocess::Condition>>,
    tried: Vec<Tried>,
}

impl Explorer<'_, '_> {
    fn existing(&self) -> impl Iterator<Item = &Tried> {
        self.tried.iter().filter(|world| !world.refused)
    }

    /// Tries a world, and finds out which others there may be.
    fn look_at(&mut self, start: preprocess::World) {
        let is_first = self.tried.is_empty();
        let world = self.run(start.clone());
        if is_first && !world.world.decisions.is_empty() {
            self.wait(Some(preprocess::World { leaning: Leaning::Second, ..start }));
        }
        let new: Vec<Option<preprocess::World>> = if world.refused {
            // The last decision led there, most likely.
            world.world.decisions.last().map(|decision| world.start.other(decision)).into_iter().collect()
        } else {
            let decisions = world.world.decisions.iter();
            let new = decisions.filter(|decision| self.met.insert(decision.condition.clone()));
            new.map(|decision| world.start.other(decision)).collect()
        };
        new.into_iter().for_each(|other| self.wait(other));
        if !self.tried.iter().any(|known| known.agrees(&world) && world.agrees(known)) {
            self.tried.push(world);
        }
        if self.waiting.is_empty() {
            let other = self.uncovered();
            self.wait(other);
        }
    }

    fn wait(&mut self, world: Option<preprocess::World>) {
        let Some(world) = world.filter(|world| !self.started.contains(world)) else { return };
        self.started.push(world.clone());
        self.waiting.push_back(world);
    }

    /// A world that may take a condition in a way in which no world has taken it yet.
    fn uncovered(&self) -> Option<preprocess::World> {
        let taken: FxHashSet<(&preprocess::Condition, bool)> = self
            .existing()
            .flat_map(|world| &world.world.decisions)
            .map(|decision| (&*decision.condition, decision.holds))
            .collect();
        let decisions = self.existing().flat_map(|tried| tried.world.decisions.iter().map(move |own| (tried, own)));
        let open = decisions.filter(|(_, own)| !taken.contains(&(&*own.condition, !own.holds)));
        open.filter_map(|(tried, own)| tried.start.other(own)).find(|world| !self.started.contains(world))
    }

    fn run(&mut self, start: preprocess::World) -> Tried {
        let world = World { is_whole: true, ..World::default() };
        let mut tried = Tried { start: start.clone(), world, refused: false };
        let mut state = start;
        for compiled in &mut *self.compiled {
            let variant = compiled.variant(&mut state, self.tools);
            let world = &mut tried.world;
            let whole = variant.notes.is_empty() && variant.errors.is_empty() && variant.undecodable.is_empty();
            world.is_whole &= whole && variant.mistakes.is_empty() && !variant.document.has_unknown_names;
            world.documents.push(variant.document.clone());
            world.mistakes.extend(variant.mistakes.iter().cloned());
            // What comes after a refusal does not matter to this world.
            if !tried.refused {
                world.decisions.extend(variant.decisions.iter().cloned());
            }
            tried.refused |= variant.refused;
        }
        let extensions = &self.tools.settings.extensions;
        if !extensions.is_empty() {
            let documents = tried.world.documents.iter().map(|document| &**document);
            let fragments = wix::fragments(extensions, documents);
            tried.world.documents.push(Arc::new(fragments));
        }
        tried
    }
}

/// The worlds that exist. If there is none, the sources refuse to be built whatever is passed to
/// them, and all that they say is told.
fn existing(tried: Vec<Tried>) -> Vec<World> {
    let authored = |world: &Tried| world.world.mistakes.iter().any(is_authored);
    let none = tried.iter().all(|world| world.refused);
    let all_authored = none && tried.iter().all(authored);
    let worlds = tried.into_iter().filter(|world| none || !world.refused).map(|world| world.world);
    worlds
        .take(MAX_WORLDS)
        .map(|mut world| {
            if !all_authored {
                world.mistakes.retain(|mistake| !is_authored(mistake));
            }
            world
        })
        .collect()
}

fn is_authored(mistake: &Mistake) -> bool {
    matches!(mistake.kind, MistakeKind::Authored(_))
}

/// A note names so many variables.
const NAMES_SHOWN: usize = 4;

/// What conditions depend on, and how many ways to take them were looked at.
fn conditions(tried: &[Tried], is_cut: bool) -> Option<Note> {
    let first = tried.iter().find_map(|world| world.world.decisions.first())?;
    let decisions = tried.iter().flat_map(|world| &world.world.decisions);
    let mut names: Vec<&str> = decisions.flat_map(|decision| &decision.roots).map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    let shown: Vec<String> = names.iter().take(NAMES_SHOWN).map(|name| format!("`{name}`")).collect();
    let more = match names.len().saturating_sub(NAMES_SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let looked = if is_cut {
        format!("{MAX_WORLDS} of the ways to take them were looked at, and no fix is offered")
    } else {
        "every branch was looked at".to_owned()
    };
    let names = shown.join(", ");
    let message =
        format!("conditions depend on {names}{more}, which nothing defines; {looked} (-d NAME=VALUE defines one)");
    Some(Note { message, span: Some(first.span) })
}
