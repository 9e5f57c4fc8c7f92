//! A train that is given up: the branches that it made go.

use std::path::Path;
use std::time::Duration;

use aux_model::Catalog;

use crate::error::TrainError;
use crate::refusal::Refusal;
use crate::staging::push::push_staging;
use crate::staging::stage::stage;
use crate::state::{Outcome, Phase, RepoState, Train};

/// Drops a train: its staging branches go, here and where they were pushed. Returns what a
/// remote refused; the train is dropped all the same.
///
/// # Errors
/// When branches have moved already, or git refuses.
pub fn abort(
    root: &Path,
    catalog: &Catalog,
    mut train: Train,
    patience: Duration,
) -> Result<Vec<Refusal>, TrainError> {
    // Where all branches have moved, only remotes are left, and they can wait.
    if matches!(train.phase, Phase::Promoting | Phase::Done) {
        return Err(TrainError::Phase(train.phase.sentence()));
    }
    clear(root, catalog, &mut train, patience)
}

/// Takes a train's staging branches away, and forgets it.
///
/// # Errors
/// When git refuses.
pub fn clear(
    root: &Path,
    catalog: &Catalog,
    train: &mut Train,
    patience: Duration,
) -> Result<Vec<Refusal>, TrainError> {
    let refused = unstage(root, catalog, train, patience)?;
    train.forget(root)?;
    Ok(refused)
}

/// Takes a train's staging branches away; what it says stays.
///
/// # Errors
/// When git refuses.
pub fn unstage(
    root: &Path,
    catalog: &Catalog,
    train: &mut Train,
    patience: Duration,
) -> Result<Vec<Refusal>, TrainError> {
    let still = |member: &mut RepoState| {
        // As if nothing had moved.
        let base = member.base.clone();
        let still = base.map(|commit| Outcome::Unchanged { commit });
        std::mem::replace(&mut member.outcome, still)
    };
    let outcomes: Vec<_> = train.repos.values_mut().map(still).collect();
    let kept = stage(root, catalog, train)?.pop();
    let refused = match &kept {
        Some(_) => Vec::new(),
        None => push_staging(root, catalog, train, patience)?,
    };
    for (member, outcome) in train.repos.values_mut().zip(outcomes) {
        member.outcome = outcome;
    }
    train.write(root)?;
    match kept {
        Some(Refusal { repo, reason }) => Err(TrainError::Unusable { repo, reason }),
        None => Ok(refused),
    }
}
