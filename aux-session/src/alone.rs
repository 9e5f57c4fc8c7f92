//! A repo that is checked out alone: its registry, which its `contract.json` names, is cloned
//! into the repo's git directory, with the other repos beside it, and the repo itself stands there
//! as a link to its checkout.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aux_gen::disk::{Registry, State, checkpoint};
use aux_git::{Blobs, WorkTree, git_directories};
use aux_model::{ChannelName, FlakeRef, RepoName, printable};
use aux_process::ScratchFolder;
use aux_train::sync::{self, SyncState};

use crate::failure::Failure;
use crate::terminal::Terminal;
use aux_terminal::{NOTE, indented_lines};

/// How long each remote may take to answer when the registry is cloned.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where the registry of a repo that is checked out alone is.
pub(crate) struct Alone {
    /// The clone of the registry.
    pub(crate) root: PathBuf,
    /// The repo.
    pub(crate) repo: RepoName,
}

/// What the `contract.json` of a checkout says of where it belongs.
struct Belongs {
    checkout: PathBuf,
    repo: RepoName,
    registry: FlakeRef,
}

/// The registry of the repo that a folder is in; none if there is no repo, or it names no
/// registry. It is cloned the first time, for a command that works in one repo alone.
pub(crate) fn find(
    directory: &Path,
    works_alone: bool,
    channel: Option<&str>,
    terminal: &Terminal,
) -> Result<Option<Alone>, Failure> {
    let Some(belongs) = belongs(directory)? else {
        return Ok(None);
    };
    if !works_alone {
        return Err(Failure::refused(
            format!(
                "this is the repo `{}` alone, and the command is about the whole family",
                belongs.repo
            ),
            format!(
                "work in the registry: `aux-gen clone {}`",
                printable(belongs.registry.as_str())
            ),
        ));
    }
    let root = place(&belongs.checkout, channel)?;
    if Registry::open(&root).is_err() {
        clone(&belongs, &root, channel, terminal)?;
    }
    stand_in(&belongs, &root)?;
    Ok(Some(Alone {
        root,
        repo: belongs.repo,
    }))
}

/// Where the clone of the registry is: in the git directory of the repository, one for each work
/// tree, since what is committed there must not go with a work tree that is removed; and one for each
/// channel, since the other repos are on its branches there.
fn place(checkout: &Path, channel: Option<&str>) -> Result<PathBuf, Failure> {
    // A folder for them: no work tree is called so.
    let of_channel = |path: PathBuf| match channel.map(str::parse::<ChannelName>) {
        Some(Ok(channel)) => path.with_file_name("channels").join(channel.as_str()),
        Some(Err(_)) | None => path,
    };
    if let Some((git, common)) = git_directories(checkout)
        && git != common
        && let (Some(name), Some(main)) = (git.file_name(), common.parent())
        && common.ends_with(".git")
    {
        let name = format!("registry-{}", name.display());
        return Ok(of_channel(State::make(main)?.path(&name)));
    }
    Ok(of_channel(State::make(checkout)?.path("registry")))
}

/// Where a folder belongs, as the `contract.json` of its checkout has it.
fn belongs(directory: &Path) -> Result<Option<Belongs>, Failure> {
    let Ok(directory) = directory.canonicalize() else {
        return Ok(None);
    };
    let mut folders = directory.ancestors();
    let Some(checkout) = folders
        .find(|folder| folder.join("contract.json").is_file() && folder.join(".git").exists())
    else {
        return Ok(None);
    };
    let file = checkout.join("contract.json");
    let wrong = |what: String| {
        Failure::refused(
            format!("`{}` {what}", file.display()),
            "bring back what `aux-gen generate` wrote there, or work in a clone of the registry",
        )
    };
    let text =
        fs::read_to_string(&file).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    let contract: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| wrong(format!("is no JSON: {error}")))?;
    let key = |name: &str| contract.get(name).and_then(serde_json::Value::as_str);
    let (Some(repo), Some(registry)) = (key("repo"), key("registry")) else {
        return Ok(None);
    };
    let known = registry.parse().ok().filter(|registry: &FlakeRef| {
        let is_whole = !registry.as_str().contains("dir=");
        is_whole && registry.git_url().is_some()
    });
    let Some(registry) = known else {
        return Err(wrong(format!(
            "names the registry `{}`, which is no reference of a whole repository on GitHub or one that begins with `git+`",
            printable(registry)
        )));
    };
    Ok(Some(Belongs {
        checkout: checkout.to_owned(),
        repo: repo
            .parse()
            .map_err(|error| wrong(format!("names a repo that cannot be one: {error}")))?,
        registry,
    }))
}

