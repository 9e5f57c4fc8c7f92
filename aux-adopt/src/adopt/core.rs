//! Which of the adopted repos is core.

use aux_model::{RepoName, Wiring};

use crate::adopt::adopted::Adopted;
use crate::adopt::graph::Graph;
use crate::adopt::known::Known;

/// Why no repo can be taken for the core of a new family.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoCore {
    /// Nothing that is adopted builds a package set on which others could stand.
    #[error(
        "none of the repos is a core: a core offers `mkPackages`, `layer` or `overlays`, or has a `default.nix` that takes `overlays`"
    )]
    None,
    /// Several could be it, and as many repos use each.
    #[error("each of {} may be the core", quoted(.0))]
    Several(Vec<RepoName>),
    /// The one that was named is not among the adopted.
    #[error("`{0}` is to be the core, and is not adopted here")]
    NotAdopted(RepoName),
    /// The one that was named builds no package set on which others could stand.
    #[error(
        "`{0}` cannot be the core: it offers neither `mkPackages`, `layer` nor `overlays`, and has no `default.nix` that takes `overlays`"
    )]
    NotOne(RepoName),
}

fn quoted(names: &[RepoName]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// The core of a new family: the one that is asked for, else the one called `core`, else the
/// one that uses none of the others and that most of them use. None if the family is there.
///
/// # Errors
/// When none can be it, or several can, and nothing tells which.
pub(super) fn core(
    adopted: &[Adopted],
    graph: &Graph,
    known: &Known,
    asked: Option<&RepoName>,
) -> Result<Option<RepoName>, NoCore> {
    if !known.tiers.is_empty() {
        return Ok(None);
    }
    if let Some(asked) = asked {
        let Some(repo) = adopted.iter().find(|repo| repo.name == *asked) else {
            return Err(NoCore::NotAdopted(asked.clone()));
        };
        return if can_be_core(repo) {
            Ok(Some(asked.clone()))
        } else {
            Err(NoCore::NotOne(asked.clone()))
        };
    }
    // What builds no package set, such as a library, may stand below a core as its input.
    let builds = |name: &RepoName| {
        let mut all = adopted.iter();
        all.any(|repo| repo.name == *name && can_be_core(repo))
    };
    let bottom = adopted.iter().filter(|repo| {
        let mut used = graph.uses.get(&repo.name).into_iter().flatten();
        !used.any(builds)
    });
    let able: Vec<&RepoName> = bottom
        .filter(|repo| can_be_core(repo))
        .map(|repo| &repo.name)
        .collect();
    if let Some(core) = able.iter().find(|name| name.as_str() == "core") {
        return Ok(Some((*core).clone()));
    }
    let counts = graph.counts();
    let users = |name: &RepoName| counts.get(name).copied().unwrap_or(0);
    let most = able
        .iter()
        .map(|name| users(name))
        .max()
        .ok_or(NoCore::None)?;
    let mut first = able.into_iter().filter(|name| users(name) == most);
    match (first.next(), first.next()) {
        (Some(one), None) => Ok(Some(one.clone())),
        (Some(one), Some(other)) => {
            let all = [one, other].into_iter().chain(first);
            Err(NoCore::Several(all.cloned().collect()))
        }
        (None, _) => Err(NoCore::None),
    }
}

/// Whether others can stand on the package set that it builds.
fn can_be_core(repo: &Adopted) -> bool {
    repo.wiring != Wiring::Packages
}
