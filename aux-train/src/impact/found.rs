//! What a change does to the packages of the family, as top-level makes them: which become another
//! derivation, which fail, and what there is to build.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use aux_eval::EvalFailure;
use aux_eval::commits::{Asked, Commits, Contracts, Evaluated, Memory, Versions, View};
use aux_git::WorkTree;
use aux_model::{Catalog, Repo, RepoName};
use aux_nix::{Limits, Nix};

use crate::error::TrainError;
use crate::repository::{remembering, repositories, repository};
use crate::state::{Outcome, Train};

/// How long substituters may take to say what they have.
const PATIENCE: Duration = Duration::from_secs(300);

/// What a change does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Impact {
    /// The repos at another commit, with what the change does to them and to those that do not
    /// move; only repos to which it does anything.
    pub repos: BTreeMap<RepoName, RepoImpact>,
    /// How many packages were looked at, before and after together.
    pub packages: usize,
    /// How many are the same derivation.
    pub same: usize,
    /// How many repos were looked at.
    pub looked_at: usize,
    /// Repos that are no git repository here, of which nothing was looked at.
    pub unseen: Vec<RepoName>,
    /// Repos that do not have what is compared with, and are taken as they are.
    pub without_base: Vec<RepoName>,
    /// The derivations that are to be built for what changes; none if nobody was asked.
    pub unbuilt: Option<BTreeSet<String>>,
}

/// What a change does to the packages of a repo.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RepoImpact {
    /// Whether its own commit is part of the change.
    pub moves: bool,
    /// New attributes.
    pub added: Vec<String>,
    /// Attributes that are gone.
    pub removed: Vec<String>,
    /// Attributes that become another derivation.
    pub changed: Vec<String>,
    /// Attributes that fail and did not.
    pub breaks: Vec<EvalFailure>,
    /// Attributes that do not fail any more.
    pub mends: Vec<String>,
}

impl Impact {
    /// Whether something was looked at, and nothing fails that did not.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.packages > 0 && self.repos.values().all(|repo| repo.breaks.is_empty())
    }

    /// How many packages become another derivation or are new.
    #[must_use]
    pub fn rebuilt(&self) -> usize {
        let repos = self.repos.values();
        repos
            .map(|repo| repo.changed.len() + repo.added.len())
            .sum()
    }
}

/// With what an impact is found out.
#[derive(Debug, Clone, Copy)]
pub struct ImpactContext<'a> {
    /// The folder of the registry.
    pub root: &'a Path,
    /// The family.
    pub catalog: &'a Catalog,
    /// Who is asked.
    pub nix: &'a Nix,
    /// The system to evaluate for.
    pub system: &'a str,
    /// Time and memory of each question.
    pub limits: &'a Limits,
    /// Whether Nix is asked what there is to build.
    pub builds: bool,
}

/// What a change set does, or an update: from where all repos were good to where a train has them.
///
/// # Errors
/// When git, the disk or Nix itself cannot be used.
pub fn impact_of(context: ImpactContext<'_>, train: &Train) -> Result<Impact, TrainError> {
    let members = || train.repos.iter();
    let before = members().filter_map(|(name, member)| {
        let commit = member.good.as_ref().or(member.base.as_ref())?;
        Some((name.clone(), commit.clone()))
    });
    let after = members().filter_map(|(name, member)| {
        let outcome = member.outcome.as_ref().and_then(Outcome::commit);
        Some((name.clone(), outcome.or(member.good.as_ref())?.clone()))
    });
    between(context, &before.collect(), &after.collect())
}

/// What the commits that are checked out do, compared with `base`, which is what git knows some
/// repos by (a branch, a tag, a commit); of the others the same commit is taken twice. Of a
/// submodule it is the commit that the registry has at `base`.
///
/// # Errors
/// When a repo that is asked for has no such commit, or git, the disk or Nix itself cannot be
/// used.
pub fn impact_since(
    context: ImpactContext<'_>,
    base: &str,
    repos: &[RepoName],
) -> Result<Impact, TrainError> {
    let (mut before, mut after) = (Versions::new(), Versions::new());
    let mut same = Vec::new();
    let registry = WorkTree::at(context.root);
    for repo in context.catalog.repos() {
        let found = repository(context.root, repo).and_then(|tree| {
            let head = tree.head()?;
            Some((tree, head))
        });
        let Some((tree, head)) = found else {
            if repos.contains(&repo.name) {
                return Err(TrainError::Unusable {
                    repo: repo.name.clone(),
                    reason: "it is not checked out as a git repository with a commit".to_owned(),
                });
            }
            continue;
        };
        let is_asked = repos.is_empty() || repos.contains(&repo.name);
        let path = repo.path.as_str();
        let submodule = registry
            .as_ref()
            .filter(|registry| registry.submodule_at("HEAD", path).is_some());
        let was = is_asked.then(|| match submodule {
            Some(registry) => registry.submodule_at(base, path),
            None => tree.commit_named(base),
        });
        let was = was.flatten();
        if was.is_none() && repos.contains(&repo.name) {
            return Err(TrainError::Unusable {
                repo: repo.name.clone(),
                reason: format!("git knows no commit `{base}` in it"),
            });
        }
        if was.is_none() && is_asked {
            same.push(repo.name.clone());
        }
        before.insert(repo.name.clone(), was.unwrap_or_else(|| head.clone()));
        after.insert(repo.name.clone(), head);
    }
    if !after.is_empty() && same.len() == after.len() {
        return Err(TrainError::NoBase(base.to_owned()));
    }
    let mut impact = between(context, &before, &after)?;
    impact.without_base = same;
    Ok(impact)
}

