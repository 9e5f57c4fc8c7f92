//! `impact`: what a change does to the packages of the family.

use std::fmt::Write;
use std::io;

use aux_model::{RepoName, printable};
use aux_nix::Nix;
use aux_output as out;
use aux_train::{Impact, ImpactContext, RepoImpact, Train, impact_of, impact_since};
use serde::Serialize;

use crate::cli::Impact as Args;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::{CheckedRegistry, Session, limits, repo, system};
use crate::terminal::{BAD, DIM, GOOD, NOTE, Report, Terminal, counted};

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
    let exit = if impact.is_good() && impact.packages > 0 {
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
            .map(|failure| {
                let value = serde_json::to_value(failure).expect("a failure has text keys");
                serde_json::from_value(value).expect("the output has all keys of a failure")
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
            return terminal.raw(&markdown(self.impact));
        }
        terminal.raw(&text(self.impact, terminal.is_verbose()))
    }
}

/// The kinds of change of a repo, with their attributes.
fn kinds(repo: &RepoImpact) -> [(&'static str, &[String]); 4] {
    [
        ("changed", &repo.changed),
        ("added", &repo.added),
        ("removed", &repo.removed),
        ("mended", &repo.mends),
    ]
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
        for (kind, names) in kinds(repo) {
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
        (_, 0) => format!("{NOTE}nothing was looked at{NOTE:#}: no repo has a package"),
        (0, _) => format!("{GOOD}fine{GOOD:#}: nothing fails that did not"),
        (more, _) => format!("{BAD}breaks{BAD:#} {}", counted(more, "package")),
    };
    let _ = writeln!(text, "{verdict} {DIM}({}){DIM:#}", sums(impact));
    text
}

/// How much was looked at, and what is to be done.
fn sums(impact: &Impact) -> String {
    let mut sums = format!(
        "{} of {}, {} as before, {} to another derivation",
        counted(impact.packages, "package"),
        counted(impact.looked_at, "repo"),
        impact.same,
        impact.rebuilt()
    );
    if let Some(unbuilt) = &impact.unbuilt {
        let _ = write!(sums, ", {} to build", counted(unbuilt.len(), "derivation"));
    }
    if !impact.unseen.is_empty() {
        let names: Vec<&str> = impact.unseen.iter().map(RepoName::as_str).collect();
        let _ = write!(
            sums,
            "; not looked at, since no git repository is there: {}",
            names.join(", ")
        );
    }
    sums
}

fn some(names: &[String], most: usize) -> String {
    let shown = names[..names.len().min(most)].join(", ");
    match names.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// For the summary of a job. What repos say stands in code: nothing in it is markup.
fn markdown(impact: &Impact) -> String {
    let mut text = String::from("### Impact\n\n");
    let verdict = match (impact.is_good(), impact.packages) {
        (_, 0) => "Nothing was looked at: no repo has a package.",
        (true, _) => "Nothing fails that did not.",
        (false, _) => "**Packages fail that did not.**",
    };
    let _ = writeln!(text, "{verdict} {}.\n", capital(&sums(impact)));
    if impact.repos.is_empty() {
        return text;
    }
    text.push_str(
        "| repo | changed | added | removed | mended | breaks |\n|---|---|---|---|---|---|\n",
    );
    for (name, repo) in &impact.repos {
        let _ = write!(text, "| {name} |");
        for (_, names) in kinds(repo) {
            let _ = write!(text, " {} |", names.len());
        }
        let _ = writeln!(text, " {} |", repo.breaks.len());
    }
    for (name, repo) in &impact.repos {
        let lists = kinds(repo)
            .into_iter()
            .filter(|(_, names)| !names.is_empty());
        let lists: Vec<String> = lists
            .map(|(kind, names)| format!("{kind}: {}", names.join(", ")))
            .chain(
                repo.breaks
                    .iter()
                    .map(|failure| format!("breaks {}: {}", failure.subject(), failure.reason)),
            )
            .collect();
        if !lists.is_empty() {
            let lists = printable_lines(&lists);
            let _ = write!(
                text,
                "\n<details><summary>{name}</summary>\n\n~~~~~~text\n{lists}\n~~~~~~\n\n</details>\n"
            );
        }
    }
    text
}

/// Lines that end no fence.
fn printable_lines(lines: &[String]) -> String {
    let lines: Vec<String> = lines
        .iter()
        .map(|line| printable(line).replace("~~~~~~", "~ ~ ~"))
        .collect();
    lines.join("\n")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}
