//! Blame: whose doing it is that more fails than before, and with which commit it began.

use std::collections::BTreeSet;

use aux_eval::EvalFailure;
use aux_eval::commits::Versions;
use aux_model::{Repo, RepoName, Rev};
use aux_nix::FailureKind;

use super::verdicts::Verdicts;
use crate::error::TrainError;
use crate::hold::{Bisected, Hold, HoldKind};
use crate::judge::nix::Seen;
use crate::state::Outcome;

/// Attributes that fail; `None` is the flake as a whole.
type Attributes = BTreeSet<Option<String>>;

/// The question that blame asks again and again: whether some attributes of a repo fail.
struct Doubt<'d> {
    view: Seen,
    repo: &'d Repo,
    attributes: Attributes,
}

/// The move of one repo that makes a doubt true.
struct Move<'m> {
    /// The repo that moves.
    repo: &'m RepoName,
    /// Where it was when nothing failed.
    was: Option<&'m Rev>,
    /// Where it is.
    now: &'m Rev,
}

impl Verdicts<'_, '_> {
    /// Whose fault it is that packages fail alone: the repo's own commits, or the move of the
    /// first that it uses, from the lowest layer on, without which they do not.
    pub(super) fn blame(
        &self,
        repo: &Repo,
        versions: &Versions,
        new: Vec<EvalFailure>,
    ) -> Result<Outcome, TrainError> {
        let doubt = Doubt::of(Seen::Alone, repo, &new);
        let member = &self.train.repos[&repo.name];
        let commit = &versions[&repo.name];
        let before = self
            .judge
            .locked(repo, member.base.as_ref().unwrap_or(commit))?;
        // Without a lock there is no earlier state to compare with.
        let had_inputs = before.len() > 1;
        let whole = doubt.attributes.contains(&None);
        let inputs = self.catalog.inputs(repo).into_iter();
        let inputs: Vec<&RepoName> = inputs.map(|input| &input.name).collect();
        let (mut kind, mut culprit, mut bisected) = (HoldKind::Broken, None, None);
        if had_inputs && !whole && !self.fails(&doubt, &before)? {
            let found = self.first_move(&doubt, &inputs, &before, versions)?;
            if let Some((name, found)) = found {
                (kind, culprit, bisected) = (HoldKind::BrokenBy, Some(name), found);
            }
        } else if let (Some(good), Some(base)) = (&member.good, &member.base) {
            let own = Move {
                repo: &repo.name,
                was: Some(good),
                now: base,
            };
            bisected = self.first_bad(&doubt, &own, &before)?;
        }
        let is_syntax = |found: &EvalFailure| found.kind == Some(FailureKind::Syntax);
        if kind == HoldKind::Broken && new.iter().all(is_syntax) {
            kind = HoldKind::Syntax;
        }
        // The same words as those of one that is held below it.
        if kind == HoldKind::BrokenBy
            && let Some(held) = self.held_with(&inputs, &new)
        {
            (kind, culprit, bisected) = (HoldKind::Waits, Some(held), None);
        }
        let mut hold = self.hold_of(repo, kind, new);
        hold.because_of = culprit;
        hold.bisected = bisected;
        Ok(self.held(repo, hold))
    }

    /// Why a repo that is good alone fails as a part of top-level: its own commits, or the move
    /// of the first repo, in the order of the waves, without which it does not.
    pub(super) fn blame_together(
        &self,
        repo: &Repo,
        versions: &Versions,
        new: Vec<EvalFailure>,
    ) -> Result<Hold, TrainError> {
        let known = self.holds.held.get(&repo.name);
        let known = known.filter(|known| known.because_of.is_some());
        let was_broken: BTreeSet<&Option<String>> = known
            .iter()
            .flat_map(|known| &known.broken)
            .map(|broken| &broken.attribute)
            .collect();
        // Whose move it was is not to be seen any more of what is broken already.
        let newly: Vec<EvalFailure> = new
            .iter()
            .filter(|found| !was_broken.contains(&found.attribute))
            .cloned()
            .collect();
        let doubt = Doubt::of(Seen::Together, repo, &newly);
        let mut hold = self.hold_of(repo, HoldKind::Together, new);
        if let Some(known) = known.filter(|_| newly.is_empty()) {
            hold.kind = known.kind;
            hold.because_of.clone_from(&known.because_of);
            hold.bisected.clone_from(&known.bisected);
            return Ok(hold);
        }
        let mut with_own = self.good();
        let now = versions.get(&repo.name);
        if let Some(now) = now {
            with_own.insert(repo.name.clone(), now.clone());
        }
        if self.fails(&doubt, &with_own)? {
            let good = self.train.repos[&repo.name].good.as_ref();
            if let (Some(was), Some(now)) = (good, now) {
                let own = Move {
                    repo: &repo.name,
                    was: Some(was),
                    now,
                };
                hold.bisected = self.first_bad(&doubt, &own, &with_own)?;
            }
            return Ok(hold);
        }
        let waves = self.train.waves.iter().flatten().flatten();
        let others: Vec<&RepoName> = waves.filter(|name| **name != repo.name).collect();
        if let Some((name, bisected)) = self.first_move(&doubt, &others, &with_own, versions)? {
            hold.kind = HoldKind::BrokenBy;
            hold.because_of = Some(name);
            hold.bisected = bisected;
        }
        Ok(hold)
    }

