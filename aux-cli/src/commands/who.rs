//! `who`: who answers for a package.

use aux_model::answers::Subject;
use aux_model::{AttributeKind, Package};

use super::why::subject;
use crate::cli::Who;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;
use crate::terminal::GOOD;

pub(crate) fn run(session: &Session, args: &Who) -> Result<Exit, Failure> {
    let family = session.family()?;
    let catalog = &family.catalog;
    let graph = catalog.graph();
    let Subject::Package(id) = subject(&graph, &args.package)? else {
        return Err(Failure::refused(
            format!("`{}` is a repo, and packages have owners", args.package),
            "name a package; the repo's README says who runs it",
        ));
    };
    let package = catalog
        .package(&id)
        .ok_or_else(|| Failure::refused(format!("there is no package `{id}`"), ""))?;
    let owner = catalog.sig(package.owner.as_str());
    let leads: Vec<String> = owner
        .map(|sig| sig.leads.iter().map(|lead| format!("@{lead}")).collect())
        .unwrap_or_default();
    let runs = catalog.repo(id.repo.as_str()).map(|repo| &repo.sig);
    let attributes: Vec<String> = others(package);
    let terminal = &session.terminal;
    if terminal.is_json() {
        terminal.json(&serde_json::json!({
            "package": id, "owner": package.owner, "leads": leads, "maintainers": package.maintainers,
            "contact": owner.and_then(|sig| sig.contact.as_ref()), "repo_sig": runs, "attributes": attributes,
        }))?;
        return Ok(Exit::Fine);
    }
    terminal.result(format!(
        "{GOOD}{id}{GOOD:#} is owned by SIG {}",
        package.owner
    ))?;
    terminal.result(format!("  leads: {}", leads.join(", ")))?;
    if !package.maintainers.is_empty() {
        let maintainers: Vec<String> = package
            .maintainers
            .iter()
            .map(|handle| format!("@{handle}"))
            .collect();
        terminal.result(format!("  maintainers: {}", maintainers.join(", ")))?;
    }
    if let Some(contact) = owner.and_then(|sig| sig.contact.as_ref()) {
        terminal.result(format!("  contact: {contact}"))?;
    }
    if let Some(sig) = runs.filter(|sig| **sig != package.owner) {
        terminal.result(format!(
            "  placed in repo {}, which SIG {sig} runs",
            id.repo
        ))?;
    }
    Ok(Exit::Fine)
}

fn others(package: &Package) -> Vec<String> {
    package
        .attributes()
        .into_iter()
        .filter(|(name, kind)| *name != package.id.name || matches!(kind, AttributeKind::Alias(_)))
        .map(|(name, _)| name.to_string())
        .collect()
}
