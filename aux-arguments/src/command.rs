//! The command line as a whole: what is there for every command, and the commands.

use std::path::PathBuf;

use aux_terminal::{Color, Format, Look, ProgressChoice};
use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand};

use crate::answers::{CoreArgs, Coverage, Cycles, Graph, Place, Scan, Use, Where, Who, Why};
use crate::borrowing::{Borrow, BorrowedArgs, BorrowedCommand, Return};
use crate::cost::Cost;
use crate::family::{Adopt, Drift, Import, Init, Move, NewPackage, NewSig};
use crate::files::{Check, Clone, Eject, Eval, Generate, Recover, Resolve, Status, Sync};
use crate::forge::Forge;
use crate::locking::{Lock, WhoLocks};
use crate::names::{MergeSigs, NewRepo, Remove, Rename, ReplacePerson, SplitSig};
use crate::outside::Index;
use crate::reference::{Completions, Explain, Man, Overrides, Schema};
use crate::releases::{Changeset, Impact, ReleaseArgs};
use crate::site::Site;
use crate::splitting::{Ready, RelayoutArgs, Split};
use crate::trains::Train;
use crate::trains::{HoldsArgs, Promote, Update};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const EXIT_CODES: &str = "\
Exit codes:
  0  fine
  1  error: what was asked for cannot be done
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
    arg_required_else_help = true
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Options that every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Look for aux.toml in DIR and above it instead of here
    #[arg(short = 'C', long = "directory", value_name = "DIR", global = true)]
    pub directory: Option<PathBuf>,
    /// Work on the branches that this channel has in the repos
    #[arg(long, value_name = "NAME", global = true)]
    pub channel: Option<String>,
    /// Print for people or for machines
    #[arg(long, value_enum, default_value_t = Format::Human, global = true)]
    pub format: Format,
    /// How to tell of long work: a bar on a terminal, or lines of JSON on standard error
    #[arg(long, value_enum, default_value_t = ProgressChoice::Auto, global = true)]
    pub progress: ProgressChoice,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = Color::Auto, global = true)]
    pub color: Color,
    /// Print results and errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print more: every file written, the whole trace of a failure
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

