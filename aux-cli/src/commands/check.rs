//! `check`: every problem in the manifest and the trees.

use std::io;

use aux_arguments::Check;
use aux_eval::vet::Place;
use aux_gen::disk::checkout;
use aux_model::{Code, Problem, RepoName, Severity, Source, Wiring};
use aux_session::{
    BAD, CheckedRegistry, DIM, Exit, Failure, GOOD, NOTE, Report, Session, Terminal, count,
    counted, problem, today,
};
use aux_trees::index;
use serde::Serialize;

use crate::commands::{contracts, cost, metas, owner_files, set_trees, vet};

pub(crate) fn run(session: &Session, args: &Check) -> Result<Exit, Failure> {
    if args.meta {
        return metas::run(session, args);
    }
    if !args.tree.is_empty() {
        return vet::run(session, args);
    }
    let family = match session.family() {
        Err(failure @ Failure::Problems { .. }) if !args.fix => return wrong(session, failure),
        family => family?,
    };
    if args.fix {
        let contracts = contracts::fix(session)?;
        return vet::fix_family(session, &family, contracts);
    }
    // A template override that cannot be used is a problem too; built-in ones
    // are rendered by tests.
    if family.catalog.templates().is_some() {
        family.plan(&[])?.make()?;
    }
    let overdue = family.catalog.overdue(args.today.unwrap_or_else(today));
    let (mut vetted, unseen) = vet::of_family(&family, args)?;
    vetted.problems.extend(missing_entries(&family));
    vetted.problems.extend(orphans(&family)?);
    let (of_sets, members) = set_trees::problems(&family)?;
    vetted.problems.extend(of_sets);
    vetted.problems.extend(contracts::problems(&family));
    vetted.problems.extend(owner_files::problems(&family));
    vetted.problems.extend(cost::over_budget(&family)?);
    if let Some(stale) = index::stale(&family)? {
        session
            .terminal
            .warn(format!("{NOTE}stale{NOTE:#} {stale}"));
    }
    let warnings = family.catalog.warnings().iter();
    let problems = overdue.iter().chain(warnings).chain(&vetted.problems);
    let problems: Vec<&Problem> = problems.collect();
    let verdict = if problems.iter().any(|problem| problem.is_error()) {
        Verdict::Wrong
    } else if args.deny_warnings && !problems.is_empty() {
        Verdict::Denied
    } else {
        Verdict::Fine
    };
    session.terminal.report(&Checked {
        family: &family,
        sources: [family.sources.as_slice(), &vetted.sources].concat(),
        problems,
        members,
        places: &vetted.places,
        by_hand: vetted.by_hand,
        unseen: &unseen,
        verdict,
    })?;
    Ok(match verdict {
        Verdict::Fine => Exit::Fine,
        Verdict::Wrong | Verdict::Denied => Exit::Problems,
    })
}

/// Checkouts that no repo of the manifest claims.
fn orphans(family: &CheckedRegistry) -> Result<Vec<Problem>, Failure> {
    if family.alone.is_some() {
        return Ok(Vec::new());
    }
    let found = aux_gen::disk::orphans(&family.registry, &family.catalog)?;
    let problems = found.into_iter().map(|orphan| {
        let folder = &orphan.folder;
        let (message, help) = match (orphan.was, orphan.is) {
            (Some(was), _) if family.catalog.repo(&was).is_some() => (
                format!("`{folder}` is of the repo `{was}`, which the manifest has elsewhere"),
                format!("move it to where the manifest has `{was}`, or set `path`"),
            ),
            (Some(was), Some(is)) => (
                format!(
                    "`{folder}` was generated for `{was}`, which the manifest does not have: was it renamed to `{is}`?"
                ),
                format!(
                    "move it to where the manifest has `{is}`, or set `path`; if it is gone, say so under `[removed.repos]`"
                ),
            ),
            (Some(was), None) => (
                format!("`{folder}` was generated for `{was}`, which the manifest does not have"),
                "say under `[removed.repos]` why it is gone, or move the folder away".to_owned(),
            ),
            (None, _) if orphan.is_generated => (
                format!("`{folder}` was generated, and no repo of the manifest claims it"),
                "if it forwarded from an old name, archive its repository, and remove the folder"
                    .to_owned(),
            ),
            (None, _) => (
                format!("`{folder}` is a repository that no repo of the manifest claims"),
                format!("`aux-gen adopt {folder}` takes it in, or move it away"),
            ),
        };
        Problem {
            code: Code::Orphan,
            severity: Severity::Warning,
            location: None,
            message,
            help: Some(help),
            related: Vec::new(),
        }
    });
    Ok(problems.collect())
}

