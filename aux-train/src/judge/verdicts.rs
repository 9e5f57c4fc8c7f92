//! Verdicts: what a train knows when it decides what becomes of a repo, and the outcomes that
//! it writes down.

use std::collections::BTreeMap;
use std::time::Duration;

use aux_eval::commits::Versions;
use aux_model::{Catalog, Repo, RepoName};

use crate::candidate::Refused;
use crate::hold::{Broken, Hold, HoldKind, Holds};
use crate::judge::nix::Judge;
use crate::judge::reason::reason;
use crate::state::{Outcome, Train};

/// What verdicts are made from: nothing here starts Nix or git but the judge.
#[derive(Clone, Copy)]
pub(crate) struct Verdicts<'w, 'a> {
    /// The family.
    pub(crate) catalog: &'a Catalog,
    /// What became of the repos of earlier waves.
    pub(crate) train: &'w Train,
    /// What was held before.
    pub(crate) holds: &'w Holds,
    /// The answers about what fails.
    pub(crate) judge: &'w dyn Judge,
    /// How long the builds of one repo may take.
    pub(crate) build_time: Duration,
}

impl Verdicts<'_, '_> {
    pub(super) fn good(&self) -> Versions {
        let members = self.train.repos.iter();
        members
            .filter_map(|(name, member)| Some((name.clone(), member.good.clone()?)))
            .collect()
    }

    /// Whether nothing is new of a repo, and nothing was wrong.
    pub(crate) fn is_settled(&self, repo: &Repo, commit: &str) -> bool {
        let good = self.train.repos[&repo.name].good.as_deref();
        good == Some(commit) && !self.holds.held.contains_key(&repo.name)
    }

    /// The rest of a step is held with those that are: repos that use each other move
    /// together or not at all.
    pub(crate) fn all_of(
        &self,
        step: &[&Repo],
        mut held: BTreeMap<RepoName, Outcome>,
    ) -> BTreeMap<RepoName, Outcome> {
        let first = held.keys().next().cloned();
        for repo in step {
            if !held.contains_key(&repo.name) {
                let outcome = self.waiting(repo, first.as_ref());
                held.insert(repo.name.clone(), outcome);
            }
        }
        held
    }

    fn waiting(&self, repo: &Repo, of: Option<&RepoName>) -> Outcome {
        let other = of.map(ToString::to_string).unwrap_or_default();
        let reason = format!("it and `{other}` use each other, and move together or not at all");
        let mut hold = self.hold(repo, HoldKind::Waits, reason);
        hold.because_of = of.cloned();
        self.held(repo, hold)
    }

    /// A hold for packages that fail; its reason is theirs.
    pub(crate) fn hold_of(
        &self,
        repo: &Repo,
        kind: HoldKind,
        broken: impl IntoIterator<Item = impl Into<Broken>>,
    ) -> Hold {
        let broken: Vec<Broken> = broken.into_iter().map(Into::into).collect();
        let mut hold = self.hold(repo, kind, reason(&broken));
        hold.broken = broken;
        hold
    }

    pub(crate) fn refused(&self, repo: &Repo, refused: Refused) -> Outcome {
        let mut hold = self.hold(repo, refused.kind, refused.reason);
        hold.because_of = refused.because_of;
        self.held(repo, hold)
    }

    pub(crate) fn hold(&self, repo: &Repo, kind: HoldKind, reason: String) -> Hold {
        Hold::new(self.catalog, &repo.name, self.train.day, kind, reason)
    }

    pub(crate) fn held(&self, repo: &Repo, mut hold: Hold) -> Outcome {
        let member = &self.train.repos[&repo.name];
        self.holds.remember(&mut hold);
        member.held(member.good.clone(), hold)
    }
}
