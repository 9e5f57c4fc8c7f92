//! Commands about names: `rename`, `remove`, `new-repo`, `merge-sigs`, `split-sig`, `replace-person`.

use aux_model::Date;
use clap::{Args, Subcommand};

/// Give something another name, wherever it is named.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_required = true,
    after_help = "\
The manifest, files and generated files follow; git is told of what moves. Users keep
the old name for six months: a package or a module answers under it with a warning,
a renamed repo can leave a flake that forwards. What cannot follow by itself is named.

Examples:
  aux-gen rename package python/requests2 requests
  aux-gen rename package web/python3Packages.flask2 flask
  aux-gen rename repo javascript js --forward
  aux-gen rename sig kde plasma --until 2027-06-01
  aux-gen rename module gnome/gdm display-manager"
)]
pub struct Rename {
    #[command(subcommand)]
    pub what: RenameCommand,
}

#[derive(Debug, Subcommand)]
pub enum RenameCommand {
    /// Rename a package, a builder or a member of a package set, its directory, and what asks for it in
    /// the manifest
    Package(RenamePackage),
    /// Rename a repo, its checkout, and every flake input of its name
    Repo(RenameRepo),
    /// Rename a SIG
    Sig(RenameOne),
    /// Rename a person: their account on the forge has another name
    Person(RenameOne),
    /// Rename a tier
    Tier(RenameTier),
    /// Rename a module and its file
    Module(RenamePackage),
}

#[derive(Debug, Args)]
pub struct RenamePackage {
    /// What it is called: REPO/NAME; a member of a package set: REPO/SET.NAME
    #[arg(value_name = "REPO/OLD")]
    pub old: String,
    /// What it is to be called
    #[arg(value_name = "NEW")]
    pub new: String,
    #[command(flatten)]
    pub answered: Answered,
}

#[derive(Debug, Args)]
pub struct RenameRepo {
    /// What it is called
    #[arg(value_name = "OLD")]
    pub old: String,
    /// What it is to be called
    #[arg(value_name = "NEW")]
    pub new: String,
    /// Leave a flake under the old name that has all that the new one has; a forge that sends its users
    /// on, as GitHub does, needs none
    #[arg(long, conflicts_with = "no_alias")]
    pub forward: bool,
    /// It stays where it is on the forge
    #[arg(long)]
    pub keep_url: bool,
    #[command(flatten)]
    pub answered: Answered,
}

#[derive(Debug, Args)]
pub struct RenameOne {
    /// What it is called
    #[arg(value_name = "OLD")]
    pub old: String,
    /// What it is to be called
    #[arg(value_name = "NEW")]
    pub new: String,
    #[command(flatten)]
    pub answered: Answered,
}

#[derive(Debug, Args)]
pub struct RenameTier {
    /// What it is called
    #[arg(value_name = "OLD")]
    pub old: String,
    /// What it is to be called
    #[arg(value_name = "NEW")]
    pub new: String,
}

/// How long an old name is answered for.
#[derive(Debug, Args)]
pub struct Answered {
    /// Day until which the old name is answered for; in six months if absent
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub until: Option<Date>,
    /// The old name is not answered for at all
    #[arg(long, conflicts_with = "until")]
    pub no_alias: bool,
}

/// Remove something that nobody needs any more.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_required = true,
    after_help = "\
Who depends on it is named first, and nothing changes then. What goes is said where
users look: an attribute or a module that is gone says why, and what to use. Files of a
package or a module are deleted only if git has them as they are.

Examples:
  aux-gen remove package python/leftpad --reason 'nobody maintains it' --use padlib
  aux-gen remove module gnome/gdm --reason 'moved to nixpkgs' --until 2027-06-01
  aux-gen remove repo games --reason 'no lead since a year'
  aux-gen remove person bob --reason 'left the project'"
)]
pub struct Remove {
    #[command(subcommand)]
    pub what: RemoveCommand,
}

#[derive(Debug, Subcommand)]
pub enum RemoveCommand {
    /// Remove a package, a builder or a member of a package set, and its directory
    Package(RemoveOne),
    /// Remove a module, and its file
    Module(RemoveOne),
    /// Retire a repo: its checkout stays, and top-level answers for what it had
    Repo(RemoveOne),
    /// Remove a SIG that runs and owns nothing
    Sig(RemoveOne),
    /// Remove a person from the SIGs and packages that name them
    Person(RemoveOne),
}

#[derive(Debug, Args)]
pub struct RemoveOne {
    /// What is removed; a package or a module as REPO/NAME, a member of a set as REPO/SET.NAME
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// What to use in its place
    #[arg(long = "use", value_name = "TEXT")]
    pub instead: Option<String>,
    /// Day until which it is said; for good if absent
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub until: Option<Date>,
}

/// Add a repo to a SIG that there is.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aux-gen new-repo python-apps --sig python --tier applications --uses python
  aux-gen new-repo gnome-games --sig gnome --peer kde")]
pub struct NewRepo {
    /// Name of the repo
    pub name: String,
    /// The SIG that runs it
    #[arg(long)]
    pub sig: String,
    /// Its tier; the one above core if absent
    #[arg(long)]
    pub tier: Option<String>,
    /// A repo that it uses, besides core; may be given several times
    #[arg(long, value_name = "REPO")]
    pub uses: Vec<String>,
    /// A repo of its tier that its packages meet in top-level only; may be given several times
    #[arg(long, value_name = "REPO")]
    pub peer: Vec<String>,
    /// What it is for
    #[arg(long)]
    pub description: Option<String>,
}

/// Make one SIG a part of another.
#[derive(Debug, Args)]
#[command(after_help = "\
The other SIG runs its repos and owns its packages from now on, and its people are
members of that one. Repos stay where they are.

Examples:
  aux-gen merge-sigs kde plasma")]
pub struct MergeSigs {
    /// The SIG that goes
    pub sig: String,
    /// The SIG that it becomes a part of
    pub into: String,
    #[command(flatten)]
    pub answered: Answered,
}

/// Make a SIG of a part of another one.
#[derive(Debug, Args)]
#[command(after_help = "\
The new SIG gets a repo beside the one that the packages are in, with the same uses and
peers, and the packages move there. With --no-repo they stay, and the new SIG owns them.

Examples:
  aux-gen split-sig python --into django --lead ada django 'django-*'
  aux-gen split-sig core --into toolchains --lead bob --no-repo gcc binutils")]
pub struct SplitSig {
    /// The SIG that there is
    pub sig: String,
    /// The name of the new SIG, and of its repo
    #[arg(long, value_name = "NEW")]
    pub into: String,
    /// Handle of somebody who leads the new one; may be given several times
    #[arg(long, value_name = "HANDLE", required = true)]
    pub lead: Vec<String>,
    /// Packages of the SIG that the new one gets: NAME or REPO/NAME, with `*` for any characters
    #[arg(value_name = "PACKAGE", required = true)]
    pub packages: Vec<String>,
    /// The packages stay where they are, and the new SIG owns them
    #[arg(long)]
    pub no_repo: bool,
    #[command(flatten)]
    pub aliases: crate::Aliases,
}

/// Put one person in place of another, wherever that one is named.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aux-gen replace-person ada grace         what ada led and maintained, grace does")]
pub struct ReplacePerson {
    /// Handle of the person who goes
    pub old: String,
    /// Handle of the person who comes; defined if no file does
    pub new: String,
}
