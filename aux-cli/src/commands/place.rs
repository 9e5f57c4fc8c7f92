//! `place`: where a package belongs, and why.

use std::io;

use aux_arguments::Place;
use aux_model::answers::{Misplaced, PackageGraph, Placement, Rule, Subject, Verdict, Wish};
use aux_model::{PackageId, RepoName, printable};
use aux_session::{BAD, Exit, Failure, GOOD, NOTE, Report, Session, Terminal, counted, sig};
use serde::Serialize;

use crate::commands::relocate::is_member;
use crate::commands::why::{must_be_no_member, packages};

pub(crate) fn run(session: &Session, args: &Place) -> Result<Exit, Failure> {
    let survey = session.survey()?;
    let observed = session.observed(&survey, &args.evidence)?;
    let graph = survey.family.graph_with(&observed);
    if args.all {
        session.terminal.report(&All {
            packages: graph.misplaced(),
            core: graph.family().core().name.clone(),
        })?;
        return Ok(Exit::Fine);
    }
    let name = args.name.as_deref().unwrap_or("it");
    if is_member(name) {
        must_be_no_member(graph.family(), name)?;
    }
    let placement = graph.place(&wish(&graph, name, args)?);
    session.terminal.report(&One { name, placement })?;
    Ok(Exit::Fine)
}

/// Where one package belongs.
struct One<'a> {
    name: &'a str,
    placement: Placement,
}

impl Report for One<'_> {
    type Output = aux_output::Placement;

    fn output(&self) -> impl Serialize {
        &self.placement
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        one(terminal, self.name, &self.placement)
    }
}

/// All packages that the rules would have elsewhere.
#[derive(Serialize)]
struct All {
    packages: Vec<Misplaced>,
    #[serde(skip)]
    core: RepoName,
}

impl Report for All {
    type Output = aux_output::Misplaced;

    fn output(&self) -> impl Serialize {
        self
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        all(terminal, &self.core, &self.packages)
    }
}

/// What is asked for: a package that is there, with what is named besides, or one
/// to come.
fn wish(graph: &PackageGraph<'_>, name: &str, args: &Place) -> Result<Wish, Failure> {
    let catalog = graph.family();
    // A package to come may be called like a repo.
    let known = match graph.subject(name) {
        Some(Subject::Package(id)) => Some(id),
        Some(Subject::Repo(_)) | None => None,
    };
    let existing = known.and_then(|id| graph.wish_of(&id));
    if name.contains('/') && existing.is_none() {
        return Err(Failure::refused(
            format!("there is no package `{}`", printable(name)),
            "name a package to come without a repo: `place` says which",
        ));
    }
    let mut wish = existing.unwrap_or_default();
    wish.needs.extend(packages(graph, &args.depends_on)?);
    wish.optional.extend(packages(graph, &args.optional)?);
    if let Some(owner) = &args.owner {
        wish.owner = Some(sig(catalog, owner)?);
    }
    Ok(wish)
}

fn one(terminal: &Terminal, name: &str, placement: &Placement) -> io::Result<()> {
    let repo = &placement.repo;
    terminal.result(match &placement.stands {
        _ if !placement.against.is_empty() => format!(
            "{BAD}{name} has no place{BAD:#}: no repo sees all it needs and is seen by all who need it"
        ),
        None => format!("{name} goes to {GOOD}{repo}{GOOD:#}"),
        Some(stands) if stands == repo => {
            format!("{name} belongs to {GOOD}{repo}{GOOD:#}, where it is")
        }
        Some(stands) => format!("{name} is in {stands} and belongs to {GOOD}{repo}{GOOD:#}"),
    })?;
    terminal.result(if placement.against.is_empty() {
        format!("  because {}", because(placement))
    } else {
        format!("  it would go to {repo} because {}", because(placement))
    })?;
    let named = matches!(
        placement.rule,
        Rule::HoldsTheHighest | Rule::NextTier | Rule::TopLevel | Rule::NobodysYet
    );
    if !named && !placement.witnesses.is_empty() {
        terminal.result(format!(
            "  the highest of what it needs is {}, which it sees there",
            list(&placement.witnesses)
        ))?;
    }
    if !placement.against.is_empty() {
        terminal.result(format!(
            "  but {} would not see it in {repo}",
            list(&placement.against)
        ))?;
    }
    terminal.result(format!("  owned by SIG {}", placement.owner))?;
    if !placement.watchers.is_empty() {
        let watchers: Vec<String> = placement.watchers.iter().map(ToString::to_string).collect();
        terminal.result(format!("  watched by SIG {}", watchers.join(", ")))?;
    }
    for variant in &placement.variants {
        terminal.result(format!(
            "  with {} it is a variant of its own in {NOTE}{}{NOTE:#}: an `optional` dependency here, a package that overrides it there",
            variant.with, variant.repo
        ))?;
    }
    let others: Vec<String> = placement
        .alternatives
        .iter()
        .map(|candidate| candidate.repo.to_string())
        .collect();
    if !others.is_empty() {
        terminal.result(format!("  else {}", others.join(", ")))?;
    }
    Ok(())
}