fn between(
    context: ImpactContext<'_>,
    before: &Versions,
    after: &Versions,
) -> Result<Impact, TrainError> {
    let ImpactContext { root, catalog, .. } = context;
    let trees = repositories(root, catalog);
    let contracts = Contracts::new(catalog, &trees);
    let memory = Memory::read(root);
    let nix = remembering(context.nix, root);
    let commits = Commits::new(&contracts, &nix, context.system, context.limits, &memory)?;
    let repos: Vec<&Repo> = catalog.repos().collect();
    // Where others are there and one is not, top-level has no value, and nothing is compared.
    let absent = |repo: &&&Repo| !trees.contains_key(&repo.name) && !repo.is_outside();
    if !trees.is_empty()
        && let Some(repo) = repos.iter().find(absent)
    {
        return Err(TrainError::Unusable {
            repo: repo.name.clone(),
            reason: "it is not checked out as a git repository of its own, and top-level is made of all: `aux-gen sync` clones it".to_owned(),
        });
    }
    let mut was = commits.together(&repos, before)?;
    // Where Nix resolves top-level for packages, it has a value.
    let is_resolved = was.values().any(|view| view.asked == Asked::Flake);
    if !trees.is_empty()
        && !is_resolved
        && let Some(failure) = commits.whole(before)?
    {
        return Err(TrainError::Unusable {
            repo: catalog.top_level().name.clone(),
            reason: format!(
                "it has no value with what is compared with: {}",
                failure.reason
            ),
        });
    }
    let mut now = commits.together(&repos, after)?;
    // Paths can be compared only if both states of a repo were asked for alike.
    let alike = |(name, was): (&RepoName, &View)| {
        let now = now.get(name);
        now.is_none_or(|now| now.asked == was.asked)
    };
    if !was.iter().all(alike) {
        was = commits.together_once(&repos, before)?;
        now = commits.together_once(&repos, after)?;
    }
    let mut impact = Impact::default();
    for repo in &repos {
        let name = &repo.name;
        if !trees.contains_key(name) {
            impact.unseen.push(name.clone());
            continue;
        }
        impact.looked_at += 1;
        let was = was.remove(name).unwrap_or_default();
        let now = now.remove(name).unwrap_or_default();
        let mut found = compare(&was, &now, &mut impact);
        if found == RepoImpact::default() {
            continue;
        }
        found.moves = before.get(name) != after.get(name);
        impact.repos.insert(name.clone(), found);
    }
    memory.write(root);
    if context.builds {
        let names = impact.repos.values();
        let names = names.flat_map(|repo| repo.changed.iter().chain(&repo.added));
        let names: BTreeSet<String> = names.cloned().collect();
        impact.unbuilt = Some(if names.is_empty() {
            BTreeSet::new()
        } else {
            commits.unbuilt(&names, after, PATIENCE)?
        });
    }
    Ok(impact)
}

fn compare(was: &View, now: &View, all: &mut Impact) -> RepoImpact {
    let mut found = RepoImpact::default();
    for (name, now) in &now.packages {
        all.packages += 1;
        match (was.packages.get(name), now) {
            (Some(Evaluated::Derivation(was)), Evaluated::Derivation(now)) if was == now => {
                all.same += 1;
            }
            (Some(Evaluated::Derivation(_)), Evaluated::Derivation(_)) => {
                found.changed.push(name.clone());
            }
            (Some(Evaluated::Failed(_)), Evaluated::Derivation(_)) => {
                found.mends.push(name.clone());
            }
            (None, Evaluated::Derivation(_)) => found.added.push(name.clone()),
            // It failed before, and for whatever reason it still does.
            (Some(Evaluated::Failed(_)), Evaluated::Failed(_)) => all.same += 1,
            (Some(Evaluated::Derivation(_)) | None, Evaluated::Failed(failure)) => {
                found.breaks.push(failure.clone());
            }
        }
    }
    for name in was.packages.keys() {
        if !now.packages.contains_key(name) {
            all.packages += 1;
            found.removed.push(name.clone());
        }
    }
    found
}
