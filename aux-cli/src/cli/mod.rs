//! The command line: names, options and help, nothing else.

mod answers;
mod borrowing;
mod command;
mod family;
mod files;
mod locking;
mod outside;
mod reach;
mod reference;
mod releases;
mod splitting;
mod trains;

pub(crate) use answers::{
    CoreArgs, Coverage, Cycles, Evidence, Graph, Language, Level, Place, Scan, Where, Who, Why,
};
pub(crate) use borrowing::{Borrow, BorrowedArgs, BorrowedCommand, Return};
pub(crate) use command::{Cli, Command, Global};
pub(crate) use family::{Adopt, Aliases, Import, Init, Move, NewPackage, NewSig};
pub(crate) use files::{
    Check, Clone, Eject, Eval, Filter, Generate, Recover, Resolve, Status, Sync,
};
pub(crate) use locking::{Lock, LockFormatChoice, WhoLocks};
pub(crate) use outside::Index;
pub(crate) use reach::{NamedFolder, ReachArgs};
pub(crate) use reference::{Completions, Explain, Man, Overrides, Schema};
pub(crate) use releases::{Changeset, ChangesetCommand, Impact, ReleaseArgs, ReleaseCommand};
pub(crate) use splitting::{CoreWiring, Ready, RelayoutArgs, Split};
pub(crate) use trains::{HoldsArgs, Promote, Train as TrainArgs, TrainCommand, Update, Work};
