//! `sync`, `clone`: the checkouts of a family.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aux_arguments::{Clone, Filter, Sync};
use aux_gen::disk::Registry;
use aux_git::Blobs;
use aux_model::printable;
use aux_output::{Cloned, SyncedRepo};
use aux_session::{
    BAD, CheckedRegistry, DIM, Exit, Failure, GOOD, NOTE, Report, Session, Terminal, counted,
    indented, short,
};
use aux_train::sync::{SyncState, Synced, address_of};
use serde::Serialize;

pub(crate) fn sync(session: &Session, args: &Sync) -> Result<Exit, Failure> {
    session.forward_registry(Duration::from_secs(args.patience))?;
    let family = session.family()?;
    let only = family.repos(&args.repos)?;
    let repos = synced(
        session,
        &family,
        &only,
        blobs(args.filter.as_ref()),
        args.patience,
    );
    let exit = exit(&repos);
    session.terminal.report(&Checkouts { repos })?;
    Ok(exit)
}

pub(crate) fn clone(session: &Session, args: &Clone) -> Result<Exit, Failure> {
    let address = address_of(&args.url);
    let named = match &args.folder {
        Some(folder) => folder.clone(),
        None => PathBuf::from(last_part(&address)),
    };
    let folder = session.directory().join(&named);
    let is_free = std::fs::read_dir(&folder).map_or(true, |mut entries| entries.next().is_none());
    if !is_free || folder.is_file() {
        return Err(Failure::refused(
            format!("`{}` is there already", named.display()),
            "name a folder that is not there; `aux-gen sync` updates one that is",
        ));
    }
    let patience = Duration::from_secs(args.patience);
    aux_train::sync::clone(&address, &folder, None, Blobs::All, patience)
        .map_err(|error| Failure::refused(error.to_string(), "check the address"))?;
    let family = session.on_channel(CheckedRegistry::load(Registry::open(&folder)?)?)?;
    let repos = synced(
        session,
        &family,
        &[],
        blobs(args.filter.as_ref()),
        args.patience,
    );
    let exit = exit(&repos);
    session.terminal.report(&NewFamily {
        folder: named,
        checkouts: Checkouts { repos },
    })?;
    Ok(exit)
}

fn synced(
    session: &Session,
    family: &CheckedRegistry,
    only: &[aux_model::RepoName],
    blobs: Blobs,
    patience: u64,
) -> Vec<Synced> {
    let count = match only.len() {
        0 => family.catalog.repos().count(),
        some => some,
    };
    let progress = session.terminal.progress("synced");
    let done = AtomicUsize::new(0);
    let patience = Duration::from_secs(patience);
    let root = family.registry.root();
    let repos = aux_train::sync::sync(root, &family.catalog, only, blobs, patience, &|repo| {
        progress.of_at(done.fetch_add(1, Ordering::Relaxed), count, repo);
    });
    progress.done();
    repos
}

/// What a filter leaves out; there is one.
fn blobs(filter: Option<&Filter>) -> Blobs {
    match filter {
        Some(Filter::BlobNone) => Blobs::WhenAskedFor,
        None => Blobs::All,
    }
}

fn exit(repos: &[Synced]) -> Exit {
    if repos.iter().all(|synced| synced.state.is_fine()) {
        Exit::Fine
    } else {
        Exit::Problems
    }
}

/// The name of a repository, as git takes it from an address.
fn last_part(address: &str) -> String {
    let path = address.trim_end_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let name = path.rsplit(['/', ':']).next().unwrap_or(path);
    Path::new(name).display().to_string()
}

/// What became of each checkout.
struct Checkouts {
    repos: Vec<Synced>,
}

fn output(synced: &Synced) -> SyncedRepo {
    let mut repo = SyncedRepo {
        repo: synced.repo.to_string(),
        path: synced.path.clone(),
        state: String::new(),
        commit: None,
        from: None,
        to: None,
        reason: None,
    };
    let state = match &synced.state {
        SyncState::Cloned { commit } => {
            repo.commit = commit.as_ref().map(ToString::to_string);
            "cloned"
        }
        SyncState::Fresh => "fresh",
        SyncState::Forwarded { from, to } => {
            repo.from = Some(from.to_string());
            repo.to = Some(to.to_string());
            "forwarded"
        }
        SyncState::Ahead => "ahead",
        SyncState::Left { reason } => {
            repo.reason = Some(reason.clone());
            "left"
        }
        SyncState::Failed { reason } => {
            repo.reason = Some(reason.clone());
            "failed"
        }
    };
    repo.state = state.to_owned();
    repo
}

impl Report for Checkouts {
    type Output = aux_output::Synced;

    fn output(&self) -> impl Serialize {
        aux_output::Synced {
            repos: self.repos.iter().map(output).collect(),
        }
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        for Synced { repo, path, state } in &self.repos {
            match state {
                SyncState::Cloned { .. } => {
                    terminal.say(format!("{GOOD}cloned{GOOD:#} {repo} to {path}"));
                }
                SyncState::Fresh if !terminal.is_verbose() => {}
                SyncState::Fresh => terminal.say(format!("{DIM}fresh{DIM:#} {repo}")),
                SyncState::Forwarded { from, to } => terminal.say(format!(
                    "{GOOD}forward{GOOD:#} {repo} from {} to {}",
                    short(from),
                    short(to)
                )),
                SyncState::Ahead => terminal.say(format!(
                    "{NOTE}ahead{NOTE:#} {repo}: it has commits that its remote has not"
                )),
                SyncState::Left { reason } => terminal.warn(format!(
                    "{NOTE}left{NOTE:#} {repo}: {}",
                    printable(&indented(reason))
                )),
                SyncState::Failed { reason } => terminal.warn(format!(
                    "{BAD}failed{BAD:#} {repo}: {}",
                    printable(&indented(reason))
                )),
            }
        }
        let fine = self
            .repos
            .iter()
            .filter(|synced| synced.state.is_fine())
            .count();
        terminal.say(format!(
            "{} of {} up to date",
            fine,
            counted(self.repos.len(), "checkout")
        ));
        Ok(())
    }
}

/// A registry that was cloned.
struct NewFamily {
    folder: PathBuf,
    checkouts: Checkouts,
}

impl Report for NewFamily {
    type Output = Cloned;

    fn output(&self) -> impl Serialize {
        Cloned {
            folder: self.folder.display().to_string(),
            repos: self.checkouts.repos.iter().map(output).collect(),
        }
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        self.checkouts.show(terminal)?;
        terminal.say(format!("{DIM}cd {}{DIM:#}", self.folder.display()));
        Ok(())
    }
}
