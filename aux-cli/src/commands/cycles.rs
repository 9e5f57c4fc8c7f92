//! `cycles`: every circle, what causes it, and the ways out with their price.

use std::collections::BTreeSet;

use aux_model::answers::{MovePlan, PackageCircle, PackageGraph, Relation, RepoCircle, Weight};
use aux_model::{PackageId, RepoName};
use serde::Serialize;

use super::why::subject;
use crate::cli::Cycles;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;
use crate::terminal::{BAD, DIM, GOOD, NOTE, counted};

#[derive(Serialize)]
struct Report<'g, 'c> {
    packages: Vec<PackageCircle<'g, 'c>>,
    repos: Vec<Circle<'g, 'c>>,
}

#[derive(Serialize)]
struct Circle<'g, 'c> {
    #[serde(flatten)]
    circle: RepoCircle<'g, 'c>,
    /// Whether it passes peers only, so that nothing is wrong.
    fine: bool,
    /// The moves after which the circle is gone.
    plan: Option<MovePlan>,
}

pub(crate) fn run(session: &Session, args: &Cycles) -> Result<Exit, Failure> {
    let survey = session.survey()?;
    let observed = survey.observed(args.scan)?;
    let graph = survey.catalog.graph_with(&observed);
    let pinned = pinned(&graph, &args.pin)?;
    let weight = if args.by_dependents {
        Weight::Dependents
    } else {
        Weight::Packages
    };
    let report = Report {
        packages: graph.package_circles(),
        repos: graph
            .repo_circles()
            .into_iter()
            .map(|circle| {
                let repos: BTreeSet<RepoName> = circle.repos.iter().cloned().collect();
                Circle {
                    fine: circle.is_fine(),
                    plan: graph.move_plan(&repos, &pinned, weight),
                    circle,
                }
            })
            .collect(),
    };
    let broken = !report.packages.is_empty() || report.repos.iter().any(|circle| !circle.fine);
    if session.terminal.is_json() {
        session.terminal.json(&report)?;
    } else {
        print(session, &graph, &report)?;
    }
    Ok(if broken { Exit::Problems } else { Exit::Fine })
}

fn pinned(graph: &PackageGraph<'_>, names: &[String]) -> Result<BTreeSet<PackageId>, Failure> {
    let mut pinned = BTreeSet::new();
    for name in names {
        match subject(graph, name)? {
            aux_model::answers::Subject::Package(id) => {
                pinned.insert(id);
            }
            aux_model::answers::Subject::Repo(repo) => {
                let all = graph.packages().iter().map(|package| &package.id);
                pinned.extend(all.filter(|id| id.repo == repo).cloned());
            }
        }
    }
    Ok(pinned)
}

fn print(
    session: &Session,
    graph: &PackageGraph<'_>,
    report: &Report<'_, '_>,
) -> Result<(), Failure> {
    let terminal = &session.terminal;
    for circle in &report.packages {
        terminal.result(format!(
            "{BAD}packages need each other{BAD:#}: {} in the circle, the shortest has {}",
            counted(circle.packages.len(), "package"),
            circle.shortest.len()
        ))?;
        for edge in &circle.shortest {
            terminal.result(format!("  {edge}"))?;
        }
        terminal.result(
            "  way out: split one of them (a bootstrap variant), or mark an edge `test` or `optional`",
        )?;
    }
    for circle in &report.repos {
        print_repos(session, graph, circle)?;
    }
    if report.packages.is_empty() && report.repos.is_empty() {
        terminal.say(format!("{GOOD}fine{GOOD:#}: there is no circle"));
    }
    Ok(())
}

fn print_repos(
    session: &Session,
    graph: &PackageGraph<'_>,
    Circle { circle, fine, plan }: &Circle<'_, '_>,
) -> Result<(), Failure> {
    /// Edges shown of each pair of repos.
    const SHOWN: usize = 3;
    let terminal = &session.terminal;
    let mut round: Vec<&str> = circle.shortest.iter().map(RepoName::as_str).collect();
    round.extend(round.first().copied());
    let verdict = if *fine {
        format!("{GOOD}fine{GOOD:#}: they are peers and meet in one package set")
    } else {
        format!("{BAD}not possible{BAD:#} as flake inputs")
    };
    terminal.result(format!(
        "{NOTE}repos{NOTE:#} {} ({} in the circle): {verdict}",
        round.join(" -> "),
        circle.repos.len()
    ))?;
    for arc in &circle.arcs {
        let relation = match arc.relation {
            Relation::Uses => "uses",
            Relation::Peer => "has as a peer",
            Relation::Undeclared => "needs, without saying so,",
        };
        terminal.result(format!(
            "  {} {relation} {}: {}",
            arc.from,
            arc.to,
            counted(arc.edges.len(), "package edge")
        ))?;
        for edge in arc.edges.iter().take(SHOWN) {
            terminal.result(format!("    {DIM}{edge}{DIM:#}"))?;
        }
        if !arc.could_go.is_empty() {
            terminal.result(format!(
                "    and {} for tests or with a default, which could go",
                counted(arc.could_go.len(), "edge")
            ))?;
        }
    }
    match plan {
        None => {
            terminal.result("  to end it: no set of moves does while these packages are pinned")?;
        }
        Some(plan) => {
            let order: Vec<&str> = plan.order.iter().map(RepoName::as_str).collect();
            let proof = if plan.is_smallest() {
                "no plan is cheaper".to_owned()
            } else {
                format!("no plan costs less than {}", plan.bound)
            };
            terminal.result(format!(
                "  to end it: {} so that {} holds ({proof})",
                counted(plan.moves.len(), "move"),
                order.join(" < ")
            ))?;
            for step in &plan.moves {
                terminal.result(format!("    move {} to {}", step.package, step.to))?;
            }
        }
    }
    for name in &circle.repos {
        if let Some(repo) = graph.catalog().repo(name.as_str()) {
            let coverage = graph.coverage(repo);
            terminal.result(format!(
                "  {name} offers {} of {} alone",
                coverage.standalone,
                counted(coverage.packages, "package")
            ))?;
        }
    }
    Ok(())
}
