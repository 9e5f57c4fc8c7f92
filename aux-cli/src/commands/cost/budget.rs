//! Bytes of repos against what the policy allows.

use std::collections::BTreeMap;
use std::path::Path;

use aux_eval::cost::{FetchError, download};
use aux_gen::disk::checkout;
use aux_model::{Code, Problem, Repo, RepoName, Severity};
use aux_session::{CheckedRegistry, Failure, size};

/// What is counted of repos: nothing of one that is no repository of its own with a commit.
pub(crate) type Counts<'f, Count> = BTreeMap<&'f RepoName, Option<Count>>;

/// Counts something of the checkout of each of some repos, once.
pub(crate) fn counts<'f, Count>(
    family: &CheckedRegistry,
    repos: impl IntoIterator<Item = &'f Repo>,
    count: impl Fn(&Path) -> Result<Option<Count>, FetchError>,
) -> Result<Counts<'f, Count>, Failure> {
    let mut counted = BTreeMap::new();
    for repo in repos {
        if counted.contains_key(&repo.name) {
            continue;
        }
        let folder = checkout(family.registry.root(), &repo.path).filter(|folder| folder.is_dir());
        let found = match folder {
            Some(folder) => count(&folder)?,
            None => None,
        };
        counted.insert(&repo.name, found);
    }
    Ok(counted)
}

/// Why nothing is counted of a repo.
pub(super) fn uncounted(repo: &Repo) -> String {
    format!(
        "bytes of {}: there is no repository of its own with a commit in `{}`",
        repo.name, repo.path
    )
}

/// A repo and all its inputs: what somebody fetches who uses it alone.
pub(crate) fn with_inputs<'f>(
    family: &'f CheckedRegistry,
    repo: &'f Repo,
) -> impl Iterator<Item = &'f Repo> {
    family.catalog.inputs(repo).into_iter().chain([repo])
}

/// Repos of which the download is over the policy, for `check`: a problem for each, and one warning for what
/// cannot be counted.
pub(crate) fn over_budget(family: &CheckedRegistry) -> Result<Vec<Problem>, Failure> {
    let Some(most) = family.catalog.policy().budget.download else {
        return Ok(Vec::new());
    };
    let top = &family.catalog.top_level().name;
    let repos = || family.catalog.repos().filter(|repo| repo.name != *top);
    let counted = counts(family, repos(), download)?;
    let problem = |severity, message: String, help: &str| Problem {
        code: Code::OverBudget,
        severity,
        location: None,
        message,
        help: Some(help.to_owned()),
        related: Vec::new(),
    };
    let mut problems = Vec::new();
    for repo in repos().filter(|repo| is_held(family, repo)) {
        let parts = with_inputs(family, repo).map(|part| counted[&part.name]);
        if let Some(found) = parts.sum::<Option<u64>>().filter(|found| *found > most) {
            problems.push(problem(
                Severity::Error,
                format!(
                    "to use `{}` alone is {} to download, and the policy allows {}",
                    repo.name,
                    size(found),
                    size(most)
                ),
                "`aux-gen cost --explain REPO` says what makes it so; or change `download` of `[policy.cost]`",
            ));
        }
    }
    let unknown = repos().filter(|repo| counted[&repo.name].is_none());
    problems.extend(unknown.map(|repo| {
        let unknown = uncounted(repo);
        problem(
            Severity::Warning,
            format!("`[policy.cost]` cannot be held: {unknown}"),
            "make it a git repository with a commit; `aux-gen sync` clones what is published and missing",
        )
    }));
    Ok(problems)
}

/// Whether the policy holds a repo to what it costs alone: top-level is all of them.
pub(super) fn is_held(family: &CheckedRegistry, repo: &Repo) -> bool {
    repo.is_generated() && repo.name != family.catalog.top_level().name
}
