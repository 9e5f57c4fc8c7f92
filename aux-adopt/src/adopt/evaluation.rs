//! What Nix says of repos that are adopted.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use aux_eval::evaluate::Checkout;
use aux_eval::snapshot::{
    Core, Look, Nested, PackageSet, files, maintainers, names, nested, snapshot,
};
use aux_gen::disk::Registry;
use aux_model::{AttrName, Catalog, RepoName, System};
use aux_nix::language::quote;
use aux_nix::{Answer, Answered, Failure, Limits, Nix, NixError, Question};

use crate::adopt::adopted::{Adopted, Form};
use crate::adopt::core::core;
use crate::adopt::distinct::settle;
use crate::adopt::entry::Entry;
use crate::adopt::graph::Graph;
use crate::adopt::known::Known;
use crate::adopt::laid_out::LayoutProbe;
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
    /// The core of a new family; found if absent.
    pub core: Option<&'e RepoName>,
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
pub(super) const LOOK: Look = Look {
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
        let nix = self.among(adopted);
        Evaluation { nix: &nix, ..*self }.asked(known, adopted)
    }

    /// The Nix that has the checkouts of the family in place of what texts would fetch.
    fn among(&self, adopted: &[Adopted]) -> Nix {
        let reach = self.nix.reach().clone();
        let reach = self
            .standing(adopted)
            .fold(reach, |reach, (name, checkout)| match checkout.url {
                Some(url) => reach.with_sibling(url.as_str(), checkout.path),
                None => reach.with_nameless_sibling(name.as_str(), checkout.path),
            });
        self.nix.clone().reaching(reach)
    }

    fn asked(
        &self,
        known: &mut Known,
        adopted: &mut [Adopted],
    ) -> Result<Vec<Unevaluated>, EvaluationError> {
        if let Some((registry, catalog)) = self.family {
            self.names_of_core(registry, catalog, known)?;
        }
        let checkouts = self.checkouts(adopted);
        let core = self.core_of(adopted, known);
        let mut failed = Vec::new();
        let mut plain = Vec::new();
        self.outputs(adopted, &checkouts)?;
        for repo in adopted.iter_mut() {
            let is_core = core.as_ref().is_none_or(|(name, _)| *name == repo.name);
            if !is_core {
                self.import_instead(repo)?;
            }
        }
        for repo in adopted.iter_mut() {
            let core = core.as_ref().filter(|(name, _)| *name != repo.name);
            failed.extend(match (&repo.form, core) {
                (Form::Imported(entry), Some(_)) => {
                    plain.push((repo.name.clone(), entry.clone()));
                    None
                }
                (_, core) => self.tree(repo, core.is_none())?,
            });
        }
        if let Some(core) = &core {
            failed.extend(self.all_over_core(adopted, core, &plain)?);
            self.over_each_other(adopted, core, &plain, &mut failed)?;
        }
        self.packages(adopted, &checkouts)?;
        settle(adopted, known);
        for repo in adopted.iter_mut().filter(|repo| repo.is_unknown()) {
            repo.shows_in_files(&self.here.join(&repo.path));
        }
        Ok(failed)
    }

    /// Takes a repo for one without a flake whose flake cannot be evaluated here, as without nixpkgs,
    /// and which has a file that is put over the set of a core.
    fn import_instead(&self, repo: &mut Adopted) -> Result<(), EvaluationError> {
        let is_answered = self.nix.reach().search_path.contains_key("nixpkgs");
        if repo.form != Form::Flake || repo.has_packages || repo.discovers || is_answered {
            return Ok(());
        }
        let root = self.here.join(&repo.path).canonicalize()?;
        // What cannot be read is said where it counts.
        if let Ok(Some(entry)) = Entry::over_a_set(&root) {
            repo.import_instead(entry);
        }
        Ok(())
    }

    /// A core that is written by hand has more than the manifest lists.
    fn names_of_core(
        &self,
        registry: &Registry,
        catalog: &Catalog,
        known: &mut Known,
    ) -> Result<(), EvaluationError> {
        let packages = catalog.repos().flat_map(|repo| catalog.attributes_of(repo));
        let packages = packages.map(|(name, _)| name.to_string());
        known.names.extend(packages);
        // What it has stands in its index.
        if catalog.core().is_outside() {
            return Ok(());
        }
        let core = self.here.join(catalog.core().path.as_str());
        let limits = Limits::default();
        let set = if core.join("default.nix").is_file() {
            PackageSet::of_tree(&core.canonicalize()?, self.system, "", self.nix, &limits)?
        } else {
            PackageSet::of_family(registry, catalog, self.system, self.nix, &limits)?
        };
        known.names.extend(names(self.nix, &set)?);
        Ok(())
    }

    /// Every flake that an adopted one may use, by repo.
    fn checkouts(&self, adopted: &[Adopted]) -> BTreeMap<RepoName, Checkout> {
        self.standing(adopted)
            .filter(|(_, checkout)| checkout.path.join("flake.nix").is_file())
            .map(|(name, checkout)| (name.clone(), checkout))
            .collect()
    }

    /// The repos of the family, then the new ones, that stand on this machine.
    fn standing<'b>(
        &'b self,
        adopted: &'b [Adopted],
    ) -> impl Iterator<Item = (&'b RepoName, Checkout)> {
        let there = self.family.into_iter();
        let there = there.flat_map(|(_, catalog)| catalog.repos());
        let there = there.map(|repo| (&repo.name, repo.path.as_str(), Some(&repo.url)));
        let new = adopted.iter();
        let new = new.map(|repo| (&repo.name, repo.path.as_str(), repo.url.as_ref()));
        there.chain(new).filter_map(|(name, path, url)| {
            let path = self.here.join(path).canonicalize().ok()?;
            let url = url.cloned();
            Some((name, Checkout { path, url }))
        })
    }

    /// The core that repos without a flake stand on: that of the family, or the one that a new
    /// family will have, as far as texts tell.
    fn core_of(&self, adopted: &[Adopted], known: &Known) -> Option<(RepoName, Core)> {
        if let Some((_, catalog)) = self.family {
            let core = catalog.core();
            let path = self.here.join(core.path.as_str()).canonicalize().ok()?;
            let wiring = core.wiring;
            return Some((core.name.clone(), Core { path, wiring }));
        }
        let graph = Graph::of(adopted, known, &mut Vec::new());
        let name = core(adopted, &graph, known, self.core).ok()??;
        let repo = adopted.iter().find(|repo| repo.name == name)?;
        let path = self.here.join(&repo.path).canonicalize().ok()?;
        let wiring = repo.wiring;
        Some((name, Core { path, wiring }))
    }

    /// The set of a repo with a `default.nix`; what is wrong with it.
    fn tree(
        &self,
        repo: &mut Adopted,
        is_core: bool,
    ) -> Result<Option<Unevaluated>, EvaluationError> {
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
                self.maintainers_of(repo, &set)?;
                repo.nested = nested(self.nix, &set, &snapshot)?;
                let asked = LayoutProbe {
                    nix: self.nix,
                    set: &|| Ok(set.clone()),
                    snapshot: &snapshot,
                    has_variants: true,
                };
                repo.find_layout(&root, Some(&asked))?;
                if !is_core && repo.has_no_package() && repo.nested.is_empty() {
                    repo.is_library();
                }
                Ok(None)
            }
            Err(failure) => Ok(Some(Unevaluated {
                repo: repo.name.clone(),
                failure,
            })),
        }
    }

    /// Who maintains the packages of a repo, as their `meta` says.
    fn maintainers_of(&self, repo: &mut Adopted, set: &PackageSet) -> Result<(), NixError> {
        let elsewhere = repo.elsewhere.keys().map(AttrName::as_str);
        let in_tree = repo.attributes_by_package().into_keys();
        let names: Vec<&str> = in_tree.chain(elsewhere).collect();
        let maintainers = maintainers(self.nix, set, &names)?;
        repo.maintained(&maintainers);
        Ok(())
    }

    /// The outputs of the flakes of repos, and the names in those that hold packages: all of them
    /// in one session. What the family does not take from there is named.
    fn outputs(
        &self,
        adopted: &mut [Adopted],
        checkouts: &BTreeMap<RepoName, Checkout>,
    ) -> Result<(), EvaluationError> {
        let set = PackageSet::of_outputs(checkouts, self.system, self.nix)?;
        let asked: Vec<&mut Adopted> = adopted
            .iter_mut()
            .filter(|repo| checkouts.contains_key(&repo.name))
            .collect();
        let questions: Vec<Question> = asked
            .iter()
            .flat_map(|repo| questions(&repo.name))
            .collect();
        let mut answers = set.ask(self.nix, &questions)?.into_iter();
        for repo in asked {
            let own: Vec<Answered> = answers.by_ref().take(OUTPUTS.len()).collect();
            self.offers(repo, own);
        }
        Ok(())
    }

    /// Takes in the answers to the questions about one repo.
    fn offers(&self, repo: &mut Adopted, answers: Vec<Answered>) {
        let mut found: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        // Nothing is seen only where all could be looked at.
        let mut is_known = true;
        for (output, answered) in OUTPUTS.into_iter().zip(answers) {
            match answered.answer {
                Answer::Value(value) => {
                    let names = serde_json::from_value(value).unwrap_or_default();
                    found.insert(output, names);
                }
                // Where its packages have no value, that is said of them.
                Answer::Failed(_)
                    if [OTHER_SYSTEMS, OTHER_OVERLAYS].contains(&output)
                        && !found.contains_key("packages") => {}
                Answer::Failed(failure) => {
                    is_known = false;
                    let what = match output {
                        "outputs" => "its outputs cannot be evaluated".to_owned(),
                        output => format!("what `{output}` holds cannot be evaluated"),
                    };
                    let reason = failure.reason_with_way_out();
                    repo.note(FLAKE, &format!("{what}: {reason}"));
                }
            }
        }
        if let Some(outputs) = found.remove("outputs") {
            let directory = self.here.join(&repo.path);
            repo.has_outputs(&directory, outputs);
        }
        let other_systems = found.remove(OTHER_SYSTEMS).unwrap_or_default();
        repo.is_for_other_systems(other_systems);
        if let Some(overlays) = found.remove(OTHER_OVERLAYS)
            && !overlays.is_empty()
        {
            let overlays: Vec<String> = overlays.into_iter().collect();
            let message = format!(
                "its overlays besides `default` are named by nobody: {}",
                overlays.join(", ")
            );
            repo.note(FLAKE, &message);
        }
        let packages = found.remove("packages");
        repo.has_packages = packages.is_some();
        let packages = packages.unwrap_or_default();
        for (output, names) in found {
            let listed = repo.attributes_by_package();
            let is_listed =
                |name: &str| listed.contains_key(name) || repo.elsewhere.contains_key(name);
            let more = names.difference(&packages).map(String::as_str);
            let more: Vec<&str> = more.filter(|name| !is_listed(name)).collect();
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
    }

    /// The packages of the flakes of repos without a by-name tree: all of them in one session.
    fn packages(
        &self,
        adopted: &mut [Adopted],
        checkouts: &BTreeMap<RepoName, Checkout>,
    ) -> Result<(), EvaluationError> {
        let offering = |repo: &&mut Adopted| {
            repo.has_packages && repo.offers_without_a_tree() && checkouts.contains_key(&repo.name)
        };
        let offering: Vec<&mut Adopted> = adopted.iter_mut().filter(offering).collect();
        let names: Vec<&RepoName> = offering.iter().map(|repo| &repo.name).collect();
        if names.is_empty() {
            return Ok(());
        }
        let set = PackageSet::of_flakes(&names, checkouts, self.system, self.nix)?;
        let all = snapshot(self.nix, &set, self.system, LOOK, &|_, _| {})?;
        for repo in offering {
            let own = all.as_ref().map(|all| all.below(repo.name.as_str()));
            let own = own.map_err(Clone::clone);
            for set in repo.offers(&own) {
                let members =
                    PackageSet::of_flake(&repo.name, checkouts, self.system, &set, self.nix)?;
                let members = snapshot(self.nix, &members, self.system, LOOK, &|_, _| {})?;
                repo.offers_set(&set, &members);
            }
            repo.find_layout(&self.here.join(&repo.path), None)?;
        }
        Ok(())
    }
}

