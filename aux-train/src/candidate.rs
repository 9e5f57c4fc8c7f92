//! Candidates: the commit of a repo that it would be at with the newest state of what it
//! uses.

use aux_eval::commits::{Commits, Contracts, Versions};
use aux_gen::lock::{Checkouts, LOCK, LockFile, PinError, TreeError, lock, must_have_an_end};
use aux_git::Commit;
use aux_model::{Catalog, FlakeRef, Repo, RepoName, Rev};
use aux_nix::flake::{FlakeInputs, LockFormat};
use semver::VersionReq;

use crate::error::TrainError;
use crate::hold::HoldKind;
use crate::repository::TITLE;
use crate::wiring::{FLAKE, Wiring};

/// A commit to judge, or why there is none.
pub(super) enum Candidate {
    Commit(Commit),
    Refused(Refused),
}

/// Why a repo has no candidate.
pub(super) struct Refused {
    pub(super) kind: HoldKind,
    pub(super) reason: String,
    pub(super) because_of: Option<RepoName>,
}

/// Makes candidates.
pub(super) struct Maker<'a> {
    pub(super) commits: &'a Commits<'a>,
    pub(super) contracts: &'a Contracts<'a>,
    pub(super) wiring: &'a Wiring,
}

/// The commits of a repo that its candidate is made from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin<'o> {
    /// Where it was good last.
    pub(super) good: Option<&'o Rev>,
    /// Where its branch is.
    pub(super) base: &'o str,
    /// Where its branch is on a channel, if what that follows has gone on, which `base` is then.
    pub(super) tip: Option<&'o str>,
}

