//! Commands that answer questions.

use crate::ReachArgs;
use aux_search::HitKind;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use crate::family::Aliases;

/// Draw which package needs which.
#[derive(Debug, Args)]
#[command(after_help = "\
Tiers and SIGs are drawn with the number of their packages, and arcs with the
number of package edges behind them. What follows from other arcs is left out
of diagrams of repos and packages: a needs b, b needs c, so a has c.

Examples:
  aux-gen graph                         repos, for graphviz
  aux-gen graph --as svg > family.svg
  aux-gen graph --level sig             who needs whose packages
  aux-gen graph --around openssl --depth 2
  aux-gen graph --repo python --as mermaid")]
pub struct Graph {
    /// What to draw; packages if --repo or --around asks for some, else repos
    #[arg(long, value_enum)]
    pub level: Option<Level>,
    /// How to draw it; svg needs graphviz
    #[arg(long = "as", value_enum)]
    pub language: Option<Language>,
    /// Packages of this repo and their neighbours only
    #[arg(long, value_name = "REPO", conflicts_with = "around")]
    pub repo: Option<String>,
    /// This package, repo, SIG or tier, what it needs and who needs it
    #[arg(long, value_name = "NAME")]
    pub around: Option<String>,
    /// How many steps away from it to go, both ways
    #[arg(long, value_name = "N", default_value_t = 1, requires = "around", value_parser = clap::value_parser!(u16).range(1..))]
    pub depth: u16,
    /// Draw arcs that follow from others too
    #[arg(long)]
    pub all_arcs: bool,
}

/// What a graph shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Level {
    Tier,
    Sig,
    Repo,
    Package,
}

/// The language of a diagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
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
  aux-gen where --owner python --all    whatever SIG python answers for
  aux-gen where --owner python --broken --system aarch64-linux
  aux-gen where gdm --index https://auxolotl.example.org/index.json
                                        of a published site, without the registry")]
pub struct Where {
    /// Names, parts of names, words of descriptions, owners
    #[arg(required_unless_present_any = ["kind", "repo", "owner", "tier", "system", "license", "broken", "unfree"])]
    pub query: Vec<String>,
    /// Only this kind; may be given several times
    #[arg(long, value_parser = kinds())]
    pub kind: Vec<HitKind>,
    /// Only what is placed in this repo, and the repo; may be given several times
    #[arg(long, value_name = "REPO")]
    pub repo: Vec<String>,
    /// Only what this SIG answers for, and the SIG; may be given several times
    #[arg(long, value_name = "SIG")]
    pub owner: Vec<String>,
    /// Only what is placed in repos of this tier; may be given several times
    #[arg(long, value_name = "TIER")]
    pub tier: Vec<String>,
    /// Only what is for this system; with `--broken`, what is broken there
    #[arg(long, value_name = "SYSTEM")]
    pub system: Vec<String>,
    /// Only what is under this licence
    #[arg(long, value_name = "LICENCE")]
    pub license: Vec<String>,
    /// Only what is known not to work
    #[arg(long)]
    pub broken: bool,
    /// Only what has a licence that is not free
    #[arg(long)]
    pub unfree: bool,
    /// Ask the `index.json` of a site, a file or an address, instead of the registry
    #[arg(long, value_name = "URL|FILE")]
    pub index: Option<String>,
    /// Print everything that is found, not the best 20 only
    #[arg(long)]
    pub all: bool,
}

/// The kinds of things that may be found.
fn kinds() -> impl TypedValueParser<Value = HitKind> {
    PossibleValuesParser::new(HitKind::ALL.iter().map(|kind| kind.as_str()))
        .try_map(|word| word.parse::<HitKind>())
}

/// What is looked at besides the manifest.
#[derive(Debug, Clone, Args)]
pub struct Evidence {
    /// Also look at what the package files ask for
    #[arg(long)]
    pub scan: bool,
    /// Also look at what evaluated packages are built from; needs Nix
    #[arg(long)]
    pub derivations: bool,
    #[command(flatten)]
    pub reach: ReachArgs,
}

/// Say why one package or repo needs another: the shortest chain.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aux-gen why dashboard openssl
  aux-gen why gnome core                any package of one repo, any of the other
  aux-gen why notebook python3 --derivations")]
