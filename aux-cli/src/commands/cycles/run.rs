//! What ends cycles, looked for and carried out.

use std::collections::BTreeSet;
use std::io;

use aux_arguments::Cycles;
use aux_gen::disk::FolderLock;
use aux_model::answers::{MovePlan, PackageGraph, Peers, Rearrangement, Weight};
use aux_model::{PackageId, Problem, RepoName};
use aux_session::{
    BAD, CheckedRegistry, Exit, Failure, GOOD, Report, Session, SurveyedRegistry, Terminal,
    answered_until, counted, repos,
};
use serde::Serialize;

use crate::commands::cycles::report::{Cycle, Found, OutOfOrderGroup, Plan, Proof};
use crate::commands::relocate::{World, apply, drafted};
use crate::commands::why::subject;

pub(crate) fn run(session: &Session, args: &Cycles) -> Result<Exit, Failure> {
    let (lock, survey) = if args.apply_plan {
        let (lock, survey) = session.locked_survey()?;
        (Some(lock), survey)
    } else {
        (None, session.survey()?)
    };
    let observed = session.observed(&survey, &args.evidence)?;
    let graph = survey.family.graph_with(&observed);
    let only = repos(&survey.family, &args.repos)?.into_iter().collect();
    let found = found(&survey, &graph, args, &only)?;
    if let Some(lock) = &lock {
        let plans = chosen(&found, &only)?;
        let changes = if plans.is_empty() {
            Rearrangement::default()
        } else {
            graph.rearrangement(&plans)
        };
        let exit = put_in_order(session, lock, &survey, &changes, args)?;
        let exit = match exit {
            Exit::Fine if !found.packages.is_empty() => Exit::Problems,
            exit => exit,
        };
        if !found.packages.is_empty() {
            let cycles = counted(found.packages.len(), "cycle");
            session.terminal.warn(format!(
                "{BAD}left{BAD:#}: {cycles} of packages, which no move ends; `aux-gen cycles` shows them"
            ));
        }
        return Ok(exit);
    }
    session.terminal.report(&found)?;
    let broken = !found.packages.is_empty()
        || !found.out_of_order.is_empty()
        || found.repos.iter().any(|cycle| !cycle.fine);
    Ok(if broken { Exit::Problems } else { Exit::Fine })
}

fn found<'g, 'c>(
    survey: &SurveyedRegistry,
    graph: &'g PackageGraph<'c>,
    args: &Cycles,
    only: &BTreeSet<RepoName>,
) -> Result<Found<'g, 'c>, Failure> {
    let mut pinned = pinned(graph, &args.pin)?;
    pinned.extend(graph.fixed());
    let weight = if args.by_dependents {
        Weight::Dependents
    } else {
        graph.family().policy().weight
    };
    let is_asked_for =
        |repos: &[RepoName]| only.is_empty() || repos.iter().any(|repo| only.contains(repo));
    let out_of_order: Vec<OutOfOrderGroup<'_, '_>> = graph
        .out_of_order()
        .into_iter()
        .filter(|repos| only.is_empty() || !repos.is_disjoint(only))
        .map(|repos| OutOfOrderGroup {
            upward: graph.upward_edges(&repos),
            plan: Plan(graph.move_plan(&repos, &pinned, weight, Peers::Stay)),
            repos,
        })
        .collect();
    let cycles = graph.repo_cycles();
    let cycles = cycles
        .into_iter()
        .filter(|cycle| is_asked_for(&cycle.repos))
        .map(|cycle| {
            let repos: BTreeSet<RepoName> = cycle.repos.iter().cloned().collect();
            let fine = cycle.is_fine();
            let group = out_of_order
                .iter()
                .find(|group| !fine && !group.repos.is_disjoint(&repos));
            Cycle {
                fine,
                plan: match group {
                    Some(group) => group.plan.clone(),
                    None => Plan(graph.move_plan(&repos, &pinned, weight, Peers::End)),
                },
                allow: graph.allowance(&cycle),
                cycle,
            }
        })
        .collect();
    Ok(Found {
        graph,
        packages: graph.package_cycles(),
        repos: cycles,
        proof: proof(survey, graph, &out_of_order)?,
        out_of_order,
    })
}

/// Tries all plans on a copy of the manifest.
fn proof(
    survey: &SurveyedRegistry,
    graph: &PackageGraph<'_>,
    out_of_order: &[OutOfOrderGroup<'_, '_>],
) -> Result<Option<Proof>, Failure> {
    let plans = out_of_order.iter().map(|group| group.plan.0.clone());
    let plans: Option<Vec<MovePlan>> = plans.collect::<Result<_, _>>().ok();
    let Some(plans) = plans.filter(|plans| !plans.is_empty()) else {
        return Ok(None);
    };
    let draft = drafted(&world(survey), &graph.rearrangement(&plans), None)?;
    let problems: Vec<Problem> = match CheckedRegistry::load_with(survey.registry.clone(), &draft) {
        Ok(_) => Vec::new(),
        Err(Failure::Problems { problems, .. }) => {
            problems.into_iter().filter(Problem::is_error).collect()
        }
        Err(other) => return Err(other),
    };
    Ok(Some(Proof {
        clean: problems.is_empty(),
        problems,
    }))
}

fn world(survey: &SurveyedRegistry) -> World<'_> {
    World {
        registry: survey.registry.clone(),
        catalog: &survey.family,
        sources: &survey.sources,
    }
}

/// The plans to apply: those of out_of_order, and those of cycles that are fine if
/// they were asked for by name.
fn chosen(found: &Found<'_, '_>, only: &BTreeSet<RepoName>) -> Result<Vec<MovePlan>, Failure> {
    let mut taken: BTreeSet<&RepoName> = BTreeSet::new();
    let out_of_order = found
        .out_of_order
        .iter()
        .map(|group| (&group.repos, &group.plan));
    let cycles = found
        .repos
        .iter()
        .filter(|cycle| cycle.fine && !only.is_empty());
    let cycles: Vec<(BTreeSet<RepoName>, &Plan)> = cycles
        .map(|cycle| (cycle.cycle.repos.iter().cloned().collect(), &cycle.plan))
        .collect();
    let cycles = cycles.iter().map(|(repos, plan)| (repos, *plan));
    let mut plans = Vec::new();
    for (repos, plan) in out_of_order.chain(cycles) {
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
    lock: &FolderLock,
    survey: &SurveyedRegistry,
    changes: &Rearrangement,
    args: &Cycles,
) -> Result<Exit, Failure> {
    let exit = if changes.is_empty() {
        Exit::Fine
    } else {
        apply(
            session,
            lock,
            world(survey),
            changes,
            answered_until(args.aliases.alias_until, args.aliases.no_alias),
        )?
    };
    session.terminal.report(&Rearranged(changes))?;
    Ok(exit)
}

/// What was put in order.
struct Rearranged<'c>(&'c Rearrangement);

impl Report for Rearranged<'_> {
    type Output = aux_output::Rearranged;

    fn output(&self) -> impl Serialize {
        self.0
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        terminal.say(if self.0.is_empty() {
            format!("{GOOD}fine{GOOD:#}: there is nothing to put in order")
        } else {
            format!(
                "{GOOD}in order{GOOD:#}: the manifest has no problem now. Next:\n  aux-gen eval"
            )
        });
        Ok(())
    }
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
