//! What to type for an attribute.

use aux_names::RepoName;

use crate::catalog::checked::Family;
use crate::repo::Repo;

impl Family {
    /// What to type after `nix build` for an attribute of a repo.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../aux-model/doc/family.toml")))?;
    /// assert_eq!(catalog.flake_reference(&"core".parse()?, "zlib"), "github:example/core#zlib");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn flake_reference(&self, repo: &RepoName, attribute: &str) -> String {
        let repo = self.repos.get(repo);
        let url = repo.map_or("", |repo| self.offering(repo).url.as_str());
        format!("{url}#{attribute}")
    }

    /// The repo whose flake has the packages of one: top-level for a repo without a flake.
    #[must_use]
    pub fn offering<'f>(&'f self, repo: &'f Repo) -> &'f Repo {
        let top = self.top_level.as_ref().and_then(|top| self.repos.get(top));
        match top {
            Some(top) if !repo.is_flake() => top,
            _ => repo,
        }
    }
}
