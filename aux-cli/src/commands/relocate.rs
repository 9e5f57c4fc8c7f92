//! `move`: packages go to another repo, with their files, their entries and their
//! owners; the flat view stays as it is.

mod parts;

use std::collections::BTreeSet;
use std::io;

use aux_gen::disk::{Draft, FolderLock, Registry};
use aux_model::answers::Rearrangement;
use aux_model::{Date, Family, IncludePattern, PackageId, RepoName, Source, printable};
use aux_output::{Moved, MovedOther};
use parts::PartKind;
use serde::Serialize;

use crate::clock::today;
use crate::commands::generate::regenerate;
use crate::commands::why::subject;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::{CheckedRegistry, Session, SurveyedRegistry, repo};
use crate::terminal::{GOOD, Report, Terminal};
use aux_arguments::{Aliases, Move};

/// How long an old repo answers for what left it, unless a day is named.
const MONTHS: u16 = 6;

pub(crate) fn run(session: &Session, args: &Move) -> Result<Exit, Failure> {
    let Some((to, things)) = args.things.split_last() else {
        return Err(Failure::refused("nothing is named that moves", ""));
    };
    if args.module || args.overlay {
        let kind = if args.module {
            PartKind::Module
        } else {
            PartKind::Overlay
        };
        return parts::run(session, kind, (things, to), &args.aliases);
    }
    let (lock, survey) = session.locked_survey()?;
    let to: RepoName = repo(&survey.family, to)?;
    let ids = packages(&survey.family, things)?;
    if let Some(id) = ids.iter().find(|id| id.repo == to) {
        return Err(Failure::refused(format!("`{id}` is there already"), ""));
    }
    let mut changes = Rearrangement::default();
    for id in &ids {
        changes.moves.insert(id.clone(), to.clone());
    }
    let until = until(&args.aliases);
    let SurveyedRegistry {
        registry,
        family,
        sources,
    } = survey;
    let world = World {
        registry,
        catalog: &family,
        sources: &sources,
    };
    let exit = apply(session, &lock, world, &changes, until)?;
    drop(lock);
    let moved = ids.iter().map(|id| {
        Ok(MovedOther {
            package: id.to_string(),
            directory: directory(&family, &to, id)?,
        })
    });
    let moved = moved.collect::<Result<Vec<_>, Failure>>()?;
    report(session, moved, &to, until)?;
    Ok(exit)
}

/// Says what moved where.
fn report(
    session: &Session,
    moved: Vec<MovedOther>,
    to: &RepoName,
    until: Option<Date>,
) -> Result<(), Failure> {
    let mut moved = moved.into_iter();
    let Some(first) = moved.next() else {
        return Ok(());
    };
    Ok(session.terminal.report(&Moved {
        package: first.package,
        directory: first.directory,
        to: to.to_string(),
        until: until.map(|until| until.to_string()),
        others: moved.collect(),
    })?)
}

impl Report for Moved {
    type Output = Self;

    fn output(&self) -> impl Serialize {
        self
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        let Self { package, to, .. } = self;
        let from = package.split('/').next().unwrap_or_default();
        let alias = self.until.as_ref().map_or_else(String::new, |until| {
            format!("; {from} answers for it until {until}")
        });
        let more = match self.others.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        terminal.say(format!(
            "{GOOD}moved{GOOD:#} {package}{more} to {to}; its owner and the flat view are as before{alias}. Next:
  aux-gen eval --repo {from} --repo {to}"
        ));
        Ok(())
    }
}

/// The packages that a user named, each by its name or by a pattern.
pub(super) fn packages(catalog: &Family, named: &[String]) -> Result<Vec<PackageId>, Failure> {
    let mut found = BTreeSet::new();
    for text in named {
        if !text.contains('*') {
            found.insert(package(catalog, text)?);
            continue;
        }
        let pattern = IncludePattern::new(text);
        let fits = |id: &PackageId| {
            if text.contains('/') {
                pattern.matches(&id.to_string())
            } else {
                pattern.matches(id.name.as_str())
            }
        };
        let before = found.len();
        let all = catalog.packages().map(|package| &package.id);
        found.extend(all.filter(|id| fits(id)).cloned());
        if found.len() == before {
            return Err(Failure::not_found(
                format!("no package is called like `{}`", printable(text)),
                "`*` stands for any characters of a name",
            ));
        }
    }
    Ok(found.into_iter().collect())
}

