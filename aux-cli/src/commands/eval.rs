//! `eval`: asks real Nix, and prints a table.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use aux_arguments::Eval;
use aux_eval::EvalFailure;
use aux_eval::evaluate::{
    Differing, Drifted, LeftOut, Options, RepoReport, Report as Evaluation, Resolution, Tally,
    Unavailable, evaluate,
};
use aux_model::{RepoName, printable};
use aux_nix::FailureKind;
use aux_session::{
    BAD, CheckedRegistry, DIM, Exit, Failure, GOOD, NOTE, Report, Session, Terminal, by_cause,
    cause, counted, jobs, limits, so_do, system,
};
use serde::Serialize;

pub(crate) fn run(session: &Session, args: &Eval) -> Result<Exit, Failure> {
    if args.is_of_a_set() {
        return aux_trees::snapshot::run(session, args);
    }
    let family = session.family()?;
    let repos: BTreeSet<_> = family.repos(&args.repo)?.into_iter().collect();
    family.must_be_on_channel(&[])?;
    let own = system(args.system.as_deref(), &family.catalog)?;
    let mut systems = vec![own.clone()];
    if args.all_systems {
        let all = family.catalog.organization().systems.iter();
        systems.extend(all.filter(|system| **system != own).cloned());
    }
    let nix = session.nix(&args.reach)?;
    let mut options = Options {
        system: own,
        resolution: if args.flakes {
            Resolution::Flakes
        } else {
            Resolution::Siblings
        },
        jobs: jobs(args.jobs),
        limits: limits(args.timeout),
        repos,
    };
    let asked = if options.repos.is_empty() {
        family.catalog.repos().count()
    } else {
        options.repos.len()
    };
    let progress = session.terminal.progress("evaluated");
    let done = AtomicUsize::new(0);
    let all = asked * systems.len();
    let mut reports = Vec::new();
    for system in systems {
        options.system = system;
        let evaluated = evaluate(&family.registry, &family.catalog, &nix, &options, &|repo| {
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            progress.of_at(done, all, &repo.repo);
        })?;
        reports.push(evaluated);
    }
    progress.done();
    let is_well = |report: &Evaluation| {
        let is_empty = args.repo.is_empty() && report.attributes() == 0;
        report.is_ok() && !is_empty
    };
    let exit = if reports.iter().all(is_well) {
        Exit::Fine
    } else {
        Exit::Problems
    };
    session.terminal.report(&Evaluated {
        session,
        family: &family,
        reports,
    })?;
    Ok(exit)
}

struct Evaluated<'s> {
    session: &'s Session,
    family: &'s CheckedRegistry,
    /// Of each system; this machine's is the first.
    reports: Vec<Evaluation>,
}

impl Report for Evaluated<'_> {
    type Output = aux_output::Evaluation;

    fn output(&self) -> impl Serialize {
        AllSystems {
            own: self.reports.first(),
            others: self.reports.get(1..).unwrap_or_default(),
        }
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        let shown = Shown {
            root: self.family.registry.root(),
            whole: terminal.is_verbose(),
        };
        for report in &self.reports {
            terminal.raw(&table(report, &shown))?;
        }
        self.session.warn_if_stale(self.family);
        Ok(())
    }
}

/// What was found for one system, and for the others.
#[derive(Serialize)]
struct AllSystems<'r> {
    #[serde(flatten)]
    own: Option<&'r Evaluation>,
    others: &'r [Evaluation],
}

