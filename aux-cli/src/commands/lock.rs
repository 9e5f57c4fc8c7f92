//! `lock`: what each repo locks of the others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use aux_gen::disk::{DiskError, checkout, read_text, replace_below};
use aux_gen::lock::{Checkouts, LockCache, LockFile, PinError, lock};
use aux_git::{Commit, FileChange, WorkTree};
use aux_model::{Catalog, Repo, RepoName, Rev};
use aux_nix::Nix;
use aux_nix::flake::{FlakeInputs, LockFormat, Reference};
use serde::Serialize;

use crate::cli::{Lock, LockFormatChoice};
use crate::commands::train::read_holds;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::{Family, Session};
use crate::terminal::{BAD, DIM, GOOD, NOTE, counted};

/// The file of a lock.
pub(super) const FILE: &str = "flake.lock";

/// What became of one repo's lock.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Locked {
    repo: RepoName,
    state: State,
    /// Repos of the family that it locks: the commit, and the one that it has now.
    inputs: Vec<Input>,
    /// Repos of which its lock holds more than one version.
    copies: Vec<Copies>,
}

/// How a lock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    /// It is as it should be.
    Fresh,
    /// It was, or would be, written.
    Stale,
    /// It was, or would be, made.
    New,
    /// It has no inputs, and so no lock.
    Without,
    /// It cannot be locked.
    Failed,
    /// An update holds it: it stays as it is, and others keep the version that was good.
    Held,
}

/// One repo that another locks.
#[derive(Debug, Serialize)]
struct Input {
    repo: RepoName,
    /// The commit that is locked; none if none is.
    locked: Option<Rev>,
    /// The commit that would be; none if the input is gone.
    now: Option<Rev>,
}

/// A repo of which a lock holds several nodes.
#[derive(Debug, Serialize)]
struct Copies {
    repo: RepoName,
    nodes: Vec<String>,
}

pub(crate) fn run(session: &Session, args: &Lock) -> Result<Exit, Failure> {
    let (_held, family) = if args.check {
        (None, session.family()?)
    } else {
        let (held, family) = session.locked_family()?;
        (Some(held), family)
    };
    let only = family.repos(&args.repo)?;
    let format = format(args);
    let places = places(&family);
    let mut locked = Vec::new();
    let mut failures: BTreeMap<RepoName, String> = BTreeMap::new();
    let mut checkouts = checkouts(&family, &places, format);
    // Others go on with what an update holds, where it was good; it keeps its own lock.
    let holds = read_holds(session, family.registry.root())?;
    for (name, hold) in &holds {
        let repo = family.catalog.repo(name.as_str());
        let tree = places.get(name).and_then(|path| WorkTree::at(path));
        if let (Some(repo), Some(tree), Some(commit)) = (repo, tree, &hold.held_at)
            && let Ok(commit) = tree.commit_of(commit)
        {
            let branch = tree.commit_of_head().ok().flatten();
            let branch = branch.and_then(|head| head.branch);
            checkouts.set(&repo.url.to_string(), Some(Commit { branch, ..commit }));
        }
    }
    for repo in order(&family.catalog) {
        let Some(path) = places.get(&repo.name) else {
            continue;
        };
        if !only.is_empty() && !only.contains(&repo.name) {
            continue;
        }
        if holds.contains_key(&repo.name) && only.is_empty() {
            locked.push(Locked {
                repo: repo.name.clone(),
                state: State::Held,
                inputs: Vec::new(),
                copies: Vec::new(),
            });
            continue;
        }
        match one(args, &family.catalog, repo, path, &mut checkouts)? {
            Ok(found) => {
                let is_committed = args.commit && matches!(found.state, State::Stale | State::New);
                if is_committed {
                    commit(path, found.state)?;
                    // It is another commit now.
                    checkouts.set(&repo.url.to_string(), None);
                }
                locked.push(found);
            }
            Err(error) => {
                failures.insert(repo.name.clone(), error.to_string());
                locked.push(Locked {
                    repo: repo.name.clone(),
                    state: State::Failed,
                    inputs: Vec::new(),
                    copies: Vec::new(),
                });
            }
        }
    }
    if !args.check {
        checkouts.remembered().write(family.registry.root());
    }
    report(session, args, &locked, &failures)?;
    let is_stale = |found: &Locked| matches!(found.state, State::Stale | State::New);
    Ok(if !failures.is_empty() {
        Exit::Problems
    } else if args.check
        && locked
            .iter()
            .any(|found| is_stale(found) || !found.copies.is_empty())
    {
        Exit::Stale
    } else {
        Exit::Fine
    })
}

