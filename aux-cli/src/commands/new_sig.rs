//! `new-sig`: a SIG, its repo, and its place in top-level, in one step.

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use aux_arguments::NewSig as Args;
use aux_edit::NewSig;
use aux_gen::disk::{MANIFEST, checkout};
use aux_gen::render::quote;
use aux_git::{Ignored, WorkTree};
use aux_model::semver::{Comparator, Op, VersionReq};
use aux_model::{Family, Handle, RepoName, SigName, Team, TierName, did_you_mean, printable};
use aux_nix::flake::Reference;
use aux_output::AddedSig;
use aux_session::{
    CheckedRegistry, Exit, Failure, GOOD, NOTE, Session, Terminal, handle, indented,
    indented_lines, name,
};

use crate::commands::forge::{self, show_change};
use crate::commands::generate::rewrite;
use crate::commands::lock::lock_new;
use crate::commands::manifest_edits::OnDisk;

pub(crate) fn run(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let (lock, family) = session.locked_family()?;
    let new = new_sig(args, &family)?;
    let path = file_for(&family, &new.sig);
    let on_disk = family.registry.root().join(&path);
    if path != MANIFEST && on_disk.symlink_metadata().is_ok() {
        return Err(Failure::refused(
            format!("`{path}` exists already"),
            "move it away, or choose another name",
        ));
    }
    // What is wrong with the address or the token is said before anything is done.
    let patience = Duration::from_secs(120);
    if args.forge {
        forge::ask(&family.catalog, args.api.as_deref(), patience)?;
    }
    let mut editor = super::manifest_edits::editor(&family.sources)?;
    editor.add_sig(&path, &new)?;

    let draft = super::manifest_edits::draft(&editor);
    let (mut exit, family) = rewrite(session, &lock, family, &draft, &OnDisk::default())?;
    let commit = first_commit(session, &family, (&new.repo, &new.sig));
    drop(lock);
    let made = args.forge.then(|| {
        let mut asked = forge::ask(&family.catalog, args.api.as_deref(), patience)?;
        asked.add(session, &family.catalog, (&new.repo, &new.sig))
    });
    let made = match made.transpose() {
        Ok(made) => made.unwrap_or_default(),
        Err(failure) => {
            let terminal = &session.terminal;
            terminal.warn(format!(
                "the SIG is added, and nothing was made on the forge: {}",
                indented(&failure.message())
            ));
            terminal.warn("`aux-gen forge apply` tries again");
            exit = Exit::Error;
            Vec::new()
        }
    };
    if made.iter().any(|change| change.state == "refused") {
        exit = Exit::Error;
    }

    session.terminal.report_with(
        &AddedSig {
            commit,
            forge: made,
            publish: publish(&family, &new.repo),
            sig: new.sig.to_string(),
            repo: new.repo.to_string(),
            tier: new.tier.to_string(),
            manifest: path,
        },
        show_added_sig,
    )?;
    Ok(exit)
}

/// Shows it to people.
fn show_added_sig(output: &AddedSig, terminal: &Terminal) -> io::Result<()> {
    let AddedSig {
        sig,
        repo,
        tier,
        manifest,
        commit,
        publish,
        forge,
    } = output;
    for change in forge {
        show_change(change, terminal)?;
    }
    terminal.say(format!(
        "{GOOD}added{GOOD:#} SIG {sig} with the repo {repo} on tier {tier}; top-level has it. Next:
  edit {manifest}: what the SIG is for, who takes part, what the repo uses
  aux-gen new-package {repo}/NAME
  aux-gen eval --repo {repo}"
    ));
    if let (Some(_), Some(publish)) = (commit, publish) {
        terminal.say(format!("  {publish}"));
    }
    Ok(())
}

/// In a family of git repositories the new repo is one too, with what was generated as its first
/// commit: without a commit nobody can lock it, and an update would hold it.
pub(super) fn first_commit(
    session: &Session,
    family: &CheckedRegistry,
    (new, sig): (&RepoName, &SigName),
) -> Option<String> {
    let root = family.registry.root();
    let place = |name: &RepoName| {
        let repo = family.catalog.repo(name.as_str())?;
        checkout(root, &repo.path)
    };
    let mut others = family.catalog.repos().filter(|repo| repo.name != *new);
    if !others.any(|repo| {
        place(&repo.name)
            .and_then(|place| WorkTree::at(&place))
            .is_some()
    }) {
        return None;
    }
    let folder = place(new).filter(|folder| WorkTree::at(folder).is_none())?;
    let message = format!("The repo of SIG {sig}\n");
    let committed = WorkTree::init(&folder).and_then(|tree| {
        if let Err(error) = lock_new(family, new) {
            session.terminal.warn(format!(
                "{NOTE}lock{NOTE:#} {new} has none yet, and the next update makes one: {}",
                indented_lines(&error)
            ));
        }
        tree.commit_all(&message, Ignored::Left)?;
        Ok(tree.head())
    });
    match committed {
        Ok(commit) => commit.map(|commit| commit.to_string()),
        Err(error) => {
            session.terminal.warn(format!(
                "{NOTE}git{NOTE:#} has no commit of {new}, and nobody can lock it before it has: {}",
                indented_lines(&error.to_string())
            ));
            None
        }
    }
}

/// The command that publishes a new repository, once it is there on its forge.
pub(super) fn publish(family: &CheckedRegistry, repo: &RepoName) -> Option<String> {
    let repo = family.catalog.repo(repo.as_str())?;
    let address = Reference::read(repo.url.as_str())?.address()?;
    let path = quote::shell(repo.path.as_str());
    Some(format!(
        "git -C {path} remote add origin {} && git -C {path} push -u origin main",
        quote::shell(&address)
    ))
}

