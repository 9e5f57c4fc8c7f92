//! `place`, `core`, `coverage`, `who`: where things belong, and to whom.

use std::collections::BTreeSet;

use aux_model::answers::{PackageGraph, Rule, Subject};
use aux_model::{AttributeKind, Package, PackageId};

use super::why::subject;
use crate::cli::{CoreArgs, Coverage, Place, Who};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;
use crate::terminal::{DIM, GOOD, NOTE, counted};

pub(crate) fn place(session: &Session, args: &Place) -> Result<Exit, Failure> {
    let survey = session.survey()?;
    let observed = survey.observed(args.scan)?;
    let graph = survey.catalog.graph_with(&observed);
    let terminal = &session.terminal;
    if args.all {
        let sinking = graph.sinking();
        if terminal.is_json() {
            terminal.json(&sinking)?;
            return Ok(Exit::Fine);
        }
        for package in &sinking {
            terminal.result(format!(
                "{GOOD}{}{GOOD:#} could stand in {}, which sees all it needs",
                package.package, package.to
            ))?;
        }
        terminal.say(format!(
            "{}; `aux-gen core` says what core holds without need",
            counted(sinking.len(), "package")
        ));
        return Ok(Exit::Fine);
    }
    let needs = packages(&graph, &args.depends_on)?;
    let placement = graph.place(&needs);
    if terminal.is_json() {
        terminal.json(&placement)?;
        return Ok(Exit::Fine);
    }
    let name = args.name.as_deref().unwrap_or("it");
    terminal.result(format!("{name} goes to {GOOD}{}{GOOD:#}", placement.repo))?;
    let witnesses: Vec<String> = placement
        .witnesses
        .iter()
        .map(ToString::to_string)
        .collect();
    let witnesses = witnesses.join(", ");
    terminal.result(match placement.rule {
        Rule::HoldsTheHighest if witnesses.is_empty() => {
            "  because it needs nothing, and core is the lowest repo".to_owned()
        }
        Rule::HoldsTheHighest => format!("  because {witnesses} stands highest of what it needs, and this is the lowest repo that sees all of it"),
        Rule::NextTier => format!("  because no repo on the tier of {witnesses} sees all it needs, and this is the lowest above that does"),
        Rule::TopLevel => format!("  because only top-level sees all of {witnesses}; it is one of top-level's own"),
    })?;
    terminal.result(format!("  owned by SIG {}", placement.owner))?;
    if !placement.watchers.is_empty() {
        let watchers: Vec<String> = placement.watchers.iter().map(ToString::to_string).collect();
        terminal.result(format!("  watched by SIG {}", watchers.join(", ")))?;
    }
    let others: Vec<String> = placement
        .alternatives
        .iter()
        .map(|candidate| candidate.repo.to_string())
        .collect();
    if !others.is_empty() {
        terminal.result(format!("  else {}", others.join(", ")))?;
    }
    Ok(Exit::Fine)
}

pub(crate) fn core(session: &Session, args: &CoreArgs) -> Result<Exit, Failure> {
    let survey = session.survey()?;
    let observed = survey.observed(args.scan)?;
    let graph = survey.catalog.graph_with(&observed);
    let bootstrap = packages(&graph, &args.bootstrap)?;
    let report = graph.core(&bootstrap, usize::from(args.fan_in));
    let terminal = &session.terminal;
    if terminal.is_json() {
        terminal.json(&report)?;
        return Ok(Exit::Fine);
    }
    terminal.result(format!(
        "{NOTE}must be in core{NOTE:#}: {}, the closure of the bootstrap set",
        counted(report.must.len(), "package")
    ))?;
    for package in &report.must {
        let place = if package.in_core {
            ""
        } else {
            " (stands elsewhere)"
        };
        let why = match package.because {
            Some(edge) => format!("{} needs it", edge.from),
            None => "named in the bootstrap set".to_owned(),
        };
        terminal.result(format!("  {}{place} {DIM}{why}{DIM:#}", package.package))?;
    }
    terminal.result(format!(
        "{NOTE}should be in core{NOTE:#}: {}, each needed by {} or more SIGs of one tier",
        counted(report.should.len(), "package"),
        args.fan_in
    ))?;
    for package in &report.should {
        let sigs: Vec<String> = package.sigs.iter().map(ToString::to_string).collect();
        let place = if package.in_core {
            ""
        } else {
            " (stands elsewhere)"
        };
        terminal.result(format!(
            "  {}{place} {DIM}{} on tier {}: {}{DIM:#}",
            package.package,
            counted(package.sigs.len(), "SIG"),
            package.tier,
            sigs.join(", ")
        ))?;
        if !package.with.is_empty() {
            terminal.result(format!(
                "    with {}",
                counted(package.with.len(), "package it needs")
            ))?;
        }
    }
    terminal.result(format!(
        "{NOTE}need not be in core{NOTE:#}: {}",
        counted(report.need_not.len(), "package")
    ))?;
    for package in &report.need_not {
        let users: Vec<String> = package
            .used_by
            .iter()
            .map(|(repo, edges)| format!("{repo} ({edges})"))
            .collect();
        let users = if users.is_empty() {
            "nobody".to_owned()
        } else {
            users.join(", ")
        };
        terminal.result(format!("  {} {DIM}used by {users}{DIM:#}", package.package))?;
    }
    Ok(Exit::Fine)
}

pub(crate) fn coverage(session: &Session, args: &Coverage) -> Result<Exit, Failure> {
    let survey = session.survey()?;
    let observed = survey.observed(args.scan)?;
    let graph = survey.catalog.graph_with(&observed);
    let terminal = &session.terminal;
    let all: Vec<_> = survey
        .catalog
        .repos()
        .map(|repo| (repo, graph.coverage(repo)))
        .collect();
    if terminal.is_json() {
        let all: std::collections::BTreeMap<_, _> = all
            .iter()
            .map(|(repo, coverage)| (&repo.name, coverage))
            .collect();
        terminal.json(&all)?;
        return Ok(Exit::Fine);
    }
    for (repo, coverage) in all {
        terminal.result(format!(
            "{GOOD}{}{GOOD:#} offers {} of {} alone",
            repo.name,
            coverage.standalone,
            counted(coverage.packages, "package")
        ))?;
        for missing in &coverage.missing {
            let cost: Vec<String> = missing.cost.iter().map(|id| id.name.to_string()).collect();
            terminal.result(format!(
                "  {} is missing for {}: {}",
                missing.package,
                counted(cost.len(), "package"),
                cost.join(", ")
            ))?;
        }
    }
    Ok(Exit::Fine)
}

pub(crate) fn who(session: &Session, args: &Who) -> Result<Exit, Failure> {
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

/// The packages that the user named.
fn packages(graph: &PackageGraph<'_>, names: &[String]) -> Result<BTreeSet<PackageId>, Failure> {
    names
        .iter()
        .map(|name| match subject(graph, name)? {
            Subject::Package(id) => Ok(id),
            Subject::Repo(repo) => Err(Failure::refused(
                format!("`{repo}` is a repo, and a package is needed"),
                "name a package as REPO/NAME",
            )),
        })
        .collect()
}