/// The rule in words, with its witnesses.
fn because(placement: &Placement) -> String {
    let witnesses = list(&placement.witnesses);
    let users = list(&placement.users);
    match placement.rule {
        Rule::Bootstrap if users.is_empty() => "core boots from it".to_owned(),
        Rule::Bootstrap => format!("core boots from {users}, which needs it"),
        Rule::NeededBelow => format!("{users} could not see it any higher"),
        Rule::Shared => format!("SIGs of one tier share it: {users}"),
        Rule::OwnersRepo => "its owner runs that repo".to_owned(),
        Rule::HoldsTheHighest if witnesses.is_empty() => {
            "it needs nothing, and this is the lowest repo".to_owned()
        }
        Rule::HoldsTheHighest => format!(
            "{witnesses} is the highest of what it needs, and this is the lowest repo that sees all of it"
        ),
        Rule::NextTier if witnesses.is_empty() => {
            "neither the bootstrap nor several SIGs need it in core, and this is the nearest repo above"
                .to_owned()
        }
        Rule::NobodysYet => {
            "neither the bootstrap nor several SIGs need it in core, and no SIG's repo is nearer than another: `--owner SIG` says whose it is"
                .to_owned()
        }
        Rule::NextTier => format!(
            "no repo on the tier of {witnesses} sees all it needs, and this is the lowest above that does"
        ),
        Rule::TopLevel => {
            format!("only top-level sees all of {witnesses}; it is one of top-level's own")
        }
    }
}

fn all(terminal: &Terminal, core: &RepoName, misplaced: &[Misplaced]) -> io::Result<()> {
    let (belong, could): (Vec<&Misplaced>, Vec<&Misplaced>) = misplaced
        .iter()
        .partition(|package| package.verdict == Verdict::Belongs);
    for package in &belong {
        let why = match package.rule {
            Rule::Shared => "which several SIGs of one tier share",
            Rule::Bootstrap => "which core boots from",
            _ if package.package.repo == *core => "which core holds without need",
            _ => "which stands higher than it needs",
        };
        terminal.result(format!(
            "{GOOD}{}{GOOD:#}, {why}, belongs to {}",
            package.package, package.to
        ))?;
    }
    if terminal.is_verbose() {
        for package in &could {
            terminal.result(format!(
                "{NOTE}{}{NOTE:#} could stand in {}, but its owner runs the repo where it is",
                package.package, package.to
            ))?;
        }
    }
    terminal.say(format!(
        "{} elsewhere than the rules would have it; `aux-gen place NAME` says why",
        counted(belong.len(), "package")
    ));
    if !could.is_empty() && !terminal.is_verbose() {
        terminal.say(format!(
            "{} could stand lower than the owners keep them; `-v` names them",
            counted(could.len(), "more package")
        ));
    }
    Ok(())
}

/// The first few, and how many more.
fn list(packages: &[PackageId]) -> String {
    const FEW: usize = 3;
    let mut names: Vec<String> = packages.iter().take(FEW).map(ToString::to_string).collect();
    if packages.len() > FEW {
        names.push(format!("{} more", packages.len() - FEW));
    }
    names.join(", ")
}
