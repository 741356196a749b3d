//! The arguments as typed.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::inputs::{Build, Request};
use crate::msi::Table;
use crate::preprocess::Platform;
use crate::report::Format;
use crate::report::sequence::SequenceFormat;
use crate::wix::Generation;

/// Tells which action of a WiX installer runs at the wrong moment, and repairs it.
///
/// `wixlint` and `wixlint check` are the same command. Exit codes: 0 nothing is left to report, 1
/// something is, 2 the job could not be done.
#[derive(Debug, Parser)]
#[command(name = "wixlint", version, args_conflicts_with_subcommands = true, args_override_self = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) check: CheckArguments,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check WiX sources (the default command)
    Check(CheckArguments),
    /// Print who runs when
    Sequence(SequenceArguments),
    /// Serve an editor on standard input and output, in the language server protocol
    Server(ServerArguments),
    /// Write a wixlint.toml to begin with: all that it can say, in comments
    Init,
    /// Print a script that completes arguments in a shell
    Completions { shell: Shell },
    /// Print the manual page
    Man,
    /// Print a rule's page; without a name, the list of rules
    Explain { rule: Option<String> },
}

/// What is looked at, and how it is built.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct ProjectArguments {
    /// Files that make one project, project files (.wixproj), or directories to search for projects [default: .]
    pub(super) paths: Vec<PathBuf>,
    /// Check the project of this .wixproj: its sources, variables, include directories, toolset and platform
    #[arg(long, value_name = "FILE", conflicts_with = "paths")]
    pub(super) project: Option<PathBuf>,
    /// Read standard input in place of this file; with --fix the fixed text goes to stdout
    #[arg(long, value_name = "PATH")]
    pub(super) stdin_filename: Option<PathBuf>,
    /// Read files and check projects on so many threads [default: as many as the machine has]
    #[arg(short, long, value_name = "N")]
    pub(super) jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(super) build: BuildArguments,
}

/// What wins over what project files and configurations say.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct BuildArguments {
    /// Define a preprocessor variable, as candle and `wix build` do
    #[arg(short, long, value_name = "NAME[=VALUE]")]
    pub(super) define: Vec<String>,
    /// Look for <?include?> files in this directory
    #[arg(short = 'I', long, value_name = "DIR")]
    pub(super) include_dir: Vec<PathBuf>,
    /// The platform that is built for [default: x86]
    #[arg(long, value_name = "ARCH")]
    pub(super) arch: Option<Platform>,
    /// The generation of the toolset [default: the newest that builds the sources]
    #[arg(long, value_name = "GENERATION")]
    pub(super) wix: Option<Generation>,
    /// Read this configuration instead of the nearest wixlint.toml
    #[arg(long, value_name = "FILE", overrides_with = "no_config")]
    pub(super) config: Option<PathBuf>,
    /// Read no configuration
    #[arg(long, overrides_with = "config")]
    pub(super) no_config: bool,
    /// Look at files that the configuration excludes, too
    #[arg(long)]
    pub(super) no_exclude: bool,
}

impl BuildArguments {
    pub(super) fn build(&self) -> Build {
        let BuildArguments { define, include_dir, arch, wix, config, no_config, no_exclude } = self.clone();
        Build {
            defines: define,
            include_dirs: include_dir,
            platform: arch,
            generation: wix,
            config,
            no_config,
            no_exclude,
        }
    }
}

impl ProjectArguments {
    pub(super) fn request(&self) -> Request {
        let ProjectArguments { paths, project, stdin_filename, .. } = self.clone();
        Request { paths, project, stdin_filename, build: self.build.build() }
    }
}

#[derive(Debug, Args)]
pub(super) struct SequenceArguments {
    #[command(flatten)]
    pub(super) project: ProjectArguments,
    /// A sequence table by its name in the MSI, or `all`
    #[arg(long, value_name = "NAME", default_value = "InstallExecuteSequence", value_parser = parse_table)]
    pub(super) table: TableChoice,
    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: SequenceFormat,
    /// Print the chain of reasons for the place of one action (text or json)
    #[arg(long, value_name = "ACTION", conflicts_with_all = ["compare_wix", "since"])]
    pub(super) why: Option<String>,
    /// Print what two generations of the toolset would order differently, such as v3,v6 (text or json)
    #[arg(long, value_name = "OLD,NEW", value_parser = parse_generations, conflicts_with = "since")]
    pub(super) compare_wix: Option<[Generation; 2]>,
    /// Print what has changed since a git revision (text or json)
    #[arg(long, value_name = "REV")]
    pub(super) since: Option<String>,
    /// When to use colors
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
}

