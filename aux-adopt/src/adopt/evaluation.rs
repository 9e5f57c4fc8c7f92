//! What Nix says of repos that are adopted.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use aux_eval::evaluate::Checkout;
use aux_eval::snapshot::{Look, Nested, PackageSet, files, maintainers, names, snapshot};
use aux_gen::disk::Registry;
use aux_model::{Catalog, RepoName, System};
use aux_nix::language::quote;
use aux_nix::{Answer, Failure, Limits, Nix, NixError, Question};

use crate::adopt::adopted::Adopted;
use crate::adopt::known::Known;
use crate::adopt::repo::FLAKE;
use crate::adopt::requirements::OF_EVERY_FLAKE;

/// Real Nix, asked about repos that are adopted.
#[derive(Debug)]
pub struct Evaluation<'e> {
    /// The Nix of this machine.
    pub nix: &'e Nix,
    /// The system that packages are evaluated for.
    pub system: &'e System,
    /// The folder that the repos' paths are relative to.
    pub here: &'e Path,
    /// The family that they are adopted into; none for a new one.
    pub family: Option<(&'e Registry, &'e Catalog)>,
}

/// A repo whose package set does not evaluate, so that only its texts are known.
#[derive(Debug)]
pub struct Unevaluated {
    /// The repo.
    pub repo: RepoName,
    /// Why.
    pub failure: Failure,
}

