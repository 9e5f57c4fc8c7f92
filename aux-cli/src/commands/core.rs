//! `core`: what belongs in core, and what does not.

use std::collections::BTreeSet;
use std::io;

use aux_arguments::CoreArgs;
use aux_model::answers::{CoreReport, Cut, PackageGraph};
use aux_model::{PackageId, RepoName};
use aux_session::{BAD, DIM, Exit, Failure, NOTE, Report, Session, Terminal, counted};
use serde::Serialize;

use crate::commands::why::packages;

#[derive(Serialize)]
struct Answer<'g, 'c> {
    #[serde(flatten)]
    report: CoreReport<'g, 'c>,
    /// The fewest packages to move so that core needs nothing above it; absent if
    /// it needs nothing, or if what is pinned makes it impossible.
    #[serde(skip_serializing_if = "Option::is_none")]
    cut: Option<Cut>,
    /// The core, if it is somebody else's.
    #[serde(skip)]
    outside: Option<RepoName>,
    #[serde(skip)]
    bootstrap: BTreeSet<PackageId>,
    /// From as many SIGs on a package should be in core.
    #[serde(skip)]
    fan_in: usize,
}

pub(crate) fn run(session: &Session, args: &CoreArgs) -> Result<Exit, Failure> {
    let survey = session.survey()?;
    let observed = session.observed(&survey, &args.evidence)?;
    let graph = survey.family.graph_with(&observed);
    let policy = survey.family.policy();
    let mut bootstrap = packages(&graph, &args.bootstrap)?;
    bootstrap.extend(policy.bootstrap.iter().cloned());
    let fan_in = args.fan_in.map_or(policy.fan_in, usize::from);
    let report = graph.core(&bootstrap, fan_in);
    let answer = Answer {
        cut: cut(&graph),
        report,
        outside: Some(survey.family.core())
            .filter(|core| core.is_outside())
            .map(|core| core.name.clone()),
        bootstrap,
        fan_in,
    };
    session.terminal.report(&answer)?;
    Ok(Exit::Fine)
}

impl Report for Answer<'_, '_> {
    type Output = aux_output::Core;

    fn output(&self) -> impl Serialize {
        self
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        let (report, fan_in) = (&self.report, self.fan_in);
        if let Some(cut) = &self.cut {
            print_cut(terminal, cut)?;
        }
        if let Some(core) = &self.outside {
            terminal.say(format!(
                "core is `{core}`, which is somebody else's: what `should` be there is worth offering to them"
            ));
        } else if self.bootstrap.is_empty() {
            terminal.say(
                "nobody has said what core boots from: `bootstrap` of `[policy]`, or `--bootstrap`",
            );
        }
        terminal.result(format!(
            "{NOTE}must be in core{NOTE:#}: {}, the closure of the bootstrap set",
            counted(report.must.len(), "package")
        ))?;
        for package in &report.must {
            let place = if package.in_core {
                ""
            } else {
                " (stands elsewhere)"
            };
            let why = match package.because {
                Some(edge) => format!("{} needs it", edge.from),
                None => "named in the bootstrap set".to_owned(),
            };
            terminal.result(format!("  {}{place} {DIM}{why}{DIM:#}", package.package))?;
        }
        terminal.result(format!(
            "{NOTE}should be in core{NOTE:#}: {}, each needed by {} or more SIGs of one tier",
            counted(report.should.len(), "package"),
            fan_in
        ))?;
        for package in &report.should {
            let sigs: Vec<String> = package.sigs.iter().map(ToString::to_string).collect();
            let place = if package.in_core {
                ""
            } else {
                " (stands elsewhere)"
            };
            terminal.result(format!(
                "  {}{place} {DIM}{} on tier {}: {}{DIM:#}",
                package.package,
                counted(package.sigs.len(), "SIG"),
                package.tier,
                sigs.join(", ")
            ))?;
            if !package.with.is_empty() {
                terminal.result(format!(
                    "    with {}",
                    match package.with.len() {
                        1 => "1 package that it needs".to_owned(),
                        more => format!("{more} packages that it needs"),
                    }
                ))?;
            }
        }
        terminal.result(format!(
            "{NOTE}need not be in core{NOTE:#}: {}",
            counted(report.need_not.len(), "package")
        ))?;
        for package in &report.need_not {
            let users: Vec<String> = package
                .used_by
                .iter()
                .map(|(repo, edges)| format!("{repo} ({edges})"))
                .collect();
            let users = if users.is_empty() {
                "nobody".to_owned()
            } else {
                users.join(", ")
            };
            let kept = if package.kept {
                "; its owner runs core, and may keep it"
            } else {
                ""
            };
            terminal.result(format!(
                "  {} {DIM}used by {users}{kept}{DIM:#}",
                package.package
            ))?;
        }
        Ok(())
    }
}

fn cut(graph: &PackageGraph<'_>) -> Option<Cut> {
    let catalog = graph.family();
    let core = BTreeSet::from([catalog.core().name.clone()]);
    let cut = graph.cut(&core, &graph.fixed(), catalog.policy().weight)?;
    (cut.price > 0).then_some(cut)
}

fn print_cut(terminal: &Terminal, cut: &Cut) -> io::Result<()> {
    terminal.result(format!(
        "{BAD}core needs packages above it{BAD:#}: the fewest moves that end it are {}",
        cut.down.len() + cut.up.len()
    ))?;
    for package in &cut.down {
        terminal.result(format!("  {package} comes to core"))?;
    }
    for package in &cut.up {
        terminal.result(format!("  {package} leaves core"))?;
    }
    Ok(())
}
