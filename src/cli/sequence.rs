//! `wixlint sequence`: who runs when, and why.

mod history;

use std::io::{self, IsTerminal, Write};

use super::arguments::{ProjectArguments, SequenceArguments, TableChoice};
use super::output::{colored, complain, is_dumb, width};
use super::{CLEAN, FAILED};
use crate::disk::Disk;
use crate::inputs::{Given, Group, Inputs};
use crate::listing::{Comparison, Listing, Why, absent};
use crate::model::Model;
use crate::msi::Table;
use crate::preprocess::Files;
use crate::project::{Package, Project, Settings, World};
use crate::report::Style;
use crate::report::sequence::{self, SequenceFormat};
use crate::sequence::{Row, Schedule};
use crate::source::Sources;
use crate::wix::Generation;
use history::History;

pub(super) fn run(arguments: &SequenceArguments) -> u8 {
    let mut out = Vec::new();
    let code = print(arguments, &mut out).unwrap_or_else(|message| {
        complain(&message);
        FAILED
    });
    match io::stdout().lock().write_all(&out) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            complain(&error.to_string());
            FAILED
        }
        _ => code,
    }
}

fn print(arguments: &SequenceArguments, out: &mut Vec<u8>) -> Result<u8, String> {
    let style = style(arguments);
    let json = arguments.format == SequenceFormat::Json;
    if !json && arguments.format != SequenceFormat::Text && !arguments.is_list() {
        return Err("--why, --compare-wix and --since print text or json".to_owned());
    }
    let tables = arguments.tables();
    let mut loaded = Loaded::of(&arguments.project, &Disk::default())?;
    let written = if let Some(action) = &arguments.why {
        sequence::write_why(&loaded.why(action, &tables)?, json, &style, out)
    } else if let Some([old, new]) = arguments.compare_wix {
        let list = loaded.compare(old, new, &tables);
        sequence::write_comparison(&list, [old.name(), new.name()], json, &style, out)
    } else if let Some(revision) = &arguments.since {
        let list = since(&mut loaded, revision, arguments, &tables)?;
        sequence::write_comparison(&list, [revision, "now"], json, &style, out)
    } else {
        sequence::write(arguments.format, &loaded.listings(&tables), &style, out)
    };
    written.map_err(|error| error.to_string())?;
    let choices = loaded.groups.iter().filter_map(|group| group.choice(&tables));
    choices.for_each(|choice| complain(&choice));
    loaded.errors.iter().for_each(|error| complain(error));
    Ok(if loaded.errors.is_empty() { CLEAN } else { FAILED })
}

/// Pipes and files get whole lines without colour.
fn style(arguments: &SequenceArguments) -> Style {
    let terminal = io::stdout().is_terminal();
    let width = if terminal { width() } else { usize::MAX };
    let unicode = terminal || !is_dumb();
    Style { color: colored(arguments.color, terminal), unicode, width, links: false, summary: true }
}

impl SequenceArguments {
    fn is_list(&self) -> bool {
        self.why.is_none() && self.compare_wix.is_none() && self.since.is_none()
    }

    fn tables(&self) -> Vec<Table> {
        match self.table {
            TableChoice::One(table) => vec![table],
            TableChoice::All => Table::ALL.to_vec(),
        }
    }
}

/// How the sequences have changed since a revision, package by package.
fn since(
    now: &mut Loaded,
    revision: &str,
    arguments: &SequenceArguments,
    tables: &[Table],
) -> Result<Vec<Comparison>, String> {
    let history = History::check_out(revision)?;
    let then = match history.arguments(&arguments.project)? {
        Some(arguments) => Loaded::of(&arguments, &history).map_err(|error| history.named(&error, revision))?,
        None => Loaded::default(),
    };
    for error in &then.errors {
        now.errors.push(history.named(error, revision));
    }
    let key = |group: &LoadedGroup| history.name(&group.name);
    Ok(pairs(then.all(tables, &key), now.all(tables, &key)))
}

/// Packages of two states, each with what it was: by project and entry section, by one of them, or alone.
fn pairs(old: Vec<(String, Listing)>, new: Vec<(String, Listing)>) -> Vec<Comparison> {
    type Named = (String, Listing);
    let project = |old: &Named, new: &Named| old.0 == new.0;
    let entry = |old: &Named, new: &Named| old.1.entry == new.1.entry;
    let both = |old: &Named, new: &Named| project(old, new) && entry(old, new);
    let mut old: Vec<Option<Named>> = old.into_iter().map(Some).collect();
    let mut was: Vec<Option<Named>> = new.iter().map(|_| None).collect();
    for same in [&both as &dyn Fn(&Named, &Named) -> bool, &project, &entry] {
        for (was, new) in was.iter_mut().zip(&new).filter(|(was, _)| was.is_none()) {
            let mut candidates = old.iter_mut().filter(|old| old.as_ref().is_some_and(|old| same(old, new)));
            *was = candidates.next().and_then(Option::take);
        }
    }
    let stayed = was.iter().zip(&new).map(|(was, new)| Comparison::of(was.as_ref().map(|was| &was.1), Some(&new.1)));
    let gone = old.iter().flatten().map(|old| Comparison::of(Some(&old.1), None));
    stayed.chain(gone).collect()
}

