//! `CODEOWNERS`: who is asked about which file, in the words of each forge. One
//! source, the manifest, and the same answer for every file of a repo.
//!
//! GitHub reads patterns as in a `.gitignore`, and the last line that matches
//! wins. Forgejo and Gitea read regular expressions for whole paths, and all
//! lines that match count. Either would misread the other's file, so each has one
//! where the other does not look, and there is none at the root, where all do.

use aux_model::answers::{Owned, Owner, Place};
use aux_model::{Catalog, Repo};
use serde::Serialize;

use crate::marker::MARKER;
use crate::render::Context;

/// What GitHub reads first.
pub(super) const GITHUB: &str = ".github/CODEOWNERS";
/// What Forgejo and Gitea both know.
pub(super) const GITEA: &str = ".gitea/CODEOWNERS";

/// The rules for GitHub.
#[derive(Serialize)]
pub(super) struct GithubOwners {
    marker: &'static str,
    owners: String,
    paths: Vec<Rule>,
}

/// The rules for Forgejo and Gitea.
#[derive(Serialize)]
pub(super) struct GiteaOwners {
    marker: &'static str,
    pattern: String,
    owners: String,
    paths: Vec<Rule>,
}

/// One line.
#[derive(Serialize)]
struct Rule {
    pattern: String,
    owners: String,
}

impl GithubOwners {
    pub(super) fn of(catalog: &Catalog, repo: &Repo) -> Self {
        let (owners, paths) = rules(catalog, repo, github);
        Self {
            marker: MARKER,
            owners,
            paths,
        }
    }
}

impl GiteaOwners {
    pub(super) fn of(catalog: &Catalog, repo: &Repo) -> Self {
        let (owners, paths) = rules(catalog, repo, gitea);
        let own: Vec<&str> = paths.iter().map(|rule| rule.pattern.as_str()).collect();
        Self {
            marker: MARKER,
            // The repo's owners would otherwise be asked about every file.
            pattern: if own.is_empty() {
                ".*".to_owned()
            } else {
                format!("!({})", own.join("|"))
            },
            owners,
            paths,
        }
    }
}

/// Who is asked about a repo, and a rule for whatever in it has other owners.
fn rules(catalog: &Catalog, repo: &Repo, pattern: fn(Place) -> String) -> (String, Vec<Rule>) {
    let of_repo = catalog.owners(&Owned::Repo(repo));
    let rules = catalog
        .owned(repo)
        .filter_map(|owned| {
            let owners = catalog.owners(&owned);
            let rule = Rule {
                pattern: pattern(owned.place()?),
                owners: mentions(&owners),
            };
            (owners != of_repo).then_some(rule)
        })
        .collect();
    (mentions(&of_repo), rules)
}

fn mentions(owners: &[Owner<'_>]) -> String {
    let mentions: Vec<String> = owners.iter().map(Owner::to_string).collect();
    mentions.join(" ")
}

/// Nothing in a checked name has a meaning in these patterns.
fn github(place: Place) -> String {
    match place {
        Place::Directory(path) => format!("/{path}/"),
        Place::File(path) => format!("/{path}"),
    }
}

fn gitea(place: Place) -> String {
    match place {
        Place::Directory(path) => format!("{}/.*", literal(&path)),
        Place::File(path) => literal(&path),
    }
}

/// A path as a regular expression. Checked names are letters, digits, `-` and
/// `_`, so a dot is all that has a meaning; its backslash is doubled, because the
/// forge takes one away when it splits the line into words.
fn literal(path: &str) -> String {
    path.replace('.', r"\\.")
}

impl Context for GithubOwners {
    fn template(&self) -> &'static str {
        "repo/github/CODEOWNERS"
    }
}

impl Context for GiteaOwners {
    fn template(&self) -> &'static str {
        "repo/gitea/CODEOWNERS"
    }
}
