//! `impact`: what a change does to the packages of the family.

use std::fmt::Write;
use std::io;

use aux_arguments::Impact as Args;
use aux_model::printable;
use aux_nix::Nix;
use aux_output as out;
use aux_session::{
    BAD, CheckedRegistry, DIM, Exit, Failure, GOOD, NOTE, Report, Session, Terminal, counted,
    limits, repo, system,
};
use aux_train::{Impact, ImpactContext, Train, impact_of, impact_since};
use serde::Serialize;

/// Attributes of one kind that are shown unless more is asked for.
const FEW: usize = 8;

pub(crate) fn run(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let family = session.family()?;
    let nix = Nix::find()?;
    let system = system(args.system.as_deref(), &family.catalog)?;
    let repos = args.repos.iter().map(|name| repo(&family.catalog, name));
    let repos: Vec<_> = repos.collect::<Result<_, Failure>>()?;
    let context = ImpactContext {
        root: family.registry.root(),
        catalog: &family.catalog,
        nix: &nix,
        system: system.as_str(),
        limits: &limits(args.timeout),
        builds: !args.no_builds,
    };
    let impact = impact_since(context, &args.base, &repos)?;
    let exit = if impact.is_good() {
        Exit::Fine
    } else {
        Exit::Problems
    };
    session.terminal.report(&Shown {
        impact: &impact,
        markdown: args.markdown,
    })?;
    Ok(exit)
}

/// What a change set does.
pub(super) fn of_train(
    family: &CheckedRegistry,
    nix: &Nix,
    timeout: u64,
    train: &Train,
) -> Result<Impact, Failure> {
    let context = ImpactContext {
        root: family.registry.root(),
        catalog: &family.catalog,
        nix,
        system: train.system.as_str(),
        limits: &limits(timeout),
        builds: true,
    };
    Ok(impact_of(context, train)?)
}

/// An impact, in text or as Markdown.
struct Shown<'i> {
    impact: &'i Impact,
    markdown: bool,
}

pub(super) fn output(impact: &Impact) -> out::Impact {
    let repos = impact.repos.iter().map(|(name, repo)| out::RepoImpact {
        repo: name.to_string(),
        moves: repo.moves,
        added: repo.added.clone(),
        removed: repo.removed.clone(),
        changed: repo.changed.clone(),
        breaks: repo
            .breaks
            .iter()
            .map(|failure| out::EvalFailure {
                attribute: failure.attribute.clone(),
                kind: failure.kind.map(|kind| kind.name().to_owned()),
                reason: failure.reason.clone(),
                place: failure.place.clone(),
                detail: failure.detail.clone(),
            })
            .collect(),
        mends: repo.mends.clone(),
    });
    out::Impact {
        good: impact.is_good(),
        repos: repos.collect(),
        packages: impact.packages,
        same: impact.same,
        looked_at: impact.looked_at,
        unseen: impact.unseen.iter().map(ToString::to_string).collect(),
        without_base: impact
            .without_base
            .iter()
            .map(ToString::to_string)
            .collect(),
        unbuilt: impact
            .unbuilt
            .as_ref()
            .map(|drvs| drvs.iter().cloned().collect()),
    }
}

impl Report for Shown<'_> {
    type Output = out::Impact;

    fn output(&self) -> impl Serialize {
        output(self.impact)
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        if self.markdown {
            return terminal.raw(&self.impact.markdown());
        }
        terminal.raw(&text(self.impact, terminal.is_verbose()))
    }
}

pub(super) fn text(impact: &Impact, whole: bool) -> String {
    let mut text = String::new();
    for (name, repo) in &impact.repos {
        let part = if repo.moves {
            ""
        } else {
            ", which does not move itself"
        };
        let _ = writeln!(text, "{name}{DIM}{part}{DIM:#}");
        for (kind, names) in repo.kinds() {
            if !names.is_empty() {
                let few = if whole { names.len() } else { FEW };
                let _ = writeln!(text, "  {kind:8} {}", printable(&some(names, few)));
            }
        }
        for failure in &repo.breaks {
            let _ = writeln!(
                text,
                "  {BAD}breaks{BAD:#}   {}: {}",
                printable(failure.subject()),
                printable(&failure.reason)
            );
        }
    }
    let broken: usize = impact.repos.values().map(|repo| repo.breaks.len()).sum();
    let verdict = match (broken, impact.packages) {
        (_, 0) => format!(
            "{NOTE}nothing was looked at{NOTE:#}: {}",
            impact.why_nothing()
        ),
        (0, _) => format!("{GOOD}fine{GOOD:#}: nothing fails that did not"),
        (more, _) => format!("{BAD}breaks{BAD:#} {}", counted(more, "package")),
    };
    let _ = writeln!(text, "{verdict} {DIM}({}){DIM:#}", impact.sums());
    text
}

fn some(names: &[String], most: usize) -> String {
    let shown = names[..names.len().min(most)].join(", ");
    match names.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
