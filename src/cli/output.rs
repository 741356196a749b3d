//! What goes to the terminal, and how.

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

use super::arguments::{CheckArguments, Color, Output};
use crate::report::{self, Format, Report, Style};

/// How many columns the line of progress takes that stands on stderr. Who writes there takes it away first.
static STANDING: Mutex<usize> = Mutex::new(0);

/// Says on stderr why something could not be done.
pub(super) fn complain(message: &str) {
    replace("", &format!("wixlint: {message}\n"));
}

/// Puts a line in the place of the line of progress; an empty one takes it away.
pub(super) fn draw(line: &str) {
    replace(line, line);
}

fn replace(line: &str, text: &str) {
    let mut standing = STANDING.lock().unwrap_or_else(PoisonError::into_inner);
    // Spaces clear it: not every screen knows a code for that.
    let clear = if *standing > 0 { format!("\r{:1$}\r", "", *standing) } else { String::new() };
    *standing = line.len();
    let mut err = io::stderr().lock();
    // When stderr is gone there is nobody to tell.
    let _gone = write!(err, "{clear}{text}").and_then(|()| err.flush());
}

/// Where reports go to.
#[derive(Debug)]
pub(super) struct Screen {
    pub(super) style: Style,
    pub(super) outputs: Vec<Output>,
    /// Whether people see stdout as it is printed.
    pub(super) terminal: bool,
}

impl Screen {
    /// # Errors
    /// Two formats for stdout.
    pub(super) fn new(arguments: &CheckArguments) -> Result<Screen, String> {
        let terminal = io::stdout().is_terminal();
        let style = Style {
            color: colored(arguments.color, terminal),
            unicode: terminal || !is_dumb(),
            width: width(),
            links: linked(terminal),
            summary: !arguments.quiet,
        };
        let mut outputs = arguments.output_format.clone();
        if outputs.iter().filter(|output| output.file.is_none()).count() > 1 {
            return Err("only one --output-format can go to stdout; give the others a file, as in json:FILE".to_owned());
        }
        if arguments.statistics {
            if outputs.iter().any(|output| output.file.is_none()) {
                return Err("--statistics goes to stdout; give --output-format a file, as in json:FILE".to_owned());
            }
            outputs.push(Output { format: Format::Statistics, file: None });
        }
        if outputs.is_empty() {
            outputs.push(Output { format: Format::Full, file: None });
        }
        Ok(Screen { style, outputs, terminal })
    }

    /// Whether what is printed on stdout is for people to read.
    pub(super) fn is_for_people(&self) -> bool {
        self.outputs.iter().all(|output| output.file.is_some() || !output.format.is_document())
    }

    /// Writes the report in every format that was asked for. `to_stderr`: stdout is taken.
    pub(super) fn report(&self, report: &Report<'_>, to_stderr: bool) -> io::Result<()> {
        for output in &self.outputs {
            match &output.file {
                Some(path) => {
                    let mut bytes = Vec::new();
                    report::write(
                        output.format,
                        report,
                        &Style { color: false, links: false, ..self.style },
                        &mut bytes,
                    )?;
                    std::fs::write(path, bytes).map_err(|error| {
                        io::Error::new(error.kind(), format!("cannot write {}: {error}", path.display()))
                    })?;
                }
                None if to_stderr => report::write(output.format, report, &self.style, &mut io::stderr().lock())?,
                None => report::write(output.format, report, &self.style, &mut io::stdout().lock())?,
            }
        }
        Ok(())
    }
}

/// Whether the terminal says that it knows nothing but text.
pub(super) fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// `--color` first, then the two variables that other tools know.
pub(super) fn colored(wanted: Color, terminal: bool) -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match wanted {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if set("NO_COLOR") => false,
        Color::Auto if set("FORCE_COLOR") => true,
        Color::Auto => terminal && !is_dumb(),
    }
}

/// Whether the terminal is one of those that are known to show links; `FORCE_HYPERLINK` says it for others, and with 0 for none.
pub(super) fn linked(terminal: bool) -> bool {
    let value = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    if let Some(forced) = value("FORCE_HYPERLINK") {
        return forced.trim() != "0";
    }
    let term = value("TERM").unwrap_or_default();
    let is_vte =
        || value("VTE_VERSION").and_then(|version| version.parse().ok()).is_some_and(|version: u32| version >= 5000);
    let is_known = || LINKING_PROGRAMS.contains(&&*value("TERM_PROGRAM").unwrap_or_default());
    let says = |name: &str| value(name).is_some();
    terminal
        && !is_dumb()
        && (is_vte()
            || is_known()
            || LINKING_TERMS.contains(&&*term)
            || LINKING_VARIABLES.iter().any(|name| says(name)))
}

/// Terminals that show links, by what they say of themselves: `TERM_PROGRAM`, `TERM`, and variables that only they set.
const LINKING_PROGRAMS: [&str; 7] = ["Hyper", "WezTerm", "ghostty", "iTerm.app", "terminology", "vscode", "zed"];
const LINKING_TERMS: [&str; 4] = ["alacritty", "foot", "xterm-ghostty", "xterm-kitty"];
const LINKING_VARIABLES: [&str; 3] = ["DOMTERM", "KONSOLE_VERSION", "WT_SESSION"];

/// Columns to fill. Terminals tell them to shells; asking the terminal itself takes unsafe code.
pub(super) fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    columns.unwrap_or(120).clamp(40, 400)
}
