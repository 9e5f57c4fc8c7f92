//! `new-repo`: another repo of a SIG that there is.

use std::io;

use aux_arguments::NewRepo as Args;
use aux_edit::NewRepo;
use aux_output::AddedRepo;
use aux_session::{Exit, Failure, GOOD, Session, Terminal, sig};

use crate::commands::generate::rewrite;
use crate::commands::manifest_edits::{self, OnDisk};
use crate::commands::new_sig::{first_commit, free_repo, publish, requirements, tier};

pub(crate) fn run(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let (lock, family) = session.locked_family()?;
    let catalog = &family.catalog;
    let sig = sig(catalog, &args.sig)?;
    let repo = free_repo(&family, &args.name, "choose another name")?;
    let new = NewRepo {
        description: args.description.clone(),
        uses: requirements(&family, &args.uses)?,
        peers: family.repos(&args.peer)?,
        ..NewRepo::new(repo, sig.clone(), tier(args.tier.as_deref(), catalog)?)
    };
    let mut editor = manifest_edits::editor(&family.sources)?;
    let file = editor.file_of("sigs", sig.as_str());
    editor.add_repo(file.as_deref().unwrap_or(aux_gen::disk::MANIFEST), &new)?;
    let draft = manifest_edits::draft(&editor);
    let (exit, family) = rewrite(session, &lock, family, &draft, &OnDisk::default())?;
    let commit = first_commit(session, &family, (&new.repo, &new.sig));
    drop(lock);
    session.terminal.report_with(
        &AddedRepo {
            commit,
            publish: publish(&family, &new.repo),
            repo: new.repo.to_string(),
            sig: new.sig.to_string(),
            tier: new.tier.to_string(),
        },
        show_added_repo,
    )?;
    Ok(exit)
}

/// Shows it to people.
fn show_added_repo(output: &AddedRepo, terminal: &Terminal) -> io::Result<()> {
    let AddedRepo {
        repo,
        sig,
        tier,
        commit,
        publish,
    } = output;
    terminal.say(format!(
        "{GOOD}added{GOOD:#} the repo {repo} of SIG {sig} on tier {tier}; top-level has it. Next:
  aux-gen new-package {repo}/NAME
  aux-gen eval --repo {repo}"
    ));
    if let (Some(_), Some(publish)) = (commit, publish) {
        terminal.say(format!("  {publish}"));
    }
    Ok(())
}
