//! `why`: the shortest chain between two things.

use aux_search::Search;
use std::collections::BTreeSet;
use std::io;

use aux_arguments::{Evidence, Why};
use aux_model::answers::{GraphEdge, Owned, PackageGraph, Subject};
use aux_model::{Family, PackageId, nearest};
use aux_session::{DIM, Exit, Failure, GOOD, Report, Session, Terminal};
use serde::Serialize;

pub(crate) fn run(session: &Session, args: &Why) -> Result<Exit, Failure> {
    let survey = session.survey()?;
    let observed = session.observed(&survey, &args.evidence)?;
    let graph = survey.family.graph_with(&observed);
    let from = subject(&graph, &args.from)?;
    let to = subject(&graph, &args.to)?;
    let chain = graph.why(&from, &to);
    if let Some(chain) = chain {
        session.terminal.report(&Chain { args, chain })?;
        return Ok(Exit::Fine);
    }
    Err(Failure::not_found(
        format!("`{}` does not need `{}`", args.from, args.to),
        match graph.why(&to, &from) {
            Some(_) => format!(
                "it is the other way round: `aux-gen why {} {}`",
                args.to, args.from
            ),
            None => more_evidence(&args.evidence).to_owned(),
        },
    ))
}

/// The shortest chain.
#[derive(Serialize)]
struct Chain<'a, 'g, 'c> {
    #[serde(skip)]
    args: &'a Why,
    chain: Vec<&'g GraphEdge<'c>>,
}

impl Report for Chain<'_, '_, '_> {
    type Output = aux_output::Why;

    fn output(&self) -> impl Serialize {
        self
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        if self.chain.is_empty() {
            terminal.result(format!("`{}` is `{}`", self.args.from, self.args.to))?;
        }
        for edge in &self.chain {
            let asked = if *edge.attribute == edge.to.name {
                String::new()
            } else {
                format!(" as {}", edge.attribute)
            };
            let place = edge.place().map_or_else(String::new, |place| {
                format!(" {}", edge.origin.shown(&place))
            });
            terminal.result(format!(
                "{GOOD}{}{GOOD:#} needs {GOOD}{}{GOOD:#}{asked} ({}) {DIM}{}{place}{DIM:#}",
                edge.from, edge.to, edge.kind, edge.origin
            ))?;
        }
        Ok(())
    }
}

/// Where the answer may be, if it was not looked for there.
fn more_evidence(evidence: &Evidence) -> &'static str {
    match (evidence.scan, evidence.derivations) {
        (_, true) => "",
        (true, false) => "`--derivations` also looks at what the packages are built from",
        (false, false) => {
            "`--scan` also looks at what the files ask for, `--derivations` at what the packages are built from"
        }
    }
}

/// The package or repo that a text names, or the nearest name.
pub(super) fn subject(graph: &PackageGraph<'_>, text: &str) -> Result<Subject, Failure> {
    graph.subject(text).ok_or_else(|| {
        let catalog = graph.family();
        if let Err(failure) = must_be_no_member(catalog, text) {
            return failure;
        }
        let name = text.rsplit_once('/').map_or(text, |(_, name)| name);
        let near = match catalog.attributes_like(name).first() {
            Some(hit) => Some(format!("did you mean `{hit}`?")),
            None => nearest(text, catalog.repos().map(|repo| repo.name.as_str()))
                .map(|repo| format!("did you mean `{repo}`?")),
        };
        Failure::not_found(
            format!("there is no package or repo `{}`", text.escape_debug()),
            near.unwrap_or_default(),
        )
    })
}

/// Refuses a member of a package set where a package is needed.
pub(super) fn must_be_no_member(catalog: &Family, text: &str) -> Result<(), Failure> {
    match catalog.owned_by_name(text).first() {
        Some(Owned::Member(set, member)) => Err(Failure::refused(
            format!(
                "`{}/{}.{}` is a member of a package set, and a package is needed",
                set.repo, set.name, member.name
            ),
            "`aux-gen who` and `aux-gen where` know members, `aux-gen scan` what they need",
        )),
        _ => Ok(()),
    }
}

/// The packages that the user named.
pub(super) fn packages(
    graph: &PackageGraph<'_>,
    names: &[String],
) -> Result<BTreeSet<PackageId>, Failure> {
    names
        .iter()
        .map(|name| match subject(graph, name)? {
            Subject::Package(id) => Ok(id),
            Subject::Repo(repo) => Err(Failure::refused(
                format!("`{repo}` is a repo, and a package is needed"),
                "name a package as REPO/NAME",
            )),
        })
        .collect()
}
