//! `coverage`: what each repo offers alone, and what it lacks.

use std::io;

use aux_arguments::Coverage;
use aux_model::answers::Coverage as Alone;
use aux_model::{Origin, RepoName};
use aux_session::{DIM, Exit, Failure, GOOD, Report, Session, Terminal, counted};
use serde::Serialize;

pub(crate) fn run(session: &Session, args: &Coverage) -> Result<Exit, Failure> {
    let survey = session.survey()?;
    let observed = session.observed(&survey, &args.evidence)?;
    let graph = survey.family.graph_with(&observed);
    let repos = survey.family.repos().filter(|repo| !repo.is_outside());
    let repos = repos.filter_map(|repo| {
        let coverage = graph.coverage(&repo.name).ok()?;
        let repo = repo.name.clone();
        Some(RepoCoverage { repo, coverage })
    });
    let repos = repos.collect();
    let by = [
        (true, Origin::Declared),
        (args.evidence.scan, Origin::Formals),
        (args.evidence.derivations, Origin::Derivation),
    ];
    let by = by.into_iter().filter(|(is_asked, _)| *is_asked);
    let by = by.map(|(_, origin)| origin).collect();
    session.terminal.report(&Coverages { repos, by })?;
    Ok(Exit::Fine)
}

#[derive(Serialize)]
struct Coverages {
    repos: Vec<RepoCoverage>,
    /// The origins of the edges that were looked at.
    by: Vec<Origin>,
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
            if coverage.members > 0 {
                terminal.result(format!(
                    "{GOOD}{repo}{GOOD:#} offers {} of {} of package sets alone",
                    coverage.standalone_members,
                    counted(coverage.members, "member")
                ))?;
            }
            for (member, missing) in &coverage.members_missing {
                terminal.result(format!("  {missing} is missing for {member}"))?;
            }
        }
        // More evidence is more that is missing: the number is that of what was looked at.
        let by: Vec<&str> = self.by.iter().map(|origin| said(*origin)).collect();
        terminal.say(format!("{DIM}by {}{DIM:#}", by.join(" and ")));
        Ok(())
    }
}

/// Where edges of an origin come from.
fn said(origin: Origin) -> &'static str {
    match origin {
        Origin::Declared => "what the manifest declares",
        Origin::Formals => "what package files ask for",
        Origin::Derivation => "what evaluated packages are built from",
    }
}