fn table(report: &Evaluation, shown: &Shown<'_>) -> String {
    let mut text = String::new();
    let width = report
        .repos
        .iter()
        .map(|repo| repo.repo.as_str().len())
        .max()
        .unwrap_or(0)
        .max("repo".len());
    let mut line = |content: &str| {
        writeln!(text, "{}", content.trim_end()).expect("writing to a string does not fail");
    };
    line(&format!(
        "{:width$}  {:9}  {:>17}  {:>17}  {:>7}",
        "repo", "contract", "alone", "through top-level", "time"
    ));
    for repo in &report.repos {
        let broken = repo
            .contract
            .iter()
            .filter(|clause| clause.broken.is_some())
            .count();
        let contract = match broken {
            // It takes part in nothing, and owes nothing.
            _ if repo.contract.is_empty() => format!("{DIM}{:9}{DIM:#}", "not asked"),
            0 => format!("{GOOD}{:9}{GOOD:#}", "kept"),
            _ => format!("{BAD}{:9}{BAD:#}", "broken"),
        };
        line(&format!(
            "{:width$}  {contract}  {}  {}  {:>6.2}s",
            repo.repo.as_str(),
            cell(&repo.standalone),
            cell(&repo.top_level),
            repo.seconds
        ));
    }
    for repo in &report.repos {
        for detail in details(repo, shown) {
            line(&detail);
        }
    }
    for repo in report.repos.iter().filter(|repo| repo.unasked > 0) {
        line(&format!(
            "{NOTE}unasked{NOTE:#} {}: it is somebody else's, and its {} were not asked for",
            repo.repo,
            counted(repo.unasked, "attribute")
        ));
    }
    let tallies = report.repos.iter();
    let tallies = tallies.flat_map(|repo| [&repo.standalone, &repo.top_level]);
    let failures = tallies.flat_map(|tally| &tally.failed);
    let (unasked, failed): (Vec<_>, Vec<_>) = failures.partition(|failed| is_unasked(failed));
    let broken = report
        .repos
        .iter()
        .filter(|repo| repo.contract.iter().any(|clause| clause.broken.is_some()))
        .count();
    let differing = report.repos.iter().flat_map(|repo| &repo.differing);
    let differing = differing.filter(|differing| differing.is_error).count();
    let verdict = if report.is_ok() && report.attributes() == 0 {
        format!(
            "{NOTE}nothing was evaluated{NOTE:#}: no repo has an attribute in the manifest; the outputs of the contract are there"
        )
    } else if report.is_ok() {
        format!("{GOOD}fine{GOOD:#}: every contract is kept and every attribute evaluates")
    } else {
        format!(
            "{BAD}error{BAD:#}: {} broken, {} failed{}{}",
            counted(broken, "contract"),
            counted(failed.len(), "attribute"),
            match unasked.len() {
                0 => String::new(),
                more => format!(", {} not asked", counted(more, "attribute")),
            },
            match differing {
                0 => String::new(),
                more => format!(", {} with two derivations", counted(more, "attribute")),
            }
        )
    };
    line(&format!(
        "{verdict} {DIM}(Nix {}, {}, {}, {:.1} s){DIM:#}",
        report.nix,
        report.system,
        match report.resolution {
            Resolution::Siblings => "checkouts as inputs",
            Resolution::Flakes => "inputs resolved by Nix",
        },
        report.seconds
    ));
    text
}

/// How failures are shown.
struct Shown<'a> {
    /// Places are relative to the registry.
    root: &'a Path,
    /// With all that Nix said.
    whole: bool,
}

impl Shown<'_> {
    /// The failures of a repo, those of one cause in one line. What fails alone and through
    /// top-level for the same reason is said once.
    fn failures(&self, repo: &RepoReport) -> Vec<String> {
        let same = |one: &EvalFailure, other: &EvalFailure| {
            one.attribute == other.attribute && one.reason == other.reason
        };
        let is_in = |tally: &Tally, failed| tally.failed.iter().any(|other| same(other, failed));
        let alone = repo.standalone.failed.iter().map(|failed| {
            let both = is_in(&repo.top_level, failed);
            (if both { "" } else { " alone" }, failed)
        });
        let through_top = repo.top_level.failed.iter();
        let through_top = through_top.filter(|failed| !is_in(&repo.standalone, failed));
        let failures = alone.chain(through_top.map(|failed| (" through top-level", failed)));
        let key = |(view, failed): &(&'static str, &EvalFailure)| {
            let name = failed.attribute.clone().filter(|_| self.whole);
            (*view, cause(&failed.reason), name)
        };
        let groups = by_cause(failures, key).into_iter();
        let lines = groups.map(|group| {
            let (view, failed) = group[0];
            let others: Vec<&str> = group[1..]
                .iter()
                .map(|(_, other)| other.subject())
                .collect();
            let what = format!("{}/{}{view}", repo.repo, failed.subject());
            failure(&what, failed, self.root, self.whole) + &printable(&so_do(&others))
        });
        lines.collect()
    }
}

/// Whether nothing is known of it: the time for all questions had passed.
fn is_unasked(failed: &EvalFailure) -> bool {
    failed.kind == Some(FailureKind::NotAsked)
}

