//! Packages that stand elsewhere than the rules of placement would have them.

use aux_names::RepoName;

use crate::answers::graph::PackageGraph;
use crate::answers::place::placement::Rule;
use crate::answers::place::placer::Placer;
use crate::edge::PackageId;
use crate::repo::Repo;

/// A package, and where else it belongs or could stand.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Misplaced {
    /// The package, where it is now.
    pub package: PackageId,
    /// The other repo.
    pub to: RepoName,
    /// The rule that is broken.
    pub rule: Rule,
    /// Whether it should go there, or only could.
    pub verdict: Verdict,
}

/// How much is to be said for another repo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Verdict {
    /// The rules put it there.
    Belongs,
    /// All it needs is there too; but its owner runs the repo where it is.
    Could,
}

impl PackageGraph<'_> {
    /// Every package that belongs elsewhere: it stands higher than all it needs,
    /// core should have it, or core has it without need although its owner has a
    /// repo. And those that could stand lower than their owner keeps them.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// // `games` needs nothing, but its owner keeps it where it is.
    /// let misplaced = catalog.graph().misplaced();
    /// assert!(misplaced.iter().all(|found| found.package.name != *"games"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn misplaced(&self) -> Vec<Misplaced> {
        let catalog = self.family();
        let core = &catalog.core().name;
        let level = |repo: &RepoName| catalog.level(repo).unwrap_or(0);
        let placer = Placer::new(self);
        let mut misplaced = Vec::new();
        let is_outside =
            |repo: &RepoName| catalog.repo(repo.as_str()).is_some_and(Repo::is_outside);
        for package in self.packages() {
            if is_outside(&package.id.repo) {
                continue;
            }
            let Some(mut wish) = self.wish_of(&package.id) else {
                continue;
            };
            let mut decision = placer.decide(&wish);
            let mut verdict = Verdict::Belongs;
            if decision.choice.rule == Rule::OwnersRepo && decision.choice.repo == package.id.repo {
                verdict = Verdict::Could;
                wish.owner = None;
                decision = placer.decide(&wish);
            }
            let place = decision.choice;
            // What needs core alone may stand anywhere above it.
            let witnesses = placer.witnesses(&wish, place.rule);
            let above_core = witnesses.iter().any(|id| id.repo != *core);
            let sinks = level(&place.repo) < level(&package.id.repo)
                && (above_core || matches!(place.rule, Rule::Shared | Rule::Bootstrap));
            let leaves_core =
                verdict == Verdict::Belongs && package.id.repo == *core && place.repo != *core;
            if decision.against.is_empty() && (sinks || leaves_core) {
                misplaced.push(Misplaced {
                    package: package.id.clone(),
                    to: place.repo,
                    rule: place.rule,
                    verdict,
                });
            }
        }
        misplaced
    }
}
