//! `wixlint sequence`: who runs when.

use std::io::{self, Write};

use super::arguments::{SequenceArguments, SequenceFormat, TableChoice};
use super::inputs::{Given, Inputs};
use super::output::complain;
use super::{CLEAN, FAILED};
use crate::disk::Disk;
use crate::model::Model;
use crate::msi::Table;
use crate::project::Project;
use crate::sequence::{Row, Schedule};
use crate::source::Sources;
use crate::wix::EntryKind;

pub(super) fn run(arguments: &SequenceArguments) -> u8 {
    match print(arguments) {
        Ok(code) => code,
        Err(message) => {
            complain(&message);
            FAILED
        }
    }
}

fn print(arguments: &SequenceArguments) -> Result<u8, String> {
    let inputs = Inputs::find(&arguments.project)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut code = CLEAN;
    let mut sources = Sources::default();
    for error in &inputs.errors {
        complain(error);
        code = FAILED;
    }
    for group in inputs.groups {
        let settings = group.settings(&arguments.project)?;
        let Given { files, errors, .. } = group.read();
        for error in &errors {
            complain(error);
            code = FAILED;
        }
        let project = Project::compile(files, &settings, &Disk, &mut sources);
        // The first world is the one in which nothing is defined that nobody defines.
        let packages = project.worlds().first().map_or_else(Vec::new, |world| world.packages(&settings));
        let several = packages.len() > 1;
        for package in packages {
            let model = Model::new(package, &settings.readers);
            let page = Page { model: &model, sources: &sources, arguments };
            match page.write(several, &mut out) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(code),
                written => written.map_err(|error| error.to_string())?,
            }
        }
    }
    out.flush().map_err(|error| error.to_string())?;
    Ok(code)
}

/// The tables of one package.
struct Page<'p, 'w> {
    model: &'p Model<'w>,
    sources: &'p Sources,
    arguments: &'p SequenceArguments,
}

impl Page<'_, '_> {
    fn write(&self, several: bool, out: &mut dyn Write) -> io::Result<()> {
        if several {
            let entry = self.model.package.entry.and_then(|entry| entry.id.as_deref());
            writeln!(out, "# {}", entry.unwrap_or("library"))?;
        }
        let mut tables: Vec<Table> = match self.arguments.table {
            TableChoice::One(table) => vec![table],
            TableChoice::All => Table::ALL.to_vec(),
        };
        tables.sort_by_key(|table| table.name());
        for table in tables {
            let schedule = self.model.schedule(table);
            match self.arguments.format {
                SequenceFormat::Tsv => write_tsv(schedule, out)?,
                SequenceFormat::Text => self.write_text(schedule, out)?,
            }
        }
        Ok(())
    }

    fn write_text(&self, schedule: &Schedule<'_>, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", schedule.table.name())?;
        let width = schedule.rows.iter().map(|row| row.action.chars().count()).max().unwrap_or_default();
        for row in &schedule.rows {
            let place = row.entry.map_or_else(String::new, |entry| {
                if let Some(library) = entry.library {
                    return format!("({library})");
                }
                let source = self.sources.get(entry.span.file);
                format!("{}:{}", source.path(), source.place(entry.span.start).line)
            });
            let (action, kind) = (row.action, self.kind(row));
            let line = format!("{:>6}  {action:width$}  {kind:9}  {place}  {}", number(row), row.condition);
            writeln!(out, "{}", line.trim_end())?;
        }
        writeln!(out)
    }

    fn kind(&self, row: &Row<'_>) -> &'static str {
        match row.entry.map(|entry| entry.kind) {
            None | Some(EntryKind::Standard | EntryKind::MajorUpgrade) => "standard",
            Some(EntryKind::Dialog) => "dialog",
            Some(_) => self.model.flows.execute(row.action).map_or("custom", |when| when.name()),
        }
    }
}

fn write_tsv(schedule: &Schedule<'_>, out: &mut dyn Write) -> io::Result<()> {
    for row in &schedule.rows {
        let condition =
            row.condition.replace('\\', "\\\\").replace('\t', "\\t").replace('\r', "\\r").replace('\n', "\\n");
        writeln!(out, "{}\t{}\t{}\t{condition}", schedule.table.name(), row.action, number(row))?;
    }
    Ok(())
}

fn number(row: &Row<'_>) -> String {
    row.number.map_or("?".to_owned(), |number| number.to_string())
}
