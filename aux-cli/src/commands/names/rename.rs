//! `rename`: another name for a package, a repo, a SIG, a person, a tier or a module.

use std::io;

use aux_arguments::{Rename, RenameCommand, RenameOne, RenamePackage, RenameRepo, RenameTier};
use aux_edit::NewName;
use aux_eval::scan::{scan, scan_members};
use aux_model::{
    AttrName, CheckoutPath, Family, Handle, ModuleName, Package, PackageId, Repo, RepoName,
    SigName, TierName,
};
use aux_output::{MovedPath, Renamed};
use aux_session::{Exit, Failure, GOOD, NOTE, Session, Terminal, answered_until, repo, sig};
use aux_train::renamed_holds;

use super::edit::Edit;
use crate::commands::new_entry::must_be_new_member;
use crate::commands::relocate::{is_member, member, package};
use aux_session::name;

pub(crate) fn run(session: &Session, args: &Rename) -> Result<Exit, Failure> {
    let edit = Edit::of(session)?;
    let (exit, renamed) = match &args.what {
        RenameCommand::Package(args) => rename_package(edit, args)?,
        RenameCommand::Repo(args) => rename_repo(edit, args)?,
        RenameCommand::Sig(args) => rename_sig(edit, args)?,
        RenameCommand::Person(args) => rename_person(edit, args)?,
        RenameCommand::Tier(args) => rename_tier(edit, args)?,
        RenameCommand::Module(args) => rename_module(edit, args)?,
    };
    session.terminal.report_with(&renamed, show_renamed)?;
    Ok(exit)
}

/// Shows it to people.
fn show_renamed(output: &Renamed, terminal: &Terminal) -> io::Result<()> {
    let Renamed { kind, from, to, .. } = output;
    let answered = output.until.as_ref().map_or_else(String::new, |until| {
        format!("; the old name is answered for until {until}")
    });
    let word = if kind == "sig" { "SIG" } else { kind };
    terminal.say(format!(
        "{GOOD}renamed{GOOD:#} {word} {from} to {to}{answered}"
    ));
    for left in &output.left {
        terminal.say(format!("{NOTE}left{NOTE:#}    {left}"));
    }
    Ok(())
}

/// What is said of it in the end.
fn renamed(kind: &str, from: impl ToString, to: impl ToString, edit: &Edit<'_>) -> Renamed {
    let moves = edit.on_disk.moves.iter();
    Renamed {
        kind: kind.to_owned(),
        from: from.to_string(),
        to: to.to_string(),
        until: None,
        moved: moves
            .map(|(from, to)| MovedPath {
                from: from.clone(),
                to: to.clone(),
            })
            .collect(),
        left: Vec::new(),
    }
}

fn rename_package(mut edit: Edit<'_>, args: &RenamePackage) -> Result<(Exit, Renamed), Failure> {
    if is_member(&args.old) {
        return rename_member(edit, args);
    }
    let id = package(&edit.family, &args.old)?;
    let new: AttrName = name("package", &args.new)?;
    if new == id.name {
        return Err(Failure::refused(
            format!("`{id}` is called that already"),
            "",
        ));
    }
    let is_alias = edit.family.package(&id);
    if is_alias.is_some_and(|package| package.aliases.contains(&new)) {
        edit.editor.drop_alias(&id, &new)?;
    } else if let Some(known) = edit.family.attribute(new.as_str()) {
        return Err(Failure::refused(
            format!("`{new}` is an attribute of `{}` already", known.package),
            "the flat view has one package for each name: choose another",
        ));
    }
    let borrowers = edit.family.repos().filter(|repo| repo.borrows(&id));
    let borrowers: Vec<&str> = borrowers.map(|repo| repo.name.as_str()).collect();
    if !borrowers.is_empty() {
        return Err(Failure::refused(
            format!(
                "`{id}` is borrowed by {}, and the copies say its name",
                borrowers.join(", ")
            ),
            "`aux-gen return` brings them back first",
        ));
    }
    let repo = edit.own_repo(&id.repo)?.clone();
    let from = edit.family.package(&id).map(Package::directory);
    let from = from.unwrap_or_else(|| id.name.directory());
    edit.move_inside(&repo, (from, new.directory()))?;
    let until = answered_until(args.answered.until, args.answered.no_alias);
    let renamed_id = PackageId {
        repo: id.repo.clone(),
        name: new.clone(),
    };
    edit.editor
        .rename_package_in(&edit.family, &id, &new, until)?;
    edit.draft.renamed.insert(id.clone(), new);
    let mut said = renamed("package", &id, &renamed_id, &edit);
    said.until = until.map(|until| until.to_string());
    said.left = asked_for(&edit, &id)?;
    Ok((edit.write()?, said))
}

