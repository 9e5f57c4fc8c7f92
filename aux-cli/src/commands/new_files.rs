//! Files that a command wrote itself, and git.

use std::path::PathBuf;

use aux_git::WorkTree;
use aux_session::{NOTE, Session};

/// Flakes see only what git knows.
pub(super) fn tell_git_of(files: &[PathBuf], session: &Session) {
    let tree = files.first().and_then(|file| WorkTree::of(file));
    if let Some(Err(error)) = tree.map(|tree| tree.announce_new(files)) {
        session.terminal.warn(format!(
            "{NOTE}git{NOTE:#} was not told of new files: {error}"
        ));
    }
}
