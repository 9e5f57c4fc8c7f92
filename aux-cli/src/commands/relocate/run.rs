//! `move`: packages go to another repo, with their files, their entries and their
//! owners; the flat view stays as it is.

use std::collections::BTreeSet;

use super::named::{directory, is_member, packages};
use super::parts::PartKind;
use super::report::report;
use aux_arguments::Move;
use aux_gen::disk::{Draft, FolderLock, Registry};
use aux_model::answers::Rearrangement;
use aux_model::{Date, Family, PackageId, RepoName, Source};
use aux_output::MovedOther;
use aux_session::{
    CheckedRegistry, Exit, Failure, NOTE, Session, SurveyedRegistry, answered_until, repo,
};

use crate::commands::generate::regenerate;

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
        return super::parts::run(session, kind, (things, to), &args.aliases);
    }
    let (members, packages_named): (Vec<&String>, Vec<&String>) =
        things.iter().partition(|thing| is_member(thing));
    match (members.is_empty(), packages_named.is_empty()) {
        (true, _) => {}
        (false, true) if args.aliases.alias_until.is_some() || args.aliases.no_alias => {
            return Err(Failure::refused(
                "a member of a package set has no alias in the repo that it leaves",
                "leave out `--alias-until` and `--no-alias`: its name in the set stays",
            ));
        }
        (false, true) => return super::members::run(session, things, to),
        (false, false) => {
            return Err(Failure::refused(
                "members of sets and packages move one after the other",
                "run the command once for each",
            ));
        }
    }
    let (lock, survey) = session.locked_survey()?;
    let to: RepoName = repo(&survey.family, to)?;
    let ids = packages(&survey.family, things)?;
    let ids = with_companions(session, &survey.family, ids);
    if let Some(id) = ids.iter().find(|id| id.repo == to) {
        return Err(Failure::refused(format!("`{id}` is there already"), ""));
    }
    let target = survey.family.repo(to.as_str());
    let borrows = |id: &&PackageId| target.is_some_and(|repo| repo.borrows(id));
    if let Some(id) = ids.iter().find(borrows) {
        return Err(Failure::refused(
            format!("`{to}` borrows `{id}`, and would have it twice"),
            format!("`aux-gen return {to}/{}` first", id.name),
        ));
    }
    let mut changes = Rearrangement::default();
    for id in &ids {
        changes.moves.insert(id.clone(), to.clone());
    }
    let until = answered_until(args.aliases.alias_until, args.aliases.no_alias);
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

/// The packages with those that the policy keeps in one repo with them.
fn with_companions(session: &Session, family: &Family, ids: Vec<PackageId>) -> Vec<PackageId> {
    let mut all: BTreeSet<PackageId> = ids.iter().cloned().collect();
    for id in &ids {
        for other in family.policy().companions(id) {
            if all.insert(other.clone()) {
                session.terminal.say(format!(
                    "{NOTE}along{NOTE:#}  {other}: the policy keeps it together with {id}"
                ));
            }
        }
    }
    all.into_iter().collect()
}

/// A manifest as it is on the disk.
pub(in crate::commands) struct World<'w> {
    pub(in crate::commands) registry: Registry,
    pub(in crate::commands) catalog: &'w Family,
    pub(in crate::commands) sources: &'w [Source],
}

/// The manifest as it will be.
pub(in crate::commands) fn drafted(
    world: &World<'_>,
    changes: &Rearrangement,
    until: Option<Date>,
) -> Result<Draft, Failure> {
    let mut editor = crate::commands::manifest_edits::editor(world.sources)?;
    editor.rearrange(world.catalog, changes, until)?;
    Ok(Draft {
        moved: changes.moves.clone(),
        ..crate::commands::manifest_edits::draft(&editor)
    })
}

/// Moves entries and files, and writes what follows from it. Everything is worked
/// out and checked before the first byte is written.
pub(in crate::commands) fn apply(
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
    crate::commands::manifest_edits::write_manifest(
        session,
        &after.registry,
        &draft,
        &directories,
    )?;
    regenerate(session, lock, &after)
}
