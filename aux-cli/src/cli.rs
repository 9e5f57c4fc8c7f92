//! The command line: names, options and help, nothing else.

use std::path::PathBuf;

use aux_model::{Date, HitKind};
use clap::builder::styling::{AnsiColor, Styles};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};

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
    /// Print more: every file written, the whole trace of a failure
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
    /// Copy a package from a tree in nixpkgs' style
    Import(Import),
    /// Report every problem in the manifest and the trees
    Check(Check),
    /// Take repos that exist into a family, as they are
    Adopt(Adopt),
    /// Write every repo's files
    Generate(Generate),
    /// Show which generated files were changed, removed or taken over
    Status(Status),
    /// Decide about files that generate left alone
    Resolve(Resolve),
    /// Take generated files over for good
    Eject(Eject),
    /// Let ejected files be generated again
    Uneject(Eject),
    /// Evaluate what was generated with real Nix
    Eval(Eval),
    /// Draw who needs whom
    Graph(Graph),
    /// Find packages, modules, repos, SIGs and people
    Where(Where),
    /// Say why one package or repo needs another
    Why(Why),
    /// Show every circle, what causes it, and what would end it
    Cycles(Cycles),
    /// Say where a package belongs
    Place(Place),
    /// Say what belongs in core, and what does not
    Core(CoreArgs),
    /// Say what each repo offers alone, and what it lacks
    Coverage(Coverage),
    /// Say who answers for a package, module, overlay, repo or file
    Who(Who),
    /// Move a package to another repo: files, entry and all
    Move(Move),
    /// Compare what package files ask for with what the manifest says
    Scan(Scan),
    /// Explain the code of a problem
    Explain(Explain),
    /// Print the flags that make Nix use the checkouts as inputs
    Overrides(Overrides),
    /// Print the JSON Schema of the manifest
    Schema(Schema),
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
  aux-gen new-package python/buildWheel --builder --build python3
  aux-gen new-package dashboard --place --build packaging-a --build bundle-b")]
