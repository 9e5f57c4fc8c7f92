//! `merge-sigs`, `split-sig` and `replace-person`: who answers for what changes hands.

use std::collections::BTreeSet;
use std::io;

use aux_arguments::{MergeSigs, ReplacePerson, SplitSig as SplitArgs};
use aux_edit::{NewName, NewSig};
use aux_model::answers::Rearrangement;
use aux_model::{Handle, PackageId, Repo, RepoName, SigName};
use aux_output::{MergedSigs, ReplacedPerson, SplitSig};
use aux_session::{Exit, Failure, GOOD, Session, Terminal, answered_until, counted, sig};

use super::edit::Edit;
use super::rename::person;
use crate::commands::new_sig::first_commit;
use crate::commands::relocate;
use aux_session::{handle, name};

pub(crate) fn merge(session: &Session, args: &MergeSigs) -> Result<Exit, Failure> {
    let mut edit = Edit::of(session)?;
    let (old, new) = (
        sig(&edit.family, &args.sig)?,
        sig(&edit.family, &args.into)?,
    );
    if old == new {
        return Err(Failure::refused(
            format!("`{old}` is one SIG, and not two"),
            "name two",
        ));
    }
    let people = |name: &SigName| -> Vec<Handle> {
        let sig = edit.family.sig(name.as_str());
        let all = sig.map(|sig| sig.leads.iter().chain(&sig.members));
        all.into_iter().flatten().cloned().collect()
    };
    let known: BTreeSet<Handle> = people(&new).into_iter().collect();
    let members: BTreeSet<Handle> = people(&old)
        .into_iter()
        .filter(|handle| !known.contains(handle))
        .collect();
    let repos = edit.family.repos().filter(|repo| repo.sig == old);
    let repos: Vec<String> = repos.map(|repo| repo.name.to_string()).collect();
    let file = edit.editor.file_of("sigs", old.as_str());
    for member in &members {
        edit.editor.add_member(&new, member)?;
    }
    let until = answered_until(args.answered.until, args.answered.no_alias);
    let both = NewName::Sig(old.clone(), new.clone());
    edit.editor.replace(&both)?;
    edit.editor.answer_for(&both, until, false)?;
    if let Some(file) = file {
        edit.editor.drop_file_if_spent(&file);
    }
    let exit = edit.write()?;
    session.terminal.report_with(
        &MergedSigs {
            sig: old.to_string(),
            into: new.to_string(),
            repos,
            members: members.iter().map(ToString::to_string).collect(),
            until: until.map(|until| until.to_string()),
        },
        show_merged_sigs,
    )?;
    Ok(exit)
}

/// Shows it to people.
fn show_merged_sigs(output: &MergedSigs, terminal: &Terminal) -> io::Result<()> {
    let MergedSigs {
        sig,
        into,
        repos,
        members,
        ..
    } = output;
    terminal.say(format!(
        "{GOOD}merged{GOOD:#} SIG {sig} into {into}, which runs {} of it and has {} more",
        counted(repos.len(), "repo"),
        counted(members.len(), "member"),
    ));
    Ok(())
}

pub(crate) fn split(session: &Session, args: &SplitArgs) -> Result<Exit, Failure> {
    let mut edit = Edit::of(session)?;
    let from = sig(&edit.family, &args.sig)?;
    let new: SigName = name("SIG", &args.into)?;
    let packages = relocate::packages(&edit.family, &args.packages)?;
    if let Some(other) = packages.iter().find(|id| {
        let package = edit.family.package(id);
        package.is_none_or(|package| package.owner != from)
    }) {
        return Err(Failure::refused(
            format!("SIG `{from}` does not own `{other}`"),
            "`aux-gen where --owner SIG` lists what a SIG owns",
        ));
    }
    let leads = args.lead.iter().map(|text| handle(text));
    let leads = leads.collect::<Result<Vec<Handle>, Failure>>()?;
    let mut new_people = leads.clone();
    new_people.retain(|lead| edit.family.person(lead.as_str()).is_none());
    new_people.sort();
    new_people.dedup();
    let file = edit.file_beside(&from, &new);
    let repo = if args.no_repo {
        edit.editor
            .add_sig_alone(&file, &new, &leads, &new_people)?;
        for id in &packages {
            edit.editor.own(id, &new)?;
        }
        None
    } else {
        let beside = beside(&edit, &packages)?;
        let repo: RepoName = name("repo", &args.into)?;
        edit.editor
            .add_sig(&file, &sig_like(&beside, (&new, &repo), leads, new_people))?;
        move_all(
            &mut edit,
            &packages,
            (&beside, &repo, &new),
            answered_until(args.aliases.alias_until, args.aliases.no_alias),
        )?;
        Some(repo)
    };
    let (exit, after) = edit.written()?;
    if let Some(repo) = &repo {
        first_commit(session, &after, (repo, &new));
    }
    session.terminal.report_with(
        &SplitSig {
            sig: new.to_string(),
            from: from.to_string(),
            packages: packages
                .iter()
                .map(|id| match &repo {
                    Some(repo) => format!("{repo}/{}", id.name),
                    None => id.to_string(),
                })
                .collect(),
            repo: repo.map(|repo| repo.to_string()),
        },
        show_split_sig,
    )?;
    Ok(exit)
}

