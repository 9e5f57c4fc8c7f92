//! Promotion: the branches of all repos of a train move to its candidates, or none does.
//!
//! On this machine git's own transactions are prepared in every repository before the first
//! is committed. Remotes have nothing like it: all of them are asked first whether they are
//! still where they were seen, and get the commits on the staging branch, so that what is
//! left is to move a name; whoever refuses even then is named, and asked again by whoever
//! resumes the train.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::time::Duration;

use aux_model::{Catalog, RepoName};
use serde::Serialize;

use super::error::TrainError;
use super::start::REMOTE;
use super::state::{Outcome, Phase, Pushes, Train};
use super::stop::{push_staging, tree_of};
use aux_gen::disk::checkpoint;
use aux_git::{Prepared, WorkTree};

/// Why a repo cannot be promoted, and so nobody is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The repo.
    pub repo: RepoName,
    /// Why.
    pub reason: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.repo, self.reason)
    }
}

/// What was promoted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Promoted {
    /// The repos whose branches moved, with the commits that they are at.
    pub repos: Vec<(RepoName, String)>,
    /// The repos whose remotes moved.
    pub pushed: Vec<RepoName>,
    /// Remotes that refused, and are to be asked again.
    pub refused: Vec<Refusal>,
}

/// One branch that is to move.
struct Going {
    repo: RepoName,
    tree: WorkTree,
    /// Where it was seen.
    from: String,
    to: String,
    /// The folders that have the branch checked out.
    folders: Vec<WorkTree>,
}

/// Moves the branches of all repos of a train, or finishes that. A train that is done goes to
/// remotes that do not have it yet, if it is to be pushed now.
///
/// # Errors
/// When one of them cannot be moved: then none has.
pub fn promote(
    root: &Path,
    catalog: &Catalog,
    train: &mut Train,
    patience: Duration,
) -> Result<Promoted, TrainError> {
    if train.phase == Phase::Running {
        return Err(TrainError::Phase(train.phase.sentence()));
    }
    train.must_fit(catalog)?;
    allow_many_files();
    let going = going(root, catalog, train)?;
    let public = match train.pushes {
        Pushes::Yes => public(root, catalog, train),
        Pushes::No => Vec::new(),
    };
    if train.phase == Phase::Ready {
        let mut refused = refusals(train, &going)?;
        refused.extend(closed(train, &public, patience)?);
        if !refused.is_empty() {
            return Err(TrainError::Refused(refused));
        }
        if train.pushes == Pushes::Yes {
            let mut refused = push_staging(root, catalog, train, patience)?;
            // What only should go away is in nobody's way.
            refused.retain(|(repo, _)| train.repos[repo].staging.is_some());
            if !refused.is_empty() {
                return Err(TrainError::Refused(of(refused)));
            }
        }
    }
    let mut promoted = Promoted {
        repos: Vec::new(),
        pushed: Vec::new(),
        refused: Vec::new(),
    };
    if matches!(train.phase, Phase::Ready | Phase::Promoting) {
        let prepared = prepare(root, train, &going)?;
        train.phase = Phase::Promoting;
        train.write(root)?;
        for prepared in prepared {
            checkpoint();
            prepared.commit()?;
        }
        for one in &going {
            promoted.repos.push((one.repo.clone(), one.to.clone()));
            for folder in &one.folders {
                checkpoint();
                if let Err(error) = folder.follow(&one.from, &one.to) {
                    promoted.refused.push(Refusal {
                        repo: one.repo.clone(),
                        reason: format!(
                            "its branch has moved, and `{}` did not follow: {error}",
                            folder.root().display()
                        ),
                    });
                }
            }
        }
        if !promoted.refused.is_empty() {
            return Ok(promoted);
        }
        train.phase = Phase::Promoted;
        train.write(root)?;
    }
    for one in &public {
        checkpoint();
        match push(one, train.branch_of(&one.repo), patience) {
            Ok(true) => promoted.pushed.push(one.repo.clone()),
            Ok(false) => {}
            Err(reason) => {
                promoted.refused.push(Refusal {
                    repo: one.repo.clone(),
                    reason,
                });
                // Those that come after may name what is not public now.
                break;
            }
        }
    }
    if promoted.refused.is_empty() && train.phase != Phase::Done {
        train.phase = Phase::Done;
        train.write(root)?;
    }
    Ok(promoted)
}

/// A commit that is to be public.
struct Public {
    repo: RepoName,
    tree: WorkTree,
    commit: String,
    /// Where the branch of the remote was seen.
    seen: Option<String>,
    /// Whether the train made the commit, so that the branch may not be elsewhere.
    is_new: bool,
}

