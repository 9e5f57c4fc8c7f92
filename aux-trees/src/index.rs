//! `index`: what a core has that is somebody else's, asked once and written down.

use std::io;
use std::path::PathBuf;

use aux_adopt::index::index;
use aux_arguments::{Index, ReachArgs};
use aux_gen::disk::{IndexFile, checkout, replace};
use aux_git::WorkTree;
use aux_model::{Repo, RepoName, Rev, System, index_path, printable};
use aux_output::{IndexState, Indexed, Unlisted};
use aux_session::{
    CheckedRegistry, DIM, Exit, Failure, GOOD, NOTE, Report, Session, Terminal, by_cause, cause,
    counted, jobs, short, system,
};
use serde::Serialize;

/// Runs the command.
///
/// # Errors
/// What stops it, with the way out.
pub fn run(session: &Session, args: &Index) -> Result<Exit, Failure> {
    let (_lock, family) = session.locked_family_without_index()?;
    let core = family.catalog.core();
    if !core.is_outside() {
        return Err(Failure::refused(
            format!(
                "the core of this family is `{}`, whose packages the manifest lists",
                core.name
            ),
            "an index is for a core of `kind = \"outside\"`: `aux-gen init --core` starts a family over one",
        ));
    }
    let system = system(args.system.as_deref(), &family.catalog)?;
    let there = Checkout::of(&family, core)?;
    let old = Old::read(&family, core)?;
    let is_fresh = old.is_of(there.rev.as_ref(), &system);
    if args.check || (is_fresh && !args.again) {
        let exit = if is_fresh { Exit::Fine } else { Exit::Stale };
        session.terminal.report(&Answer {
            indexed: old.answer(core, &there, &system, is_fresh),
        })?;
        return Ok(exit);
    }
    let asked = Asked {
        reach: &args.reach,
        system,
        jobs: jobs(args.jobs),
    };
    let (file, indexed) = of(session, &core.name, &there, &asked)?;
    let place = family.registry.root().join(&indexed.path);
    if let Some(folder) = place.parent() {
        std::fs::create_dir_all(folder)?;
    }
    replace(&place, file.text())?;
    session.terminal.report(&Answer { indexed })?;
    Ok(Exit::Fine)
}

/// Why the index of the family's core is not of what is checked out; none if it is, or if there
/// is nothing to compare.
pub fn stale(family: &CheckedRegistry) -> Result<Option<String>, Failure> {
    let core = family.catalog.core();
    if !core.is_outside() {
        return Ok(None);
    }
    let Old(Some(old)) = Old::read(family, core)? else {
        return Ok(None);
    };
    let there = checkout(family.registry.root(), &core.path).and_then(|path| WorkTree::at(&path));
    let head = there.and_then(|tree| tree.head());
    Ok(head
        .filter(|head| old.rev.as_ref() != Some(head))
        .map(|head| {
            let of = old
                .rev
                .as_deref()
                .map_or("changes that are in no commit", short);
            format!(
                "{}: it is of {of}, and `{}` is at {}; `aux-gen index` asks again",
                index_path(&core.name),
                core.name,
                short(&head)
            )
        }))
}

/// How Nix is asked.
pub(crate) struct Asked<'a> {
    pub(crate) reach: &'a ReachArgs,
    pub(crate) system: System,
    pub(crate) jobs: usize,
}

/// Asks Nix for everything that a core has: its index, and what to say of that.
pub(crate) fn of(
    session: &Session,
    core: &RepoName,
    there: &Checkout,
    asked: &Asked<'_>,
) -> Result<(IndexFile, Indexed), Failure> {
    let nix = session.nix(asked.reach)?;
    let progress = session.terminal.progress("asked");
    let found = index(
        &nix,
        &there.path,
        &asked.system,
        asked.jobs,
        &|done, known| {
            progress.of(done, known);
        },
    )?;
    progress.done();
    let found = found.map_err(|failure| {
        Failure::refused(
            format!("the set of `{core}` has no value: {}", failure.reason),
            failure.way_out().unwrap_or_else(|| {
                "its `default.nix` is called with `system`, `config` and `overlays`".to_owned()
            }),
        )
    })?;
    let file = IndexFile::new(there.rev.clone(), asked.system.clone(), &found.attributes);
    let indexed = Indexed {
        repo: core.to_string(),
        path: index_path(core),
        state: IndexState::Written,
        rev: there.rev.as_ref().map(ToString::to_string),
        system: asked.system.to_string(),
        packages: file.packages.len(),
        builders: file.builders.len(),
        seen: Some(found.attributes.len() + found.exceptions.len()),
        exceptions: found
            .exceptions
            .into_iter()
            .map(|(attribute, reason)| Unlisted { attribute, reason })
            .collect(),
    };
    Ok((file, indexed))
}

/// A core that is checked out.
pub(crate) struct Checkout {
    path: PathBuf,
    /// The commit, if nothing in it was changed.
    rev: Option<Rev>,
}