/// Nix could not be asked at all.
#[derive(Debug, thiserror::Error)]
pub enum EvaluationError {
    /// It does not run.
    #[error(transparent)]
    Nix(#[from] NixError),
    /// A folder is gone.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Names that a note shows.
const FEW: usize = 5;

/// Names only: adoption asks what there is, and not whether all of it evaluates.
const LOOK: Look = Look {
    jobs: 1,
    nested: Nested::Named,
};

impl Evaluation<'_> {
    /// Adds what Nix knows better than texts: of the family, the names of core's set; of each
    /// adopted repo whose set can be had without other repos, attributes and maintainers.
    /// Those whose set does not evaluate are named.
    ///
    /// # Errors
    /// When Nix does not run, or a repo's folder is gone.
    pub fn of(
        &self,
        known: &mut Known,
        adopted: &mut [Adopted],
    ) -> Result<Vec<Unevaluated>, EvaluationError> {
        if let Some((registry, catalog)) = self.family {
            self.names_of_core(registry, catalog, known)?;
        }
        let checkouts = self.checkouts(adopted);
        let mut failed = Vec::new();
        for repo in adopted {
            failed.extend(self.tree(repo)?);
            self.outputs(repo, &checkouts)?;
            if repo.offers_without_a_tree() {
                self.flake(repo, &checkouts)?;
            }
        }
        Ok(failed)
    }

    /// A core that is written by hand has more than the manifest lists.
    fn names_of_core(
        &self,
        registry: &Registry,
        catalog: &Catalog,
        known: &mut Known,
    ) -> Result<(), EvaluationError> {
        let core = self.here.join(catalog.core().path.as_str());
        let limits = Limits::default();
        let set = if core.join("default.nix").is_file() {
            PackageSet::of_tree(&core.canonicalize()?, self.system, "", self.nix, &limits)?
        } else {
            PackageSet::of_family(registry, catalog, self.system, self.nix, &limits)?
        };
        known.names = names(self.nix, &set)?;
        let packages = catalog.repos().flat_map(|repo| catalog.attributes_of(repo));
        let packages = packages.map(|(name, _)| name.to_string());
        known.names.extend(packages);
        Ok(())
    }

    /// Every flake that an adopted one may use, by repo.
    fn checkouts(&self, adopted: &[Adopted]) -> BTreeMap<RepoName, Checkout> {
        let there = self.family.into_iter();
        let there = there.flat_map(|(_, catalog)| catalog.repos());
        let there = there.map(|repo| (&repo.name, repo.path.as_str(), Some(&repo.url)));
        let new = adopted.iter();
        let new = new.map(|repo| (&repo.name, repo.path.as_str(), repo.url.as_ref()));
        there
            .chain(new)
            .filter_map(|(name, path, url)| {
                let path = self.here.join(path).canonicalize().ok()?;
                let url = url.cloned();
                Some((name.clone(), Checkout { path, url }))
            })
            .filter(|(_, checkout)| checkout.path.join("flake.nix").is_file())
            .collect()
    }

    /// The set of a repo with a `default.nix`; what is wrong with it.
    fn tree(&self, repo: &mut Adopted) -> Result<Option<Unevaluated>, EvaluationError> {
        let root = self.here.join(&repo.path).canonicalize()?;
        if !root.join("default.nix").is_file() {
            return Ok(None);
        }
        let limits = Limits::default();
        let set = PackageSet::of_tree(&root, self.system, "", self.nix, &limits)?;
        match snapshot(self.nix, &set, self.system, LOOK, &|_, _| {})? {
            Ok(snapshot) => {
                repo.ask_for_names(&root, &set, self.nix)?;
                repo.evaluated(&snapshot);
                let files = files(self.nix, &set)?;
                repo.defines_elsewhere(&root, &snapshot, &files);
                let names: Vec<&str> = repo.attributes_by_package().into_keys().collect();
                let maintainers = maintainers(self.nix, &set, &names)?;
                repo.maintained(&maintainers);
                Ok(None)
            }
            Err(failure) => Ok(Some(Unevaluated {
                repo: repo.name.clone(),
                failure,
            })),
        }
    }

    /// The outputs of the flake of a repo, and the names in those that hold packages. What the
    /// family does not take from there is named.
    fn outputs(
        &self,
        repo: &mut Adopted,
        checkouts: &BTreeMap<RepoName, Checkout>,
    ) -> Result<(), EvaluationError> {
        if !checkouts.contains_key(&repo.name) {
            return Ok(());
        }
        let set = PackageSet::of_outputs(&repo.name, checkouts, self.system, self.nix)?;
        let names = |key: &str, of: &str| Question::new(key, format!("builtins.attrNames ({of})"));
        let of_every = OF_EVERY_FLAKE.map(quote).join(" ");
        let questions = [
            names(
                "outputs",
                &format!("removeAttrs scope.flake [ {of_every} ]"),
            ),
            names("packages", "scope.flake.packages.${scope.system} or { }"),
            names(
                "legacyPackages",
                "scope.flake.legacyPackages.${scope.system} or { }",
            ),
            names(
                "overlays.default",
                "(scope.flake.overlays.default or (final: prev: { })) { } { }",
            ),
        ];
        let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        // Nothing is seen only where all could be looked at.
        let mut is_known = true;
        for answered in set.ask(self.nix, &questions)? {
            match answered.answer {
                Answer::Value(value) => {
                    let names = serde_json::from_value(value).unwrap_or_default();
                    found.insert(answered.key, names);
                }
                Answer::Failed(failure) => {
                    is_known = false;
                    let what = match answered.key.as_str() {
                        "outputs" => "its outputs cannot be evaluated".to_owned(),
                        output => format!("what `{output}` holds cannot be evaluated"),
                    };
                    let way_out = failure.way_out().map(|way_out| format!("; {way_out}"));
                    let way_out = way_out.unwrap_or_default();
                    repo.note(FLAKE, &format!("{what}: {}{way_out}", failure.reason));
                }
            }
        }
        if let Some(outputs) = found.remove("outputs") {
            let directory = self.here.join(&repo.path);
            repo.has_outputs(&directory, outputs);
        }
        let packages = found.remove("packages").unwrap_or_default();
        for (output, names) in found {
            let listed = repo.attributes_by_package();
            let more = names.difference(&packages).map(String::as_str);
            let more: Vec<&str> = more.filter(|name| !listed.contains_key(name)).collect();
            if let Some((shown, rest)) = more.split_at_checked(FEW.min(more.len()))
                && !shown.is_empty()
            {
                let rest = match rest.len() {
                    0 => String::new(),
                    rest => format!(" and {rest} more"),
                };
                let message = format!(
                    "`{output}` has {}{rest}, which are neither in `packages` nor in a by-name tree, so the family does not know them: list them under `packages` or `builders`",
                    shown.join(", ")
                );
                repo.note(FLAKE, &message);
            }
            if !names.is_empty() {
                repo.sees(names);
            }
        }
        if !packages.is_empty() || is_known {
            repo.sees(packages);
        }
        Ok(())
    }

    /// The sets that the flake of a repo offers.
    fn flake(
        &self,
        repo: &mut Adopted,
        checkouts: &BTreeMap<RepoName, Checkout>,
    ) -> Result<(), EvaluationError> {
        let name = repo.name.clone();
        let of = |attribute: &str| {
            let set = PackageSet::of_flake(&name, checkouts, self.system, attribute, self.nix)?;
            snapshot(self.nix, &set, self.system, LOOK, &|_, _| {})
        };
        for set in repo.offers(&of("")?) {
            repo.offers_set(&set, &of(&set)?);
        }
        Ok(())
    }
}
