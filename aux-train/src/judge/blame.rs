//! Blame: what failed before, and whose doing it is that more does now.

use std::collections::BTreeSet;

use aux_eval::EvalFailure;
use aux_eval::commits::Versions;
use aux_model::{Repo, RepoName};
use aux_nix::FailureKind;

use super::verdicts::Verdicts;
use crate::error::TrainError;
use crate::hold::HoldKind;
use crate::judge::known::Known;
use crate::judge::reason::reason;
use crate::state::Outcome;

impl Verdicts<'_, '_> {
    /// Whose fault it is that packages fail: the repo's own commits, or the move of the
    /// first that it uses, from the lowest layer on, without which they do not.
    pub(super) fn blame(
        &self,
        repo: &Repo,
        versions: &Versions,
        new: Vec<EvalFailure>,
    ) -> Result<Outcome, TrainError> {
        let names = |found: &[EvalFailure]| -> BTreeSet<Option<String>> {
            let attributes = found.iter().map(|found| found.attribute.clone());
            attributes.collect()
        };
        let broken = names(&new);
        let fails = |versions: &Versions| -> Result<bool, TrainError> {
            let found = self.judge.alone_once(repo, versions)?;
            Ok(names(&found).intersection(&broken).next().is_some())
        };
        let commit = &versions[&repo.name];
        let mut at = self.judge.locked(
            repo,
            self.train.repos[&repo.name].base.as_ref().unwrap_or(commit),
        )?;
        let (mut kind, mut culprit) = (HoldKind::Broken, None);
        // Without a lock there is no earlier state to compare with.
        let had_inputs = at.len() > 1;
        let whole = broken.contains(&None);
        if had_inputs && !whole && !fails(&at)? {
            for input in self.catalog.inputs(repo) {
                let Some(now) = versions.get(&input.name) else {
                    continue;
                };
                let was = at.insert(input.name.clone(), now.clone());
                if was.as_ref() != Some(now) && fails(&at)? {
                    (kind, culprit) = (HoldKind::BrokenBy, Some(input.name.clone()));
                    break;
                }
            }
        }
        if kind == HoldKind::Broken
            && new
                .iter()
                .all(|found| found.kind == Some(FailureKind::Syntax))
        {
            kind = HoldKind::Syntax;
        }
        // The same words as those of one that is held below it.
        let reasons: BTreeSet<&str> = new.iter().map(|found| found.reason.as_str()).collect();
        for input in self.catalog.inputs(repo) {
            let outcome = self.train.repos[&input.name].outcome.as_ref();
            let Some(held) = outcome.and_then(Outcome::hold) else {
                continue;
            };
            if kind == HoldKind::BrokenBy
                && held
                    .broken
                    .iter()
                    .any(|broken| reasons.contains(broken.reason.as_str()))
            {
                (kind, culprit) = (HoldKind::Waits, Some(input.name.clone()));
                break;
            }
        }
        let reason = reason(&new);
        Ok(self.held_for(repo, kind, reason, culprit, new))
    }

    /// What failed of a repo where it was good last, with what it had locked there; `None`
    /// for everything, if it never was.
    pub(super) fn before(&self, repo: &Repo) -> Result<Known, TrainError> {
        let member = &self.train.repos[&repo.name];
        let Some(good) = &member.good else {
            return Ok(if member.was_good {
                Known::Attributes(BTreeSet::new())
            } else {
                Known::Everything
            });
        };
        let versions = self.judge.locked(repo, good)?;
        let found = self.judge.alone_once(repo, &versions)?;
        Ok(self.as_known(&repo.name, found))
    }

    /// What failed and was not held against a repo.
    pub(super) fn as_known(&self, repo: &RepoName, found: Vec<EvalFailure>) -> Known {
        let held = self.holds.held.get(repo);
        let held: BTreeSet<&Option<String>> = held
            .iter()
            .flat_map(|hold| &hold.broken)
            .map(|broken| &broken.attribute)
            .collect();
        let failed = found.into_iter().map(|found| found.attribute);
        Known::Attributes(failed.filter(|failed| !held.contains(failed)).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use aux_eval::EvalFailure;
    use aux_eval::commits::Versions;
    use aux_model::{Catalog, Repo, RepoName, Rev};
    use aux_nix::Failure;

    use super::super::nix::Judge;
    use super::super::verdicts::Verdicts;
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

        fn whole(&self, _: &Versions) -> Result<Option<Failure>, TrainError> {
            Ok(None)
        }

        fn locked(&self, repo: &Repo, commit: &Rev) -> Result<Versions, TrainError> {
            let mut locked = self.locked.clone();
            locked.insert(repo.name.clone(), commit.clone());
            Ok(locked)
        }
    }

    /// The repo that `app` is held because of, when it, `lib` and `core` move from commit 1 to commit 2.
    fn blamed(fails: Rule, held: Option<(&str, &str)>) -> (HoldKind, Option<String>) {
        let catalog = Catalog::from_toml(MANIFEST).unwrap();
        let request = UpdateRequest {
            branch: "main".parse().unwrap(),
            staging: "staging".parse().unwrap(),
            change: None,
            inputs: Vec::new(),
            system: "x86_64-linux".parse().unwrap(),
            pushes: Pushes::No,
            format: aux_nix::flake::LockFormat::Full,
            patience: None,
        };
        let day = "2027-01-01".parse().unwrap();
        let mut train = Train::new(&request, 0, day);
        for repo in catalog.repos() {
            let state = RepoState {
                base: Some(rev(2)),
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
        };
        let app = catalog.repo("app").unwrap();
        let now = versions(&[("core", 2), ("lib", 2), ("app", 2)]);
        let new = judge.alone_once(app, &now).unwrap();
        assert!(!new.is_empty(), "it fails with everything new");
        let Outcome::Held { hold, .. } = verdicts.blame(app, &now, new).unwrap() else {
            panic!("what fails is held");
        };
        (hold.kind, hold.because_of.map(|name| name.to_string()))
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