impl Checkout {
    pub(crate) fn of(family: &CheckedRegistry, core: &Repo) -> Result<Self, Failure> {
        let root = family.registry.root();
        let there = checkout(root, &core.path).filter(|path| path.join("default.nix").is_file());
        let path = there.ok_or_else(|| {
            Failure::refused(
                format!(
                    "repo `{}` is not checked out at `{}`, or has no `default.nix`",
                    core.name, core.path
                ),
                format!("clone it with `aux-gen sync {}`", core.name),
            )
        })?;
        Ok(Self::at(path))
    }

    /// The checkout in a folder.
    pub(crate) fn at(path: PathBuf) -> Self {
        let tree = WorkTree::at(&path).filter(is_clean);
        let rev = tree.and_then(|tree| tree.head());
        Self { path, rev }
    }

    /// Whether it is as a commit has it, so that a clone has all of it.
    pub(crate) fn is_committed(&self) -> bool {
        self.rev.is_some()
    }
}

/// Whether a work tree is as its commit has it.
fn is_clean(tree: &WorkTree) -> bool {
    tree.changed().is_ok_and(|changed| changed.is_empty())
}

/// The index that is there.
struct Old(Option<IndexFile>);

impl Old {
    fn read(family: &CheckedRegistry, core: &Repo) -> Result<Self, Failure> {
        // One that cannot be read is written anew.
        let text = family.registry.text_if_there(&index_path(&core.name));
        let text = text.unwrap_or_default();
        Ok(Self(text.and_then(|text| IndexFile::read(&text).ok())))
    }

    fn is_of(&self, rev: Option<&Rev>, system: &System) -> bool {
        let old = self.0.as_ref();
        old.is_some_and(|old| rev.is_some() && old.rev.as_ref() == rev && old.system == *system)
    }

    fn answer(&self, core: &Repo, there: &Checkout, system: &System, is_fresh: bool) -> Indexed {
        let old = self.0.as_ref();
        Indexed {
            repo: core.name.to_string(),
            path: index_path(&core.name),
            state: if is_fresh {
                IndexState::Fresh
            } else {
                IndexState::Stale
            },
            rev: there.rev.as_ref().map(ToString::to_string),
            system: system.to_string(),
            packages: old.map_or(0, |old| old.packages.len()),
            builders: old.map_or(0, |old| old.builders.len()),
            seen: None,
            exceptions: Vec::new(),
        }
    }
}

struct Answer {
    indexed: Indexed,
}

impl Report for Answer {
    type Output = Indexed;

    fn output(&self) -> impl Serialize {
        &self.indexed
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        show(&self.indexed, terminal)
    }
}

/// Says what an index has, and what it has not.
pub fn show(indexed: &Indexed, terminal: &Terminal) -> io::Result<()> {
    let at = indexed.rev.as_deref().map_or_else(
        || "with changes that are in no commit".to_owned(),
        |rev| format!("at {}", short(rev)),
    );
    let has = format!(
        "{} and {}",
        counted(indexed.packages, "package"),
        counted(indexed.builders, "builder")
    );
    let Indexed { repo, path, .. } = indexed;
    match indexed.state {
        IndexState::Written => terminal.say(format!(
            "{GOOD}indexed{GOOD:#} {repo} {at}: {has}, in {path}; commit it"
        )),
        IndexState::Fresh => terminal.say(format!(
            "{GOOD}fine{GOOD:#}: {path} is of {repo} {at}: {has}"
        )),
        IndexState::Stale => terminal.warn(format!(
            "{NOTE}stale{NOTE:#} {path}: {repo} is {at} for {}; `aux-gen index` asks again",
            indexed.system
        )),
    }
    left_out(indexed, terminal);
    Ok(())
}

/// Says what Nix sees and the index has not.
fn left_out(indexed: &Indexed, terminal: &Terminal) {
    /// Reasons, and names for each, that are shown.
    const FEW: usize = 6;
    if indexed.exceptions.is_empty() {
        return;
    }
    terminal.warn(format!(
        "{NOTE}not listed{NOTE:#} Nix sees {}, and the index lacks {} of them:",
        counted(indexed.seen.unwrap_or_default(), "attribute"),
        indexed.exceptions.len()
    ));
    let groups = by_cause(&indexed.exceptions, |exception| cause(&exception.reason));
    for group in groups.iter().take(FEW) {
        let names: Vec<&str> = group
            .iter()
            .take(FEW)
            .map(|one| one.attribute.as_str())
            .collect();
        let more = match group.len() - names.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        terminal.warn(format!(
            "  {}: {}{more}",
            printable(&group[0].reason),
            printable(&names.join(", "))
        ));
    }
    if let Some(more) = groups.len().checked_sub(FEW).filter(|more| *more > 0) {
        terminal.warn(format!(
            "  {DIM}and {more} more reasons; `--format json` has all{DIM:#}"
        ));
    }
}
