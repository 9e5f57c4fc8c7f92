//! All releases of a family, and what changed from one to the next, as the contracts of its repos
//! say it in git. Nothing is evaluated: [`difference`](crate::release::difference) compares
//! derivations.

use std::collections::BTreeMap;
use std::path::Path;

use aux_eval::commits::Contracts;
use aux_gen::disk::checkout;
use aux_git::WorkTree;
use aux_model::semver::Version;
use aux_model::{Catalog, Interface, InterfaceChange, RepoName};

use crate::release::file::{Release, ReleaseError, ReleaseName, releases};

/// The releases of a family.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct History {
    /// Each release, in order of name.
    pub steps: Vec<HistoryStep>,
    /// The first release, by its day, in which a repo offered a name.
    pub since: BTreeMap<(RepoName, String), ReleaseName>,
    /// Files that are no releases, and why.
    pub damaged: Vec<ReleaseError>,
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
    /// What it offers now and did not, and the other way round; none if it is new, or its
    /// commit of the release before is not known.
    pub change: Option<InterfaceChange>,
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
    let trees: BTreeMap<RepoName, WorkTree> = catalog
        .repos()
        .filter_map(|repo| {
            let path = checkout(root, &repo.path)?;
            Some((repo.name.clone(), WorkTree::at(&path)?))
        })
        .collect();
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
    let mut history = History {
        damaged,
        ..History::default()
    };
    // A version may have been released long after a day that comes before it in order.
    let mut by_day: Vec<&Release> = all.iter().collect();
    by_day.sort_by(|one, other| (&one.day, &one.name).cmp(&(&other.day, &other.name)));
    for release in by_day {
        for repo in release.repos.keys() {
            let known = offered.get(&(release.name.clone(), repo.clone()));
            for name in known
                .into_iter()
                .flat_map(|known| known.interface.offers.keys())
            {
                let key = (repo.clone(), name.clone());
                history
                    .since
                    .entry(key)
                    .or_insert_with(|| release.name.clone());
            }
        }
    }
    let mut last: BTreeMap<Option<String>, ReleaseName> = BTreeMap::new();
    for release in all.drain(..) {
        let channel = release.channel.as_ref().map(ToString::to_string);
        let before = last.insert(channel, release.name.clone());
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
            let repo_step = RepoStep {
                version: now.version.clone(),
                was: was.and_then(|was| was.version.clone()),
                change: was.map(|was| now.interface.since(&was.interface)),
            };
            step.repos.insert(repo.clone(), repo_step);
        }
        history.steps.push(step);
    }
    history
}
