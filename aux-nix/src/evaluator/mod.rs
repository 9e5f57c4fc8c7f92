//! The one place that starts `nix` and believes what it says.
//!
//! Four things are asked of Nix: what an expression is worth ([`Nix::ask`], many
//! questions in one process, each failing alone), what the derivations it came to
//! are made from ([`Nix::derivations`]), what a flake says once its inputs are
//! resolved for real ([`Nix::flake_json`]), and what it builds
//! ([`Nix::flake_build`], and [`Nix::build`] with other machines and substituters).
//!
//! A *question that fails* is an answer ([`Failure`]): it belongs to the author of
//! the expression. A *Nix that cannot be asked* is a [`NixError`]: it belongs to
//! the machine. No function here mixes the two.
//!
//! Invariants: no process is started outside `call`; every process gets a time limit and an
//! environment made from nothing, but for those that build, which have that of the user; standard output is never
//! parsed unless the exit code is 0 (`nix eval --json` prints half a document and
//! then fails); `ask` writes to a store of its own and never to the system's.

mod ask;
mod build;
mod call;
mod derivation;
mod diagnosis;
mod error;
mod failure;
mod flake;
mod forced;
mod installation;
mod limits;
mod name_lists;
mod percent;
mod process;
mod question;
mod reach;
mod reference;
mod scratch;
mod segment;
mod session;
mod single;
mod source;
mod statistics;
mod transcript;
mod version;
mod workspace;

pub use build::{AS_IT_IS, BuildFailure, Buildable, without_layers};
pub use derivation::{Derivation, DerivationInputs, NotADerivation};
pub use error::NixError;
pub use failure::{Failure, FailureKind};
pub use flake::{Built, Pin};
pub use forced::Forced;
pub use installation::Nix;
pub use limits::Limits;
pub use name_lists::name_lists;
pub use question::{Answer, Answered, Question};
pub use reach::{Network, Reach};
pub use source::store_folder;
pub use statistics::{Heap, Statistics};
pub use version::NixVersion;