/// The one repo that all packages are in.
fn beside(edit: &Edit<'_>, packages: &[PackageId]) -> Result<Repo, Failure> {
    let repos: BTreeSet<&RepoName> = packages.iter().map(|id| &id.repo).collect();
    let mut repos = repos.into_iter();
    match (repos.next(), repos.next()) {
        (Some(one), None) if *one == edit.family.core().name => Err(Failure::refused(
            "what is in core has no place beside it",
            "`--no-repo` leaves the packages where they are",
        )),
        (Some(one), None) => Ok(edit.own_repo(one)?.clone()),
        (Some(one), Some(other)) => Err(Failure::refused(
            format!("the packages are in `{one}` and in `{other}`, and a new repo is beside one"),
            "name packages of one repo, or leave them where they are with `--no-repo`",
        )),
        (None, _) => Err(Failure::not_found("there is no such package", "")),
    }
}

/// A SIG whose repo has what another one has.
fn sig_like(
    beside: &Repo,
    (sig, repo): (&SigName, &RepoName),
    leads: Vec<Handle>,
    new_people: Vec<Handle>,
) -> NewSig {
    let uses = beside.uses.iter();
    NewSig {
        sig: sig.clone(),
        repo: repo.clone(),
        tier: beside.tier.clone(),
        leads,
        members: Vec::new(),
        team: None,
        contact: None,
        new_people,
        description: None,
        uses: uses
            .map(|(name, used)| (name.clone(), used.requirement.clone()))
            .collect(),
        peers: beside.peers.keys().chain([&beside.name]).cloned().collect(),
    }
}

/// Packages go to a repo that is about to be there: their entries, their directories, and what repos say of
/// each other then.
fn move_all(
    edit: &mut Edit<'_>,
    packages: &[PackageId],
    (from, to, owner): (&Repo, &RepoName, &SigName),
    until: Option<aux_model::Date>,
) -> Result<(), Failure> {
    let mut changes = Rearrangement::default();
    for id in packages {
        changes.moves.insert(id.clone(), to.clone());
    }
    // Whoever needs what moves needs the new repo in the way in which the old one was needed; the two
    // meet as peers.
    changes
        .peers
        .insert(from.name.clone(), BTreeSet::from([to.clone()]));
    for (user, edge) in edit.family.edges() {
        let Some(repo) = edit.family.repo(user.id.repo.as_str()) else {
            continue;
        };
        if !packages.contains(&edge.to) || repo.name == from.name {
            continue;
        }
        let relation = if repo.peers.contains_key(&from.name) {
            &mut changes.peers
        } else {
            &mut changes.uses
        };
        relation
            .entry(repo.name.clone())
            .or_default()
            .insert(to.clone());
    }
    edit.editor.rearrange(&edit.family, &changes, until)?;
    for id in packages {
        let moved = PackageId {
            repo: to.clone(),
            name: id.name.clone(),
        };
        edit.editor.own(&moved, owner)?;
        let old = edit.directory(id)?;
        if edit.registry.root().join(&old).is_dir() {
            let new = format!("repos/{to}/{}", id.name.directory());
            edit.on_disk.moves.push((old, new));
        }
    }
    edit.draft.moved = changes.moves;
    Ok(())
}

/// Shows it to people.
fn show_split_sig(output: &SplitSig, terminal: &Terminal) -> io::Result<()> {
    let SplitSig {
        sig,
        from,
        repo,
        packages,
    } = output;
    let count = counted(packages.len(), "package");
    terminal.say(match repo {
        Some(repo) => format!(
            "{GOOD}split{GOOD:#} SIG {sig} from {from}: {count} moved to its repo {repo}. Next:
  aux-gen cycles    says whether the two need each other both ways
  aux-gen eval"
        ),
        None => format!("{GOOD}split{GOOD:#} SIG {sig} from {from}: it owns {count}"),
    });
    Ok(())
}

pub(crate) fn replace_person(session: &Session, args: &ReplacePerson) -> Result<Exit, Failure> {
    let mut edit = Edit::of(session)?;
    let old = person(&edit.family, &args.old)?;
    let new = handle(&args.new)?;
    if old == new {
        return Err(Failure::refused(
            format!("`{old}` is one person"),
            "name two",
        ));
    }
    if edit.family.person(new.as_str()).is_none() {
        let file = edit.editor.file_of("people", old.as_str());
        let file = file
            .as_deref()
            .unwrap_or(aux_gen::disk::MANIFEST)
            .to_owned();
        edit.editor.add_person(&file, &new)?;
    }
    edit.editor
        .replace(&NewName::Person(old.clone(), new.clone()))?;
    let exit = edit.write()?;
    session.terminal.report_with(
        &ReplacedPerson {
            from: old.to_string(),
            to: new.to_string(),
        },
        show_replaced_person,
    )?;
    Ok(exit)
}

/// Shows it to people.
fn show_replaced_person(output: &ReplacedPerson, terminal: &Terminal) -> io::Result<()> {
    terminal.say(format!(
        "{GOOD}replaced{GOOD:#} {} by {}, wherever the manifest named them",
        output.from, output.to
    ));
    Ok(())
}