/// A line that says what failed, why and where, and `whole`: all that Nix said.
pub(super) fn failure(what: &str, failed: &EvalFailure, root: &Path, whole: bool) -> String {
    let verdict = if is_unasked(failed) {
        "unasked"
    } else {
        "failed"
    };
    let mut line = format!(
        "{BAD}{verdict}{BAD:#} {}: {}",
        printable(what),
        printable(&failed.reason)
    );
    if let Some(place) = &failed.place {
        let place = Path::new(place)
            .strip_prefix(root)
            .unwrap_or(Path::new(place));
        let place = printable(&place.display().to_string());
        line.push_str(&format!(" {DIM}{place}{DIM:#}"));
    }
    if whole {
        for detail in failed.detail.lines() {
            line.push_str(&format!("\n    {DIM}{detail}{DIM:#}"));
        }
    }
    line
}

/// "12 ok, 1 failed" in 17 columns.
fn cell(tally: &Tally) -> String {
    if tally.failed.is_empty() {
        let text = format!("{} ok", tally.ok);
        return format!("{text:>17}");
    }
    let unasked = tally.failed.iter().filter(|failed| is_unasked(failed));
    let unasked = unasked.count();
    let text = match tally.failed.len() - unasked {
        0 => format!("{} ok, {unasked} unasked", tally.ok),
        failed => format!("{} ok, {failed} failed", tally.ok),
    };
    format!("{BAD}{text:>17}{BAD:#}")
}

/// A file that git does not track, how many more there are, and what follows from that.
pub(super) fn unseen(repo: &RepoName, file: &str, more: usize, so: &str) -> String {
    let more = match more {
        0 => String::new(),
        more => format!(" and {}", counted(more, "more file")),
    };
    format!(
        "{NOTE}unseen{NOTE:#} {repo}: git does not track `{}`{more}, {so}",
        printable(file)
    )
}

/// The attributes that are not offered, by why.
fn by_reason(unavailable: &[Unavailable]) -> BTreeMap<&str, Vec<&str>> {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for Unavailable { attribute, reason } in unavailable {
        by_reason.entry(reason).or_default().push(attribute);
    }
    by_reason
}

fn quoted(text: &str) -> String {
    format!("“{}”", printable(text))
}

/// A package that has two derivations.
fn differs(repo: &RepoName, differing: &Differing) -> String {
    let Differing {
        attribute,
        arguments,
        is_error,
    } = differing;
    let style = if *is_error { BAD } else { NOTE };
    let by = match arguments.as_slice() {
        [] => String::new(),
        [one] => format!(", by its argument `{one}`"),
        all => format!(", by its arguments `{}`", all.join("`, `")),
    };
    format!(
        "{style}differs{style:#} {repo}/{attribute}: another derivation alone than through top-level{}",
        printable(&by)
    )
}

fn details(repo: &RepoReport, shown: &Shown<'_>) -> Vec<String> {
    let name = &repo.repo;
    let mut lines = Vec::new();
    for clause in &repo.contract {
        if let Some(broken) = &clause.broken {
            lines.push(format!(
                "{BAD}broken{BAD:#} {name}: `{}`: {}",
                clause.output,
                printable(broken)
            ));
        }
    }
    lines.extend(shown.failures(repo));
    for LeftOut {
        attribute,
        needs: missing,
    } in &repo.left_out
    {
        lines.push(format!(
            "{NOTE}left out{NOTE:#} {name}/{attribute} alone: needs {missing}"
        ));
    }
    for (reason, attributes) in by_reason(&repo.unavailable) {
        lines.push(format!(
            "{NOTE}not offered{NOTE:#} {name}: {}: {}",
            printable(&attributes.join(", ")),
            printable(reason)
        ));
    }
    for differing in &repo.differing {
        lines.push(differs(name, differing));
    }
    for Drifted {
        attribute,
        manifest,
        meta,
    } in &repo.drifted
    {
        lines.push(format!(
            "{NOTE}drifted{NOTE:#} {name}/{attribute}: the manifest says {}, and its `meta` {}",
            quoted(manifest),
            quoted(meta)
        ));
    }
    if let Some(first) = repo.untracked.first() {
        let more = repo.untracked.len() - 1;
        let so = "so Nix does not see it: `git add` it";
        lines.push(unseen(name, first, more, so));
    }
    if !repo.undeclared.is_empty() {
        lines.push(format!(
            "{NOTE}undeclared{NOTE:#} {name}: the layer also defines {}",
            printable(&repo.undeclared.join(", "))
        ));
    }
    lines
}