/// Everything that the new locks name, and that remotes are to have: what moves, what stays
/// and what is held, in the order of the waves.
fn public(root: &Path, catalog: &Catalog, train: &Train) -> Vec<Public> {
    let order = train.waves.iter().flatten().flatten();
    let public = order.filter_map(|name| {
        let member = train.repos.get(name)?;
        let outcome = member.outcome.as_ref()?;
        let tree = tree_of(root, catalog, name)?;
        tree.has_remote(REMOTE).then_some(())?;
        Some(Public {
            repo: name.clone(),
            commit: outcome.commit()?.to_owned(),
            seen: member.remote.clone(),
            is_new: matches!(outcome, Outcome::Moves { .. }),
            tree,
        })
    });
    public.collect()
}

/// The branches that are to move, in the order of the waves: what has moved names nothing
/// that has not.
fn going(root: &Path, catalog: &Catalog, train: &Train) -> Result<Vec<Going>, TrainError> {
    let order = train.waves.iter().flatten().flatten();
    let moves: BTreeMap<_, _> = train
        .moves()
        .map(|(name, member, commit)| (name, (member, commit)))
        .collect();
    let (mut going, mut refused) = (Vec::new(), Vec::new());
    for name in order {
        let Some((member, commit)) = moves.get(name) else {
            continue;
        };
        let tree = tree_of(root, catalog, name);
        let Some(tree) = tree.filter(|tree| tree.commit_named(commit).is_some()) else {
            refused.push(Refusal {
                repo: name.clone(),
                reason: "its checkout does not have the candidate any more".to_owned(),
            });
            continue;
        };
        if member.local.as_deref() == Some(*commit) {
            continue;
        }
        let folders = match tree.folders_on(train.branch_of(name)) {
            Ok(folders) => folders,
            Err(error) => {
                refused.push(Refusal {
                    repo: name.clone(),
                    reason: error.reason(),
                });
                continue;
            }
        };
        going.push(Going {
            repo: name.clone(),
            folders,
            // A branch that is only on the remote begins here.
            from: member.local.clone().unwrap_or_default(),
            to: (*commit).to_owned(),
            tree,
        });
    }
    match refused.is_empty() {
        true => Ok(going),
        false => Err(TrainError::Refused(refused)),
    }
}

/// Each branch that is held costs a process with three pipes.
fn allow_many_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // If that is not allowed, there may be enough all the same.
    let _not_allowed = setrlimit(Resource::Nofile, limit);
}

/// Who cannot move here, as far as that can be known before anything is tried.
fn refusals(train: &Train, going: &[Going]) -> Result<Vec<Refusal>, TrainError> {
    let mut refused = Vec::new();
    for one in going {
        let branch = train.branch_of(&one.repo);
        let head = Train::head(branch);
        let mut refuse = |reason: String| {
            refused.push(Refusal {
                repo: one.repo.clone(),
                reason,
            });
        };
        let now = one.tree.tip(&head)?.unwrap_or_default();
        if now != one.from && now != one.to {
            refuse(format!("`{branch}` has moved since the train began"));
            continue;
        }
        let busy = one.folders.iter().find_map(|folder| {
            let what = folder.under_way()?;
            Some(format!(
                "{what} is under way in `{}`",
                folder.root().display()
            ))
        });
        if let Some(busy) = busy.filter(|_| now == one.from) {
            refuse(busy);
            continue;
        }
        for folder in &one.folders {
            if now != one.from || one.from.is_empty() {
                continue;
            }
            let files = folder.in_the_way(&one.from, &one.to)?;
            if !files.is_empty() {
                refuse(format!(
                    "what is not committed is in the way: {}",
                    files.into_iter().collect::<Vec<_>>().join(", ")
                ));
            } else if let Err(error) = folder.can_follow(&one.from, &one.to) {
                refuse(error.to_string());
            }
        }
    }
    Ok(refused)
}

/// Remotes that would not take what they are to have.
fn closed(
    train: &Train,
    public: &[Public],
    patience: Duration,
) -> Result<Vec<Refusal>, TrainError> {
    let mut refused = Vec::new();
    for one in public {
        let branch = train.branch_of(&one.repo);
        let mut refuse = |reason: String| {
            refused.push(Refusal {
                repo: one.repo.clone(),
                reason,
            });
        };
        match one.stands(branch, patience)? {
            Stands::There => {}
            Stands::Behind(there) if !one.is_new || there == one.seen => {}
            Stands::Behind(_) | Stands::Apart => refuse(format!(
                "`{branch}` of `{REMOTE}` has moved since the train began"
            )),
            Stands::Unknown(error) => refuse(format!("its remote cannot be asked: {error}")),
        }
    }
    Ok(refused)
}

