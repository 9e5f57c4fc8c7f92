//! The command line: names, options and help, nothing else.

use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const EXIT_CODES: &str = "\
Exit codes:
  0  fine
  1  error: the disk, Nix or this program
  2  usage: the command line is wrong
  3  problems found in the manifest, the trees or the packages
  4  generated files are stale (generate --check)";

/// One package collection in many repositories.
#[derive(Debug, Parser)]
#[command(
    name = "aux-gen",
    version,
    styles = STYLES,
    after_help = EXIT_CODES,
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Look for aux.toml in DIR and above it instead of here
    #[arg(short = 'C', long = "directory", value_name = "DIR", global = true)]
    pub(crate) directory: Option<PathBuf>,
    /// Print for people or for machines
    #[arg(long, value_enum, default_value_t = Format::Human, global = true)]
    pub(crate) format: Format,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = Color::Auto, global = true)]
    pub(crate) color: Color,
    /// Print results and errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Print more
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Human,
    Json,
}

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start a registry: core, one SIG and top-level, ready to evaluate
    Init(Init),
    /// Add a SIG and its repo to the manifest and generate the repo
    NewSig(NewSig),
    /// Add a package to a repo, with its by-name directory
    NewPackage(NewPackage),
    /// Report every problem in the manifest and the trees
    Check(Check),
    /// Write every repo's files
    Generate(Generate),
    /// Evaluate what was generated with real Nix
    Eval(Eval),
    /// Draw who needs whom
    Graph(Graph),
    /// Find packages, variants, modules and overlays
    Where(Where),
    /// Explain the code of a problem
    Explain(Explain),
    /// Print the JSON Schema of the manifest
    Schema,
    /// Print completions for a shell
    Completions(Completions),
    /// Print or write the manual pages
    Man(Man),
}

/// Start a registry: core, one SIG and top-level, ready to evaluate.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aux-gen init                         in the current directory
  aux-gen init my-family --name mine --lead ada")]
pub(crate) struct Init {
    /// Where to start it
    #[arg(value_name = "DIR", default_value = ".")]
    pub(crate) target: PathBuf,
    /// Name of the organization; the directory's name if absent
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Prefix of every repo's flake reference; github:NAME if absent
    #[arg(long, value_name = "PREFIX")]
    pub(crate) forge: Option<String>,
    /// Handle of the person who leads SIG core
    #[arg(long, value_name = "HANDLE", default_value = "core-lead")]
    pub(crate) lead: String,
}

/// Add a SIG and its repo to the manifest and generate the repo.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aux-gen new-sig python --lead ada
  aux-gen new-sig gnome --lead grace --tier desktops --uses python")]
pub(crate) struct NewSig {
    /// Name of the SIG
    pub(crate) name: String,
    /// Handle of somebody who leads it; may be given several times
    #[arg(long, value_name = "HANDLE", required = true)]
    pub(crate) lead: Vec<String>,
    /// Name of its repo; the SIG's name if absent
    #[arg(long)]
    pub(crate) repo: Option<String>,
    /// Tier of its repo; the one above core if absent
    #[arg(long)]
    pub(crate) tier: Option<String>,
    /// A repo that its repo uses, besides core; may be given several times
    #[arg(long, value_name = "REPO")]
    pub(crate) uses: Vec<String>,
    /// What the SIG is for
    #[arg(long)]
    pub(crate) description: Option<String>,
}

/// Add a package to a repo, with its by-name directory.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aux-gen new-package python/requests --build openssl --build python3
  aux-gen new-package python/buildWheel --builder --build python3")]
