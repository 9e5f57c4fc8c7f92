//! Commands that make a family, or change what it consists of.

use std::path::PathBuf;

use crate::ReachArgs;
use aux_model::{Date, EdgeKind, ModuleClass, RepoName};
use clap::{Args, ValueEnum};

/// Start a registry: core, one SIG and top-level, ready to evaluate.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aux-gen init                         in the current directory
  aux-gen init my-family --name mine --lead ada
  aux-gen init over --core github:NixOS/nixpkgs/nixos-unstable --lead ada
  aux-gen init over --core ../nixpkgs  a checkout that is there: it is cloned, and asked what it has")]
pub struct Init {
    /// Where to start it
    #[arg(value_name = "DIR", default_value = ".")]
    pub target: PathBuf,
    /// Name of the organization; the directory's name if absent
    #[arg(long)]
    pub name: Option<String>,
    /// Prefix of every repo's flake reference; github:NAME if absent
    #[arg(long, value_name = "PREFIX")]
    pub forge: Option<String>,
    /// Handle of the person who leads SIG core
    #[arg(long, value_name = "HANDLE", default_value = "core-lead")]
    pub lead: String,
    /// Stand on a core that is somebody else's, such as nixpkgs: its flake reference, or a checkout
    #[arg(long, value_name = "URL|DIR")]
    pub core: Option<String>,
    #[command(flatten)]
    pub reach: ReachArgs,
}

/// Add a SIG and its repo to the manifest and generate the repo.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aux-gen new-sig python --lead ada
  aux-gen new-sig gnome --lead grace --tier desktops --uses python
  aux-gen new-sig kde --lead ada --member bob --team auxolotl/kde --contact '#kde:example.org' --peer gnome")]
pub struct NewSig {
    /// Name of the SIG
    pub name: String,
    /// Handle of somebody who leads it; may be given several times
    #[arg(long, value_name = "HANDLE", required = true)]
    pub lead: Vec<String>,
    /// Handle of somebody else who takes part; may be given several times
    #[arg(long, value_name = "HANDLE")]
    pub member: Vec<String>,
    /// Its team on the forge, which is asked for reviews in place of the leads
    #[arg(long, value_name = "ORG/TEAM")]
    pub team: Option<String>,
    /// Where it is reached: an address, a room, a forum
    #[arg(long, value_name = "TEXT")]
    pub contact: Option<String>,
    /// Name of its repo; the SIG's name if absent
    #[arg(long)]
    pub repo: Option<String>,
    /// Tier of its repo; the one above core if absent
    #[arg(long)]
    pub tier: Option<String>,
    /// A repo that its repo uses, besides core; may be given several times
    #[arg(long, value_name = "REPO")]
    pub uses: Vec<String>,
    /// A repo of its tier that its packages meet in top-level only; may be given several times
    #[arg(long, value_name = "REPO")]
    pub peer: Vec<String>,
    /// What the SIG is for
    #[arg(long)]
    pub description: Option<String>,
    /// Make its repository and its team on the forge, as `aux-gen forge apply` does
    #[arg(long)]
    pub forge: bool,
    /// The forge's API; that of the organization's host if absent
    #[arg(long, value_name = "URL", requires = "forge")]
    pub api: Option<String>,
}

/// Add a package to a repo, with its by-name directory.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aux-gen new-package python/requests --build openssl --build python3
  aux-gen new-package python/buildWheel --builder --build python3
  aux-gen new-package dashboard --place --build packaging-a --build bundle-b
  aux-gen new-package tools/httpd-log --language go
  aux-gen new-package core/lua --variant 5.3 --variant 5.4 --alias lua5")]
