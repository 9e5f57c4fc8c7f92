//! What ends cycles, looked for and carried out.

use std::collections::BTreeSet;

use aux_model::answers::{MovePlan, PackageGraph, Peers, Rearrangement, Weight};
use aux_model::{PackageId, Problem, RepoName, Severity};

use crate::cli::Cycles;
use crate::commands::cycles::report::{Circle, Plan, Proof, Report, Tangle};
use crate::commands::relocate::{World, apply, drafted, until};
use crate::commands::why::subject;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::{Family, Session, Surveyed, repos};
use crate::terminal::{BAD, GOOD, counted};

pub(crate) fn run(session: &Session, args: &Cycles) -> Result<Exit, Failure> {
    let (lock, survey) = if args.apply_plan {
        let (lock, survey) = session.locked_survey()?;
        (Some(lock), survey)
    } else {
        (None, session.survey()?)
    };
    let observed = session.observed(&survey, args.evidence)?;
    let graph = survey.catalog.graph_with(&observed);
    let only = repos(&survey.catalog, &args.repos)?.into_iter().collect();
    let report = report(&survey, &graph, args, &only)?;
    if args.apply_plan {
        let plans = chosen(&report, &only)?;
        let changes = if plans.is_empty() {
            Rearrangement::default()
        } else {
            graph.rearrangement(&plans)
        };
        let exit = put_in_order(session, &survey, &changes, args)?;
        let exit = match exit {
            Exit::Fine if !report.packages.is_empty() => Exit::Problems,
            exit => exit,
        };
        if !report.packages.is_empty() {
            let circles = counted(report.packages.len(), "circle");
            session.terminal.warn(format!(
                "{BAD}left{BAD:#}: {circles} of packages, which no move ends; `aux-gen cycles` shows them"
            ));
        }
        drop(lock);
        return Ok(exit);
    }
    if session.terminal.is_json() {
        session.terminal.json(&report)?;
    } else {
        super::print::report(session, &graph, &report)?;
    }
    let broken = !report.packages.is_empty()
        || !report.tangles.is_empty()
        || report.repos.iter().any(|circle| !circle.fine);
    Ok(if broken { Exit::Problems } else { Exit::Fine })
}

fn report<'g, 'c>(
    survey: &Surveyed,
    graph: &'g PackageGraph<'c>,
    args: &Cycles,
    only: &BTreeSet<RepoName>,
) -> Result<Report<'g, 'c>, Failure> {
    let mut pinned = pinned(graph, &args.pin)?;
    pinned.extend(graph.fixed());
    let weight = if args.by_dependents {
        Weight::Dependents
    } else {
        graph.catalog().policy().weight
    };
    let is_asked_for =
        |repos: &[RepoName]| only.is_empty() || repos.iter().any(|repo| only.contains(repo));
    let level = |repo: &RepoName| graph.catalog().level(repo);
    let tangles: Vec<Tangle<'_, '_>> = graph
        .tangles()
        .into_iter()
        .filter(|repos| only.is_empty() || !repos.is_disjoint(only))
        .map(|repos| Tangle {
            upward: graph
                .edges()
                .iter()
                .filter(|edge| edge.kind.is_needed() && repos.contains(&edge.from.repo))
                .filter(|edge| level(&edge.from.repo) < level(&edge.to.repo))
                .filter(|edge| {
                    let policy = graph.catalog().policy();
                    !policy.allows(&edge.from.repo, &edge.to.repo)
                })
                .collect(),
            plan: Plan(graph.move_plan(&repos, &pinned, weight, Peers::Stay)),
            repos,
        })
        .collect();
    let circles = graph.repo_circles();
    let circles = circles
        .into_iter()
        .filter(|circle| is_asked_for(&circle.repos))
        .map(|circle| {
            let repos: BTreeSet<RepoName> = circle.repos.iter().cloned().collect();
            let fine = circle.is_fine();
            let tangle = tangles
                .iter()
                .find(|tangle| !fine && !tangle.repos.is_disjoint(&repos));
            Circle {
                fine,
                plan: match tangle {
                    Some(tangle) => tangle.plan.clone(),
                    None => Plan(graph.move_plan(&repos, &pinned, weight, Peers::End)),
                },
                allow: graph.allowance(&circle),
                circle,
            }
        })
        .collect();
    Ok(Report {
        packages: graph.package_circles(),
        repos: circles,
        proof: proof(survey, graph, &tangles)?,
        tangles,
    })
}

