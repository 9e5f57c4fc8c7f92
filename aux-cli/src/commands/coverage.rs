//! `coverage`: what each repo offers alone, and what it lacks.

use crate::cli::Coverage;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;
use crate::terminal::{GOOD, counted};

pub(crate) fn run(session: &Session, args: &Coverage) -> Result<Exit, Failure> {
    let survey = session.survey()?;
    let observed = session.observed(&survey, args.evidence)?;
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