pub struct NewPackage {
    /// Repo and attribute; with --place the attribute alone
    #[arg(value_name = "REPO/NAME")]
    pub package: String,
    /// Put it where `aux-gen place` says
    #[arg(long)]
    pub place: bool,
    /// What it is, in one sentence
    #[arg(long)]
    pub description: Option<String>,
    /// SIG that owns it; the repo's if absent
    #[arg(long, value_name = "SIG")]
    pub owner: Option<String>,
    /// It is a function that makes packages
    #[arg(long)]
    pub builder: bool,
    /// Start from a program in this language, made with the builders that the family has
    #[arg(long, value_enum, conflicts_with_all = ["builder", "variant", "defines"])]
    pub language: Option<ProgramLanguage>,
    /// An implementation of it, the newest last: attributes NAME_VARIANT, and NAME for the last one; may be given several times
    #[arg(long, value_name = "VARIANT", conflicts_with_all = ["builder", "defines"])]
    pub variant: Vec<String>,
    /// Another attribute for it; may be given several times
    #[arg(long, value_name = "NAME", conflicts_with = "builder")]
    pub alias: Vec<String>,
    /// An attribute that its hand-written packages.nix defines; may be given several times
    #[arg(long, value_name = "NAME", conflicts_with_all = ["builder"])]
    pub defines: Vec<String>,
    /// It is a module of this class, and no package: `nixos`, `home` or `darwin`
    #[arg(long, value_name = "CLASS", conflicts_with_all = NO_PACKAGE)]
    pub module: Option<ModuleClass>,
    /// It is an overlay, and no package
    #[arg(long, conflicts_with_all = NO_PACKAGE, conflicts_with = "module")]
    pub overlay: bool,
    /// A package needed to build it; may be given several times
    #[arg(long, value_name = "PACKAGE")]
    pub build: Vec<String>,
    /// A package needed to run it
    #[arg(long, value_name = "PACKAGE")]
    pub runtime: Vec<String>,
    /// A package needed to test it
    #[arg(long, value_name = "PACKAGE")]
    pub test: Vec<String>,
    /// A package used if it is there
    #[arg(long, value_name = "PACKAGE")]
    pub optional: Vec<String>,
}

impl NewPackage {
    /// What it needs, and how, as it was typed.
    pub fn needs(&self) -> impl Iterator<Item = (EdgeKind, &str)> {
        let all = [
            (EdgeKind::Build, &self.build),
            (EdgeKind::Runtime, &self.runtime),
            (EdgeKind::Test, &self.test),
            (EdgeKind::Optional, &self.optional),
        ];
        all.into_iter()
            .flat_map(|(kind, names)| names.iter().map(move |name| (kind, name.as_str())))
    }
}

/// What is said of packages alone.
const NO_PACKAGE: [&str; 10] = [
    "place", "builder", "language", "variant", "alias", "defines", "build", "runtime", "test",
    "optional",
];

/// A language that a package can start in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProgramLanguage {
    /// C, with a Makefile
    C,
    /// Python, with a pyproject.toml
    Python,
    /// JavaScript for Node
    Node,
    /// Rust, with Cargo
    Rust,
    /// Go, with modules
    Go,
    /// A script for the shell
    Shell,
}

/// Copy a package from a tree in nixpkgs' style.
#[derive(Debug, Args)]
#[command(after_help = "\
Copies the files of one package into a by-name directory, with what its paths lead
to, and writes the paths anew. What it asks for becomes build edges; what no repo
has is named with the nearest names, and the command then exits with 3. A directory
with a packages.nix comes whole, with every attribute that it defines. If the tree
it is from has a default.nix, Nix is asked what the package is called there, what
those attributes are, and whether the file gives a package, a function or a set. A
member of a set, such as of python3Packages, becomes an attribute only if `--name`
says which; that set calls it then.

Examples:
  aux-gen import ~/nixpkgs/pkgs/by-name/ri/ripgrep --to tools
  aux-gen import ~/nixpkgs/pkgs/tools/misc/hello/default.nix --to core --name hello
  aux-gen import ~/core/python/pkgs/flit --to tools --name flit --set python312Packages")]
pub struct Import {
    /// A directory with a package.nix, packages.nix or default.nix, or a Nix file
    #[arg(value_name = "PATH")]
    pub path: PathBuf,
    /// The repo that gets it
    #[arg(long, value_name = "REPO")]
    pub to: String,
    /// Its attribute; if absent what it is called in the tree, or its directory or file
    #[arg(long)]
    pub name: Option<String>,
    /// The set that calls it, if it is a member of several
    #[arg(long, value_name = "SET")]
    pub set: Option<String>,
    /// SIG that owns it; the repo's if absent
    #[arg(long, value_name = "SIG")]
    pub owner: Option<String>,
    /// Read texts only: do not ask Nix about the tree
    #[arg(long)]
    pub no_eval: bool,
    #[command(flatten)]
    pub reach: ReachArgs,
}

/// Say what upstream changed since packages were imported.
#[derive(Debug, Args)]
#[command(after_help = "\
`import` records the commit and the paths that a package is from, if that is a git repository. This
compares them with the newest commit that is checked out in a clone of it: the commits that changed
one of the paths, and the versions before and now. Ends with 3 if something changed, is gone, or could
not be looked at.

