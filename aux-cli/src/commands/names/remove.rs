//! `remove`: a package, a module, a repo, a SIG or a person that nobody needs any more.

use std::io;

use aux_arguments::{Remove, RemoveCommand, RemoveOne};
use aux_edit::{FormerName, Removal};
use aux_output::Removed;
use aux_session::{Exit, Failure, GOOD, NOTE, Session, Terminal, repo, sig};

use super::edit::{Edit, must_be_free};
use super::rename::person;
use crate::commands::relocate::{is_member, member, package};

pub(crate) fn run(session: &Session, args: &Remove) -> Result<Exit, Failure> {
    let edit = Edit::of(session)?;
    let (exit, removed) = match &args.what {
        RemoveCommand::Package(args) => remove_package(edit, args)?,
        RemoveCommand::Module(args) => remove_module(edit, args)?,
        RemoveCommand::Repo(args) => remove_repo(edit, args)?,
        RemoveCommand::Sig(args) => remove_sig(edit, args)?,
        RemoveCommand::Person(args) => remove_person(edit, args)?,
    };
    session.terminal.report_with(&removed, show_removed)?;
    Ok(exit)
}

/// Shows it to people.
fn show_removed(output: &Removed, terminal: &Terminal) -> io::Result<()> {
    let Removed { kind, name, .. } = output;
    let word = if kind == "sig" { "SIG" } else { kind };
    let until = match &output.until {
        Some(until) => format!("; who asks for it is told so until {until}"),
        None => "; who asks for it is told so".to_owned(),
    };
    terminal.say(format!("{GOOD}removed{GOOD:#} {word} {name}{until}"));
    for left in &output.left {
        terminal.say(format!("{NOTE}left{NOTE:#}    {left}"));
    }
    Ok(())
}

fn removal(args: &RemoveOne) -> Result<Removal, Failure> {
    let is_line = |text: &str| !text.trim().is_empty() && !text.contains(['\n', '\r']);
    if !is_line(&args.reason) || args.instead.as_deref().is_some_and(|text| !is_line(text)) {
        return Err(Failure::refused(
            "a reason, and what to use, is a line of text",
            "write one sentence",
        ));
    }
    Ok(Removal {
        reason: args.reason.clone(),
        instead: args.instead.clone(),
        until: args.until,
    })
}

fn removed(kind: &str, name: impl ToString, removal: &Removal, edit: &Edit<'_>) -> Removed {
    Removed {
        kind: kind.to_owned(),
        name: name.to_string(),
        until: removal.until.map(|until| until.to_string()),
        deleted: edit.on_disk.deletes.clone(),
        left: Vec::new(),
    }
}

fn remove_package(mut edit: Edit<'_>, args: &RemoveOne) -> Result<(Exit, Removed), Failure> {
    if is_member(&args.name) {
        return remove_member(edit, args);
    }
    let id = package(&edit.family, &args.name)?;
    let removal = removal(args)?;
    must_be_free(
        &format!("package `{id}`"),
        &edit.family.needed_by(id.clone()),
        "change those first, and run the command again",
    )?;
    let directory = edit.directory(&id)?;
    edit.delete(&directory)?;
    edit.editor.remove_package_in(&edit.family, &id, &removal)?;
    edit.draft.removed.insert(id.clone());
    let said = removed("package", &id, &removal, &edit);
    Ok((edit.write()?, said))
}

fn remove_member(mut edit: Edit<'_>, args: &RemoveOne) -> Result<(Exit, Removed), Failure> {
    let (set, name) = member(&edit.family, &args.name)?;
    let (set, name) = (set.clone(), name.clone());
    let removal = removal(args)?;
    let what = set.full_name(&name);
    must_be_free(
        &format!("member `{what}`"),
        &edit.family.needed_by_members(&set, &name),
        "change those first, and run the command again",
    )?;
    let repo = edit.own_repo(&set.repo)?;
    let directory = format!("{}/{}", repo.path, set.directory_of(&name));
    edit.delete(&directory)?;
    edit.editor
        .remove_member(&edit.family, &set, &name, &removal)?;
    let said = removed("member", what, &removal, &edit);
    Ok((edit.write()?, said))
}