/// The day until which old repos answer for what leaves them, if they do.
pub(super) fn until(aliases: &Aliases) -> Option<Date> {
    if aliases.no_alias {
        return None;
    }
    let default = || today().after_months(MONTHS);
    Some(aliases.alias_until.unwrap_or_else(default))
}

/// A manifest as it is on the disk.
pub(super) struct World<'w> {
    pub(super) registry: Registry,
    pub(super) catalog: &'w Family,
    pub(super) sources: &'w [Source],
}

/// The manifest as it will be.
pub(super) fn drafted(
    world: &World<'_>,
    changes: &Rearrangement,
    until: Option<Date>,
) -> Result<Draft, Failure> {
    let mut editor = super::manifest_edits::editor(world.sources)?;
    editor.rearrange(world.catalog, changes, until)?;
    Ok(Draft {
        moved: changes.moves.clone(),
        ..super::manifest_edits::draft(&editor)
    })
}

/// Moves entries and files, and writes what follows from it. Everything is worked
/// out and checked before the first byte is written.
pub(super) fn apply(
    session: &Session,
    lock: &FolderLock,
    world: World<'_>,
    changes: &Rearrangement,
    until: Option<Date>,
) -> Result<Exit, Failure> {
    let repos: BTreeSet<&RepoName> = changes
        .moves
        .iter()
        .flat_map(|(id, to)| [&id.repo, to])
        .collect();
    for name in repos {
        let repo = world.catalog.repo(name.as_str());
        if repo.is_some_and(aux_model::Repo::is_outside) {
            return Err(Failure::refused(
                format!(
                    "repo `{name}` is somebody else's: nothing of ours goes there, and nothing of theirs is ours to move"
                ),
                "add the package to a repo of yours with `aux-gen import` or `aux-gen new-package`, or offer it to them",
            ));
        }
        if repo.is_some_and(|repo| !repo.is_generated()) {
            return Err(Failure::refused(
                format!("repo `{name}` is external: its files are not ours to move"),
                "move the files by hand, then the entry in the manifest",
            ));
        }
    }
    let draft = drafted(&world, changes, until)?;
    let mut directories = Vec::new();
    for (id, to) in &changes.moves {
        let old = directory(world.catalog, &id.repo, id)?;
        let new = directory(world.catalog, to, id)?;
        directories.push((old, new));
    }
    let root = world.registry.root().to_owned();
    directories.retain(|(old, _)| root.join(old).is_dir());
    if !directories.is_empty() {
        for to in changes.moves.values() {
            let repo = world.catalog.repo(to.as_str());
            if let Some(repo) = repo.filter(|repo| !root.join(repo.path.as_str()).is_dir()) {
                return Err(Failure::refused(
                    format!("repo `{to}` is not checked out at `{}`", repo.path),
                    "clone it there; if it is new, `aux-gen generate` writes it",
                ));
            }
        }
    }
    let after = CheckedRegistry::load_with(world.registry, &draft)?;
    aux_gen::disk::compare(&after.registry, &after.plan(&[])?)?;
    for (_, new) in &directories {
        if root.join(new).symlink_metadata().is_ok() {
            return Err(Failure::refused(
                format!("`{new}` is in the way"),
                "move it away and run the command again",
            ));
        }
    }
    super::manifest_edits::write_manifest(session, &after.registry, &draft, &directories)?;
    regenerate(session, lock, &after)
}

/// The package that a user named.
pub(super) fn package(catalog: &Family, text: &str) -> Result<PackageId, Failure> {
    match subject(&catalog.graph(), text)? {
        aux_model::answers::Subject::Package(id) => Ok(id),
        aux_model::answers::Subject::Repo(_) => Err(Failure::refused(
            format!("`{text}` is a repo, and a package is needed"),
            "name a package as REPO/NAME",
        )),
    }
}

/// Where a package's files are in a repo, or will be, relative to the registry.
fn directory(catalog: &Family, repo: &RepoName, id: &PackageId) -> Result<String, Failure> {
    let repo = catalog
        .repo(repo.as_str())
        .ok_or_else(|| Failure::refused(format!("there is no repo `{repo}`"), ""))?;
    Ok(format!("{}/{}", repo.path, id.name.directory()))
}