/// Tries all plans on a copy of the manifest.
fn proof(
    survey: &Surveyed,
    graph: &PackageGraph<'_>,
    tangles: &[Tangle<'_, '_>],
) -> Result<Option<Proof>, Failure> {
    let plans = tangles.iter().map(|tangle| tangle.plan.0.clone());
    let plans: Option<Vec<MovePlan>> = plans.collect::<Result<_, _>>().ok();
    let Some(plans) = plans.filter(|plans| !plans.is_empty()) else {
        return Ok(None);
    };
    let draft = drafted(&world(survey), &graph.rearrangement(&plans), None)?;
    let problems: Vec<Problem> = match Family::load_with(survey.registry.clone(), &draft) {
        Ok(_) => Vec::new(),
        Err(Failure::Problems { problems, .. }) => problems
            .into_iter()
            .filter(|problem| problem.severity == Severity::Error)
            .collect(),
        Err(other) => return Err(other),
    };
    Ok(Some(Proof {
        clean: problems.is_empty(),
        problems,
    }))
}

fn world(survey: &Surveyed) -> World<'_> {
    World {
        registry: survey.registry.clone(),
        catalog: &survey.catalog,
        sources: &survey.sources,
    }
}

/// The plans to apply: those of tangles, and those of circles that are fine if
/// they were asked for by name.
fn chosen(report: &Report<'_, '_>, only: &BTreeSet<RepoName>) -> Result<Vec<MovePlan>, Failure> {
    let mut taken: BTreeSet<&RepoName> = BTreeSet::new();
    let tangles = report
        .tangles
        .iter()
        .map(|tangle| (&tangle.repos, &tangle.plan));
    let circles = report
        .repos
        .iter()
        .filter(|circle| circle.fine && !only.is_empty());
    let circles: Vec<(BTreeSet<RepoName>, &Plan)> = circles
        .map(|circle| (circle.circle.repos.iter().cloned().collect(), &circle.plan))
        .collect();
    let circles = circles.iter().map(|(repos, plan)| (repos, *plan));
    let mut plans = Vec::new();
    for (repos, plan) in tangles.chain(circles) {
        let plan = plan.0.as_ref().map_err(|reason| {
            let repos: Vec<&str> = repos.iter().map(RepoName::as_str).collect();
            Failure::refused(
                format!("{} cannot be put in order: {reason}", repos.join(", ")),
                "`aux-gen cycles` shows them; `pinned`, `bootstrap` and external repos pin packages",
            )
        })?;
        if plan.order.iter().all(|repo| !taken.contains(repo)) {
            taken.extend(&plan.order);
            plans.push(plan.clone());
        }
    }
    Ok(plans)
}

fn put_in_order(
    session: &Session,
    survey: &Surveyed,
    changes: &Rearrangement,
    args: &Cycles,
) -> Result<Exit, Failure> {
    let terminal = &session.terminal;
    let mut exit = Exit::Fine;
    if changes.is_empty() {
        terminal.say(format!(
            "{GOOD}fine{GOOD:#}: there is nothing to put in order"
        ));
    } else {
        exit = apply(session, world(survey), changes, until(&args.aliases))?;
        terminal.say(format!(
            "{GOOD}in order{GOOD:#}: the manifest has no problem now. Next:\n  aux-gen eval"
        ));
    }
    if terminal.is_json() {
        terminal.json(changes)?;
    }
    Ok(exit)
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