impl Maker<'_> {
    /// The candidate of a repo; `chosen` are the commits of what it uses, which `checkouts` means
    /// too.
    pub(super) fn candidate(
        &self,
        repo: &Repo,
        Origin { good, base, tip }: Origin<'_>,
        chosen: &Versions,
        checkouts: &mut Checkouts,
    ) -> Result<Candidate, TrainError> {
        let tree = &self.contracts.trees[&repo.name];
        let base = tree.commit_of(base)?;
        if let Some(refused) = self.unmet(repo, &base.name, chosen)? {
            return Ok(Candidate::Refused(refused));
        }
        if let Some(good) = good
            && let Some(refused) = self.too_small(repo, good, &base.name, chosen)?
        {
            return Ok(Candidate::Refused(refused));
        }
        let mut objects = tree.objects()?;
        if let Err(TreeError::Endless(_)) = must_have_an_end(&mut objects, &base.tree) {
            let reason = "its tree has more files than can be looked at".to_owned();
            return Ok(Candidate::Refused(Refused {
                kind: HoldKind::Unusable,
                reason,
                because_of: None,
            }));
        }
        let parents: Vec<&str> = tip.into_iter().chain([base.name.as_str()]).collect();
        // What has no flake locks nothing, and what is somebody else's is as they have it.
        if !repo.is_flake() || repo.is_outside() {
            return match tip {
                None => Ok(Candidate::Commit(base)),
                Some(_) => {
                    let made = tree.with_files(&parents, &[], &format!("{TITLE}\n"), base.time)?;
                    Ok(Candidate::Commit(tree.commit_of(&made)?))
                }
            };
        }
        let mut text = |name: &str| objects.text(&base.tree, name);
        let mut files = self.wiring.rewritten(repo, &mut text)?;
        let refused = |kind, reason: String| {
            Candidate::Refused(Refused {
                kind,
                reason,
                because_of: None,
            })
        };
        let flake = match files.get(FLAKE) {
            Some(flake) => Some(flake.clone()),
            None => text(FLAKE)?,
        };
        let Some(flake) = flake else {
            let reason = "it has no `flake.nix`".to_owned();
            return Ok(refused(HoldKind::Broken, reason));
        };
        let inputs = match FlakeInputs::read(&flake) {
            Ok(inputs) => inputs,
            Err(error) => {
                let reason = format!("its `flake.nix` does not parse: {error}");
                return Ok(refused(HoldKind::Syntax, reason));
            }
        };
        if let Some(reason) = self.elsewhere(&inputs) {
            return Ok(refused(HoldKind::Unlockable, reason));
        }
        let before = text(LOCK)?;
        let old = match before.as_deref().map(LockFile::read).transpose() {
            Ok(old) => old,
            Err(error) => {
                let reason = format!("its `{LOCK}`: {error}");
                return Ok(refused(HoldKind::Unlockable, reason));
            }
        };
        let new = match lock(&inputs, old.as_ref(), checkouts) {
            Ok(new) => new,
            Err(PinError::Git(error)) => {
                return Ok(refused(HoldKind::Unlockable, error.reason()));
            }
            Err(error) => return Ok(refused(HoldKind::Unlockable, error.to_string())),
        };
        let text = new.text();
        // Without inputs Nix makes no lock.
        let is_same = match &before {
            Some(before) => *before == text,
            None => inputs.0.is_empty(),
        };
        if is_same && files.is_empty() && tip.is_none() {
            return Ok(Candidate::Commit(base));
        }
        let message = message(self.contracts.catalog, old.as_ref(), &new);
        let time = new.newest().max(base.time);
        if !is_same {
            files.insert(LOCK.to_owned(), text);
        }
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
            .collect();
        let made = tree.with_files(&parents, &files, &message, time)?;
        Ok(Candidate::Commit(tree.commit_of(&made)?))
    }

    /// Why a flake is none of the channel that the family is on, or of none, if it is not: an input
    /// that is written otherwise than generated ones are names a branch of another channel.
    fn elsewhere(&self, inputs: &FlakeInputs) -> Option<String> {
        let catalog = self.contracts.catalog;
        if catalog.channels().is_empty() {
            return None;
        }
        let here = match catalog.channel() {
            Some(channel) => format!("on channel `{}`", channel.name),
            None => "without a channel".to_owned(),
        };
        for (name, input) in &inputs.0 {
            let Some(reference) = input.reference(LockFormat::Short).ok().flatten() else {
                continue;
            };
            let text = reference.text();
            let branch = reference.get("ref").map(str::to_owned);
            let branch = branch.map(|name| match name.strip_prefix("refs/heads/") {
                Some(branch) => branch.to_owned(),
                None => name,
            });
            let Ok(named) = text.parse::<FlakeRef>() else {
                continue;
            };
            let Some(repo) = catalog.repos().find(|repo| repo.url.is_of(&named)) else {
                continue;
            };
            let is_another = match catalog.channel() {
                Some(_) => branch != repo.url.branch(),
                // What else people name without a channel is theirs.
                None => branch.as_deref().is_some_and(|branch| {
                    let mut channels = catalog.channels().iter();
                    channels.any(|channel| **channel.branch_of(&repo.name) == *branch)
                }),
            };
            if is_another {
                return Some(format!(
                    "its input `{name}` is `{text}`{}, and {here} that is `{}`",
                    branch.map_or(String::new(), |branch| format!(" at `{branch}`")),
                    repo.url
                ));
            }
        }
        None
    }

    /// Why the contract of a repo says a smaller step than it makes, if it does: others have said
    /// which versions they can use, and would be given what they cannot.
    fn too_small(
        &self,
        repo: &Repo,
        good: &Rev,
        base: &Rev,
        chosen: &Versions,
    ) -> Result<Option<Refused>, TrainError> {
        if good == base || repo.is_outside() || repo.name == self.contracts.catalog.top_level().name
        {
            return Ok(None);
        }
        let said = |commit: &str| self.contracts.version(&repo.name, commit);
        let Some(change) = self.commits.change(repo, (good, base), chosen)? else {
            return Ok(None);
        };
        let (Some(old), Some(new)) = (said(good)?, said(base)?) else {
            return Ok(None);
        };
        let reason = change.too_small(&old, &new);
        Ok(reason.map(|reason| Refused {
            kind: HoldKind::Contract,
            reason,
            because_of: None,
        }))
    }

    /// What a repo, or anything that it uses, needs of the contracts of other repos, and does not
    /// get. top-level takes everybody as they are: it must not wait for one.
    fn unmet(
        &self,
        repo: &Repo,
        base: &str,
        chosen: &Versions,
    ) -> Result<Option<Refused>, TrainError> {
        if repo.name == self.contracts.catalog.top_level().name {
            return Ok(None);
        }
        let below = self.contracts.catalog.inputs(repo).into_iter();
        let below = below.filter_map(|input| Some((input, chosen.get(&input.name)?.as_str())));
        for (who, commit) in below.chain([(repo, base)]) {
            for (needed, requirement) in self.contracts.needs(who, commit)? {
                let Some(commit) = chosen.get(&needed) else {
                    continue;
                };
                let offered = self.contracts.version(&needed, commit)?;
                let Some(offered) = offered else { continue };
                if requirement == VersionReq::STAR || requirement.matches(&offered) {
                    continue;
                }
                let is_own = who.name == repo.name;
                return Ok(Some(Refused {
                    kind: if is_own {
                        HoldKind::Contract
                    } else {
                        HoldKind::Waits
                    },
                    reason: format!(
                        "{} needs contract `{requirement}` of `{needed}`, which offers `{offered}`",
                        if is_own {
                            "it".to_owned()
                        } else {
                            format!("`{}`", who.name)
                        }
                    ),
                    because_of: Some(if is_own { needed } else { who.name.clone() }),
                }));
            }
        }
        Ok(None)
    }
}

/// What the commit says of itself.
fn message(catalog: &Catalog, old: Option<&LockFile>, new: &LockFile) -> String {
    /// As many digits of a commit are shown.
    const SHORT: usize = 10;
    let short = |rev: Rev| rev.get(..SHORT).unwrap_or(&rev).to_owned();
    let mut message = format!("{TITLE}\n");
    let inputs = new.nodes[&new.root].inputs.keys();
    let mut lines = Vec::new();
    for input in inputs.filter(|input| catalog.repo(input).is_some()) {
        let (was, is) = (old.and_then(|old| old.rev(input)), new.rev(input));
        if was == is {
            continue;
        }
        lines.push(match (was, is) {
            (Some(was), Some(is)) => format!("{input}: {}..{}", short(was), short(is)),
            (None, Some(is)) => format!("{input}: {}", short(is)),
            (_, None) => format!("{input}: gone"),
        });
    }
    if !lines.is_empty() {
        message = format!("{message}\n{}\n", lines.join("\n"));
    }
    message
}
