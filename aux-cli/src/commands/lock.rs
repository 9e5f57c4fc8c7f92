//! `lock`: what each repo locks of the others.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use aux_arguments::{Lock, LockFormatChoice};
use aux_gen::lock::{
    Checkouts, CommitLockError, FamilyLock, LockCache, LockState, RepoLock, Writes, lock_family,
};
use aux_model::{RepoName, Rev};
use aux_nix::Nix;
use aux_nix::flake::LockFormat;
use aux_output::{ErrorCode, NamedFailure};
use aux_session::{
    BAD, CheckedRegistry, DIM, Exit, Failure, GOOD, NOTE, Report, Session, Terminal, counted,
};
use aux_train::good_commits;
use serde::Serialize;

use crate::commands::train::read_holds;

pub(crate) fn run(session: &Session, args: &Lock) -> Result<Exit, Failure> {
    let (_held, family) = if args.check {
        (None, session.family()?)
    } else {
        let (held, family) = session.locked_family()?;
        (Some(held), family)
    };
    let only = family.repos(&args.repo)?;
    family.must_be_on_channel(&only)?;
    let places = family.registry.checkouts(&family.catalog);
    let holds = read_holds(session, &family)?;
    let mut checkouts = checkouts(&family, &places, format(args));
    let locks = lock_family(
        &FamilyLock {
            catalog: &family.catalog,
            places: &places,
            only: &only,
            held: &good_commits(&holds, &places),
            writes: match (args.check, args.commit) {
                (true, _) => Writes::Nothing,
                (false, false) => Writes::Files,
                (false, true) => Writes::Commits,
            },
        },
        &mut checkouts,
    )
    .map_err(uncommitted)?;
    if !args.check {
        checkouts.remembered().write(family.registry.root());
    }
    session.terminal.report(&Locked {
        checked: args.check,
        locks: &locks,
    })?;
    let is_behind = |lock: &RepoLock| lock.is_stale() || !lock.copies.is_empty();
    Ok(if locks.iter().any(|lock| lock.error.is_some()) {
        Exit::Problems
    } else if args.check && locks.iter().any(is_behind) {
        Exit::Stale
    } else {
        Exit::Fine
    })
}

/// Writes the lock of one repo, before its first commit; why it has none, if it cannot have one.
pub(super) fn lock_new(family: &CheckedRegistry, repo: &RepoName) -> Result<(), String> {
    let places = family.registry.checkouts(&family.catalog);
    let format = Nix::find().map_or(LockFormat::Full, |nix| LockFormat::of(nix.version()));
    let mut checkouts = checkouts(family, &places, format);
    let asked = FamilyLock {
        catalog: &family.catalog,
        places: &places,
        only: std::slice::from_ref(repo),
        held: &BTreeMap::new(),
        writes: Writes::Files,
    };
    let locks = lock_family(&asked, &mut checkouts).map_err(|error| error.to_string())?;
    match locks.into_iter().find_map(|lock| lock.error) {
        Some(error) => Err(error.to_string()),
        None => Ok(()),
    }
}

fn uncommitted(error: CommitLockError) -> Failure {
    let message = error.to_string();
    let help = "lock without `--commit`";
    match &error {
        CommitLockError::Git { source, .. } => {
            Failure::because(ErrorCode::Git, source, message, help)
        }
        _ => Failure::refused(message, help),
    }
}

/// As which Nix locks are written.
fn format(args: &Lock) -> LockFormat {
    match args.lock_format {
        Some(LockFormatChoice::Old) => LockFormat::Short,
        Some(LockFormatChoice::New) => LockFormat::Full,
        None => Nix::find().map_or(LockFormat::Full, |nix| LockFormat::of(nix.version())),
    }
}

fn checkouts(
    family: &CheckedRegistry,
    places: &BTreeMap<RepoName, PathBuf>,
    format: LockFormat,
) -> Checkouts {
    let repos = places.iter().filter_map(|(name, path)| {
        let repo = family.catalog.repo(name.as_str())?;
        Some((repo.url.to_string(), path.clone()))
    });
    Checkouts::new(format, repos).knowing(LockCache::read(family.registry.root()))
}

/// The locks, written or only compared.
struct Locked<'l> {
    /// Whether they were only compared.
    checked: bool,
    locks: &'l [RepoLock],
}

/// Whether a lock was out of date, and so was written.
fn is_written(lock: &RepoLock) -> bool {
    matches!(lock.state, LockState::New | LockState::Stale)
}

impl Locked<'_> {
    fn failures(&self) -> Vec<NamedFailure> {
        let failed = self.locks.iter().filter_map(|lock| {
            Some(NamedFailure {
                repo: lock.repo.to_string(),
                reason: lock.error.as_ref()?.to_string(),
            })
        });
        failed.collect()
    }
}

impl Report for Locked<'_> {
    type Output = aux_output::Locked;

    fn output(&self) -> impl Serialize {
        #[derive(Serialize)]
        struct Output<'l> {
            written: bool,
            repos: &'l [RepoLock],
            failed: Vec<NamedFailure>,
        }
        Output {
            written: !self.checked && self.locks.iter().any(is_written),
            repos: self.locks,
            failed: self.failures(),
        }
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        let (locked, failures) = (self.locks, self.failures());
        let short = |commit: &Option<Rev>| match commit {
            Some(commit) => commit.chars().take(10).collect(),
            None => "nothing".to_owned(),
        };
        let mut changed = 0;
        for found in locked {
            let verb = match (found.state, self.checked) {
                (LockState::New | LockState::Stale, true) => "stale",
                (LockState::New | LockState::Stale, false) => "locked",
                _ => continue,
            };
            changed += 1;
            terminal.say(format!("{NOTE}{verb}{NOTE:#} {}", found.repo));
            for input in found
                .inputs
                .iter()
                .filter(|input| input.locked != input.now)
            {
                terminal.say(format!(
                    "  {DIM}{}: {} -> {}{DIM:#}",
                    input.repo,
                    short(&input.locked),
                    short(&input.now)
                ));
            }
        }
        for found in locked {
            for copies in &found.copies {
                terminal.warn(format!(
                "{NOTE}copies{NOTE:#} {}: {} of {} are part of its lock: {}; let one follow the other",
                found.repo,
                copies.nodes.len(),
                copies.repo,
                copies.nodes.join(", ")
            ));
            }
        }
        for found in locked.iter().filter(|found| found.state == LockState::Held) {
            terminal.say(format!(
                "{NOTE}held{NOTE:#} {}: it stays as it is; `aux-gen holds` says why",
                found.repo
            ));
        }
        for NamedFailure { repo, reason } in &failures {
            terminal.warn(format!("{BAD}failed{BAD:#} {repo}: {reason}"));
        }
        let repos = counted(locked.len(), "repo");
        terminal.say(match (changed, failures.len()) {
            (0, 0) => format!("{GOOD}fine{GOOD:#}: every lock of {repos} is up to date"),
            (changed, failed) => format!(
                "{changed} of {repos} {}, {failed} failed",
                if self.checked {
                    "not up to date"
                } else {
                    "locked anew"
                }
            ),
        });
        Ok(())
    }
}
