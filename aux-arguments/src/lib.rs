//! The command line of `aux-gen`: names, options and help, and nothing that acts on them.

// This crate starts no process: see `clippy.toml`.
#![deny(clippy::disallowed_types)]
#![expect(
    missing_docs,
    reason = "every comment is a help text that users read; groups of options have theirs where they are"
)]

mod answers;
mod borrowing;
mod command;
mod cost;
mod family;
mod files;
mod forge;
mod locking;
mod names;
mod outside;
mod reach;
mod reference;
mod releases;
mod site;
mod splitting;
mod trains;

pub use answers::{
    CoreArgs, Coverage, Cycles, Evidence, Graph, Language, Level, Place, Scan, Use, Where, Who, Why,
};
pub use borrowing::{Borrow, BorrowedArgs, BorrowedCommand, Return, Scope};
pub use command::{Cli, Command, Global, OF_CHANNELS};
pub use cost::Cost;
pub use family::{Adopt, Aliases, Drift, Import, Init, Move, NewPackage, NewSig, ProgramLanguage};
pub use files::{Check, Clone, Eject, Eval, Filter, Generate, Recover, Resolve, Status, Sync};
pub use forge::{Forge, ForgeArgs, ForgeCommand};
pub use locking::{Lock, LockFormatChoice, WhoLocks};
pub use names::{
    Answered, MergeSigs, NewRepo, Remove, RemoveCommand, RemoveOne, Rename, RenameCommand,
    RenameOne, RenamePackage, RenameRepo, RenameTier, ReplacePerson, SplitSig,
};
pub use outside::Index;
pub use reach::{NamedFolder, ReachArgs};
pub use reference::{Completions, Explain, Man, Overrides, Schema};
pub use releases::{Changeset, ChangesetCommand, Impact, ReleaseArgs, ReleaseCommand};
pub use site::Site;
pub use splitting::{CoreWiring, Ready, RelayoutArgs, Split};
pub use trains::{HoldsArgs, Promote, Train as TrainArgs, TrainCommand, Update, Work};
