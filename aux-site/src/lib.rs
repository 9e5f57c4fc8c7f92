//! A static site to find what a family has: pages for people, and an index for the browser and for
//! other programs. It needs no server and asks no other host for anything.
//!
//! [`Site`] is pure: what it is made from comes in as a [`Source`], and each file of it is made when
//! somebody asks for it. [`write`](fn@write) is what puts them on the disk.

// This crate starts no process: see `clippy.toml`.
#![forbid(clippy::disallowed_types)]

mod address;
mod assets;
mod error;
mod facts;
mod links;
mod lookup;
mod machines;
mod needs;
mod pages;
mod parts;
mod picture;
mod render;
mod site;
mod source;
mod written;

pub use error::SiteError;
pub use links::linked;
pub use site::{File, Site, index_schema};
pub use source::{Settings, Source};
pub use written::{RECORD, Written, write};