impl Global {
    /// How the user wants to be told.
    pub fn look(&self) -> Look {
        Look {
            format: self.format,
            progress: self.progress,
            color: self.color,
            quiet: self.quiet,
            verbose: self.verbose,
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start a registry: core, one SIG and top-level, ready to evaluate
    Init(Init),
    /// Ask Nix once which attributes a core has that is somebody else's
    Index(Index),
    /// Add a SIG and its repo to the manifest and generate the repo
    NewSig(NewSig),
    /// Add a package to a repo, with its by-name directory
    NewPackage(NewPackage),
    /// Copy a package from a tree in nixpkgs' style
    Import(Import),
    /// Say what upstream changed since packages were imported
    Drift(Drift),
    /// Report every problem in the manifest and the trees
    Check(Check),
    /// Take repos that exist into a family, as they are
    Adopt(Adopt),
    /// Split a tree with all packages into a core and repos above it
    Split(Split),
    /// Move the packages of a tree of another layout into by-name directories
    Relayout(RelayoutArgs),
    /// Say what a core in nixpkgs' style must change to take layers
    Ready(Ready),
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
    /// Finish a run that was ended half way, or give it up
    Recover(Recover),
    /// Clone a registry and all of its repos
    Clone(Clone),
    /// Clone the repos that are missing, and bring the others up to date
    Sync(Sync),
    /// Lock every repo's inputs to what the others have committed
    Lock(Lock),
    /// Say who locks which version of a repo, and how far behind each is
    WhoLocks(WhoLocks),
    /// Move every repo to the newest state of those it uses, on staging branches
    Update(Update),
    /// Move the branches of all repos to the candidates of a train, all or none
    Promote(Promote),
    /// Look at the last train, go on with it, or drop it
    Train(Train),
    /// Say which repos are held, why, and since when
    Holds(HoldsArgs),
    /// Compare what the forge has with what the manifest says, and change the forge
    Forge(Forge),
    /// Freeze the commits of all repos under a name, get them back, compare two
    Release(ReleaseArgs),
    /// Try and land a change that spans repos
    Changeset(Changeset),
    /// Say which packages a change makes other derivations, breaks, or has built
    Impact(Impact),
    /// Evaluate what was generated with real Nix
    Eval(Eval),
    /// Draw which package needs which
    Graph(Graph),
    /// Find packages, modules, repos, SIGs and people
    Where(Where),
    /// Write a static site to find things on
    Site(Site),
    /// Say why one package or repo needs another
    Why(Why),
    /// Show every cycle, what causes it, and what would end it
    Cycles(Cycles),
    /// Say where a package belongs
    Place(Place),
    /// Say what belongs in core, and what does not
    Core(CoreArgs),
    /// Say what each repo offers alone, and what it lacks
    Coverage(Coverage),
    /// Measure what using a repo costs
    Cost(Cost),
    /// Write the flake of somebody who uses a few repos
    Use(Use),
    /// Say who answers for a package, module, overlay, repo or file
    Who(Who),
    /// Move packages, modules or overlays to another repo: files, entries and all
    Move(Move),
    /// Give something another name, wherever it is named
    Rename(Rename),
    /// Remove something that nobody needs any more
    Remove(Remove),
    /// Add a repo to a SIG that there is
    NewRepo(NewRepo),
    /// Make one SIG a part of another
    MergeSigs(MergeSigs),
    /// Make a SIG of a part of another one
    SplitSig(SplitSig),
    /// Put one person in place of another, wherever that one is named
    ReplacePerson(ReplacePerson),
    /// Copy a package of another repo, for the packages of one repo alone
    Borrow(Borrow),
    /// Say how borrowed packages stand to those of their owners
    Borrowed(BorrowedArgs),
    /// Give a borrowed package back: its commits to the owner, and the copy goes
    Return(Return),
    /// Compare what package files ask for with what the manifest says
    Scan(Scan),
    /// Explain the code of a problem or an error
    Explain(Explain),
    /// Print the flags that make Nix use the checkouts as inputs
    Overrides(Overrides),
    /// Print the JSON Schema of the manifest, or of what a command prints
    Schema(Schema),
    /// Print completions for a shell
    Completions(Completions),
    /// Print or write the manual pages
    Man(Man),
}

/// The commands that can work on the branches of a channel.
pub const OF_CHANNELS: [&str; 16] = [
    "changeset",
    "clone",
    "eval",
    "generate",
    "holds",
    "impact",
    "lock",
    "overrides",
    "promote",
    "release",
    "resolve",
    "status",
    "sync",
    "train",
    "update",
    "who-locks",
];

impl Command {
    /// What it prints for machines: its name, with what changes the output.
    pub fn output(&self) -> &'static str {
        match self {
            Self::Check(args) if args.meta => "check-meta",
            Self::Check(args) if args.fix => "check-fix",
            Self::Generate(args) if !args.explain.is_empty() => "generate-explain",
            Self::Place(args) if args.all => "place-all",
            Self::Cycles(args) if args.apply_plan => "cycles-apply-plan",
            Self::Eval(args) if args.is_of_a_set() => "eval-snapshot",
            Self::Update(_) => "train",
            Self::Train(args) => args.what.output(),
            Self::Release(args) => match &args.what {
                None => "release",
                Some(what) => what.output(),
            },
            Self::Changeset(args) => args.what.output(),
            Self::Borrowed(args) => match &args.what {
                None => "borrowed",
                Some(BorrowedCommand::Agree { .. }) => "borrowed-agree",
                Some(BorrowedCommand::Refresh { .. }) => "borrowed-refresh",
                Some(_) => "borrowed-offer",
            },
            command => command.name(),
        }
    }

    /// Whether a contributor has use for it in one repo that is checked out alone. The others
    /// are about the whole family.
    pub fn works_alone(&self) -> bool {
        match self {
            Self::Check(_)
            | Self::Core(_)
            | Self::Cost(_)
            | Self::Coverage(_)
            | Self::Eval(_)
            | Self::Generate(_)
            | Self::Graph(_)
            | Self::Impact(_)
            | Self::Import(_)
            | Self::NewPackage(_)
            | Self::Overrides(_)
            | Self::Place(_)
            | Self::Scan(_)
            | Self::Status(_)
            | Self::Sync(_)
            | Self::Use(_)
            | Self::Where(_)
            | Self::Who(_)
            | Self::WhoLocks(_)
            | Self::Why(_) => true,
            Self::Cycles(args) => !args.apply_plan,
            _ => false,
        }
    }

    /// Whether it can work on the branches of a channel: it is about commits, or about what is
    /// checked out. The others are about what the manifest says, whatever the channel.
    #[must_use]
    pub fn knows_channels(&self) -> bool {
        OF_CHANNELS.contains(&self.name())
    }

    /// Its name on the command line.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Init(_) => "init",
            Self::Index(_) => "index",
            Self::NewSig(_) => "new-sig",
            Self::NewPackage(_) => "new-package",
            Self::Import(_) => "import",
            Self::Drift(_) => "drift",
            Self::Check(_) => "check",
            Self::Adopt(_) => "adopt",
            Self::Split(_) => "split",
            Self::Relayout(_) => "relayout",
            Self::Ready(_) => "ready",
            Self::Generate(_) => "generate",
            Self::Status(_) => "status",
            Self::Resolve(_) => "resolve",
            Self::Eject(_) => "eject",
            Self::Uneject(_) => "uneject",
            Self::Recover(_) => "recover",
            Self::Clone(_) => "clone",
            Self::Sync(_) => "sync",
            Self::Lock(_) => "lock",
            Self::WhoLocks(_) => "who-locks",
            Self::Update(_) => "update",
            Self::Promote(_) => "promote",
            Self::Train(_) => "train",
            Self::Holds(_) => "holds",
            Self::Forge(_) => "forge",
            Self::Release(_) => "release",
            Self::Changeset(_) => "changeset",
            Self::Impact(_) => "impact",
            Self::Eval(_) => "eval",
            Self::Graph(_) => "graph",
            Self::Where(_) => "where",
            Self::Site(_) => "site",
            Self::Why(_) => "why",
            Self::Cycles(_) => "cycles",
            Self::Place(_) => "place",
            Self::Core(_) => "core",
            Self::Coverage(_) => "coverage",
            Self::Cost(_) => "cost",
            Self::Use(_) => "use",
            Self::Who(_) => "who",
            Self::Move(_) => "move",
            Self::Rename(_) => "rename",
            Self::Remove(_) => "remove",
            Self::NewRepo(_) => "new-repo",
            Self::MergeSigs(_) => "merge-sigs",
            Self::SplitSig(_) => "split-sig",
            Self::ReplacePerson(_) => "replace-person",
            Self::Borrow(_) => "borrow",
            Self::Borrowed(_) => "borrowed",
            Self::Return(_) => "return",
            Self::Scan(_) => "scan",
            Self::Explain(_) => "explain",
            Self::Overrides(_) => "overrides",
            Self::Schema(_) => "schema",
            Self::Completions(_) => "completions",
            Self::Man(_) => "man",
        }
    }
}
