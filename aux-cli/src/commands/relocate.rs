//! `move`: a package goes to another repo, with its files, its entry and its
//! owner; the flat view stays as it is.

use std::collections::BTreeMap;

use aux_gen::disk::{Draft, relocate};
use aux_model::{MovePackage, Package, PackageId, RepoName, move_package};

use super::generate::regenerate;
use super::scan::file_of;
use super::why::subject;
use crate::cli::Move;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::{Family, Session};
use crate::terminal::{DIM, GOOD};

pub(crate) fn run(session: &Session, args: &Move) -> Result<Exit, Failure> {
    let (lock, family) = session.locked_family()?;
    let moving = moving(&family, args)?;
    let (id, to) = (moving.package.clone(), moving.to.clone());
    let mut texts: BTreeMap<String, String> = family
        .sources
        .iter()
        .map(|source| (source.path().to_owned(), source.text().to_owned()))
        .collect();
    let before = texts.clone();
    move_package(&mut texts, &moving)
        .map_err(|error| Failure::refused(format!("{error}"), "move the entry by hand"))?;
    texts.retain(|path, text| before.get(path) != Some(text));

    // Everything is worked out and checked before the first byte is written.
    let (from_path, to_path) = (
        directory(&family, &id)?,
        directory(
            &family,
            &PackageId {
                repo: to.clone(),
                name: id.name.clone(),
            },
        )?,
    );
    let root = family.registry.root().to_owned();
    let draft = Draft {
        texts,
        before,
        moved: Some((id.clone(), to.clone())),
        ..Draft::default()
    };
    let family = super::drafted(family, &draft)?;
    if root.join(&to_path).symlink_metadata().is_ok() {
        return Err(Failure::refused(
            format!("`{to_path}` is in the way"),
            "move it away and run the command again",
        ));
    }
    super::write_manifest(session, &family.registry, &draft)?;
    if root.join(&from_path).is_dir() {
        relocate(&root.join(&from_path), &root.join(&to_path))?;
        session
            .terminal
            .say(format!("{DIM}move{DIM:#}   {from_path} -> {to_path}"));
    }
    let exit = regenerate(session, &family)?;
    drop(lock);
    if session.terminal.is_json() {
        session
            .terminal
            .json(&serde_json::json!({ "package": id, "to": to, "directory": to_path }))?;
    }
    session.terminal.say(format!(
        "{GOOD}moved{GOOD:#} {id} to {to}; its owner and the flat view are as before. Next:
  aux-gen eval --repo {} --repo {to}",
        id.repo
    ));
    Ok(exit)
}

fn moving(family: &Family, args: &Move) -> Result<MovePackage, Failure> {
    let graph = family.catalog.graph();
    let aux_model::answers::Subject::Package(id) = subject(&graph, &args.package)? else {
        return Err(Failure::refused(
            format!("`{}` is a repo, and a package is needed", args.package),
            "name a package as REPO/NAME",
        ));
    };
    let to: RepoName = family.repos(std::slice::from_ref(&args.to))?.remove(0);
    let package: &Package = family
        .catalog
        .package(&id)
        .ok_or_else(|| Failure::refused(format!("there is no package `{id}`"), ""))?;
    if id.repo == to {
        return Err(Failure::refused(format!("`{id}` is there already"), ""));
    }
    for repo in [&id.repo, &to] {
        if family
            .catalog
            .repo(repo.as_str())
            .is_some_and(|repo| !repo.is_generated())
        {
            return Err(Failure::refused(
                format!("repo `{repo}` is external: its files are not ours to move"),
                "move the files by hand, then the entry in the manifest",
            ));
        }
    }
    let target = PackageId {
        repo: to.clone(),
        name: id.name.clone(),
    };
    Ok(MovePackage {
        from_file: file_of(family, &id)?,
        to_file: file_of(family, &target)?,
        owner: package.owner.clone(),
        attributes: package
            .attributes()
            .into_keys()
            .map(|name| name.to_string())
            .collect(),
        package: id,
        to,
    })
}

/// Where a package's files are, or will be, relative to the registry.
fn directory(family: &Family, id: &PackageId) -> Result<String, Failure> {
    let repo = family
        .catalog
        .repo(id.repo.as_str())
        .ok_or_else(|| Failure::refused(format!("there is no repo `{}`", id.repo), ""))?;
    Ok(format!(
        "{}/pkgs/by-name/{}/{}",
        repo.path,
        id.name.shard(),
        id.name
    ))
}
