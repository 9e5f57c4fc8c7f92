//! Packages of commits that are another derivation alone than through top-level.

use std::collections::BTreeSet;

use aux_model::Repo;

use crate::commits::contracts::Versions;
use crate::commits::error::CommitsError;
use crate::commits::evaluator::Commits;
use crate::commits::view::View;
use crate::evaluate::differing::{Derivations, differing};

impl Commits<'_> {
    /// The packages of a repo that are another derivation alone than in the view of top-level.
    /// Both views are asked alike, since paths of the store depend on how Nix was asked.
    ///
    /// # Errors
    /// As [`Commits::alone`].
    pub fn differing(
        &self,
        repo: &Repo,
        versions: &Versions,
    ) -> Result<BTreeSet<String>, CommitsError> {
        let mut alone = self.alone(repo, versions)?;
        let mut together = self.together(&[repo], versions)?;
        if together
            .get(&repo.name)
            .is_some_and(|together| together.asked != alone.asked)
        {
            alone = self.alone_once(repo, versions)?;
            together = self.together_once(&[repo], versions)?;
        }
        let together = together.remove(&repo.name).unwrap_or_default();
        let (alone, together) = (derivations(&alone), derivations(&together));
        Ok(differing(&alone, &together).map(str::to_owned).collect())
    }
}

fn derivations(view: &View) -> Derivations {
    view.derivations()
        .map(|(name, path)| (name.to_owned(), path.to_owned()))
        .collect()
}