pub struct Why {
    /// A package (NAME or REPO/NAME) or a repo
    pub from: String,
    /// A package or a repo
    pub to: String,
    #[command(flatten)]
    pub evidence: Evidence,
}

/// Show every cycle, what causes it, and what would end it.
#[derive(Debug, Args)]
#[command(after_help = "\
A cycle of repos that passes peers is fine: their packages meet in one package
set. So is one of a pair that the policy allows. A cycle of flake inputs or of
packages is not, and neither is a repo that needs a higher tier; exits with 3.

For each there is a plan: the fewest packages to move so that the order of tiers
holds. It is checked against the whole manifest before it is shown.

Examples:
  aux-gen cycles
  aux-gen cycles --pin python3 --by-dependents
  aux-gen cycles --apply-plan             moves what the plans of broken cycles say
  aux-gen cycles javascript --apply-plan  also ends a cycle that is fine")]
pub struct Cycles {
    /// Only cycles with one of these repos
    #[arg(value_name = "REPO")]
    pub repos: Vec<String>,
    /// Move the packages, files and all, and change which repo uses which
    #[arg(long)]
    pub apply_plan: bool,
    #[command(flatten)]
    pub aliases: Aliases,
    /// A package, or all packages of a repo, that must stay where they are
    #[arg(long, value_name = "PACKAGE")]
    pub pin: Vec<String>,
    /// Moving a package costs 1 and 1 more for each package that needs it, whatever the policy says
    #[arg(long)]
    pub by_dependents: bool,
    #[command(flatten)]
    pub evidence: Evidence,
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
pub struct Place {
    /// Name of a package, there or to come
    #[arg(required_unless_present = "all")]
    pub name: Option<String>,
    /// What it needs, separated by commas
    #[arg(long, value_name = "PACKAGE", value_delimiter = ',')]
    pub depends_on: Vec<String>,
    /// What it would use if it were there, separated by commas
    #[arg(long, value_name = "PACKAGE", value_delimiter = ',')]
    pub optional: Vec<String>,
    /// SIG that will own it
    #[arg(long, value_name = "SIG")]
    pub owner: Option<String>,
    /// Look at every package there is
    #[arg(long, conflicts_with_all = ["name", "depends_on", "optional", "owner"])]
    pub all: bool,
    #[command(flatten)]
    pub evidence: Evidence,
}

/// Say what belongs in core, and what does not.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aux-gen core --bootstrap stdenv --bootstrap python3
  aux-gen core --bootstrap stdenv --fan-in 3")]
pub struct CoreArgs {
    /// A package that core boots from, besides those of the policy; may be given several times
    #[arg(long, value_name = "PACKAGE")]
    pub bootstrap: Vec<String>,
    /// From how many SIGs of one tier on a package should be in core; the policy's number if absent
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub fan_in: Option<u16>,
    #[command(flatten)]
    pub evidence: Evidence,
}

/// Say what each repo offers alone, and what it lacks.
#[derive(Debug, Args)]
pub struct Coverage {
    #[command(flatten)]
    pub evidence: Evidence,
}

/// Write the flake of somebody who uses a few repos.
#[derive(Debug, Args)]
#[command(after_help = "\
For users who want some repos and not all of top-level: a `flake.nix` with those as inputs, and with what
they have in common as an input that all of them follow, so that the lock holds one core and downloads it
once. Its package set is that of all of them together.

Examples:
  aux-gen use python javascript > flake.nix
  aux-gen use gnome | less              the inputs, and the modules it has")]
pub struct Use {
    /// The repos
    #[arg(value_name = "REPO", required = true)]
    pub repos: Vec<String>,
}

/// Say who answers for a package, module, overlay, repo or file.
#[derive(Debug, Args)]
#[command(after_help = "\
The answer for a file is the one that its repo's CODEOWNERS give to the forge.

Examples:
  aux-gen who python3
  aux-gen who gnome/gdm                 the package and the module
  aux-gen who repos/core/flake.nix")]
pub struct Who {
    /// NAME, REPO/NAME, or the path of a file from the directory of aux.toml on
    #[arg(value_name = "WHAT")]
    pub what: String,
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
pub struct Scan {
    /// Also compare what evaluated packages are built from; needs Nix
    #[arg(long)]
    pub derivations: bool,
    /// Add what the manifest lacks to it; comments and order stay
    #[arg(long)]
    pub write: bool,
    #[command(flatten)]
    pub reach: ReachArgs,
}
