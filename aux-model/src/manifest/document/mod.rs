//! The shape of a manifest as data: what JSON output has, and what the JSON
//! Schema says.

mod of_catalog;
mod parts;
mod schema;

pub(crate) use parts::Document;
pub use schema::{included_schema, schema};
