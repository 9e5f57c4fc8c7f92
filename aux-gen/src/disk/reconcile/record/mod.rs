//! The record of what was written to a repo, committed with it.

mod before;
mod format;
mod place;
mod read;

pub(super) use format::{Record, Written};
pub(super) use place::{
    attributes, attributes_path, base_path, copy_there, has_record, path_before, record_path,
};
