//! `CODEOWNERS`: who is asked about which file, in the words of each forge. One
//! source, the manifest, and the same answer for every file of a repo, and of the registry.
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
        Self::new(rules(catalog, repo, github))
    }

    fn new((owners, paths): (String, Vec<Rule>)) -> Self {
        Self {
            marker: MARKER,
            owners,
            paths,
        }
    }
}

impl GiteaOwners {
    pub(super) fn of(catalog: &Catalog, repo: &Repo) -> Self {
        Self::new(rules(catalog, repo, gitea))
    }

    fn new((owners, paths): (String, Vec<Rule>)) -> Self {
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

/// The rules of the registry: what core's SIG does not answer for.
pub(super) fn of_registry(catalog: &Catalog) -> (GithubOwners, GiteaOwners) {
    let one = registry_rules(catalog, github, "/holds/**/");
    let other = registry_rules(catalog, gitea, "holds/(.*/)?");
    (GithubOwners::new(one), GiteaOwners::new(other))
}

/// Who is asked about the registry, and a rule for each file that speaks of other SIGs, for the
/// checkouts, and for what holds say of a repo.
fn registry_rules(
    catalog: &Catalog,
    pattern: fn(Place) -> String,
    holds: &str,
) -> (String, Vec<Rule>) {
    let of_root = catalog.owners(&Owned::Repo(catalog.core()));
    let files = catalog.files_of_sigs().into_iter().map(|(file, sigs)| {
        let owners: Vec<Owner<'_>> = sigs.iter().flat_map(|sig| catalog.reviewers(sig)).collect();
        (pattern(Place::File(file.to_owned())), owners)
    });
    let ours = catalog.repos().filter(|repo| !repo.is_outside());
    let repos = ours.flat_map(|repo| {
        let of_repo = catalog.owners(&Owned::Repo(repo));
        let known = of_repo.clone();
        let hold = pattern(Place::File(format!("{}.json", repo.name)));
        let hold = format!("{holds}{}", hold.trim_start_matches('/'));
        let path = repo.path.as_str();
        let inside = catalog.owned(repo).filter_map(move |owned| {
            let place = match owned.place()? {
                Place::Directory(directory) => Place::Directory(format!("{path}/{directory}")),
                Place::File(file) => Place::File(format!("{path}/{file}")),
            };
            let owners = catalog.owners(&owned);
            let is_another = owners != known;
            is_another.then(|| (pattern(place), owners))
        });
        let whole = pattern(Place::Directory(path.to_owned()));
        [(whole, of_repo.clone()), (hold, of_repo)]
            .into_iter()
            .chain(inside)
    });
    let rules = files.chain(repos).filter(|(_, owners)| !owners.is_empty());
    let rules = rules.map(|(pattern, owners)| Rule {
        pattern,
        owners: mentions(&owners),
    });
    (mentions(&of_root), rules.collect())
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