/// Clones a registry and all of its repos but the one that is here: all of it, or nothing.
fn clone(
    belongs: &Belongs,
    root: &Path,
    channel: Option<&str>,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let registry = belongs.registry.as_str();
    let refused = |reason: String| {
        Failure::refused(
            format!(
                "the registry `{}` of this repo cannot be cloned: {}",
                printable(registry),
                indented_lines(&reason)
            ),
            "look at `registry` in contract.json, or run this in a clone of the registry",
        )
    };
    terminal.say(format!(
        "{NOTE}cloning{NOTE:#} {}, the registry of this repo, into {}",
        printable(registry),
        root.display()
    ));
    let folder = root.parent().unwrap_or(root);
    fs::create_dir_all(folder).map_err(|error| refused(error.to_string()))?;
    // Of its own, so that runs side by side do not meet; it goes if this one ends early.
    let temporary = ScratchFolder::in_folder(folder).map_err(|error| refused(error.to_string()))?;
    let half = temporary.path().join("registry");
    let address = sync::address_of(registry);
    let branch = belongs.registry.branch();
    sync::clone(&address, &half, branch.as_deref(), Blobs::All, PATIENCE)
        .map_err(|error| refused(error.to_string()))?;
    let loaded = Registry::open(&half)?.load()?;
    let catalog = loaded.catalog.map_err(|problems| Failure::Problems {
        problems,
        sources: loaded.sources,
        drafted: false,
    })?;
    // One that there is not is refused when the command reads the manifest.
    let catalog = channel
        .and_then(|channel| catalog.on_channel(channel))
        .unwrap_or(catalog);
    let others = catalog.repos().map(|repo| repo.name.clone());
    let others: Vec<RepoName> = others.filter(|name| *name != belongs.repo).collect();
    let progress = terminal.progress("cloned");
    for synced in sync::sync(&half, &catalog, &others, Blobs::All, PATIENCE, &|repo| {
        progress.at(repo);
    }) {
        if let SyncState::Failed { reason } | SyncState::Left { reason } = synced.state {
            terminal.warn(format!(
                "{NOTE}not cloned{NOTE:#} {}: {}",
                synced.repo,
                indented_lines(&reason)
            ));
        }
    }
    progress.done();
    checkpoint();
    match fs::rename(&half, root) {
        // Somebody was faster, and theirs is as good.
        Err(_) if Registry::open(root).is_ok() => Ok(()),
        Err(error) => Err(refused(format!(
            "{} cannot be made: {error}",
            root.display()
        ))),
        Ok(()) => Ok(()),
    }
}

/// Puts a link to the checkout where the registry has the repo. git ignores it there, as it does
/// all checkouts.
fn stand_in(belongs: &Belongs, root: &Path) -> Result<(), Failure> {
    let survey = match Registry::open(root)?.survey()? {
        (Ok(survey), _) => survey,
        (Err(problems), sources) => {
            return Err(Failure::Problems {
                problems,
                sources,
                drafted: false,
            });
        }
    };
    let Some(repo) = survey.family.repo(belongs.repo.as_str()) else {
        return Err(Failure::refused(
            format!(
                "the registry `{}` knows no repo `{}`",
                printable(belongs.registry.as_str()),
                belongs.repo
            ),
            "bring the clone up to date with `aux-gen sync`, or correct contract.json",
        ));
    };
    let place = root.join(repo.path.as_str());
    let made = match fs::read_link(&place) {
        Ok(to) if to == belongs.checkout => return Ok(()),
        // A checkout that was moved.
        Ok(_) => fs::remove_file(&place),
        Err(_) if place.symlink_metadata().is_ok() => {
            return Err(Failure::refused(
                format!("`{}` is in the way of this checkout", place.display()),
                "move it away",
            ));
        }
        Err(_) => Ok(()),
    };
    let made = made
        .and_then(|()| match place.parent() {
            Some(parent) => fs::create_dir_all(parent),
            None => Ok(()),
        })
        .and_then(|()| symlink(&belongs.checkout, &place));
    made.map_err(|error| {
        Failure::refused(
            format!("`{}` cannot be made: {error}", place.display()),
            "look at who may write there",
        )
    })
}

/// Brings the clone of the registry up to date, as far as nothing of the user's is in the way.
pub(crate) fn forward(alone: &Alone, patience: Duration, terminal: &Terminal) {
    let Some(tree) = WorkTree::at(&alone.root) else {
        return;
    };
    let state = sync::forward(&tree, None, patience);
    let reason = match state {
        Ok(SyncState::Failed { reason } | SyncState::Left { reason }) => reason,
        Ok(_) => return,
        Err(error) => error.to_string(),
    };
    terminal.warn(format!(
        "{NOTE}left{NOTE:#} the registry in {} as it is: {}",
        alone.root.display(),
        indented_lines(&reason)
    ));
}
