//! Commands about packages that one repo borrows of another.

use aux_model::{BorrowScope, Date};
use clap::{Args, Subcommand, ValueEnum};

/// Copy a package of another repo, for the packages of one repo alone.
#[derive(Debug, Args)]
#[command(after_help = "\
For a package that another SIG owns and that yours needs in another version now. Its files at a
commit are copied to `overlays/OWNER/NAME` of your repo, with `borrowed.json`, which says where they
are from; the manifest gets an entry. Packages of your repo that ask for NAME get the copy as their
argument, alone and in top-level. Nobody else sees it, and no other derivation changes.

Edit the copy and commit it as you like: `aux-gen borrowed` shows how it and the owner's package
stand, `aux-gen return` brings your commits to the owner.

Of a repo that borrows the package itself, named with --via, the copy is copied; the owner stays
the first one.

Examples:
  aux-gen borrow javascript/nodejs --to python --reason 'notebook needs 22' --review 2027-03-01
  aux-gen borrow nodejs --to games --via python --reason 'as python has it'
  aux-gen borrowed agree core/openssl --to security
  aux-gen borrow core/openssl --to security --scope family --reason 'the mend for CVE-2027-1'")]
pub struct Borrow {
    /// The package
    #[arg(value_name = "REPO/NAME")]
    pub package: String,
    /// The repo that borrows it
    #[arg(long, value_name = "REPO")]
    pub to: String,
    /// Why, in one sentence
    #[arg(long)]
    pub reason: String,
    /// When somebody asks whether it is still needed: a day such as 2027-03-01
    #[arg(long, value_name = "DAY")]
    pub review: Option<Date>,
    /// The commit, tag or branch that it is copied from; what is checked out if absent
    #[arg(long, value_name = "REV")]
    pub from: Option<String>,
    /// Who gets the copy: `own`, packages of the repo that borrows it; `family`, everybody, as the owner agreed
    /// with `borrowed agree`
    #[arg(long, value_name = "SCOPE", default_value = "own")]
    pub scope: Scope,
    /// Copy the copy that this repo has
    #[arg(long, value_name = "REPO")]
    pub via: Option<String>,
}

/// Who gets a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scope {
    /// Packages of the repo that borrows it
    Own,
    /// Everybody, as the owner agreed
    Family,
}

impl From<Scope> for BorrowScope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Own => Self::Own,
            Scope::Family => Self::Family,
        }
    }
}

/// Say how borrowed packages stand to those of their owners.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
same       neither was changed
ahead      the borrower changed the copy
behind     the owner changed the package since
caught-up  the owner has all that the borrower changed: `aux-gen return` drops the copy
diverged   both changed it
returned   the copy is gone: `aux-gen return` drops the entry
unknown    the owner has no such package, or its commit is not here

What is compared is committed, on the branches that are published. Exits with 3 if a review is overdue.

Examples:
  aux-gen borrowed
  aux-gen borrowed --owner javascript
  aux-gen borrowed offer python/nodejs
  aux-gen borrowed claim python/nodejs --by grace"
)]
pub struct BorrowedArgs {
    /// Only what is borrowed of this SIG
    #[arg(long, value_name = "SIG")]
    pub owner: Option<String>,
    /// Only those whose review is overdue
    #[arg(long)]
    pub overdue: bool,
    /// The day that counts as today
    #[arg(long, value_name = "DAY")]
    pub today: Option<Date>,
    #[command(subcommand)]
    pub what: Option<BorrowedCommand>,
}

#[derive(Debug, Subcommand)]
pub enum BorrowedCommand {
    /// Say that the owner may take what was changed
    Offer {
        /// The repo that borrows, and the package
        #[arg(value_name = "REPO/NAME")]
        copy: String,
    },
    /// Agree, as the owner, that another repo overrides a package for the whole family
    Agree {
        /// The package
        #[arg(value_name = "REPO/NAME")]
        package: String,
        /// The repo that may override it
        #[arg(long, value_name = "REPO")]
        to: String,
    },
    /// Merge what the owner has by now into the copy in the folder; you commit it
    Refresh {
        /// The repo that borrows, and the package
        #[arg(value_name = "REPO/NAME")]
        copy: String,
    },
    /// Say who takes it, so that nobody does it twice
    Claim {
        /// The repo that borrows, and the package
        #[arg(value_name = "REPO/NAME")]
        copy: String,
        /// Who: a handle of the manifest
        #[arg(long, value_name = "HANDLE")]
        by: String,
    },
}

/// Give a borrowed package back: its commits to the owner, and the copy goes.
#[derive(Debug, Args)]
#[command(after_help = "\
Makes a branch in each of the two repos. That of the owner has the borrower's commits to the copy, with
author, date and message, and paths mapped back; where the owner's package went on, each is merged.
That of the borrower drops the copy and uses the owner's package again. Nothing is checked out, and
no branch that anybody uses moves.

The two branches are a change set: `aux-gen changeset try`, then `land`, judges and lands them. Then
the same command once more drops the entry from the manifest; the owner becomes a peer of the
borrower if a package needs it and nothing says yet that they meet.

Examples:
  aux-gen return python/nodejs
  aux-gen changeset try return-nodejs && aux-gen changeset land return-nodejs --push
  aux-gen return python/nodejs")]
pub struct Return {
    /// The repo that borrows, and the package
    #[arg(value_name = "REPO/NAME")]
    pub copy: String,
    /// The name of the branches; `return-NAME` if absent
    #[arg(long, value_name = "NAME")]
    pub branch: Option<String>,
}