fn rename_member(mut edit: Edit<'_>, args: &RenamePackage) -> Result<(Exit, Renamed), Failure> {
    let (set, old) = member(&edit.family, &args.old)?;
    let (set, old) = (set.clone(), old.clone());
    let new: AttrName = name("member", &args.new)?;
    must_be_new_member(&edit.family, &set, &new)?;
    let repo = edit.own_repo(&set.repo)?.clone();
    edit.move_inside(&repo, (set.directory_of(&old), set.directory_of(&new)))?;
    let until = answered_until(args.answered.until, args.answered.no_alias);
    edit.editor
        .rename_member(&edit.family, &set, (&old, &new), until)?;
    let asked = set.full_name(&old);
    let mut said = renamed("member", &asked, set.full_name(&new), &edit);
    said.until = until.map(|until| until.to_string());
    let scanned = scan_members(&edit.registry, &edit.family)?;
    let asking = scanned.observed.into_iter();
    let asking = asking.filter(|asks| asks.to == asked);
    said.left = asking
        .map(|asks| format!("{} asks for `{old}`", asks.place))
        .collect();
    Ok((edit.write()?, said))
}

/// The files that ask for a package by the name that it had.
fn asked_for(edit: &Edit<'_>, id: &PackageId) -> Result<Vec<String>, Failure> {
    let attributes = edit.family.package(id).map(Package::attributes);
    let attributes = attributes.unwrap_or_default();
    let scanned = scan(&edit.registry, &edit.family, None)?;
    let members = scanned.members.observed.into_iter();
    let members = members.filter(|asks| asks.target.repo.as_ref() == Some(&id.repo));
    let members = members.map(|asks| (asks.attribute, asks.place));
    let packages = scanned.observed.into_iter();
    let packages = packages.map(|edge| (edge.attribute, edge.place));
    let asking = packages.chain(members).filter(|(name, _)| {
        let is_its = *name == id.name || name.as_str().starts_with(&format!("{}_", id.name));
        is_its && attributes.contains_key(name)
    });
    Ok(asking
        .map(|(name, place)| format!("{place} asks for `{name}`"))
        .collect())
}

fn rename_repo(mut edit: Edit<'_>, args: &RenameRepo) -> Result<(Exit, Renamed), Failure> {
    let old = repo(&edit.family, &args.old)?;
    let new: RepoName = name("repo", &args.new)?;
    let before = edit.family.repo(old.as_str()).cloned();
    let before =
        before.ok_or_else(|| Failure::not_found(format!("there is no repo `{old}`"), ""))?;
    let borrowed = borrowed_copies(&edit.family, &before);
    if !borrowed.is_empty() {
        return Err(Failure::refused(
            format!(
                "repo `{old}` takes part in borrowed packages, which say its name: {}",
                borrowed.join(", ")
            ),
            "`aux-gen return` brings them back first",
        ));
    }
    edit.must_have_no_train()?;
    let until = answered_until(args.answered.until, args.answered.no_alias);
    let mut left = Vec::new();
    let both = NewName::Repo(old.clone(), new.clone());
    edit.editor.rename(&both)?;
    let forwards = relocate_checkout(&mut edit, (&before, &new), args.forward, &mut left)?;
    keep_or_tell_url(&mut edit, (&before, &new), args.keep_url, &mut left)?;
    follow_in_registry(&mut edit, (&before, &new))?;
    edit.editor.answer_for(&both, until, forwards)?;
    for other in edit.family.repos().filter(|other| !other.is_generated()) {
        if other.uses.contains_key(&old) {
            left.push(format!(
                "repo {} is written by hand: its flake names the input `{old}`",
                other.name
            ));
        }
    }
    left.push("`aux-gen lock` locks the inputs by their new name".to_owned());
    let mut said = renamed("repo", &old, &new, &edit);
    said.until = until.map(|until| until.to_string());
    said.left = left;
    Ok((edit.write()?, said))
}

fn borrowed_copies(family: &Family, repo: &Repo) -> Vec<String> {
    let by = repo.borrowed.iter();
    let by = by.map(|(name, borrowed)| format!("{}/{name} in {}", borrowed.from, repo.name));
    let of = family.borrowers(repo).into_iter();
    let of = of.map(|(name, other, _)| format!("{}/{name} in {}", repo.name, other.name));
    by.chain(of).collect()
}

/// The checkout gets the new name, if it is called after the repo and can be moved. Whether there is
/// to be a flake under the old one.
fn relocate_checkout(
    edit: &mut Edit<'_>,
    (before, new): (&Repo, &RepoName),
    forward: bool,
    left: &mut Vec<String>,
) -> Result<bool, Failure> {
    let (old_path, new_path) = (
        CheckoutPath::of_repo(&before.name),
        CheckoutPath::of_repo(new),
    );
    if before.path != old_path {
        return Ok(forward);
    }
    let folder = edit.registry.root().join(old_path.as_str());
    // A submodule and a linked work tree have their repository elsewhere, which knows their place.
    if folder.join(".git").is_file() {
        edit.editor.set_path(new, Some(&old_path))?;
        left.push(format!(
            "{old_path} is a submodule or a linked work tree, and stays there: `git mv {old_path} {new_path}` moves a submodule; then drop `path`"
        ));
        if forward {
            left.push(format!(
                "no flake forwards from the old name: `{old_path}` is taken"
            ));
        }
        return Ok(false);
    }
    if folder.symlink_metadata().is_ok() {
        let (from, to) = (old_path.to_string(), new_path.to_string());
        edit.draft.relocated.insert(to.clone(), from.clone());
        edit.on_disk.moves.push((from, to));
    }
    Ok(forward)
}

