//! `core`: what belongs in core, and what does not.

use super::why::packages;
use crate::cli::CoreArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;
use crate::terminal::{DIM, NOTE, counted};

pub(crate) fn run(session: &Session, args: &CoreArgs) -> Result<Exit, Failure> {
    let survey = session.survey()?;
    let observed = survey.observed(args.scan)?;
    let graph = survey.catalog.graph_with(&observed);
    let policy = survey.catalog.policy();
    let mut bootstrap = packages(&graph, &args.bootstrap)?;
    bootstrap.extend(policy.bootstrap.iter().cloned());
    let fan_in = args.fan_in.map_or(policy.fan_in, usize::from);
    let report = graph.core(&bootstrap, fan_in);
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
        fan_in
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