/// So many conditions tell which configuration is shown.
const SHOWN: usize = 3;

/// Every project that the arguments name, compiled.
#[derive(Default)]
struct Loaded {
    groups: Vec<LoadedGroup>,
    sources: Sources,
    /// What could not be read.
    errors: Vec<String>,
}

struct LoadedGroup {
    /// What tells it from other groups: its project file, or the directory of its first source.
    name: String,
    project: Project,
    settings: Settings,
}

impl LoadedGroup {
    /// The packages of the first world, in which nothing is defined that nobody defines.
    fn packages(&self, generation: Option<Generation>) -> Vec<Package<'_>> {
        let Some(world) = self.project.worlds().first() else { return Vec::new() };
        match generation {
            Some(generation) => world.packages_by(generation, &self.settings),
            None => world.packages(&self.settings),
        }
    }

    /// Which configuration is shown, where others run other actions.
    fn choice(&self, tables: &[Table]) -> Option<String> {
        let (first, others) = self.project.worlds().split_first()?;
        let rows = |world: &World| -> Vec<(Table, String, Option<i32>, String)> {
            let packages = world.packages(&self.settings);
            let schedules =
                packages.iter().flat_map(|package| tables.iter().map(|table| Schedule::compute(package, *table)));
            let row = |table, row: &Row<'_>| (table, row.action.to_owned(), row.number, row.condition.to_owned());
            schedules
                .flat_map(|schedule| schedule.rows.iter().map(|own| row(schedule.table, own)).collect::<Vec<_>>())
                .collect()
        };
        if others.is_empty() || others.iter().all(|other| rows(other) == rows(first)) {
            return None;
        }
        let mut told: Vec<String> =
            first.decisions.iter().map(|decision| decision.condition.told(decision.holds)).collect();
        told.dedup();
        told.truncate(SHOWN);
        let count = others.len() + 1;
        Some(format!("shown is one of {count} configurations, when {}; choose with --define", told.join(" and ")))
    }

    fn models(&self, generation: Option<Generation>) -> impl Iterator<Item = Model<'_>> {
        self.packages(generation).into_iter().map(|package| Model::new(package, &self.settings.readers))
    }
}

impl Loaded {
    fn of(arguments: &ProjectArguments, disk: &dyn Files) -> Result<Loaded, String> {
        let inputs = Inputs::find(&arguments.request())?;
        let mut loaded = Loaded { errors: inputs.errors, ..Loaded::default() };
        for group in inputs.groups {
            loaded.add(group, arguments, disk)?;
        }
        Ok(loaded)
    }

    fn add(&mut self, mut group: Group, arguments: &ProjectArguments, disk: &dyn Files) -> Result<(), String> {
        let settings = group.settings(&arguments.build.build())?;
        if !group.leave_out(&settings.policy) {
            return Ok(());
        }
        let name = group.name();
        let Given { files, errors, .. } = group.read(arguments.jobs, disk);
        self.errors.extend(errors);
        let project = Project::compile(files, &settings, disk, &mut self.sources);
        self.groups.push(LoadedGroup { name, project, settings });
        Ok(())
    }

    fn listings(&self, tables: &[Table]) -> Vec<Listing> {
        self.all(tables, &|_| String::new()).into_iter().map(|(_, listing)| listing).collect()
    }

    fn all(&self, tables: &[Table], key: &dyn Fn(&LoadedGroup) -> String) -> Vec<(String, Listing)> {
        let list = |group: &LoadedGroup| {
            let name = key(group);
            let listings = group.models(None).map(|model| (name.clone(), Listing::of(&model, tables, &self.sources)));
            listings.collect::<Vec<_>>()
        };
        self.groups.iter().flat_map(list).collect()
    }

    fn compare(&self, old: Generation, new: Generation, tables: &[Table]) -> Vec<Comparison> {
        let compare = |group: &LoadedGroup| {
            let listings =
                |generation| group.models(Some(generation)).map(|model| Listing::of(&model, tables, &self.sources));
            let pairs = listings(old).zip(listings(new));
            pairs.map(|(old, new)| Comparison::of(Some(&old), Some(&new))).collect::<Vec<_>>()
        };
        self.groups.iter().flat_map(compare).collect()
    }

    /// # Errors
    /// No table holds the action; with what was probably meant.
    fn why(&self, action: &str, tables: &[Table]) -> Result<Vec<Why>, String> {
        let models: Vec<Model<'_>> = self.groups.iter().flat_map(|group| group.models(None)).collect();
        let found = |model: &Model<'_>| {
            tables.iter().filter_map(|table| Why::of(model, *table, action, &self.sources)).collect::<Vec<_>>()
        };
        let list: Vec<Why> = models.iter().flat_map(found).collect();
        if !list.is_empty() {
            return Ok(list);
        }
        Err(absent(&models, tables, action, &self.sources))
    }
}
