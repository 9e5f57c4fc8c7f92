//! The branch of a repo on its forge.

use aux_model::Catalog;

/// The branch that trains put candidates on, unless somebody names another.
pub(crate) const STAGING: &str = "staging";

/// The branch that trains put a repo's candidates on, of the channel that the family is on.
pub(crate) fn staging_of(catalog: &Catalog) -> String {
    match catalog.channel() {
        Some(channel) => channel.staging().to_string(),
        None => STAGING.to_owned(),
    }
}