pub(crate) struct NewPackage {
    /// Repo and attribute; with --place the attribute alone
    #[arg(value_name = "REPO/NAME")]
    pub(crate) package: String,
    /// Put it where `aux-gen place` says
    #[arg(long)]
    pub(crate) place: bool,
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

/// Copy a package from a tree in nixpkgs' style.
#[derive(Debug, Args)]
#[command(after_help = "\
Copies the files of one package into a by-name directory, with what its paths lead
to, and writes the paths anew. What it asks for becomes build edges; what no repo
has is named with the nearest names, and the command then exits with 3.

Examples:
  aux-gen import ~/nixpkgs/pkgs/by-name/ri/ripgrep --to tools
  aux-gen import ~/nixpkgs/pkgs/tools/misc/hello/default.nix --to core --name hello")]
pub(crate) struct Import {
    /// A directory with a package.nix or default.nix, or a Nix file
    #[arg(value_name = "PATH")]
    pub(crate) path: PathBuf,
    /// The repo that gets it
    #[arg(long, value_name = "REPO")]
    pub(crate) to: String,
    /// Its attribute; the name of the directory or file if absent
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// SIG that owns it; the repo's if absent
    #[arg(long, value_name = "SIG")]
    pub(crate) owner: Option<String>,
}

/// Take repos that exist into a family, as they are.
#[derive(Debug, Args)]
#[command(after_help = "\
Reads their flakes, by-name trees and CODEOWNERS, asks Nix where it is there, and
writes the manifest: repos, who uses whom, tiers, packages, owners. The repos stay
external: nothing in them is written, until their owner says otherwise. What is
not understood is listed. Adopting again changes nothing.

Examples:
  git clone https://github.com/auxolotl/core repos/core
  aux-gen adopt repos/core --name auxolotl --lead ada
  aux-gen adopt repos/*                  more repos, into the registry that is there")]
pub(crate) struct Adopt {
    /// Directories of repos, in the registry or in what is to become one
    #[arg(value_name = "DIR", required = true)]
    pub(crate) directories: Vec<PathBuf>,
    /// Who leads the SIGs of repos whose CODEOWNERS names nobody
    #[arg(long, value_name = "HANDLE")]
    pub(crate) lead: Option<String>,
    /// Name of the organization, for a new registry; the directory's if absent
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Prefix of flake references, for a new registry; `github:NAME` if absent
    #[arg(long)]
    pub(crate) forge: Option<String>,
    /// Read texts only: do not ask Nix
    #[arg(long)]
    pub(crate) no_eval: bool,
}

/// Report every problem in the manifest and the trees.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aux-gen check
  aux-gen check --format json | jq '.problems[].code'
  aux-gen check --base origin/main      only what by-name trees did not have there
  aux-gen check --tree ~/nixpkgs        a tree that is part of no family
  aux-gen check --fix                   packages go to the shard of their name
  aux-gen explain tier-order")]
pub(crate) struct Check {
    /// Exit with 3 for warnings too
    #[arg(long)]
    pub(crate) deny_warnings: bool,
    /// Check the by-name tree of this repo instead of a registry; may be given several
    /// times
    #[arg(long, value_name = "DIR")]
    pub(crate) tree: Vec<PathBuf>,
    /// Only what the by-name trees did not have at this git revision
    #[arg(long, value_name = "REV")]
    pub(crate) base: Option<String>,
    /// Move packages to the shard of their name, and write the paths there anew
    #[arg(long, conflicts_with = "base")]
    pub(crate) fix: bool,
    /// Day on which reviews and aliases are looked at; this day if absent
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) today: Option<Date>,
}

/// Write every repo's files.
#[derive(Debug, Args)]
#[command(after_help = "\
What you changed by hand is never lost: what is new is merged into it, and where
the two do not go together the file is left alone and named. Files that you are
meant to edit, such as package.nix, are written once. All files of a run are
written or none: a run that is killed is finished by the next one.

Examples:
  aux-gen generate
  aux-gen generate --check              for CI: exits with 4 when stale
  aux-gen generate --diff --repo python
  aux-gen generate --commit             one commit in each git repository
  aux-gen generate --explain repos/python/flake.nix")]
pub(crate) struct Generate {
    /// Write nothing: print what would change as a unified diff, and exit with 4
    #[arg(long)]
    pub(crate) check: bool,
    /// Write, and print what changed as a unified diff
    #[arg(long)]
    pub(crate) diff: bool,
    /// Only this repo; may be given several times
    #[arg(long, value_name = "REPO")]
    pub(crate) repo: Vec<String>,
    /// Write nothing: say which template a file is made from and why it would be
    /// written anew; may be given several times
    #[arg(long, value_name = "FILE", conflicts_with_all = ["check", "diff", "repo"])]
    pub(crate) explain: Vec<String>,
    /// Remove files that the model has no more even if they are many
    #[arg(long)]
    pub(crate) allow_removals: bool,
    /// Commit what was generated and is not committed yet, once per git repository;
    /// what people wrote or staged stays as it is
    #[arg(long, conflicts_with_all = ["check", "explain"])]
    pub(crate) commit: bool,
}

/// Show the state of generated files.
#[derive(Debug, Args)]
#[command(after_help = "\
As git status does for a work tree: which generated files were changed by hand,
removed or taken over, and what `aux-gen generate` would do.

Examples:
  aux-gen status
  aux-gen status --repo python --format json")]
pub(crate) struct Status {
    /// Only this repo; may be given several times
    #[arg(long, value_name = "REPO")]
    pub(crate) repo: Vec<String>,
}

/// Decide about files that `generate` left alone.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("how").required(true)), after_help = "\
Files are named relative to aux.toml, as `status` and `generate` name them.

Examples:
  aux-gen resolve --merge repos/python/flake.nix    both, with git's markers
  aux-gen resolve --ours repos/python/flake.nix     keep mine; later changes are merged
  aux-gen resolve --theirs repos/python/README.md   take the generated one")]
pub(crate) struct Resolve {
    /// Keep the file as it is; what is new from now on is merged into it
    #[arg(long, group = "how")]
    pub(crate) ours: bool,
    /// Take the generated file; also brings a removed one back
    #[arg(long, group = "how")]
    pub(crate) theirs: bool,
    /// Put both into the file, with conflict markers where they differ
    #[arg(long, group = "how")]
    pub(crate) merge: bool,
    /// The files
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<String>,
}

/// Take generated files over for good, or give them back.
#[derive(Debug, Args)]
#[command(after_help = "\
An ejected file is yours: it is never written again, and `eval` still holds it to
the contract.

Examples:
  aux-gen eject repos/python/README.md
  aux-gen uneject repos/python/README.md   it is kept as it is, and merged again")]
pub(crate) struct Eject {
    /// The files, relative to aux.toml
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<String>,
}

/// Evaluate what was generated with real Nix.
#[derive(Debug, Args)]
#[command(after_help = "\
Each repo is evaluated alone and through top-level: does its flake keep the
contract, and is every package a derivation? Nothing is fetched or built.

With --save, --compare or --tree every attribute of a package set is looked at:
that of top-level, or of a tree that is in no family. However many fail, and
however hard, each is named with its reason. --compare exits with 3 if anything
is another than it was; --save alone exits with 0, whatever fails.

Examples:
  aux-gen eval
  aux-gen eval --repo python --flakes   as users get it, by Nix's own inputs
  aux-gen eval --save before.json
  aux-gen eval --compare before.json
  aux-gen eval --tree ~/core --attr python3Packages
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
    /// Write what every attribute comes to into this file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["repo", "flakes"])]
    pub(crate) save: Option<PathBuf>,
    /// Say what is another than in this file, which --save wrote
    #[arg(long, value_name = "FILE", conflicts_with_all = ["repo", "flakes"])]
    pub(crate) compare: Option<PathBuf>,
    /// Look at the package set of this directory instead of a family's: its
    /// default.nix, or its flake if that has no inputs
    #[arg(long, value_name = "DIR", conflicts_with_all = ["repo", "flakes"])]
    pub(crate) tree: Option<PathBuf>,
    /// Only the set at this path, such as python3Packages or pkgsStatic
    #[arg(long, value_name = "PATH", requires = "tree", default_value = "")]
    pub(crate) attr: String,
    /// Look into sets that ask for it (recurseForDerivations) too
    #[arg(long)]
    pub(crate) nested: bool,
    /// Seconds that one attribute may take
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) timeout: u64,
}

/// Draw who needs whom.
#[derive(Debug, Args)]
#[command(after_help = "\
Tiers and SIGs are drawn with the number of their packages, and arcs with the
number of package edges behind them. What follows from other arcs is left out
of pictures of repos and packages: a needs b, b needs c, so a has c.

Examples:
  aux-gen graph                         repos, for graphviz
  aux-gen graph --as svg > family.svg
  aux-gen graph --level sig             who needs whose packages
  aux-gen graph --around openssl --depth 2
  aux-gen graph --repo python --as mermaid")]
pub(crate) struct Graph {
    /// What to draw; packages if --repo or --around asks for some, else repos
    #[arg(long, value_enum)]
    pub(crate) level: Option<Level>,
    /// How to draw it; svg needs graphviz
    #[arg(long = "as", value_enum)]
    pub(crate) language: Option<Language>,
    /// Packages of this repo and their neighbours only
    #[arg(long, value_name = "REPO", conflicts_with = "around")]
    pub(crate) repo: Option<String>,
    /// This package, repo, SIG or tier, what it needs and who needs it
    #[arg(long, value_name = "NAME")]
    pub(crate) around: Option<String>,
    /// How many steps away from it to go, both ways
    #[arg(long, value_name = "N", default_value_t = 1, requires = "around", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) depth: u16,
    /// Draw arcs that follow from others too
    #[arg(long)]
    pub(crate) all_arcs: bool,
}

/// What a graph shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Level {
    Tier,
    Sig,
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

/// Find packages, modules, repos, SIGs and people.
#[derive(Debug, Args)]
#[command(after_help = "\
Each word must be part of a name or a description, or name an owner: a SIG, or
somebody who leads it or looks after the package. One of several words may also
name a repo or a kind. Best first: exact names, then starts of names, parts of
names, descriptions, owners; misspellings where nothing else fits. Exits with 1
if nothing is found.

Examples:
  aux-gen where openssl
  aux-gen where nodejs_lts              which variant it means
  aux-gen where core/openssl            as results are written
  aux-gen where web server              both words, wherever they are said
  aux-gen where gnome modules           the modules of SIG or repo gnome
  aux-gen where python                  the SIG, its leads, and what is theirs
  aux-gen where @ada                    who that is, and what they look after
  aux-gen where notbook                 did you mean notebook?
  aux-gen where tls --kind package --kind builder --repo core
  aux-gen where --owner python --all    whatever SIG python answers for")]
pub(crate) struct Where {
    /// Names, parts of names, words of descriptions, owners
    #[arg(required_unless_present_any = ["kind", "repo", "owner"])]
    pub(crate) query: Vec<String>,
    /// Only this kind; may be given several times
    #[arg(long, value_parser = kinds())]
    pub(crate) kind: Vec<HitKind>,
    /// Only what is placed in this repo, and the repo; may be given several times
    #[arg(long, value_name = "REPO")]
    pub(crate) repo: Vec<String>,
    /// Only what this SIG answers for, and the SIG; may be given several times
    #[arg(long, value_name = "SIG")]
    pub(crate) owner: Vec<String>,
    /// Print everything that is found, not the best 20 only
    #[arg(long)]
    pub(crate) all: bool,
}

/// The kinds of things that may be found.
fn kinds() -> impl TypedValueParser<Value = HitKind> {
    PossibleValuesParser::new(HitKind::ALL.iter().map(|kind| kind.as_str()))
        .try_map(|word| word.parse::<HitKind>())
}

/// What is looked at besides the manifest.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Evidence {
    /// Also look at what the package files ask for
    #[arg(long)]
    pub(crate) scan: bool,
    /// Also look at what evaluated packages are built from; needs Nix
    #[arg(long)]
    pub(crate) derivations: bool,
}

/// Say why one package or repo needs another: the shortest chain.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aux-gen why dashboard openssl
  aux-gen why gnome core                any package of one repo, any of the other
  aux-gen why notebook python3 --derivations")]
pub(crate) struct Why {
    /// A package (NAME or REPO/NAME) or a repo
    pub(crate) from: String,
    /// A package or a repo
    pub(crate) to: String,
    #[command(flatten)]
    pub(crate) evidence: Evidence,
}

/// Show every circle, what causes it, and what would end it.
#[derive(Debug, Args)]
#[command(after_help = "\
A circle of repos that passes peers is fine: their packages meet in one package
set. So is one of a pair that the policy allows. A circle of flake inputs or of
packages is not, and neither is a repo that needs a higher tier; exits with 3.

For each there is a plan: the fewest packages to move so that the order of tiers
holds. It is checked against the whole manifest before it is shown.

Examples:
  aux-gen cycles
  aux-gen cycles --pin python3 --by-dependents
  aux-gen cycles --apply-plan             moves what the plans of broken circles say
  aux-gen cycles javascript --apply-plan  also ends a circle that is fine")]
pub(crate) struct Cycles {
    /// Only circles with one of these repos
    #[arg(value_name = "REPO")]
    pub(crate) repos: Vec<String>,
    /// Move the packages, files and all, and change who uses whom
    #[arg(long)]
    pub(crate) apply_plan: bool,
    #[command(flatten)]
    pub(crate) aliases: Aliases,
    /// A package, or all packages of a repo, that must stay where they are
    #[arg(long, value_name = "PACKAGE")]
    pub(crate) pin: Vec<String>,
    /// Moving a package costs 1 and 1 more for each package that needs it, whatever the policy says
    #[arg(long)]
    pub(crate) by_dependents: bool,
    #[command(flatten)]
    pub(crate) evidence: Evidence,
}

/// Say where a package belongs.
#[derive(Debug, Args)]
#[command(after_help = "\
A package must see all it needs, and all who need it must see it. Core has what
it boots from and what SIGs of one tier share (`[policy]` says from how many on).
Else the rule is: a repo of its owner's; else the lowest repo that sees all it
needs; else the next tier that has one; else top-level's own.

Examples:
  aux-gen place dashboard --depends-on packaging-a,bundle-b
  aux-gen place cmake --depends-on zlib --optional qtbase
  aux-gen place python3                 one that is there: does it belong there?
  aux-gen place --all                   all that stand elsewhere than they belong")]
pub(crate) struct Place {
    /// Name of a package, there or to come
    #[arg(required_unless_present = "all")]
    pub(crate) name: Option<String>,
    /// What it needs, separated by commas
    #[arg(long, value_name = "PACKAGE", value_delimiter = ',')]
    pub(crate) depends_on: Vec<String>,
    /// What it would use if it were there, separated by commas
    #[arg(long, value_name = "PACKAGE", value_delimiter = ',')]
    pub(crate) optional: Vec<String>,
    /// SIG that will own it
    #[arg(long, value_name = "SIG")]
    pub(crate) owner: Option<String>,
    /// Look at every package there is
    #[arg(long, conflicts_with_all = ["name", "depends_on", "optional", "owner"])]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) evidence: Evidence,
}

/// Say what belongs in core, and what does not.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aux-gen core --bootstrap stdenv --bootstrap python3
  aux-gen core --bootstrap stdenv --fan-in 3")]
pub(crate) struct CoreArgs {
    /// A package that core boots from, besides those of the policy; may be given several times
    #[arg(long, value_name = "PACKAGE")]
    pub(crate) bootstrap: Vec<String>,
    /// From how many SIGs of one tier on a package should be in core; the policy's number if absent
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) fan_in: Option<u16>,
    #[command(flatten)]
    pub(crate) evidence: Evidence,
}

/// Say what each repo offers alone, and what it lacks.
#[derive(Debug, Args)]
pub(crate) struct Coverage {
    #[command(flatten)]
    pub(crate) evidence: Evidence,
}

/// Say who answers for a package, module, overlay, repo or file.
#[derive(Debug, Args)]
#[command(after_help = "\
The answer for a file is the one that its repo's CODEOWNERS give to the forge.

Examples:
  aux-gen who python3
  aux-gen who gnome/gdm                 the package and the module
  aux-gen who repos/core/flake.nix")]
pub(crate) struct Who {
    /// NAME, REPO/NAME, or the path of a file from the directory of aux.toml on
    #[arg(value_name = "WHAT")]
    pub(crate) what: String,
}

/// Move a package to another repo: files, entry and all.
#[derive(Debug, Args)]
#[command(after_help = "\
The owner and the flat view stay as they are, and the old repo answers for the
package for six months: it still offers it if it can, and else says where it is.
git is told of the move. If the move would break a rule, the problems are shown
and nothing is changed.

Examples:
  aux-gen move node-gyp python
  aux-gen move node-gyp python --alias-until 2027-06-01")]
pub(crate) struct Move {
    /// The package: NAME or REPO/NAME
    pub(crate) package: String,
    /// The repo it goes to
    #[arg(value_name = "REPO")]
    pub(crate) to: String,
    #[command(flatten)]
    pub(crate) aliases: Aliases,
}

/// How long an old repo answers for what left it.
#[derive(Debug, Args)]
pub(crate) struct Aliases {
    /// Day until which the old repo answers; in six months if absent
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) alias_until: Option<Date>,
    /// The old repo does not answer for it at all
    #[arg(long, conflicts_with = "alias_until")]
    pub(crate) no_alias: bool,
}

/// Compare what package files ask for with what the manifest says.
#[derive(Debug, Args)]
#[command(after_help = "\
Reads the arguments of every by-name file. Exits with 3 if the two differ.

With --derivations every package is evaluated too, and what it is built from is
compared. That finds what no file asks for by name. What comes with a builder
or with stdenv need not be in the manifest.

Examples:
  aux-gen scan
  aux-gen scan --derivations
  aux-gen scan --write                  records what the manifest lacks")]
pub(crate) struct Scan {
    /// Also compare what evaluated packages are built from; needs Nix
    #[arg(long)]
    pub(crate) derivations: bool,
    /// Add what the manifest lacks to it; comments and order stay
    #[arg(long)]
    pub(crate) write: bool,
}

/// Explain the code of a problem.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The code, such as tier-order; all codes if absent
    pub(crate) code: Option<String>,
}

/// Print the flags that make Nix use the checkouts as inputs.
#[derive(Debug, Args)]
#[command(after_help = "\
For trying a repo before anything is published.

Examples:
  nix build path:repos/python#requests $(aux-gen overrides python)
  nix flake show path:repos/top-level $(aux-gen overrides top-level)")]
pub(crate) struct Overrides {
    /// The repo whose flake Nix is asked about
    pub(crate) repo: String,
}

/// Print the JSON Schema of the manifest.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aux-gen schema > aux.schema.json                 for aux.toml
  aux-gen schema --included > sig.schema.json      for sigs/*.toml")]
pub(crate) struct Schema {
    /// The schema of files that aux.toml includes
    #[arg(long)]
    pub(crate) included: bool,
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