fn new_sig(args: &Args, family: &CheckedRegistry) -> Result<NewSig, Failure> {
    let catalog = &family.catalog;
    let sig: SigName = name("SIG", &args.name)?;
    let repo = args.repo.as_ref().unwrap_or(&args.name);
    let repo = free_repo(
        family,
        repo,
        "give the repo a name of its own with `--repo`",
    )?;
    if let Some(known) = catalog
        .sigs()
        .find(|known| same(known.name.as_str(), sig.as_str()))
    {
        return Err(Failure::refused(
            format!("there is a SIG `{}` already", known.name),
            format!(
                "choose another name, or add a repo to that SIG: `aux-gen new-repo NAME --sig {}`",
                known.name
            ),
        ));
    }
    let people = |handles: &[String]| -> Result<Vec<Handle>, Failure> {
        handles.iter().map(|text| handle(text)).collect()
    };
    let leads = people(&args.lead)?;
    let mut members = people(&args.member)?;
    let mut seen: BTreeSet<Handle> = leads.iter().cloned().collect();
    members.retain(|member| seen.insert(member.clone()));
    if args
        .contact
        .as_deref()
        .is_some_and(|contact| contact.trim().is_empty())
    {
        return Err(Failure::refused(
            "the contact is empty",
            "say where the SIG is reached, or leave `--contact` out",
        ));
    }
    let mut new_people: Vec<Handle> = leads
        .iter()
        .chain(&members)
        .filter(|handle| catalog.person(handle.as_str()).is_none())
        .cloned()
        .collect();
    new_people.sort();
    new_people.dedup();
    Ok(NewSig {
        tier: tier(args.tier.as_deref(), catalog)?,
        uses: requirements(family, &args.uses)?,
        description: args.description.clone(),
        team: args.team.as_deref().map(team).transpose()?,
        contact: args.contact.clone(),
        members,
        peers: family.repos(&args.peer)?,
        sig,
        repo,
        leads,
        new_people,
    })
}

/// A name for a repo that nothing has.
pub(super) fn free_repo(
    family: &CheckedRegistry,
    text: &str,
    help: &str,
) -> Result<RepoName, Failure> {
    let repo: RepoName = name("repo", text)?;
    let mut known = family.catalog.repos();
    if let Some(known) = known.find(|known| same(known.name.as_str(), repo.as_str())) {
        return Err(Failure::refused(
            format!("there is a repo `{}` already", known.name),
            help,
        ));
    }
    let directory = family.registry.root().join("repos").join(repo.as_str());
    if directory.symlink_metadata().is_ok() {
        return Err(Failure::refused(
            format!("`{}` is in the way", directory.display()),
            format!("move it away, or {help}"),
        ));
    }
    Ok(repo)
}

/// Core and the repos that the user named, with what each offers today.
pub(super) fn requirements(
    family: &CheckedRegistry,
    uses: &[String],
) -> Result<Vec<(RepoName, VersionReq)>, Failure> {
    let catalog = &family.catalog;
    let mut used = vec![catalog.core().name.clone()];
    used.extend(family.repos(uses)?);
    if used.contains(&catalog.top_level().name) {
        return Err(Failure::refused(
            format!(
                "repo `{}` only puts the family together, so nobody can use it",
                catalog.top_level().name
            ),
            "use the repo that owns what is needed",
        ));
    }
    used.sort();
    used.dedup();
    let required = used.into_iter().map(|name| {
        let requirement = requirement(catalog, &name);
        (name, requirement)
    });
    Ok(required.collect())
}

fn team(text: &str) -> Result<Team, Failure> {
    text.parse::<Team>().map_err(|error| {
        Failure::refused(
            format!("`{}` is no team: {error}", printable(text)),
            error.help(),
        )
    })
}

/// The tier asked for, or the one above core.
pub(super) fn tier(asked: Option<&str>, catalog: &Family) -> Result<TierName, Failure> {
    let tiers = catalog.tiers();
    let names = || tiers.iter().map(|tier| tier.name.as_str());
    let Some(text) = asked else {
        return match tiers {
            [_, next, _, ..] => Ok(next.name.clone()),
            _ => Err(Failure::refused(
                "there is no tier between core's and top-level's",
                "add one to `tiers` in aux.toml",
            )),
        };
    };
    if let Some(only) = [catalog.core(), catalog.top_level()]
        .into_iter()
        .find(|repo| repo.tier.as_str() == text)
    {
        return Err(Failure::refused(
            format!("tier `{text}` has one repo, and that is `{}`", only.name),
            "choose a tier between core's and top-level's, or add one to `tiers` in aux.toml",
        ));
    }
    let found = tiers.iter().find(|tier| tier.name.as_str() == text);
    found.map(|tier| tier.name.clone()).ok_or_else(|| {
        Failure::refused(
            format!("there is no tier `{}`", printable(text)),
            did_you_mean(text, names()).unwrap_or_default(),
        )
    })
}

/// What the repo offers today or anything compatible: `^1.2`.
fn requirement(catalog: &Family, repo: &RepoName) -> VersionReq {
    let Some(repo) = catalog.repo(repo.as_str()) else {
        return VersionReq::STAR;
    };
    VersionReq {
        comparators: vec![Comparator {
            op: Op::Caret,
            major: repo.contract.major,
            minor: Some(repo.contract.minor),
            patch: None,
            pre: repo.contract.pre.clone(),
        }],
    }
}

/// A file of its own where an include pattern takes one, else the root.
fn file_for(family: &CheckedRegistry, sig: &SigName) -> String {
    family
        .includes
        .iter()
        .find(|pattern| pattern.matches('*').count() == 1)
        .map_or_else(
            || MANIFEST.to_owned(),
            |pattern| pattern.replace('*', sig.as_str()),
        )
}

fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}
