//! `coverage`: what each repo offers alone, and what it lacks.

use std::io;

use aux_model::RepoName;
use aux_model::answers::Coverage as Alone;
use serde::Serialize;

use crate::cli::Coverage;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;
use crate::terminal::{GOOD, Report, Terminal, counted};

pub(crate) fn run(session: &Session, args: &Coverage) -> Result<Exit, Failure> {
    let survey = session.survey()?;
    let observed = session.observed(&survey, &args.evidence)?;
    let graph = survey.family.graph_with(&observed);
    let repos = survey.family.repos().filter_map(|repo| {
        let coverage = graph.coverage(&repo.name).ok()?;
        let repo = repo.name.clone();
        Some(RepoCoverage { repo, coverage })
    });
    let repos = repos.collect();
    session.terminal.report(&Coverages { repos })?;
    Ok(Exit::Fine)
}

#[derive(Serialize)]
struct Coverages {
    repos: Vec<RepoCoverage>,
}

#[derive(Serialize)]
struct RepoCoverage {
    repo: RepoName,
    #[serde(flatten)]
    coverage: Alone,
}

impl Report for Coverages {
    type Output = aux_output::Coverages;

    fn output(&self) -> impl Serialize {
        self
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        for RepoCoverage { repo, coverage } in &self.repos {
            terminal.result(format!(
                "{GOOD}{repo}{GOOD:#} offers {} of {} alone",
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
        Ok(())
    }
}