/// What is asked of each flake, and what an answer is called in messages.
const OUTPUTS: [&str; 6] = [
    "outputs",
    "packages",
    "legacyPackages",
    "overlays.default",
    OTHER_SYSTEMS,
    OTHER_OVERLAYS,
];

/// Packages that it has for other systems only.
const OTHER_SYSTEMS: &str = "packages of other systems";

/// Overlays besides the one that a family takes.
const OTHER_OVERLAYS: &str = "other overlays";

/// The questions about a flake, in the order of [`OUTPUTS`].
fn questions(name: &RepoName) -> [Question; 6] {
    let flake = format!("scope.flakes.{}", quote(name.as_str()));
    let of_every = OF_EVERY_FLAKE.map(quote).join(" ");
    OUTPUTS.map(|output| {
        let set = match output {
            "outputs" => format!("removeAttrs {flake} [ {of_every} ]"),
            "overlays.default" => {
                format!("({flake}.overlays.default or (final: prev: {{ }})) {{ }} {{ }}")
            }
            OTHER_SYSTEMS => format!(
                "let packages = {flake}.packages or {{ }}; in
                 removeAttrs
                   (builtins.foldl' (all: system: all // packages.${{system}}) {{ }} (builtins.attrNames packages))
                   (builtins.attrNames (packages.${{scope.system}} or {{ }}))"
            ),
            OTHER_OVERLAYS => format!("removeAttrs ({flake}.overlays or {{ }}) [ \"default\" ]"),
            output => format!("{flake}.{output}.${{scope.system}} or {{ }}"),
        };
        Question::new(
            format!("{name} {output}"),
            format!("builtins.attrNames ({set})"),
        )
    })
}
