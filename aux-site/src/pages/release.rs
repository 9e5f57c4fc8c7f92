//! The pages of releases.

use std::collections::BTreeSet;

use aux_model::{PackageId, RepoName};
use aux_train::release::{HistoryStep, RepoChange, RepoStep};
use serde::Serialize;

use crate::address;
use crate::lookup::Lookup;
use crate::pages::frame::{Frame, Link};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Releases {
    #[serde(flatten)]
    frame: Frame,
    releases: Vec<Row>,
    damaged: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    release: Link,
    day: String,
    channel: Option<String>,
    repos: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReleasePage {
    #[serde(flatten)]
    frame: Frame,
    name: String,
    day: String,
    channel: Option<String>,
    before: Option<Link>,
    compare: Option<String>,
    repos: Vec<RepoRow>,
    unknown: Vec<Link>,
    checkout: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RepoRow {
    repo: Link,
    reference: String,
    commit: String,
    contract: String,
    added: Vec<Link>,
    removed: Vec<String>,
    retyped: Vec<String>,
    is_new: bool,
    is_unknown: bool,
    is_same: bool,
}

impl Releases {
    pub(crate) fn of(lookup: &Lookup<'_>, path: &str) -> Self {
        let root = address::root_of(path);
        let history = lookup.source.history;
        let mut releases: Vec<Row> = history
            .steps
            .iter()
            .map(|step| {
                let name = step.release.name.to_string();
                Row {
                    release: Link::page(name.clone(), &root, &address::of_release(&name)),
                    day: step.release.day.to_string(),
                    channel: step.release.channel.as_ref().map(ToString::to_string),
                    repos: step.release.repos.len(),
                }
            })
            .collect();
        releases.reverse();
        Self {
            frame: Frame::of(lookup, path, "Releases", "The family under a name"),
            releases,
            damaged: history.damaged.clone(),
        }
    }
}

impl ReleasePage {
    pub(crate) fn of(lookup: &Lookup<'_>, step: &HistoryStep, path: &str) -> Self {
        let root = address::root_of(path);
        let name = step.release.name.to_string();
        let before = step.before.as_ref().map(ToString::to_string);
        let known = |repo: &RepoName| lookup.source.catalog.repo(repo.as_str()).is_some();
        let link = |repo: &RepoName| {
            if known(repo) {
                Link::repo(repo.as_str(), &root)
            } else {
                Link::text(repo.as_str())
            }
        };
        let rows = step.repos.iter().map(|(repo, of)| {
            let frozen = &step.release.repos[repo];
            let change = match &of.change {
                RepoChange::Since(change) => Some(change),
                RepoChange::New | RepoChange::Unknown => None,
            };
            let list = |names: Option<&BTreeSet<String>>| -> Vec<String> {
                names.into_iter().flatten().cloned().collect()
            };
            let added = change.into_iter().flat_map(|change| &change.added);
            RepoRow {
                repo: link(repo),
                reference: frozen.url.to_string(),
                commit: frozen.commit.as_str().chars().take(12).collect(),
                contract: contract(of),
                added: added
                    .map(|name| added_link(lookup, repo, name, &root))
                    .collect(),
                removed: list(change.map(|change| &change.removed)),
                retyped: list(change.map(|change| &change.retyped)),
                is_new: of.change == RepoChange::New,
                is_unknown: of.change == RepoChange::Unknown,
                is_same: change.is_some_and(|change| {
                    change.added.is_empty()
                        && change.removed.is_empty()
                        && change.retyped.is_empty()
                }),
            }
        });
        Self {
            frame: Frame::of(lookup, path, &format!("Release {name}"), "A release"),
            day: step.release.day.to_string(),
            channel: step.release.channel.as_ref().map(ToString::to_string),
            compare: before
                .as_ref()
                .map(|before| format!("aux-gen release diff {before} {name}")),
            before: before
                .map(|before| Link::page(before.clone(), &root, &address::of_release(&before))),
            repos: rows.collect(),
            unknown: step.unknown.iter().map(link).collect(),
            checkout: format!("aux-gen release checkout {name}"),
            name,
        }
    }
}

/// A package that a release added, if it is still there.
fn added_link(lookup: &Lookup<'_>, repo: &RepoName, name: &str, root: &str) -> Link {
    let id = name.parse().ok().map(|name| PackageId {
        repo: repo.clone(),
        name,
    });
    match id.filter(|id| lookup.source.catalog.package(id).is_some()) {
        Some(id) => Link::page(name, root, &address::of_package(&id.repo, &id.name)),
        None => Link::text(name),
    }
}

/// The contract, and what it was.
fn contract(of: &RepoStep) -> String {
    match (&of.was, &of.version) {
        (Some(was), Some(is)) if was != is => format!("{was} → {is}"),
        (_, Some(is)) => is.to_string(),
        (_, None) => "none".to_owned(),
    }
}