fn keep_or_tell_url(
    edit: &mut Edit<'_>,
    (before, new): (&Repo, &RepoName),
    keep: bool,
    left: &mut Vec<String>,
) -> Result<(), Failure> {
    let forge = &edit.family.organization().forge;
    let usual = forge.join(before.name.as_str());
    let is_usual = before.url == usual || before.url.to_string().starts_with(&format!("{usual}/"));
    if !is_usual {
        return Ok(());
    }
    if keep {
        edit.editor.set_url(new, &before.url)?;
    } else {
        left.push(format!(
            "rename the repository on the forge: {usual} is {} from now on, and its remotes with it",
            forge.join(new.as_str())
        ));
    }
    Ok(())
}

/// What the registry has beside the manifest that is called after a repo: holds, and an index.
fn follow_in_registry(
    edit: &mut Edit<'_>,
    (before, new): (&Repo, &RepoName),
) -> Result<(), Failure> {
    let root = edit.registry.root().to_owned();
    for channel in edit.family.channels_and_none() {
        for (from, to, text) in renamed_holds(&root, channel, (&before.name, new))? {
            if from != to {
                edit.on_disk.deletes.push(from);
            }
            edit.on_disk.texts.insert(to, text);
        }
    }
    let (from, to) = (
        aux_model::index_path(&before.name),
        aux_model::index_path(new),
    );
    if root.join(&from).is_file() {
        edit.on_disk.moves.push((from, to));
    }
    Ok(())
}

fn rename_sig(mut edit: Edit<'_>, args: &RenameOne) -> Result<(Exit, Renamed), Failure> {
    let old = sig(&edit.family, &args.old)?;
    let new: SigName = name("SIG", &args.new)?;
    let until = answered_until(args.answered.until, args.answered.no_alias);
    let both = NewName::Sig(old.clone(), new.clone());
    edit.editor.rename(&both)?;
    edit.editor.answer_for(&both, until, false)?;
    edit.move_file_of(old.as_str(), new.as_str())?;
    let mut said = renamed("sig", &old, &new, &edit);
    said.until = until.map(|until| until.to_string());
    let team = edit
        .family
        .sig(old.as_str())
        .and_then(|sig| sig.team.clone());
    said.left.extend(team.map(|team| {
        format!("its team on the forge is `{team}`; rename it there, and then in the manifest")
    }));
    Ok((edit.write()?, said))
}

fn rename_person(mut edit: Edit<'_>, args: &RenameOne) -> Result<(Exit, Renamed), Failure> {
    let old = person(&edit.family, &args.old)?;
    let new: Handle = aux_session::handle(&args.new)?;
    if edit.family.person(new.as_str()).is_some() {
        return Err(Failure::refused(
            format!("there is a person `{new}` already"),
            format!("`aux-gen replace-person {old} {new}` puts one in place of the other"),
        ));
    }
    let until = answered_until(args.answered.until, args.answered.no_alias);
    let both = NewName::Person(old.clone(), new.clone());
    edit.editor.rename(&both)?;
    edit.editor.answer_for(&both, until, false)?;
    let mut said = renamed("person", &old, &new, &edit);
    said.until = until.map(|until| until.to_string());
    Ok((edit.write()?, said))
}

/// A person by the handle that the user typed.
pub(super) fn person(family: &Family, text: &str) -> Result<Handle, Failure> {
    let handle = aux_session::handle(text)?;
    if family.person(handle.as_str()).is_some() {
        return Ok(handle);
    }
    let known = family.people().map(|person| person.handle.as_str());
    Err(Failure::not_found(
        format!("there is no person `{handle}`"),
        aux_model::did_you_mean(handle.as_str(), known).unwrap_or_default(),
    ))
}

fn rename_tier(mut edit: Edit<'_>, args: &RenameTier) -> Result<(Exit, Renamed), Failure> {
    let (old, new): (TierName, TierName) = (name("tier", &args.old)?, name("tier", &args.new)?);
    edit.editor
        .rename(&NewName::Tier(old.clone(), new.clone()))?;
    let said = renamed("tier", &old, &new, &edit);
    Ok((edit.write()?, said))
}

fn rename_module(mut edit: Edit<'_>, args: &RenamePackage) -> Result<(Exit, Renamed), Failure> {
    let (of, old) = edit.module(&args.old)?;
    let new: ModuleName = name("module", &args.new)?;
    let repo = edit.own_repo(&of)?.clone();
    let until = answered_until(args.answered.until, args.answered.no_alias);
    edit.editor.rename_module_in(&repo, &old, &new, until)?;
    let module = &repo.modules[&old];
    let file = |name: &ModuleName| format!("modules/{}/{name}.nix", module.class);
    edit.move_inside(&repo, (file(&old), file(&new)))?;
    let mut said = renamed(
        "module",
        format!("{of}/{old}"),
        format!("{of}/{new}"),
        &edit,
    );
    said.until = until.map(|until| until.to_string());
    Ok((edit.write()?, said))
}
