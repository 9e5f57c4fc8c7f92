//! The package sets that attributes are taken from.

use std::collections::BTreeMap;
use std::path::PathBuf;

use aux_model::{AttrName, Family, Repo, RepoName};
use aux_nix::Question;
use aux_nix::language::quote;
use serde::Serialize;

use crate::evaluate::family;

/// The package set that was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum View {
    /// The one of top-level: all packages in one fixpoint.
    TopLevel,
    /// Each repo's own, because not all that top-level needs is checked out.
    Alone,
}

/// The package sets that attributes are taken from.
pub(super) struct Sets<'c> {
    catalog: &'c Family,
    checkouts: &'c BTreeMap<RepoName, PathBuf>,
    /// Whether top-level and all its inputs are there.
    through_top: bool,
}

/// One package set, as an expression over `scope`.
pub(super) struct Set(String);

impl<'c> Sets<'c> {
    pub(super) fn of(catalog: &'c Family, checkouts: &'c BTreeMap<RepoName, PathBuf>) -> Self {
        let top = catalog.top_level();
        let is_there = |repo: &Repo| checkouts.contains_key(&repo.name);
        Self {
            catalog,
            checkouts,
            through_top: is_there(top) && catalog.inputs(top).into_iter().all(is_there),
        }
    }

    pub(super) fn view(&self) -> View {
        if self.through_top {
            View::TopLevel
        } else {
            View::Alone
        }
    }

    /// The set that has a repo's packages, or why there is none.
    pub(super) fn of_repo(&self, repo: &Repo) -> Result<Set, String> {
        if self.through_top {
            let top = quote(self.catalog.top_level().name.as_str());
            let set = format!("scope.flakes.{top}.auxPackages.${{scope.system}}");
            return Ok(Set(set));
        }
        if !self.checkouts.contains_key(&repo.name) {
            return Err(if repo.is_generated() {
                format!(
                    "there is no flake at `{}`: `aux-gen sync` clones it, and `aux-gen generate` writes one that is new",
                    repo.path
                )
            } else {
                format!("it is not checked out at `{}`", repo.path)
            });
        }
        family::alone(self.catalog, repo).map(Set).ok_or_else(|| {
            "it has no package set of its own, and not all that top-level needs is checked out"
                .to_owned()
        })
    }
}

impl Set {
    /// Asks for the derivation of an attribute.
    pub(super) fn question(&self, attribute: &AttrName) -> Question {
        let name = quote(attribute.as_str());
        let expression = format!("{} {}.{name}", family::DERIVATION, self.0);
        Question::new(attribute.as_str(), expression)
    }
}
