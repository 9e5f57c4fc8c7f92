//! All releases of a family, and what changed from one to the next, as the contracts of its repos
//! say it in git. Nothing is evaluated: [`difference`](crate::release::difference) compares
//! derivations.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aux_eval::commits::Contracts;
use aux_model::semver::Version;
use aux_model::{Catalog, Interface, InterfaceChange, RepoName};

use crate::release::file::{Release, ReleaseName, releases};
use crate::repository::repositories;

/// The releases of a family.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct History {
    /// Each release, in order of its day, and of its name on one day.
    pub steps: Vec<HistoryStep>,
    /// The first release in which a repo offered a name, where that is known of all releases before.
    pub since: BTreeMap<(RepoName, String), ReleaseName>,
    /// Files that are no releases, and why, with paths below the registry.
    pub damaged: Vec<String>,
}

/// A release, and what changed since the one before it on its channel.
#[derive(Debug)]
#[non_exhaustive]
pub struct HistoryStep {
    /// It.
    pub release: Release,
    /// The one before; none if it is the first.
    pub before: Option<ReleaseName>,
    /// Every repo of it that says in its commit what it offers.
    pub repos: BTreeMap<RepoName, RepoStep>,
    /// Repos whose commit is not here or says nothing of what it offers: nothing is known of them.
    pub unknown: Vec<RepoName>,
}

/// One repo of a release.
#[derive(Debug)]
#[non_exhaustive]
pub struct RepoStep {
    /// The version of its contract.
    pub version: Option<Version>,
    /// That of the release before.
    pub was: Option<Version>,
    /// What changed in what it offers.
    pub change: RepoChange,
}

/// What became of a repo since the release before.
#[derive(Debug, PartialEq, Eq)]
pub enum RepoChange {
    /// The release before does not have it.
    New,
    /// The release before has it, at a commit that is not here or says nothing of what it offers.
    Unknown,
    /// What it offers now and did not, and the other way round.
    Since(InterfaceChange),
}

/// What one repo offered in one release.
struct Offered {
    version: Option<Version>,
    interface: Interface,
}

/// Reads all releases of a registry, with the commits that are in the checkouts.
#[must_use]
pub fn history(root: &Path, catalog: &Catalog) -> History {
    let (mut all, damaged) = releases(root);
    let trees = repositories(root, catalog);
    let contracts = Contracts::new(catalog, &trees);
    let offered: BTreeMap<(ReleaseName, RepoName), Offered> = all
        .iter()
        .flat_map(|release| release.repos.iter().map(move |repo| (release, repo)))
        .filter_map(|(release, (repo, frozen))| {
            let commit = trees.get(repo)?.commit_named(&frozen.commit)?;
            let interface = contracts.interface(repo, &commit).ok()??;
            let version = contracts.version(repo, &commit).ok()?;
            let key = (release.name.clone(), repo.clone());
            Some((key, Offered { version, interface }))
        })
        .collect();
    let root = format!("{}/", root.display());
    let mut history = History {
        damaged: damaged
            .iter()
            .map(|error| error.to_string().replace(&root, ""))
            .collect(),
        ..History::default()
    };
    // A version may have been released long after a day that comes before it in order of names.
    all.sort_by(|one, other| (&one.day, &one.name).cmp(&(&other.day, &other.name)));
    let mut unknown: BTreeSet<&RepoName> = BTreeSet::new();
    for release in &all {
        for repo in release.repos.keys() {
            let Some(known) = offered.get(&(release.name.clone(), repo.clone())) else {
                unknown.insert(repo);
                continue;
            };
            // What it had before may have been in the release of which nothing is known.
            for name in known
                .interface
                .offers
                .keys()
                .filter(|_| !unknown.contains(repo))
            {
                let key = (repo.clone(), name.clone());
                history
                    .since
                    .entry(key)
                    .or_insert_with(|| release.name.clone());
            }
        }
    }
    let mut last: BTreeMap<Option<String>, (ReleaseName, BTreeSet<RepoName>)> = BTreeMap::new();
    for release in all {
        let channel = release.channel.as_ref().map(ToString::to_string);
        let repos = release.repos.keys().cloned().collect();
        let before = last.insert(channel, (release.name.clone(), repos));
        let (before, had) = before.unzip();
        let had = had.unwrap_or_default();
        let mut step = HistoryStep {
            before,
            repos: BTreeMap::new(),
            unknown: Vec::new(),
            release,
        };
        for repo in step.release.repos.keys() {
            let Some(now) = offered.get(&(step.release.name.clone(), repo.clone())) else {
                step.unknown.push(repo.clone());
                continue;
            };
            let was = step.before.as_ref();
            let was = was.and_then(|was| offered.get(&(was.clone(), repo.clone())));
            let change = match was {
                _ if !had.contains(repo) => RepoChange::New,
                None => RepoChange::Unknown,
                Some(was) => RepoChange::Since(now.interface.since(&was.interface)),
            };
            let repo_step = RepoStep {
                version: now.version.clone(),
                was: was.and_then(|was| was.version.clone()),
                change,
            };
            step.repos.insert(repo.clone(), repo_step);
        }
        history.steps.push(step);
    }
    history
}