fn remove_module(mut edit: Edit<'_>, args: &RemoveOne) -> Result<(Exit, Removed), Failure> {
    let (of, name) = edit.module(&args.name)?;
    let removal = removal(args)?;
    let repo = edit.own_repo(&of)?.clone();
    let module = &repo.modules[&name];
    edit.delete(&format!("{}/{}", repo.path, module.file()))?;
    edit.editor.remove_module_in(&repo, module, &removal)?;
    let said = removed("module", format!("{of}/{name}"), &removal, &edit);
    Ok((edit.write()?, said))
}

fn remove_repo(mut edit: Edit<'_>, args: &RemoveOne) -> Result<(Exit, Removed), Failure> {
    let name = repo(&edit.family, &args.name)?;
    let removal = removal(args)?;
    let missing = || Failure::not_found(format!("there is no repo `{name}`"), "");
    let repo = edit
        .family
        .repo(name.as_str())
        .cloned()
        .ok_or_else(missing)?;
    must_be_free(
        &format!("repo `{name}`"),
        &edit.family.needs_repo(&name),
        "`aux-gen move` takes packages elsewhere; change the rest in the manifest, and run the command again",
    )?;
    edit.must_have_no_train()?;
    let file = edit.editor.file_of("repos", name.as_str());
    edit.editor.retire_repo(&edit.family, &repo, &removal)?;
    if let Some(file) = file {
        edit.editor.drop_file_if_spent(&file);
    }
    let mut said = removed("repo", &name, &removal, &edit);
    if edit.registry.root().join(repo.path.as_str()).exists() {
        said.left.push(format!(
            "`{}` stays as it is: archive the repository on its forge, and remove the folder when you like",
            repo.path
        ));
    }
    if edit.family.sig(repo.sig.as_str()).is_some_and(|sig| {
        let others = edit.family.needs_sig(&sig.name);
        others.len() == 1
    }) {
        said.left.push(format!(
            "SIG {} runs and owns nothing now: `aux-gen remove sig {0}` removes it",
            repo.sig
        ));
    }
    Ok((edit.write()?, said))
}

fn remove_sig(mut edit: Edit<'_>, args: &RemoveOne) -> Result<(Exit, Removed), Failure> {
    let name = sig(&edit.family, &args.name)?;
    let removal = removal(args)?;
    let help = format!("`aux-gen merge-sigs {name} OTHER` gives all of it to another SIG");
    must_be_free(
        &format!("SIG `{name}`"),
        &edit.family.needs_sig(&name),
        &help,
    )?;
    let file = edit.editor.file_of("sigs", name.as_str());
    edit.editor.remove_sig(&name)?;
    edit.editor
        .say_removed(&FormerName::Sig(name.clone()), None, &removal)?;
    if let Some(file) = file {
        edit.editor.drop_file_if_spent(&file);
    }
    let said = removed("sig", &name, &removal, &edit);
    Ok((edit.write()?, said))
}

fn remove_person(mut edit: Edit<'_>, args: &RemoveOne) -> Result<(Exit, Removed), Failure> {
    let handle = person(&edit.family, &args.name)?;
    let removal = removal(args)?;
    let help = format!("`aux-gen replace-person {handle} OTHER` puts somebody else in their place");
    must_be_free(
        &format!("person `{handle}`"),
        &edit.family.needs_person(&handle),
        &help,
    )?;
    edit.editor.drop_memberships(&handle)?;
    edit.editor.remove_person(&handle)?;
    edit.editor
        .say_removed(&FormerName::Person(handle.clone()), None, &removal)?;
    let said = removed("person", &handle, &removal, &edit);
    Ok((edit.write()?, said))
}