/// As which Nix locks are written.
fn format(args: &Lock) -> LockFormat {
    match args.lock_format {
        Some(LockFormatChoice::Old) => LockFormat::Short,
        Some(LockFormatChoice::New) => LockFormat::Full,
        None => Nix::find().map_or(LockFormat::Full, |nix| LockFormat::of(nix.version())),
    }
}

/// The repos that are checked out.
fn places(family: &Family) -> BTreeMap<RepoName, PathBuf> {
    let repos = family.catalog.repos();
    repos
        .filter_map(|repo| {
            let path = checkout(family.registry.root(), &repo.path)?;
            path.join("flake.nix")
                .is_file()
                .then(|| (repo.name.clone(), path))
        })
        .collect()
}

fn checkouts(
    family: &Family,
    places: &BTreeMap<RepoName, PathBuf>,
    format: LockFormat,
) -> Checkouts {
    let repos = places.iter().filter_map(|(name, path)| {
        let repo = family.catalog.repo(name.as_str())?;
        Some((repo.url.to_string(), path.clone()))
    });
    Checkouts::new(format, repos).knowing(LockCache::read(family.registry.root()))
}

/// A repo comes before those that use it; those of a cycle are sorted by name.
fn order(catalog: &Catalog) -> Vec<&Repo> {
    fn visit<'c>(
        catalog: &'c Catalog,
        repo: &'c Repo,
        seen: &mut BTreeSet<&'c RepoName>,
        order: &mut Vec<&'c Repo>,
    ) {
        if !seen.insert(&repo.name) {
            return;
        }
        for input in catalog.inputs(repo) {
            visit(catalog, input, seen, order);
        }
        order.push(repo);
    }
    let mut order = Vec::new();
    let mut seen = BTreeSet::new();
    for repo in catalog.repos() {
        visit(catalog, repo, &mut seen, &mut order);
    }
    order
}

/// Locks one repo.
fn one(
    args: &Lock,
    catalog: &Catalog,
    repo: &Repo,
    path: &std::path::Path,
    checkouts: &mut Checkouts,
) -> Result<Result<Locked, PinError>, Failure> {
    let unreadable = |error: DiskError| PinError::Unreadable(error.to_string());
    let text = match read_text(&path.join("flake.nix")) {
        Ok(text) => text,
        Err(error) => return Ok(Err(unreadable(error))),
    };
    let inputs = match FlakeInputs::read(&text) {
        Ok(inputs) => inputs,
        Err(error) => {
            let path = path.to_owned();
            return Ok(Err(PinError::Flake { path, error }));
        }
    };
    let file = path.join(FILE);
    let before = match file.is_file().then(|| read_text(&file)).transpose() {
        Ok(before) => before,
        Err(error) => return Ok(Err(unreadable(error))),
    };
    let old = match before.as_deref().map(LockFile::read).transpose() {
        Ok(old) => old,
        Err(error) => {
            let path = path.to_owned();
            return Ok(Err(PinError::Lock { path, error }));
        }
    };
    let new = match lock(&inputs, old.as_ref(), checkouts) {
        Ok(new) => new,
        Err(error) => return Ok(Err(error)),
    };
    let text = new.text();
    let state = match &before {
        // Without inputs Nix makes no lock.
        None if inputs.0.is_empty() => State::Without,
        None => State::New,
        Some(before) if *before == text => State::Fresh,
        Some(_) => State::Stale,
    };
    if !args.check && matches!(state, State::New | State::Stale) {
        let old = before.as_deref().map(str::as_bytes);
        if let Err(error) = replace_below(path, &file, old, &text) {
            return Ok(Err(unreadable(error)));
        }
    }
    Ok(Ok(Locked {
        repo: repo.name.clone(),
        state,
        inputs: known(catalog, old.as_ref(), &new),
        copies: copies(catalog, &new),
    }))
}

