//! The commands, one file each: read the arguments, ask the libraries, print.

pub(crate) mod check;
pub(crate) mod core;
pub(crate) mod coverage;
pub(crate) mod cycles;
pub(crate) mod eval;
pub(crate) mod explain;
pub(crate) mod find;
pub(crate) mod generate;
pub(crate) mod graph;
pub(crate) mod init;
pub(crate) mod new_package;
pub(crate) mod new_sig;
pub(crate) mod overrides;
pub(crate) mod place;
pub(crate) mod reference;
pub(crate) mod relocate;
pub(crate) mod scan;
pub(crate) mod who;
pub(crate) mod why;

use aux_gen::disk::{Draft, Registry, create, replace_unchanged};

use crate::failure::Failure;
use crate::session::{Family, Session};
use crate::terminal::DIM;

/// The family as it will be with the draft; its plan and the disk are checked
/// too, so that what follows is only writing.
fn drafted(family: Family, draft: &Draft) -> Result<Family, Failure> {
    let drafted = Family::load_with(family.registry, draft)?;
    aux_gen::disk::compare(&drafted.registry, &drafted.plan(&[])?)?;
    Ok(drafted)
}

/// Writes the manifest files of a draft, each only if it is still what was read.
fn write_manifest(session: &Session, registry: &Registry, draft: &Draft) -> Result<(), Failure> {
    for (path, text) in &draft.texts {
        let file = registry.root().join(path);
        match draft.before.get(path) {
            Some(before) => replace_unchanged(&file, before, text)?,
            None => create(&file, text)?,
        }
        session.terminal.say(format!("{DIM}write{DIM:#}  {path}"));
    }
    Ok(())
}