/// How a remote stands to what it is to have.
enum Stands {
    /// It has it.
    There,
    /// It can take it; where its branch is.
    Behind(Option<String>),
    /// It has something else.
    Apart,
    /// It does not answer.
    Unknown(String),
}

impl Public {
    fn stands(&self, branch: &str, patience: Duration) -> Result<Stands, TrainError> {
        let tree = &self.tree;
        let there = match tree.remote_tip(REMOTE, branch, patience) {
            Ok(there) => there,
            Err(error) => {
                // What it had when it was last heard of it still has.
                let had = match &self.seen {
                    Some(seen) => has(tree, seen, &self.commit)?,
                    None => false,
                };
                return Ok(match had && !self.is_new {
                    true => Stands::There,
                    false => Stands::Unknown(error.to_string()),
                });
            }
        };
        let Some(there) = there else {
            return Ok(match self.seen {
                None => Stands::Behind(None),
                Some(_) => Stands::Apart,
            });
        };
        if tree.commit_named(&there).is_none()
            && let Err(error) = tree.fetch_only(REMOTE, branch, patience)
        {
            return Ok(Stands::Unknown(error.to_string()));
        }
        Ok(if has(tree, &there, &self.commit)? {
            Stands::There
        } else if has(tree, &self.commit, &there)? {
            Stands::Behind(Some(there))
        } else {
            Stands::Apart
        })
    }
}

/// Whether a commit that may not be here has another.
fn has(tree: &WorkTree, newer: &str, older: &str) -> Result<bool, TrainError> {
    Ok(tree.commit_named(newer).is_some() && tree.is_before(older, newer)?)
}

/// Holds all branches that are not there yet. If that is not possible, what a run before
/// this one moved goes back, and nothing has moved.
fn prepare(root: &Path, train: &mut Train, going: &[Going]) -> Result<Vec<Prepared>, TrainError> {
    let mut prepared = Vec::new();
    let mut refused = Vec::new();
    for one in going {
        let head = Train::head(train.branch_of(&one.repo));
        let now = one.tree.tip(&head)?.unwrap_or_default();
        // Somebody may have gone on from there since.
        if now == one.to || has(&one.tree, &now, &one.to)? {
            continue;
        }
        let_go(&one.tree, &head, &one.to)?;
        match one.tree.prepare(&head, &one.from, &one.to) {
            Ok(ready) => prepared.push(ready),
            Err(error) => refused.push(Refusal {
                repo: one.repo.clone(),
                reason: error.to_string(),
            }),
        }
    }
    if refused.is_empty() {
        return Ok(prepared);
    }
    drop(prepared);
    if train.phase == Phase::Promoting {
        for one in going {
            let head = Train::head(train.branch_of(&one.repo));
            let now = one.tree.tip(&head)?.unwrap_or_default();
            if now != one.to || one.from == one.to {
                continue;
            }
            let from = Some(one.from.as_str()).filter(|from| !from.is_empty());
            one.tree.point(&head, Some(&one.to), from)?;
            for folder in &one.folders {
                folder.follow(&one.to, &one.from)?;
            }
        }
        train.phase = Phase::Ready;
        train.write(root)?;
    }
    Err(TrainError::Refused(refused))
}

/// Takes away the files with which a run that was ended kept others from moving a branch: a
/// lock that names this very commit is no one else's, and then that of `HEAD` is of the same
/// process.
fn let_go(tree: &WorkTree, head: &str, to: &str) -> Result<(), TrainError> {
    let lock = tree.lock_of(head)?;
    let text = std::fs::read_to_string(&lock).unwrap_or_default();
    if text.trim() == to {
        aux_gen::disk::remove(&tree.lock_of("HEAD")?)?;
        aux_gen::disk::remove(&lock)?;
    }
    Ok(())
}

/// Makes a commit public; whether it was not.
fn push(one: &Public, branch: &str, patience: Duration) -> Result<bool, String> {
    let stands = one.stands(branch, patience);
    match stands.map_err(|error| error.to_string())? {
        Stands::There => Ok(false),
        Stands::Behind(_) => {
            let pushed = one.tree.push(REMOTE, &one.commit, branch, patience);
            pushed.map(|()| true).map_err(|error| error.to_string())
        }
        Stands::Apart => Err(format!("`{branch}` of `{REMOTE}` has other commits")),
        Stands::Unknown(error) => Err(error),
    }
}

fn of(refused: Vec<(RepoName, String)>) -> Vec<Refusal> {
    let refusals = refused.into_iter();
    refusals
        .map(|(repo, reason)| Refusal { repo, reason })
        .collect()
}
