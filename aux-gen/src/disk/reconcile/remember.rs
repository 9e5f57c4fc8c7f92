//! Notes which folders are as planned, once a run has ended.

use std::collections::BTreeSet;

use crate::disk::reconcile::changes::Changes;
use crate::disk::reconcile::compare::is_as_planned;
use crate::disk::reconcile::freshness;
use crate::disk::reconcile::freshness::{FreshnessCache, remembered};
use crate::disk::reconcile::home::{PlannedHome, homes};
use crate::disk::reconcile::origin::PlanOrigin;
use crate::disk::reconcile::status::FileState;
use crate::disk::reconcile::texts;
use crate::disk::registry::Registry;
use crate::disk::write::{State, next_tick};
use crate::plan::Plan;

/// Remembers which folders are as planned now that the changes are made, for the
/// next run. The caller holds the lock of the registry. `origin` is what the plan was made of, if it
/// is the whole plan of the registry. A cache that cannot be written is none.
pub fn remember(registry: &Registry, plan: &Plan, changes: &Changes, origin: Option<&PlanOrigin>) {
    use rayon::prelude::*;
    let Ok(state) = State::make(registry.root()) else {
        return;
    };
    let remembered = remembered(registry);
    let mut cache = FreshnessCache::of(&remembered);
    let open = changes.left_open();
    let homes = homes(plan);
    let (settled, compared): (Vec<PlannedHome<'_>>, Vec<PlannedHome<'_>>) = homes
        .into_iter()
        .partition(|home| changes.settled.contains(home.name()));
    compared.par_iter().for_each(|home| {
        if let Ok(directory) = home.directory(registry) {
            texts::keep_planned(&state, *home, &directory);
        }
    });
    let (open, new): (Vec<PlannedHome<'_>>, Vec<PlannedHome<'_>>) = compared
        .into_iter()
        .partition(|home| open.contains(home.name()));
    let mut is_same = true;
    for home in &open {
        is_same &= cache.folders.remove(home.name()).is_none();
    }
    let now = if new.is_empty() {
        None
    } else {
        let Some(now) = next_tick(&state) else {
            return;
        };
        Some(now)
    };
    let seen: Vec<_> = new
        .par_iter()
        .map(|home| {
            // What changes while this looks is younger than `now`, what changed before
            // shows by its content.
            let directory = home.directory(registry).ok()?;
            let is_settled = is_as_planned(registry.root(), directory.clone(), *home).ok()?;
            is_settled.then(|| freshness::settled(registry, *home, &directory, now?))?
        })
        .collect();
    let mut are_all = open.is_empty();
    is_same &= new.is_empty();
    let known: BTreeSet<&str> = settled.iter().chain(&new).map(PlannedHome::name).collect();
    for (home, seen) in new.iter().zip(seen) {
        match seen {
            Some(seen) => {
                cache
                    .folders
                    .insert(home.name().to_owned().into(), seen.into());
            }
            None => {
                are_all = false;
                cache.folders.remove(home.name());
            }
        }
    }
    let origin = origin.filter(|_| are_all).map(PlanOrigin::hash);
    if origin.is_some() {
        // Folders of earlier plans say nothing of this one.
        let before = cache.folders.len();
        cache.folders.retain(|folder, _| known.contains(&**folder));
        is_same &= cache.folders.len() == before;
    }
    if !is_same || !cache.is_of(origin) {
        cache.write(&state, origin);
    }
}

impl Changes {
    /// The folders that are not simply as planned once the changes are made.
    fn left_open(&self) -> BTreeSet<&str> {
        let is_open = |state| {
            !matches!(
                state,
                FileState::New | FileState::Stale | FileState::HalfMerged | FileState::Surplus
            )
        };
        let open = self.states.iter().filter(|status| is_open(status.state));
        open.map(|status| {
            let folder = status.file.strip_suffix(status.path.as_str());
            folder.unwrap_or_default().trim_end_matches('/')
        })
        .collect()
    }
}
