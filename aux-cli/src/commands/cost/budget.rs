//! Bytes of repos against what the policy allows.

use std::collections::BTreeMap;

use aux_eval::cost::{Bytes, bytes};
use aux_gen::disk::checkout;
use aux_model::{Code, Problem, Repo, RepoName, Severity};
use aux_session::{CheckedRegistry, Failure, size};

/// The bytes of every repo that is checked out, and those that are not, with the reason.
pub(crate) fn counts(
    family: &CheckedRegistry,
) -> Result<(BTreeMap<RepoName, Bytes>, Vec<String>), Failure> {
    let (mut counted, mut unknown) = (BTreeMap::new(), Vec::new());
    for repo in family.catalog.repos() {
        let folder = checkout(family.registry.root(), &repo.path).filter(|folder| folder.is_dir());
        let found = match folder {
            Some(folder) => {
                bytes(&folder).map_err(|error| Failure::refused(error.to_string(), ""))?
            }
            None => None,
        };
        match found {
            Some(bytes) => {
                counted.insert(repo.name.clone(), bytes);
            }
            None => unknown.push(format!(
                "bytes of {}: there is no repository of its own with a commit in `{}`",
                repo.name, repo.path
            )),
        }
    }
    Ok((counted, unknown))
}

/// The bytes of a repo with all its inputs; none if one of them is not known.
pub(super) fn with_inputs(
    family: &CheckedRegistry,
    repo: &Repo,
    counted: &BTreeMap<RepoName, Bytes>,
) -> Option<Bytes> {
    let inputs = family.catalog.inputs(repo);
    let all = inputs.into_iter().chain([repo]);
    all.map(|repo| counted.get(&repo.name))
        .try_fold(Bytes::default(), |sum, bytes| {
            let bytes = bytes?;
            Some(Bytes {
                download: sum.download + bytes.download,
                store: sum.store + bytes.store,
            })
        })
}

/// Repos of which the download is over the policy, for `check`: a problem for each, and one warning for what
/// cannot be counted.
pub(crate) fn over_budget(family: &CheckedRegistry) -> Result<Vec<Problem>, Failure> {
    let Some(most) = family.catalog.policy().budget.download else {
        return Ok(Vec::new());
    };
    let (counted, unknown) = counts(family)?;
    let problem = |severity, message: String, help: &str| Problem {
        code: Code::OverBudget,
        severity,
        location: None,
        message,
        help: Some(help.to_owned()),
        related: Vec::new(),
    };
    let mut problems = Vec::new();
    for repo in family.catalog.repos().filter(|repo| is_held(family, repo)) {
        let found = with_inputs(family, repo, &counted);
        if let Some(found) = found.filter(|found| found.download > most) {
            problems.push(problem(
                Severity::Error,
                format!(
                    "to use `{}` alone is {} to download, and the policy allows {}",
                    repo.name,
                    size(found.download),
                    size(most)
                ),
                "`aux-gen cost --explain REPO` says what makes it so; or change `download` of `[policy.cost]`",
            ));
        }
    }
    let top = format!("bytes of {}:", family.catalog.top_level().name);
    let unknown = unknown
        .into_iter()
        .filter(|unknown| !unknown.starts_with(&top));
    problems.extend(unknown.map(|unknown| {
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
