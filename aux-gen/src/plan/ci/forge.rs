//! The branch of a repo on its forge.

use aux_model::{Catalog, Repo};

/// The branch that people work on, unless a repo's URL names another.
const BRANCH: &str = "main";

/// The branch that trains put candidates on, unless somebody names another.
pub(crate) const STAGING: &str = "staging";

/// The branch that trains put a repo's candidates on, of the channel that the family is on.
pub(crate) fn staging_of(catalog: &Catalog) -> String {
    match catalog.channel() {
        Some(channel) => channel.staging().to_string(),
        None => STAGING.to_owned(),
    }
}

/// The branch that a repo's URL names, or the usual one.
pub(crate) fn branch_of(repo: &Repo) -> String {
    repo.url.branch().unwrap_or_else(|| BRANCH.to_owned())
}
