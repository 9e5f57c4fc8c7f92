//! The environment of every git that is started: nothing that a hook or a shell has set leads it
//! to another repository.

use std::path::Path;
use std::process::Command;

/// Variables that name a repository or change what is read of one: `git rev-parse
/// --local-env-vars`, but for settings, which are the user's, and those that `git --...-pathspecs`
/// leaves to what it starts.
const LOCAL: [&str; 17] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_DIR",
    "GIT_GLOB_PATHSPECS",
    "GIT_GRAFT_FILE",
    "GIT_ICASE_PATHSPECS",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_LITERAL_PATHSPECS",
    "GIT_NAMESPACE",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// Lets git look for a repository in a directory and nowhere else: not where the variables of
/// a hook lead, and not in the folders above, where it would go from one whose `.git` is none.
pub(crate) fn only_in(command: &mut Command, directory: &Path) {
    for variable in LOCAL {
        command.env_remove(variable);
    }
    let there = directory.canonicalize().ok();
    if let Some(above) = there.as_deref().and_then(Path::parent) {
        command.env("GIT_CEILING_DIRECTORIES", above);
    }
}
