//! `graph`: diagrams of tiers, SIGs, repos and packages.

use std::collections::BTreeSet;
use std::io;

use aux_arguments::{Graph, Language, Level};
use aux_diagram::{Diagram, Node, dot, mermaid, svg};
use aux_model::answers::{PackageGraph, Subject};
use aux_model::{did_you_mean, printable};
use aux_session::{Exit, Failure, Report, Session, Terminal, repo};
use serde::Serialize;

use crate::commands::why::subject;

/// Nobody reads a diagram with more nodes.
const READABLE: usize = 500;

pub(crate) fn run(session: &Session, args: &Graph) -> Result<Exit, Failure> {
    let survey = session.survey()?;
    let catalog = &survey.family;
    let graph = catalog.graph();
    let level = level(&graph, args)?;
    let mut diagram = match level {
        Level::Tier => Diagram::of_tiers(catalog),
        Level::Sig => Diagram::of_sigs(catalog),
        Level::Repo => Diagram::of_repos(catalog),
        Level::Package => {
            let only = args.repo.as_ref().map(|name| repo(&survey.family, name));
            Diagram::of_packages(catalog, only.transpose()?.as_ref())
        }
    };
    if let Some(name) = &args.around {
        let centre = centre(&graph, &diagram, level, name)?;
        diagram.keep_around(name, &centre, args.depth.into());
    }
    let is_reducible = matches!(level, Level::Repo | Level::Package);
    if is_reducible && !args.all_arcs && !diagram.reduce() {
        session.terminal.say(
            "the graph is so tangled that some arcs are drawn although they follow from others",
        );
    }
    print(session, args, &diagram)?;
    Ok(Exit::Fine)
}

fn print(session: &Session, args: &Graph, diagram: &Diagram) -> Result<(), Failure> {
    let terminal = &session.terminal;
    let drawing = Drawing(diagram);
    let Some(language) = args.language else {
        return Ok(terminal.report(&drawing)?);
    };
    if language == Language::Svg {
        warn_if_unreadable(terminal, diagram);
    }
    match language {
        Language::Dot => terminal.document(&dot(diagram))?,
        Language::Mermaid => terminal.document(&mermaid(diagram))?,
        Language::Svg => terminal.document(&svg(diagram)?)?,
        Language::Json => terminal.machine(&drawing)?,
    }
    Ok(())
}

fn warn_if_unreadable(terminal: &Terminal, diagram: &Diagram) {
    if diagram.nodes().len() > READABLE {
        terminal.say(format!(
            "the diagram has {} nodes, more than anybody reads: `--level`, `--around` or `--repo` make it smaller",
            diagram.nodes().len()
        ));
    }
}

/// A diagram without a language that is asked for: DOT for people.
struct Drawing<'d>(&'d Diagram);

impl Report for Drawing<'_> {
    type Output = aux_output::Diagram;

    fn output(&self) -> impl Serialize {
        self.0
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        warn_if_unreadable(terminal, self.0);
        terminal.document(&dot(self.0))
    }
}

/// The level asked for, or the one of the thing that is asked about.
fn level(graph: &PackageGraph<'_>, args: &Graph) -> Result<Level, Failure> {
    match (args.level, &args.around) {
        (None | Some(Level::Package), _) if args.repo.is_some() => Ok(Level::Package),
        (Some(level), _) if args.repo.is_some() => Err(Failure::refused(
            format!(
                "`--repo` selects packages, and the level is `{}`",
                word(level)
            ),
            "leave `--level` away",
        )),
        (Some(level), _) => Ok(level),
        (None, None) => Ok(Level::Repo),
        (None, Some(name)) => match subject(graph, name)? {
            Subject::Repo(_) => Ok(Level::Repo),
            Subject::Package(_) => Ok(Level::Package),
        },
    }
}

/// The keys of the nodes that a name means on a level: a repo is all of its
/// packages where packages are drawn.
fn centre(
    graph: &PackageGraph<'_>,
    diagram: &Diagram,
    level: Level,
    name: &str,
) -> Result<BTreeSet<String>, Failure> {
    let keys = |is_meant: &dyn Fn(&Node) -> bool| {
        let nodes = diagram.nodes().iter().filter(|node| is_meant(node));
        nodes.map(|node| node.id.clone()).collect::<BTreeSet<_>>()
    };
    if matches!(level, Level::Tier | Level::Sig) {
        let found = keys(&|node| node.id == name);
        let known = diagram.nodes().iter().map(|node| node.id.as_str());
        if found.is_empty() {
            return Err(Failure::refused(
                format!("there is no {} `{}`", word(level), printable(name)),
                did_you_mean(name, known).unwrap_or_default(),
            ));
        }
        return Ok(found);
    }
    match (subject(graph, name)?, level) {
        (Subject::Package(id), Level::Package) => Ok(BTreeSet::from([id.to_string()])),
        (Subject::Repo(repo), Level::Package) => {
            Ok(keys(&|node| node.group.as_deref() == Some(repo.as_str())))
        }
        (Subject::Repo(repo), _) => Ok(BTreeSet::from([repo.to_string()])),
        (Subject::Package(id), _) => Err(Failure::refused(
            format!("`{id}` is a package, and the level is `{}`", word(level)),
            "leave `--level` away",
        )),
    }
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Tier => "tier",
        Level::Sig => "SIG",
        Level::Repo => "repo",
        Level::Package => "package",
    }
}
