//! What `cycles` shows to people.

use std::io;

use aux_model::RepoName;
use aux_model::answers::{Allowance, GraphEdge, PackageGraph, Relation};
use aux_session::{BAD, DIM, GOOD, NOTE, Report, Terminal, counted, today};
use serde::Serialize;

use crate::commands::cycles::report::{Cycle, Found, OutOfOrderGroup, Plan};

/// Edges shown of each pair of repos.
const SHOWN: usize = 3;

/// Pairs of repos, moves and repos shown of one cycle, unless all are asked for.
const FEW: usize = 20;

/// Problems shown that a plan does not mend; the number is always told.
const PROBLEMS_SHOWN: usize = 10;

/// Months until somebody looks again at what the policy allows.
const MONTHS: u16 = 6;

impl Report for Found<'_, '_> {
    type Output = aux_output::Cycles;

    fn output(&self) -> impl Serialize {
        self
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        show(terminal, self.graph, self)
    }
}

fn show(terminal: &Terminal, graph: &PackageGraph<'_>, report: &Found<'_, '_>) -> io::Result<()> {
    for cycle in &report.packages {
        terminal.result(format!(
            "{BAD}packages need each other{BAD:#}: {} in the cycle, the shortest has {}",
            counted(cycle.packages.len(), "package"),
            cycle.shortest.len()
        ))?;
        for edge in &cycle.shortest {
            terminal.result(format!("  {edge}"))?;
        }
        terminal.result(
            "  way out: split one of them (a bootstrap variant), or mark an edge `test` or `optional`",
        )?;
    }
    for entry in &report.repos {
        cycle(terminal, graph, entry)?;
    }
    for entry in &report.out_of_order {
        group(terminal, entry)?;
    }
    if let Some(proof) = &report.proof {
        terminal.result(if proof.clean {
            format!("{GOOD}tried{GOOD:#} on a copy: with these moves the manifest has no problem")
        } else {
            let moves = "with these moves the manifest still has";
            let problems = counted(proof.problems.len(), "problem");
            format!("{BAD}tried{BAD:#} on a copy: {moves} {problems}")
        })?;
        for problem in proof.problems.iter().take(PROBLEMS_SHOWN) {
            terminal.result(format!("  {}: {}", problem.code, problem.message))?;
        }
        terminal.say("`aux-gen cycles --apply-plan` does it: files, manifest and flakes");
    }
    if report.packages.is_empty() && report.repos.is_empty() && report.out_of_order.is_empty() {
        terminal.say(format!("{GOOD}fine{GOOD:#}: there is no cycle"));
    }
    Ok(())
}

fn cycle(terminal: &Terminal, graph: &PackageGraph<'_>, entry: &Cycle<'_, '_>) -> io::Result<()> {
    let cycle = &entry.cycle;
    let mut round: Vec<&str> = cycle.shortest.iter().map(RepoName::as_str).collect();
    round.extend(round.first().copied());
    let allowed = cycle
        .arcs
        .iter()
        .any(|arc| arc.relation == Relation::Allowed);
    let verdict = match (entry.fine, allowed) {
        (true, true) => format!("{GOOD}fine{GOOD:#}: the policy allows it"),
        (true, false) => format!("{GOOD}fine{GOOD:#}: they are peers and meet in one package set"),
        (false, _) => format!("{BAD}not possible{BAD:#} as flake inputs"),
    };
    terminal.result(format!(
        "{NOTE}repos{NOTE:#} {} ({} in the cycle): {verdict}",
        round.join(" -> "),
        cycle.repos.len()
    ))?;
    let few = if terminal.is_verbose() {
        usize::MAX
    } else {
        FEW
    };
    for arc in cycle.arcs.iter().take(few) {
        let relation = match arc.relation {
            Relation::Uses | Relation::Allowed => "uses",
            Relation::Through => "sees, through others,",
            Relation::Peer => "has as a peer",
            Relation::Undeclared => "needs, without saying so,",
        };
        terminal.result(format!(
            "  {} {relation} {}: {}",
            arc.from,
            arc.to,
            counted(arc.edges.len(), "package edge")
        ))?;
        edges(terminal, &arc.edges)?;
        if !arc.could_go.is_empty() {
            terminal.result(format!(
                "    and {} for tests or with a default, which could go",
                counted(arc.could_go.len(), "edge")
            ))?;
        }
    }
    more(terminal, cycle.arcs.len(), few, "pair")?;
    if entry.fine {
        plan(terminal, "to end it", &entry.plan)?;
    }
    if !entry.fine {
        // Core is everybody's input, and a peer stands no higher either.
        let catalog = graph.family();
        let level = |repo: &RepoName| catalog.level(repo);
        let may_be_peers = !cycle.repos.contains(&catalog.core().name)
            && cycle
                .arcs
                .iter()
                .all(|arc| level(&arc.from) >= level(&arc.to));
        terminal.result(if may_be_peers {
            "  to end it: make them peers, met in top-level only, or move packages as below"
        } else {
            "  to end it: move packages as below"
        })?;
    }
    match entry.allow.as_ref().filter(|_| !allowed) {
        Some(allow) => allowance(terminal, allow)?,
        None => coverage(terminal, graph, &cycle.repos)?,
    }
    Ok(())
}

