//! The forges that run workflows: where they look for these, and the branch that trains push to.

use aux_model::{Catalog, Ci};

/// A forge that runs workflows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plan) enum Forge {
    Github,
    /// It reads `.github` only if there is no `.forgejo`.
    Forgejo,
}

impl Forge {
    /// The forges that check the family.
    pub(in crate::plan) fn of(ci: &Ci) -> impl Iterator<Item = Self> {
        [(Self::Github, ci.github), (Self::Forgejo, ci.forgejo)]
            .into_iter()
            .filter_map(|(forge, checks)| checks.then_some(forge))
    }

    /// Where a workflow of a name is.
    pub(in crate::plan) fn workflow(self, name: &str) -> String {
        let folder = match self {
            Self::Github => ".github",
            Self::Forgejo => ".forgejo",
        };
        format!("{folder}/workflows/{name}.yml")
    }
}

/// The branch that trains put candidates on, unless somebody names another.
pub(crate) const STAGING: &str = "staging";

/// The branch that trains put a repo's candidates on, of the channel that the family is on.
pub(crate) fn staging_of(catalog: &Catalog) -> String {
    match catalog.channel() {
        Some(channel) => channel.staging().to_string(),
        None => STAGING.to_owned(),
    }
}