    fn fails(&self, doubt: &Doubt<'_>, versions: &Versions) -> Result<bool, TrainError> {
        let found = self
            .judge
            .some_of(doubt.view, doubt.repo, &doubt.attributes, versions)?;
        Ok(found
            .iter()
            .any(|found| doubt.attributes.contains(&found.attribute)))
    }

    /// The first of some repos, in their order, whose move makes a doubt true, and the commit that
    /// does; nothing fails before.
    fn first_move(
        &self,
        doubt: &Doubt<'_>,
        repos: &[&RepoName],
        before: &Versions,
        versions: &Versions,
    ) -> Result<Option<(RepoName, Option<Bisected>)>, TrainError> {
        let mut at = before.clone();
        for name in repos {
            let Some(now) = versions.get(*name) else {
                continue;
            };
            let was = at.insert((*name).clone(), now.clone());
            if was.as_ref() != Some(now) && self.fails(doubt, &at)? {
                let moved = Move {
                    repo: name,
                    was: was.as_ref(),
                    now,
                };
                let bisected = self.first_bad(doubt, &moved, &at)?;
                return Ok(Some(((*name).clone(), bisected)));
            }
        }
        Ok(None)
    }

    /// The first commit of a move with which a doubt is true, found by halves as `git bisect`
    /// does, along first parents; none if it was true from the start, or git knows no way from
    /// the one to the other.
    fn first_bad(
        &self,
        doubt: &Doubt<'_>,
        moved: &Move<'_>,
        with: &Versions,
    ) -> Result<Option<Bisected>, TrainError> {
        let Some(good) = moved.was else {
            return Ok(None);
        };
        let commits = self.judge.commits_between(moved.repo, good, moved.now)?;
        let fails_at = |commit: &Rev| {
            let mut at = with.clone();
            at.insert(moved.repo.clone(), commit.clone());
            self.fails(doubt, &at)
        };
        if commits.is_empty() || fails_at(good)? || !fails_at(moved.now)? {
            return Ok(None);
        }
        // All below `first` are good, and `last` is not.
        let (mut first, mut last) = (0, commits.len() - 1);
        while first < last {
            let middle = first.midpoint(last);
            if fails_at(&commits[middle].0)? {
                last = middle;
            } else {
                first = middle + 1;
            }
        }
        let (first_bad, title) = commits[last].clone();
        Ok(Some(Bisected {
            repo: moved.repo.clone(),
            good: good.clone(),
            bad: moved.now.clone(),
            commits: commits.len(),
            first_bad,
            title,
        }))
    }

    /// The first of some repos that is held with the same words.
    fn held_with(&self, repos: &[&RepoName], new: &[EvalFailure]) -> Option<RepoName> {
        let reasons: BTreeSet<&str> = new.iter().map(|found| found.reason.as_str()).collect();
        let held = repos.iter().find(|name| {
            let outcome = self.train.repos[**name].outcome.as_ref();
            let mut broken = outcome
                .and_then(Outcome::hold)
                .into_iter()
                .flat_map(|hold| &hold.broken);
            broken.any(|broken| reasons.contains(broken.reason.as_str()))
        });
        held.map(|name| (*name).clone())
    }
}