/// What the root of a lock has of the repos of the family.
fn known(catalog: &Catalog, old: Option<&LockFile>, new: &LockFile) -> Vec<Input> {
    let names = new.nodes[&new.root].inputs.keys();
    let repos = names.filter_map(|name| catalog.repo(name));
    repos
        .map(|repo| Input {
            repo: repo.name.clone(),
            locked: old.and_then(|old| old.rev(repo.name.as_str())),
            now: new.rev(repo.name.as_str()),
        })
        .collect()
}

/// Repos of which a lock has several nodes.
fn copies(catalog: &Catalog, lock: &LockFile) -> Vec<Copies> {
    let references: BTreeMap<String, &RepoName> = catalog
        .repos()
        .filter_map(|repo| Some((Reference::read(&repo.url.to_string())?.key(), &repo.name)))
        .collect();
    let mut nodes: BTreeMap<&RepoName, Vec<String>> = BTreeMap::new();
    for (key, node) in &lock.nodes {
        let Some(original) = &node.original else {
            continue;
        };
        let attributes = original.clone();
        if let Some(repo) = references.get(&Reference { attributes }.key()) {
            nodes.entry(repo).or_default().push(key.clone());
        }
    }
    nodes
        .into_iter()
        .filter(|(_, nodes)| nodes.len() > 1)
        .map(|(repo, nodes)| Copies {
            repo: repo.clone(),
            nodes,
        })
        .collect()
}

fn commit(path: &std::path::Path, state: State) -> Result<(), Failure> {
    let Some(tree) = WorkTree::at(path) else {
        return Err(Failure::refused(
            format!("`{}` is no git repository of its own", path.display()),
            "lock without `--commit`",
        ));
    };
    let change = match state {
        State::New => FileChange::Add,
        _ => FileChange::Update,
    };
    let files = BTreeMap::from([(FILE.to_owned(), change)]);
    tree.commit(&files, "Lock the repos that this one uses\n")
        .map_err(|error| {
            let message = format!("the lock in `{}` cannot be committed", path.display());
            Failure::because(&error, message, "lock without `--commit`")
        })?;
    Ok(())
}

fn report(
    session: &Session,
    args: &Lock,
    locked: &[Locked],
    failures: &BTreeMap<RepoName, String>,
) -> Result<(), Failure> {
    let terminal = &session.terminal;
    if terminal.is_json() {
        return Ok(terminal.json(&serde_json::json!({
            "written": !args.check,
            "repos": locked,
            "failed": failures,
        }))?);
    }
    let short = |commit: &Option<Rev>| match commit {
        Some(commit) => commit.chars().take(10).collect(),
        None => "nothing".to_owned(),
    };
    let mut changed = 0;
    for found in locked {
        let verb = match (found.state, args.check) {
            (State::New | State::Stale, true) => "stale",
            (State::New | State::Stale, false) => "locked",
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
    for found in locked.iter().filter(|found| found.state == State::Held) {
        terminal.say(format!(
            "{NOTE}held{NOTE:#} {}: it stays as it is; `aux-gen holds` says why",
            found.repo
        ));
    }
    for (repo, reason) in failures {
        terminal.warn(format!("{BAD}failed{BAD:#} {repo}: {reason}"));
    }
    let repos = counted(locked.len(), "repo");
    terminal.say(match (changed, failures.len()) {
        (0, 0) => format!("{GOOD}fine{GOOD:#}: every lock of {repos} is up to date"),
        (changed, failed) => format!(
            "{changed} of {repos} {}, {failed} failed",
            if args.check {
                "not up to date"
            } else {
                "locked anew"
            }
        ),
    });
    Ok(())
}