/// How many were left out.
fn more(terminal: &Terminal, all: usize, shown: usize, noun: &str) -> io::Result<()> {
    if all > shown {
        let more = counted(all - shown, noun);
        terminal.result(format!("    and {more} more; `-v` shows all"))?;
    }
    Ok(())
}

fn edges(terminal: &Terminal, edges: &[&GraphEdge<'_>]) -> io::Result<()> {
    for edge in edges.iter().take(SHOWN) {
        terminal.result(format!("    {DIM}{edge}{DIM:#}"))?;
    }
    if edges.len() > SHOWN {
        terminal.result(format!("    {DIM}and {} more{DIM:#}", edges.len() - SHOWN))?;
    }
    Ok(())
}

fn plan(terminal: &Terminal, what_for: &str, plan: &Plan) -> io::Result<()> {
    let plan = match &plan.0 {
        Ok(plan) => plan,
        Err(reason) => return terminal.result(format!("  {what_for}: {reason}")),
    };
    let order: Vec<&str> = plan.order.iter().map(RepoName::as_str).collect();
    let proof = if plan.is_smallest() {
        "no plan is cheaper".to_owned()
    } else {
        format!(
            "it costs {}, and no plan costs less than {}",
            plan.price, plan.bound
        )
    };
    terminal.result(format!(
        "  {what_for}: {} so that {} holds ({proof})",
        counted(plan.moves.len(), "move"),
        order.join(" < ")
    ))?;
    let few = if terminal.is_verbose() {
        usize::MAX
    } else {
        FEW
    };
    for step in plan.moves.iter().take(few) {
        terminal.result(format!("    move {} to {}", step.package, step.to))?;
    }
    more(terminal, plan.moves.len(), few, "move")
}

/// The pair as it would stand in the manifest, and what it costs.
fn allowance(terminal: &Terminal, allow: &Allowance) -> io::Result<()> {
    let (first, second) = &allow.repos;
    terminal.result("  or allow it in aux.toml:")?;
    terminal.result(format!(
        "    [[policy.allow]]\n    repos = [\"{first}\", \"{second}\"]\n    reason = \"{}\"\n    owner = \"{}\"\n    review = \"{}\"",
        allow.reason,
        allow.owner,
        today().after_months(MONTHS)
    ))?;
    for coverage in &allow.coverage {
        terminal.result(format!(
            "    {} then offers {} of {} alone with {}; as a peer {} with {}",
            coverage.repo,
            coverage.allowed,
            counted(coverage.packages, "package"),
            counted(coverage.inputs_allowed, "input"),
            coverage.as_peers,
            coverage.inputs_as_peers
        ))?;
    }
    Ok(())
}

fn coverage(terminal: &Terminal, graph: &PackageGraph<'_>, repos: &[RepoName]) -> io::Result<()> {
    let few = if terminal.is_verbose() {
        usize::MAX
    } else {
        FEW
    };
    for name in repos.iter().take(few) {
        if let Ok(coverage) = graph.coverage(name) {
            terminal.result(format!(
                "  {name} offers {} of {} alone",
                coverage.standalone,
                counted(coverage.packages, "package")
            ))?;
        }
    }
    more(terminal, repos.len(), few, "repo")
}

fn group(terminal: &Terminal, group: &OutOfOrderGroup<'_, '_>) -> io::Result<()> {
    let repos: Vec<&str> = group.repos.iter().map(RepoName::as_str).collect();
    terminal.result(format!("{BAD}out of order{BAD:#}: {}", repos.join(", ")))?;
    if !group.upward.is_empty() {
        terminal.result(format!(
            "  {} to a higher tier",
            counted(group.upward.len(), "package edge")
        ))?;
        edges(terminal, &group.upward)?;
    }
    plan(terminal, "to put them in order", &group.plan)
}
