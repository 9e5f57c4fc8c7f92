//! What top-level has locked: the last good commit of each repo.

use std::collections::BTreeMap;
use std::path::Path;

use aux_gen::lock::{LOCK, LockFile};
use aux_model::{Catalog, RepoName, Rev};

use crate::error::TrainError;
use crate::repository::repository;
use crate::state::Train;

/// The commits that top-level has locked: where each repo was good last; none for one that
/// it has locked at a commit that is not here.
pub(crate) fn agreed(
    root: &Path,
    catalog: &Catalog,
    train: &Train,
) -> Result<BTreeMap<RepoName, Option<Rev>>, TrainError> {
    let top = catalog.top_level();
    let member = train.repos.get(&top.name);
    // Where its branches went different ways, what is here counts.
    let at = member.and_then(|top| {
        let seen = [&top.tip, &top.base, &top.local];
        seen.into_iter().flatten().next().cloned()
    });
    let (Some(at), Some(tree)) = (at, repository(root, top)) else {
        return Err(TrainError::NoTopLevel(top.path.to_string()));
    };
    let text = tree.text_at(&at, LOCK)?;
    let mut good = BTreeMap::from([(top.name.clone(), Some(at))]);
    let Some(text) = text else {
        return Ok(good);
    };
    let lock = LockFile::read(&text).map_err(TrainError::Lock)?;
    for repo in catalog.repos() {
        let Some(rev) = lock.rev(repo.name.as_str()) else {
            continue;
        };
        let tree = repository(root, repo);
        let is_here = tree.is_some_and(|tree| tree.commit_named(&rev).is_some());
        good.insert(repo.name.clone(), is_here.then_some(rev));
    }
    Ok(good)
}