pub(crate) struct NewPackage {
    /// Repo and attribute
    #[arg(value_name = "REPO/NAME")]
    pub(crate) package: String,
    /// What it is, in one sentence
    #[arg(long)]
    pub(crate) description: Option<String>,
    /// SIG that owns it; the repo's if absent
    #[arg(long, value_name = "SIG")]
    pub(crate) owner: Option<String>,
    /// It is a function that makes packages
    #[arg(long)]
    pub(crate) builder: bool,
    /// A package needed to build it; may be given several times
    #[arg(long, value_name = "PACKAGE")]
    pub(crate) build: Vec<String>,
    /// A package needed to run it
    #[arg(long, value_name = "PACKAGE")]
    pub(crate) runtime: Vec<String>,
    /// A package needed to test it
    #[arg(long, value_name = "PACKAGE")]
    pub(crate) test: Vec<String>,
    /// A package used if it is there
    #[arg(long, value_name = "PACKAGE")]
    pub(crate) optional: Vec<String>,
}

/// Report every problem in the manifest and the trees.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aux-gen check
  aux-gen check --format json | jq '.problems[].code'
  aux-gen explain tier-order")]
pub(crate) struct Check {
    /// Exit with 3 for warnings too
    #[arg(long)]
    pub(crate) deny_warnings: bool,
}

/// Write every repo's files.
#[derive(Debug, Args)]
#[command(after_help = "\
What you changed by hand is kept and named. Files that you are meant to edit,
such as package.nix, are written once.

Examples:
  aux-gen generate
  aux-gen generate --check              for CI: exits with 4 when stale
  aux-gen generate --diff --repo python")]
pub(crate) struct Generate {
    /// Write nothing; exit with 4 if anything would change
    #[arg(long)]
    pub(crate) check: bool,
    /// Show what changes as a unified diff
    #[arg(long)]
    pub(crate) diff: bool,
    /// Only this repo; may be given several times
    #[arg(long, value_name = "REPO")]
    pub(crate) repo: Vec<String>,
}

/// Evaluate what was generated with real Nix.
#[derive(Debug, Args)]
#[command(after_help = "\
Each repo is evaluated alone and through top-level: does its flake keep the
contract, and is every package a derivation? Nothing is fetched or built.

Examples:
  aux-gen eval
  aux-gen eval --repo python --flakes   as users get it, by Nix's own inputs
  aux-gen eval --format json")]
pub(crate) struct Eval {
    /// Only this repo; may be given several times
    #[arg(long, value_name = "REPO")]
    pub(crate) repo: Vec<String>,
    /// Let Nix resolve every flake itself, with inputs overridden by the checkouts
    #[arg(long)]
    pub(crate) flakes: bool,
    /// How many Nix processes may run at once; the number of cores if absent
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    /// System to evaluate for; this machine's if the organization has it
    #[arg(long)]
    pub(crate) system: Option<String>,
    /// Seconds that one attribute may take
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) timeout: u64,
}

/// Draw who needs whom.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aux-gen graph                         repos, for graphviz
  aux-gen graph --as svg > family.svg
  aux-gen graph --level package --repo python --as mermaid")]
pub(crate) struct Graph {
    /// What to draw
    #[arg(long, value_enum, default_value_t = Level::Repo)]
    pub(crate) level: Level,
    /// How to draw it; svg needs graphviz
    #[arg(long = "as", value_enum)]
    pub(crate) language: Option<Language>,
    /// Packages of this repo and their neighbours only
    #[arg(long, value_name = "REPO")]
    pub(crate) repo: Option<String>,
}

/// What a graph shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Level {
    Repo,
    Package,
}

/// The language of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    Dot,
    Mermaid,
    Svg,
    Json,
}

/// Find packages, variants, modules and overlays.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aux-gen where openssl
  aux-gen where nodejs_lts
  aux-gen where notbook                 did you mean notebook?")]
pub(crate) struct Where {
    /// A name, a part of one, or a word of a description
    pub(crate) query: String,
}

/// Explain the code of a problem.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The code, such as tier-order; all codes if absent
    pub(crate) code: Option<String>,
}

/// Print completions for a shell.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aux-gen completions bash > ~/.local/share/bash-completion/completions/aux-gen
  aux-gen completions fish > ~/.config/fish/completions/aux-gen.fish")]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// Print or write the manual pages.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aux-gen man | man -l -
  aux-gen man --to ~/.local/share/man/man1")]
pub(crate) struct Man {
    /// Write a page for every command into DIR
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
}
