//! The manifest: texts that people write, and the one way from them to a
//! [`Catalog`](crate::Catalog).
//!
//! This crate reads no files. The caller opens the root, is told which files it
//! includes and which by-name trees say what a repo holds, hands those in, and
//! asks for the check.

pub mod document;
pub(crate) mod draft;
mod json;
mod line;
mod numbered;
pub(crate) mod pointer;
pub(crate) mod reader;
mod table;
mod whole;

#[cfg(feature = "schema")]
pub use document::{included_schema, schema};
pub use draft::{FORMAT, PackageRef, PackageRefError};
pub use whole::{Manifest, Survey};