#[derive(Debug, Args)]
pub(super) struct ServerArguments {
    #[command(flatten)]
    pub(super) build: BuildArguments,
    /// Report these rules only (names, or `all`; comma-separated) [default: those that are not off by default]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(super) select: Vec<String>,
    /// Do not report these rules (names, or `all`; comma-separated)
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(super) ignore: Vec<String>,
    /// What some editors add; there is no other way to be served
    #[arg(long, hide = true)]
    stdio: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TableChoice {
    One(Table),
    All,
}

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    #[command(flatten)]
    pub(super) project: ProjectArguments,
    /// Apply safe fixes, print the diff of what changed, then what remains
    #[arg(long, overrides_with = "no_fix")]
    pub(super) fix: bool,
    #[arg(long, hide = true, overrides_with = "fix")]
    no_fix: bool,
    /// Change nothing: print the diff that --fix would apply, and below it all that has no fix
    #[arg(long, overrides_with = "no_diff")]
    pub(super) diff: bool,
    #[arg(long, hide = true, overrides_with = "diff")]
    no_diff: bool,
    /// Let --fix and --diff use unsafe fixes too
    #[arg(long, overrides_with = "no_unsafe_fixes")]
    pub(super) unsafe_fixes: bool,
    #[arg(long, hide = true, overrides_with = "unsafe_fixes")]
    no_unsafe_fixes: bool,
    /// Report these rules only (names, or `all`; comma-separated) [default: those that are not off by default]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(super) select: Vec<String>,
    /// Do not report these rules (names, or `all`; comma-separated)
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(super) ignore: Vec<String>,
    /// Ask for each fix on a terminal; with --fix
    #[arg(short, long, requires = "fix", conflicts_with_all = ["diff", "stdin_filename"])]
    pub(super) interactive: bool,
    /// Silence what is left with comments, and the reason if one is given
    #[arg(long, value_name = "REASON", num_args = 0..=1, require_equals = true, default_missing_value = "", conflicts_with_all = ["diff", "stdin_filename"])]
    pub(super) add_ignore: Option<String>,
    /// Report only what this file does not count: old findings do not block, new ones do
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Count what is found now, for --baseline [default: wixlint-baseline.toml]
    #[arg(long, conflicts_with_all = ["add_ignore", "diff"])]
    pub(super) write_baseline: bool,
    /// How to report: full, concise, json, sarif, github, gitlab, junit, msbuild; with :FILE into a file (repeatable)
    #[arg(long, value_name = "FORMAT[:FILE]", value_parser = parse_output)]
    pub(super) output_format: Vec<Output>,
    /// Print how many findings each rule has, in place of the findings
    #[arg(long)]
    pub(super) statistics: bool,
    /// Do nothing unless what git is about to commit touches WiX sources: for hooks
    #[arg(long)]
    pub(super) staged: bool,
    /// Check the whole project, but report only what lies here (repeatable)
    #[arg(long, value_name = "PATH")]
    pub(super) filter: Vec<PathBuf>,
    /// Check again whenever something has changed, until Ctrl-C
    #[arg(long, conflicts_with_all = ["stdin_filename", "interactive", "staged", "add_ignore", "write_baseline"])]
    pub(super) watch: bool,
    /// Exit with 0 even when something is found
    #[arg(long, overrides_with = "no_exit_zero")]
    pub(super) exit_zero: bool,
    #[arg(long, hide = true, overrides_with = "exit_zero")]
    no_exit_zero: bool,
    /// Exit with 1 when --fix has fixed something
    #[arg(long, overrides_with = "no_exit_non_zero_on_fix")]
    pub(super) exit_non_zero_on_fix: bool,
    #[arg(long, hide = true, overrides_with = "exit_non_zero_on_fix")]
    no_exit_non_zero_on_fix: bool,
    /// Print findings and diffs only
    #[arg(short, long, overrides_with = "no_quiet")]
    pub(super) quiet: bool,
    #[arg(long, hide = true, overrides_with = "quiet")]
    no_quiet: bool,
    /// Say on stderr what is done
    #[arg(short, long, overrides_with = "no_verbose")]
    pub(super) verbose: bool,
    #[arg(long, hide = true, overrides_with = "verbose")]
    no_verbose: bool,
    /// When to use colors
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
}

impl CheckArguments {
    /// Whether fixes are made. `--diff` promises to change nothing, and keeps that beside `--fix`.
    pub(super) fn writes(&self) -> bool {
        self.fix && !self.diff
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

impl ValueEnum for SequenceFormat {
    fn value_variants<'a>() -> &'a [SequenceFormat] {
        use SequenceFormat::{Dot, Json, Mermaid, Svg, Text, Tsv};
        &[Text, Json, Tsv, Mermaid, Dot, Svg]
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.name()))
    }
}

impl ValueEnum for Platform {
    fn value_variants<'a>() -> &'a [Platform] {
        &Platform::ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.name()))
    }
}

impl ValueEnum for Generation {
    fn value_variants<'a>() -> &'a [Generation] {
        &Generation::ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.name()))
    }
}

/// A format, and the file it goes to; `None`: stdout.
#[derive(Clone, Debug)]
pub(super) struct Output {
    pub(super) format: Format,
    pub(super) file: Option<PathBuf>,
}

fn parse_generations(text: &str) -> Result<[Generation; 2], String> {
    let names =
        || Generation::value_variants().iter().map(|generation| generation.name()).collect::<Vec<_>>().join(", ");
    let known = |name: &str| Generation::from_str(name, false).ok();
    let pair = text.split_once(',').and_then(|(old, new)| Some([known(old.trim())?, known(new.trim())?]));
    pair.ok_or_else(|| format!("write two of {} with a comma between them", names()))
}

fn parse_table(text: &str) -> Result<TableChoice, String> {
    if text == "all" {
        return Ok(TableChoice::All);
    }
    let names = || Table::ALL.map(Table::name).join(", ");
    // The element has another name than the table.
    let text = if text == "AdvertiseExecuteSequence" { Table::Advertise.name() } else { text };
    Table::from_name(text).map(TableChoice::One).ok_or_else(|| format!("there are {} and all", names()))
}

fn parse_output(text: &str) -> Result<Output, String> {
    let (name, file) = match text.split_once(':') {
        Some((name, file)) if !file.is_empty() => (name, Some(PathBuf::from(file))),
        Some(_) => return Err("a file's name is missing after the colon".to_owned()),
        None => (text, None),
    };
    let format = Format::ALL.into_iter().find(|format| format.name() == name);
    let format = format.ok_or_else(|| format!("there are {}", Format::ALL.map(Format::name).join(", ")))?;
    Ok(Output { format, file })
}