impl<'d> Doubt<'d> {
    fn of(view: Seen, repo: &'d Repo, new: &[EvalFailure]) -> Self {
        let attributes = new.iter().map(|found| found.attribute.clone());
        Self {
            view,
            repo,
            attributes: attributes.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::time::Duration;

    use aux_eval::EvalFailure;
    use aux_eval::commits::{Builds, Versions};
    use aux_model::{BuildScope, Catalog, Repo, RepoName, Rev};
    use aux_nix::Failure;

    use super::super::nix::{Judge, Seen};
    use super::super::verdicts::Verdicts;
    use super::Attributes;
    use crate::error::TrainError;
    use crate::hold::{Hold, HoldKind, Holds};
    use crate::request::{Pushes, UpdateRequest};
    use crate::state::{Outcome, RepoState, Train};

    const MANIFEST: &str = r#"format = "1.0"
organization = { name = "x", forge = "github:x", systems = ["x86_64-linux"] }
tiers = [{ name = "core" }, { name = "libs" }, { name = "apps" }, { name = "top-level" }]
people.ada = {}
sigs.all.leads = ["ada"]
repos.core = { sig = "all", tier = "core", packages = { hello = {} } }
repos.lib = { sig = "all", tier = "libs", uses = { core = "*" } }
repos.app = { sig = "all", tier = "apps", uses = { core = "*", lib = "*" }, packages = { game = {} } }
repos.top-level = { sig = "all", tier = "top-level" }
"#;

    /// A commit: the number of one, 40 digits.
    fn rev(number: u8) -> Rev {
        format!("{number:040}").parse().unwrap()
    }

    fn versions(commits: &[(&str, u8)]) -> Versions {
        let commits = commits.iter();
        commits
            .map(|(name, number)| (name.parse().unwrap(), rev(*number)))
            .collect()
    }

    /// Where `game` fails, and with which words: asked with the number of each repo's commit.
    type Rule = fn(&dyn Fn(&str) -> Option<u8>) -> Option<&'static str>;

    /// A judge in which `game` fails where a rule matches.
    struct Rules {
        fails: Rule,
        locked: Versions,
    }

    impl Judge for Rules {
        fn alone(&self, repo: &Repo, versions: &Versions) -> Result<Vec<EvalFailure>, TrainError> {
            self.alone_once(repo, versions)
        }

        fn alone_once(
            &self,
            _: &Repo,
            versions: &Versions,
        ) -> Result<Vec<EvalFailure>, TrainError> {
            let at = |name: &str| {
                let (_, rev) = versions.iter().find(|(repo, _)| repo.as_str() == name)?;
                rev.as_str().trim_start_matches('0').parse().ok()
            };
            let reason = (self.fails)(&at);
            let found = reason.map(|reason| EvalFailure {
                attribute: Some("game".to_owned()),
                reason: reason.to_owned(),
                place: None,
                kind: None,
                detail: String::new(),
            });
            Ok(found.into_iter().collect())
        }

        fn together(
            &self,
            _: &[&Repo],
            _: &Versions,
        ) -> Result<BTreeMap<RepoName, Vec<EvalFailure>>, TrainError> {
            Ok(BTreeMap::new())
        }

        fn together_once(
            &self,
            _: &[&Repo],
            _: &Versions,
        ) -> Result<BTreeMap<RepoName, Vec<EvalFailure>>, TrainError> {
            Ok(BTreeMap::new())
        }

        fn some_of(
            &self,
            _: Seen,
            repo: &Repo,
            attributes: &Attributes,
            versions: &Versions,
        ) -> Result<Vec<EvalFailure>, TrainError> {
            let mut found = self.alone_once(repo, versions)?;
            found.retain(|found| attributes.contains(&found.attribute));
            Ok(found)
        }

        fn to_build(
            &self,
            _: BuildScope,
            _: &Repo,
            _: &Versions,
            _: &Versions,
        ) -> Result<BTreeSet<String>, TrainError> {
            Ok(BTreeSet::new())
        }

        fn build(
            &self,
            _: &Repo,
            _: &BTreeSet<String>,
            _: &Versions,
            _: Duration,
        ) -> Result<Builds, TrainError> {
            Ok(Builds::default())
        }

        fn who_is(
            &self,
            _: &str,
            _: &Repo,
            _: &Versions,
        ) -> Result<Option<(RepoName, String)>, TrainError> {
            Ok(None)
        }

        fn differing(&self, _: &Repo, _: &Versions) -> Result<BTreeSet<String>, TrainError> {
            Ok(BTreeSet::new())
        }

        fn whole(&self, _: &Versions) -> Result<Option<Failure>, TrainError> {
            Ok(None)
        }

        fn commits_between(
            &self,
            _: &RepoName,
            from: &Rev,
            to: &Rev,
        ) -> Result<Vec<(Rev, String)>, TrainError> {
            let number = |rev: &Rev| rev.as_str().trim_start_matches('0').parse::<u8>();
            let (from, to) = (number(from).unwrap(), number(to).unwrap());
            let commits = (from + 1..=to).map(|number| (rev(number), format!("commit {number}")));
            Ok(commits.collect())
        }

        fn locked(&self, repo: &Repo, commit: &Rev) -> Result<Versions, TrainError> {
            let mut locked = self.locked.clone();
            locked.insert(repo.name.clone(), commit.clone());
            Ok(locked)
        }
    }

    /// The repo that `app` is held because of, when it, `lib` and `core` move from commit 1 to commit 2.
    fn blamed(fails: Rule, held: Option<(&str, &str)>) -> (HoldKind, Option<String>) {
        let hold = hold_after(2, fails, held);
        (hold.kind, hold.because_of.map(|name| name.to_string()))
    }

    /// The hold of `app` when all repos move from commit 1 to another.
    fn hold_after(newest: u8, fails: Rule, held: Option<(&str, &str)>) -> Hold {
        let catalog = Catalog::from_toml(MANIFEST).unwrap();
        let request = UpdateRequest {
            branch: "main".parse().unwrap(),
            staging: "staging".parse().unwrap(),
            change: None,
            followed: None,
            inputs: Vec::new(),
            system: "x86_64-linux".parse().unwrap(),
            pushes: Pushes::No,
            build: BuildScope::Nothing,
            copy_to: None,
            format: aux_nix::flake::LockFormat::Full,
            patience: None,
        };
        let day = "2027-01-01".parse().unwrap();
        let mut train = Train::new(&request, None, 0, day);
        for repo in catalog.repos() {
            let state = RepoState {
                base: Some(rev(newest)),
                good: Some(rev(1)),
                ..RepoState::default()
            };
            train.repos.insert(repo.name.clone(), state);
        }
        if let Some((name, reason)) = held {
            let name: RepoName = name.parse().unwrap();
            let mut hold = Hold::new(&catalog, &name, day, HoldKind::Broken, reason);
            hold.broken = vec![crate::hold::Broken {
                attribute: Some("part".to_owned()),
                reason: reason.to_owned(),
                place: None,
                log: Vec::new(),
            }];
            let outcome = Outcome::Held {
                commit: Some(rev(1)),
                hold: Box::new(hold),
            };
            train.repos.get_mut(&name).unwrap().outcome = Some(outcome);
        }
        let judge = Rules {
            fails,
            locked: versions(&[("core", 1), ("lib", 1)]),
        };
        let verdicts = Verdicts {
            catalog: &catalog,
            train: &train,
            holds: &Holds::default(),
            judge: &judge,
            build_time: Duration::ZERO,
        };
        let app = catalog.repo("app").unwrap();
        let now = versions(&[("core", newest), ("lib", newest), ("app", newest)]);
        let new = judge.alone_once(app, &now).unwrap();
        assert!(!new.is_empty(), "it fails with everything new");
        let Outcome::Held { hold, .. } = verdicts.blame(app, &now, new).unwrap() else {
            panic!("what fails is held");
        };
        *hold
    }

    #[test]
    fn the_first_bad_commit_is_found_by_halves() {
        let mine: [(u8, Rule); 3] = [
            (2, |at| (at("app") >= Some(2)).then_some("mine")),
            (5, |at| (at("app") >= Some(5)).then_some("mine")),
            (9, |at| (at("app") >= Some(9)).then_some("mine")),
        ];
        for (bad, fails) in mine {
            let found = hold_after(9, fails, None).bisected.unwrap();
            assert_eq!((found.repo.as_str(), found.commits), ("app", 8));
            assert_eq!(found.title, format!("commit {bad}"));
        }
        let theirs: Rule = |at| (at("lib") >= Some(4)).then_some("theirs");
        let lib = hold_after(9, theirs, None).bisected.unwrap();
        assert_eq!((lib.repo.as_str(), lib.first_bad), ("lib", rev(4)));
        assert_eq!((lib.good, lib.bad), (rev(1), rev(9)));
    }

    #[test]
    fn who_fails_with_what_was_locked_before_broke_itself() {
        let own = blamed(|at| (at("app") == Some(2)).then_some("mine"), None);
        assert_eq!(own, (HoldKind::Broken, None));
    }

    #[test]
    fn the_first_input_without_whose_move_it_works_is_to_blame() {
        let core = blamed(|at| (at("core") == Some(2)).then_some("theirs"), None);
        assert_eq!(core, (HoldKind::BrokenBy, Some("core".to_owned())));
        let lib = blamed(|at| (at("lib") == Some(2)).then_some("theirs"), None);
        assert_eq!(lib, (HoldKind::BrokenBy, Some("lib".to_owned())));
    }

    #[test]
    fn of_two_moves_that_break_it_only_together_the_upper_one_is_named() {
        let both = |at: &dyn Fn(&str) -> Option<u8>| {
            (at("core") == Some(2) && at("lib") == Some(2)).then_some("both")
        };
        assert_eq!(
            blamed(both, None),
            (HoldKind::BrokenBy, Some("lib".to_owned()))
        );
    }

    #[test]
    fn the_same_words_as_those_of_an_input_that_is_held_mean_waiting_for_it() {
        let fails =
            |at: &dyn Fn(&str) -> Option<u8>| (at("core") == Some(2)).then_some("the words");
        let waits = blamed(fails, Some(("lib", "the words")));
        assert_eq!(waits, (HoldKind::Waits, Some("lib".to_owned())));
        let other = blamed(fails, Some(("lib", "other words")));
        assert_eq!(other, (HoldKind::BrokenBy, Some("core".to_owned())));
    }
}
