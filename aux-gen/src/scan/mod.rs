//! Reads by-name files and tells what the manifest lacks or has too much.

mod formals;
mod report;

pub use report::{Lacking, ScanReport, Surplus, Unread, Unresolved, scan};