/// Repos without a flake, the file of which is not there that others import.
fn missing_entries(family: &CheckedRegistry) -> Vec<Problem> {
    let root = family.registry.root();
    let missing = family.catalog.repos().filter_map(|repo| {
        let entry = repo.entry.as_ref()?;
        let folder = checkout(root, &repo.path)?;
        let is_there = repo.wiring == Wiring::Nothing || folder.join(entry.file.as_str()).is_file();
        (!is_there).then(|| Problem {
            code: Code::NoPackageFile,
            severity: Severity::Error,
            location: None,
            message: format!(
                "repo `{}` has no flake, and no `{}`, which others import",
                repo.name, entry.file
            ),
            help: Some("name the file with `entry`, or set `wiring = \"none\"`".to_owned()),
            related: Vec::new(),
        })
    });
    missing.collect()
}

/// Reports a manifest that cannot be used.
fn wrong(session: &Session, failure: Failure) -> Result<Exit, Failure> {
    let exit = failure.exit();
    session.terminal.report(&Unusable(failure))?;
    Ok(exit)
}

/// A manifest with errors: they are what `check` is asked for.
struct Unusable(Failure);

impl Report for Unusable {
    type Output = aux_output::Checked;

    fn output(&self) -> impl Serialize {
        aux_output::Checked {
            problems: self.0.output().problems,
            sigs: 0,
            repos: 0,
            packages: 0,
            members: 0,
            places: Vec::new(),
            by_hand: 0,
            unseen: Vec::new(),
        }
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        terminal.failure(&self.0)
    }
}

#[derive(Clone, Copy)]
enum Verdict {
    Fine,
    /// There are errors.
    Wrong,
    /// There are warnings, and none may be.
    Denied,
}

/// What was found in the manifest and the trees.
struct Checked<'f> {
    family: &'f CheckedRegistry,
    problems: Vec<&'f Problem>,
    /// Members of package sets that were looked at.
    members: usize,
    sources: Vec<Source>,
    /// The folders of packages that were looked at.
    places: &'f [Place],
    /// How many were not, since they are laid out by hand.
    by_hand: usize,
    /// Repos of which no file was.
    unseen: &'f [RepoName],
    verdict: Verdict,
}

impl Report for Checked<'_> {
    type Output = aux_output::Checked;

    fn output(&self) -> impl Serialize {
        let catalog = &self.family.catalog;
        aux_output::Checked {
            problems: self.problems.iter().copied().map(problem).collect(),
            sigs: catalog.sigs().count(),
            repos: catalog.repos().count(),
            packages: catalog.packages().count(),
            members: self.members,
            places: self.places.iter().map(vet::place).collect(),
            by_hand: self.by_hand,
            unseen: self.unseen.iter().map(ToString::to_string).collect(),
        }
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        terminal.problems(self.problems.iter().copied(), &self.sources);
        vet::not_looked_at(terminal, self.by_hand, self.unseen);
        let count = || count(self.problems.iter().copied());
        let catalog = &self.family.catalog;
        match self.verdict {
            Verdict::Wrong => {
                terminal.say(format!("{BAD}error{BAD:#}: {}", count()));
                terminal.say(format!(
                    "{DIM}`aux-gen explain CODE` says more about each kind{DIM:#}"
                ));
            }
            Verdict::Denied => terminal.warn(format!(
                "{BAD}error{BAD:#}: {}, denied by `--deny-warnings`",
                count()
            )),
            Verdict::Fine => terminal.say(format!(
                "{GOOD}fine{GOOD:#}: {}, {}, {}{}{}",
                counted(catalog.sigs().count(), "SIG"),
                counted(catalog.repos().count(), "repo"),
                counted(catalog.packages().count(), "package"),
                match self.members {
                    0 => String::new(),
                    some => format!(", {} of sets", counted(some, "member")),
                },
                if self.problems.is_empty() {
                    String::new()
                } else {
                    format!("; {}", count())
                }
            )),
        }
        Ok(())
    }
}
