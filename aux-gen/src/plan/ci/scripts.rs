//! What the registry's workflows do with the repos, as scripts of a shell: paths
//! and URLs are quoted here for it, and stay out of the workflows.

use aux_model::{Catalog, Repo};
use serde::Serialize;

use crate::marker::MARKER;
use crate::render::Context;
use crate::render::quote::shell;

/// Clones the repos that are no part of the registry.
pub(in crate::plan) const FETCH: &str = "ci/fetch.sh";
/// Makes pull requests of what was generated.
pub(in crate::plan) const PROPOSE: &str = "ci/propose.sh";

#[derive(Serialize)]
pub(in crate::plan) struct Fetch {
    marker: &'static str,
    /// One line for each repo.
    repos: Vec<String>,
}

#[derive(Serialize)]
pub(in crate::plan) struct Propose {
    marker: &'static str,
    /// One line for each generated repo that git can clone.
    repos: Vec<String>,
}

impl Fetch {
    pub(in crate::plan) fn of(catalog: &Catalog) -> Self {
        Self {
            marker: MARKER,
            repos: catalog.repos().map(fetch).collect(),
        }
    }
}

impl Propose {
    pub(in crate::plan) fn of(catalog: &Catalog) -> Self {
        Self {
            marker: MARKER,
            repos: catalog
                .repos()
                .filter(|repo| repo.is_generated())
                .filter_map(propose)
                .collect(),
        }
    }
}

fn fetch(repo: &Repo) -> String {
    let path = shell(repo.path.as_str());
    let Some(git) = repo.url.git_url() else {
        let message = format!("{path} is not here, and git cannot clone {}", repo.url);
        return format!("here {path} || {{ echo {} >&2; exit 1; }}", shell(&message));
    };
    let url = shell(&git.url);
    let branch = git.branch.map(|branch| format!(" {}", shell(&branch)));
    let then = if repo.is_generated() {
        format!("set -- \"$@\" --repo {}; ", repo.name)
    } else {
        String::new()
    };
    format!(
        "here {path} || {{ clone {path} {url}{}; {then}}}",
        branch.unwrap_or_default()
    )
}

fn propose(repo: &Repo) -> Option<String> {
    let git = repo.url.git_url()?;
    let path = shell(repo.path.as_str());
    let url = shell(git.url.trim_end_matches(".git"));
    let branch = shell(&repo.published_branch());
    Some(format!("own {path} {url} {branch}"))
}

impl Context for Fetch {
    fn template(&self) -> &'static str {
        FETCH
    }
}

impl Context for Propose {
    fn template(&self) -> &'static str {
        PROPOSE
    }
}