Examples:
  git -C ~/nixpkgs pull && aux-gen drift --tree ~/nixpkgs
  aux-gen drift tools/ripgrep --tree ~/nixpkgs")]
pub struct Drift {
    /// The packages; all that were imported if absent
    #[arg(value_name = "PACKAGE")]
    pub packages: Vec<String>,
    /// A clone of what they are from, at the commit to compare with; may be given several times
    #[arg(long, value_name = "DIR", required = true)]
    pub tree: Vec<PathBuf>,
}

/// Take repos that exist into a family, as they are.
#[derive(Debug, Args)]
#[command(after_help = "\
Reads their flakes, by-name trees, CODEOWNERS and remotes, asks Nix what they
offer, and writes the manifest: repos, their URLs, uses, tiers, packages, owners.
The repos stay external: nothing in them is written, until their owner says
otherwise. What is not understood, and what Nix sees and the manifest lacks, is
listed. Adopting a repo that is there changes nothing, unless --again is given:
then packages that are new come in, and those go that Nix does not see any more.

Examples:
  git clone https://github.com/auxolotl/core repos/core
  aux-gen adopt repos/core --name auxolotl --lead ada
  aux-gen adopt repos/* --core pkgs      where it does not show which one is core
  aux-gen adopt repos/*                  more repos, into the registry that is there
  aux-gen adopt --again repos/core       what is new in it, and what is gone
  aux-gen adopt --people community       people and SIGs, into the registry that is there
  aux-gen adopt repos/* --people repos.json --core nixpkgs")]
pub struct Adopt {
    /// Directories of repos, in the registry or in what is to become one
    #[arg(value_name = "DIR", required_unless_present = "people")]
    pub directories: Vec<PathBuf>,
    /// Bring the entries of repos that the manifest has up to what Nix sees of them now
    #[arg(long, conflicts_with_all = ["people", "core", "name", "forge", "lead", "no_eval"], requires = "directories")]
    pub again: bool,
    /// People and SIGs of a community: a folder with users.nix, sigs.nix and memberships.nix, or a
    /// JSON file with `repos` and who answers for each
    #[arg(long, value_name = "PATH")]
    pub people: Option<PathBuf>,
    /// Who leads the SIGs of repos whose CODEOWNERS names nobody
    #[arg(long, value_name = "HANDLE")]
    pub lead: Option<String>,
    /// Which of the repos is core, for a new registry; the one that all others stand on if absent
    #[arg(long, value_name = "REPO")]
    pub core: Option<RepoName>,
    /// Name of the organization, for a new registry; the directory's if absent
    #[arg(long)]
    pub name: Option<String>,
    /// Prefix of flake references, for a new registry; `github:NAME` if absent
    #[arg(long)]
    pub forge: Option<String>,
    /// Read texts only: do not ask Nix
    #[arg(long)]
    pub no_eval: bool,
    #[command(flatten)]
    pub reach: ReachArgs,
}

/// Move packages, modules or overlays to another repo: files, entries and all.
#[derive(Debug, Args)]
#[command(after_help = "\
The owner and the flat view stay as they are, and the old repo answers for the
package for six months: it still offers it if it can, and else says where it is.
git is told of the move. If the move would break a rule, the problems are shown
and nothing is changed. All that is named moves, or nothing.

Examples:
  aux-gen move node-gyp python
  aux-gen move django 'python/django-*' web
  aux-gen move --module gnome/gdm kde
  aux-gen move node-gyp python --alias-until 2027-06-01")]
pub struct Move {
    /// What moves, NAME or REPO/NAME, with `*` for any characters; and last the repo that gets it
    #[arg(value_names = ["PACKAGE", "REPO"], num_args = 2.., required = true)]
    pub things: Vec<String>,
    /// They are modules
    #[arg(long, conflicts_with = "overlay")]
    pub module: bool,
    /// They are overlays
    #[arg(long)]
    pub overlay: bool,
    #[command(flatten)]
    pub aliases: Aliases,
}

/// How long an old repo answers for what left it.
#[derive(Debug, Args)]
pub struct Aliases {
    /// Day until which the old repo answers; in six months if absent
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub alias_until: Option<Date>,
    /// The old repo does not answer for it at all
    #[arg(long, conflicts_with = "alias_until")]
    pub no_alias: bool,
}
