//! Forges over HTTP: issues, repositories, teams and branches on GitHub and Forgejo.
//!
//! The only crate that opens connections. It knows what a forge calls things and how it is asked;
//! what an issue is about, and when there is to be one, is the caller's business.
#![forbid(clippy::disallowed_types)]

mod access;
mod address;
mod download;
mod error;
pub mod family;
mod forge;
mod issue;
mod label;

pub use access::{Access, Token};
pub use address::{ApiAddress, ForgeKind, RepositoryName};
pub use download::download;
pub use error::ForgeError;
pub use forge::Forge;
pub use issue::{Issue, IssueText};
pub use label::LabelText;
