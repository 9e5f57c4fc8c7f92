//! `update`, `promote`, `train` and `holds`: the whole family moves together.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use aux_arguments::{Promote, TrainArgs, TrainCommand, Update, Work};
use aux_eval::evaluate::untracked;
use aux_model::{BY_NAME, BranchName, ChannelName, Repo, RepoName, printable};
use aux_nix::Nix;
use aux_nix::flake::LockFormat;
use aux_nix::language::paths::is_below;
use aux_output::{NamedFailure, PromotedRepo, TrainAborted};
use aux_session::{
    BAD, CheckedRegistry, DIM, Exit, Failure, GOOD, NOTE, Report, Session, Terminal, counted,
    indented, jobs, limits, repo, short, system, today,
};
use aux_train::{
    Broken, DamagedHold, Hold, Holds, Outcome, Phase, Progress, Promoted, Pushes, Refusal, Train,
    TrainContext, TrainError, UpdateRequest, abort, promote, push_candidates, run, start, tell,
};
use serde::Serialize;

use crate::commands::documents;
use crate::commands::eval::unseen;

pub(crate) fn update(session: &Session, args: &Update) -> Result<Exit, Failure> {
    let (_held, family) = session.locked_family()?;
    let nix = Nix::find()?;
    let mut inputs = Vec::new();
    for name in &args.inputs {
        inputs.push(repo(&family.catalog, name)?);
    }
    let branch = branch_named("--branch", &args.branch)?;
    let channel = family.catalog.channel();
    let staging = match (&args.staging, channel) {
        (Some(staging), _) => branch_named("--staging", staging)?,
        (None, Some(channel)) => channel.staging(),
        (None, None) => branch_named("--staging", STAGING)?,
    };
    if branch == staging {
        return Err(Failure::refused(
            format!("`{}` cannot be both branches", printable(&args.branch)),
            "name another one with `--staging`",
        ));
    }
    // Candidates on a branch that is published would be published, and taken away again.
    for other in family.catalog.on_all_channels() {
        let published = |repo: &&Repo| {
            let own = repo.url.git_url().and_then(|url| url.branch);
            own.is_some_and(|own| own == *staging)
        };
        if let Some(repo) = other.repos().find(published) {
            return Err(Failure::refused(
                format!(
                    "repo `{}` is published from its branch `{staging}`, which candidates would be put on",
                    repo.name
                ),
                "name another branch for candidates with `--staging`",
            ));
        }
    }
    let asked = UpdateRequest {
        branch,
        staging,
        change: None,
        followed: family.catalog.followed(),
        inputs,
        system: system(args.system.as_deref(), &family.catalog)?,
        pushes: if args.push { Pushes::Yes } else { Pushes::No },
        format: LockFormat::of(nix.version()),
        patience: (!args.offline).then(|| Duration::from_secs(args.work.patience)),
        build: args.build.scope(),
        copy_to: args.build.copy_to.clone(),
    };
    let root = family.registry.root();
    let (now, today) = (aux_session::now(), today());
    let progress = session.terminal.progress("fetching");
    let train = start(root, &family.catalog, &asked, now, today, &|repo| {
        progress.at(repo);
    })?;
    progress.done();
    warn_of_untracked(session, &family, &nix);
    go_on(
        session,
        &family,
        &nix,
        train,
        &args.work,
        args.notify.as_deref(),
    )
}

/// Names packages and other code that nobody has committed or staged: a train moves commits, and
/// does not see them.
fn warn_of_untracked(session: &Session, family: &CheckedRegistry, nix: &Nix) {
    let checkouts = family.registry.checkouts(&family.catalog);
    // What git cannot read is held by the train, with git's words.
    for (repo, files) in untracked(nix, &checkouts) {
        let code = |file: &&String| file.ends_with(".nix") || is_below(file, BY_NAME);
        let files: Vec<&String> = files.iter().filter(code).collect();
        if let Some(first) = files.first() {
            let so = "so the train does not see it: commit it";
            session
                .terminal
                .warn(unseen(repo, first, files.len() - 1, so));
        }
    }
}

/// The branch that has the candidates of a train without a channel.
const STAGING: &str = "staging";

/// The branch that an option names.
pub(super) fn branch_named(option: &str, branch: &str) -> Result<BranchName, Failure> {
    let is_simple = |c: char| c.is_ascii_alphanumeric() || "-_./+".contains(c);
    let named = branch.parse().ok();
    named
        .filter(|_| branch.chars().all(is_simple))
        .ok_or_else(|| {
            Failure::refused(
                format!("`{}` is no name of a branch", printable(branch)),
                format!("give `{option}` letters, digits, `-`, `_`, `.` and `/`"),
            )
        })
}

/// Runs a train to its end.
pub(super) fn run_train(
    session: &Session,
    family: &CheckedRegistry,
    nix: &Nix,
    train: Train,
    work: &Work,
) -> Result<Train, Failure> {
    let running = TrainContext {
        root: family.registry.root(),
        catalog: &family.catalog,
        nix,
        jobs: jobs(work.jobs),
        limits: &limits(work.timeout),
        build_time: Duration::from_secs(work.build_timeout),
    };
    let progress = session.terminal.progress("wave");
    let train = run(running, train, &|event| match event {
        Progress::Wave(number, all) => progress.of(number, all),
        Progress::Became(repo, _) => progress.at(repo),
    })?;
    progress.done();
    Ok(train)
}

/// Runs a train to its end, and tells of it.
fn go_on(
    session: &Session,
    family: &CheckedRegistry,
    nix: &Nix,
    train: Train,
    work: &Work,
    notify: Option<&str>,
) -> Result<Exit, Failure> {
    let root = family.registry.root();
    // Here for what it warns of: the train reads them itself.
    read_holds(session, family)?;
    let mut train = run_train(session, family, nix, train, work)?;
    let patience = Duration::from_secs(work.patience);
    let refused = push_candidates(root, &family.catalog, &mut train, patience)?;
    let untold = match notify {
        Some(command) => tell(root, &mut train, command)?,
        None => Vec::new(),
    };
    session.terminal.report(&Ran(&train))?;
    for Refusal { repo, reason } in &refused {
        session.terminal.warn(format!(
            "{BAD}not pushed{BAD:#} {repo}: {}; `aux-gen train resume` tries again",
            indented(reason)
        ));
    }
    for (repo, reason) in &untold {
        session.terminal.warn(format!(
            "{BAD}not told{BAD:#} of {repo}: {}; the next run tries again",
            indented(reason)
        ));
    }
    Ok(match (refused.len() + untold.len(), train.holds().next()) {
        (1.., _) => Exit::Error,
        (0, Some(_)) => Exit::Problems,
        (0, None) => Exit::Fine,
    })
}

pub(crate) fn promoted(session: &Session, args: &Promote) -> Result<Exit, Failure> {
    let (_held, family) = session.locked_family()?;
    let mut train = last(&family)?;
    // That candidates were pushed says nothing of branches; a promotion that has begun goes on as
    // it began.
    if args.push {
        train.pushes = Pushes::Yes;
    } else if train.phase == Phase::Ready {
        train.pushes = Pushes::No;
    }
    finish(
        session,
        &family,
        &mut train,
        Duration::from_secs(args.patience),
    )
}

pub(super) fn finish(
    session: &Session,
    family: &CheckedRegistry,
    train: &mut Train,
    patience: Duration,
) -> Result<Exit, Failure> {
    let root = family.registry.root();
    let promoted = promote(root, &family.catalog, train, patience)?;
    let moved = Moved {
        promoted: &promoted,
        train,
    };
    session.terminal.report(&moved)?;
    Ok(if promoted.refused.is_empty() {
        Exit::Fine
    } else {
        Exit::Error
    })
}

/// Branches that moved.
struct Moved<'t> {
    promoted: &'t Promoted,
    train: &'t Train,
}

impl Report for Moved<'_> {
    type Output = aux_output::Promoted;

    fn output(&self) -> impl Serialize {
        let Promoted {
            repos,
            pushed,
            refused,
        } = self.promoted;
        let promoted = repos.iter().map(|(repo, commit)| PromotedRepo {
            repo: repo.to_string(),
            commit: commit.to_string(),
        });
        aux_output::Promoted {
            promoted: promoted.collect(),
            pushed: pushed.iter().map(ToString::to_string).collect(),
            refused: refusals(refused),
        }
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        let Promoted {
            repos,
            pushed,
            refused,
        } = self.promoted;
        for (repo, commit) in repos {
            terminal.say(format!("{DIM}moved{DIM:#}  {repo} to {}", short(commit)));
        }
        for repo in pushed {
            terminal.say(format!("{DIM}pushed{DIM:#} {repo}"));
        }
        for refusal in refused {
            terminal.warn(format!(
                "{BAD}not done{BAD:#} {}: {}; `aux-gen train resume` tries again",
                refusal.repo,
                indented(&refusal.reason)
            ));
        }
        let and_pushed = match self.train.pushes {
            Pushes::Yes => format!(", {} pushed", pushed.len()),
            Pushes::No => String::new(),
        };
        terminal.say(
            if repos.is_empty() && pushed.is_empty() && refused.is_empty() {
                "nothing to promote".to_owned()
            } else {
                format!(
                    "{GOOD}promoted{GOOD:#}: {} of {}{and_pushed}",
                    match &self.train.channel {
                        Some(channel) => format!("channel `{channel}`"),
                        None => format!("`{}`", self.train.branch),
                    },
                    counted(repos.len(), "repo")
                )
            },
        );
        Ok(())
    }
}

/// What could not be done, for machines.
fn refusals(refused: &[Refusal]) -> Vec<NamedFailure> {
    let all = refused.iter().map(|refusal| NamedFailure {
        repo: refusal.repo.to_string(),
        reason: refusal.reason.clone(),
    });
    all.collect()
}

/// The holds of a registry. Files among them that are none are named: nobody is held for them.
pub(super) fn read_holds(
    session: &Session,
    family: &CheckedRegistry,
) -> Result<BTreeMap<RepoName, Hold>, Failure> {
    let Holds { held, damaged, .. } = Holds::read(family.registry.root(), family.channel())?;
    for DamagedHold { path, message } in damaged {
        session.terminal.warn(format!(
            "{NOTE}no hold{NOTE:#} {}: {message}; remove it, or put back what git has",
            path.display()
        ));
    }
    Ok(held)
}

pub(crate) fn train(session: &Session, args: &TrainArgs) -> Result<Exit, Failure> {
    match &args.what {
        TrainCommand::Status => {
            let family = session.family()?;
            let train = last(&family)?;
            session.terminal.report(&Ran(&train))?;
            Ok(match train.holds().next() {
                Some(_) => Exit::Problems,
                None => Exit::Fine,
            })
        }
        TrainCommand::Resume { work, notify } => {
            let (_held, family) = session.locked_family()?;
            let mut train = last(&family)?;
            match train.phase {
                Phase::Running | Phase::Ready => {
                    let notify = notify.as_deref();
                    go_on(session, &family, &Nix::find()?, train, work, notify)
                }
                Phase::Promoting | Phase::Promoted => {
                    let patience = Duration::from_secs(work.patience);
                    finish(session, &family, &mut train, patience)
                }
                Phase::Done => {
                    session.terminal.report(&Ran(&train))?;
                    Ok(Exit::Fine)
                }
            }
        }
        TrainCommand::Abort { patience } => {
            let (_held, family) = session.locked_family()?;
            let train = last(&family)?;
            let patience = Duration::from_secs(*patience);
            let root = family.registry.root();
            let refused = abort(root, &family.catalog, train, patience)?;
            session.terminal.report_with(
                &TrainAborted {
                    dropped: true,
                    refused: refusals(&refused),
                },
                show_train_aborted,
            )?;
            Ok(Exit::Fine)
        }
    }
}

/// Shows it to people.
fn show_train_aborted(output: &TrainAborted, terminal: &Terminal) -> io::Result<()> {
    for NamedFailure { repo, reason } in &output.refused {
        terminal.warn(format!(
            "{NOTE}left{NOTE:#} the staging branch of {repo} on its remote: {}",
            indented(reason)
        ));
    }
    terminal.say("the train is dropped");
    Ok(())
}

fn last(family: &CheckedRegistry) -> Result<Train, Failure> {
    let train = Train::read(family.registry.root(), family.channel(), None)?;
    Ok(train.ok_or(TrainError::None)?)
}

/// Broken packages that are shown unless more is asked for.
pub(super) const FEW: usize = 3;

/// A hold in one line, and the first bad commit in a second one if it is known.
pub(super) fn line(hold: &Hold) -> String {
    let because = match &hold.because_of {
        Some(repo) => format!(" {DIM}({} `{repo}`){DIM:#}", hold.kind),
        None => format!(" {DIM}({}){DIM:#}", hold.kind),
    };
    let reason = printable(&hold.reason);
    let bisected = match &hold.bisected {
        Some(bisected) => format!("\n       {DIM}{}{DIM:#}", printable(&bisected.to_string())),
        None => String::new(),
    };
    format!(
        "{BAD}held{BAD:#}   {}: {reason}{because}{bisected}",
        hold.repo
    )
}

fn warn_of(hold: &Hold, terminal: &Terminal) {
    terminal.warn(line(hold));
    if terminal.is_verbose() {
        for broken in &hold.broken {
            terminal.warn(format!("  {}", shown(broken)));
        }
    }
}

/// A broken package in one line, and what its log ends with in more.
pub(super) fn shown(broken: &Broken) -> String {
    let log = broken.log.iter();
    let log: String = log
        .map(|line| format!("\n    {DIM}{}{DIM:#}", printable(line)))
        .collect();
    let place = broken.place.as_deref();
    format!(
        "{}: {}{}{log}",
        printable(broken.attribute.as_deref().unwrap_or("the flake")),
        printable(&broken.reason),
        place.map_or(String::new(), |place| format!(
            " {DIM}{}{DIM:#}",
            printable(place)
        ))
    )
}

/// A train, as far as it came.
struct Ran<'t>(&'t Train);

impl Report for Ran<'_> {
    type Output = aux_output::Train;

    fn output(&self) -> impl Serialize {
        documents::train(self.0)
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        let train = self.0;
        let (mut good, mut moved, mut held, mut open) = (0, 0, 0, 0);
        let order: Vec<&RepoName> = train.waves.iter().flatten().flatten().collect();
        for name in order {
            match train
                .repos
                .get(name)
                .and_then(|member| member.outcome.as_ref())
            {
                Some(Outcome::Moves {
                    commit,
                    failing,
                    hold,
                }) => {
                    let is_there = train.repos[name].local.as_ref() == Some(commit);
                    let verb = if is_there {
                        format!("{GOOD}good{GOOD:#}   {name} as it is, at")
                    } else {
                        format!("{GOOD}moves{GOOD:#}  {name} to")
                    };
                    moved += usize::from(!is_there);
                    good += 1;
                    let before = match failing.len() {
                        0 => String::new(),
                        1 => format!(" {DIM}(1 package fails as before){DIM:#}"),
                        more => format!(" {DIM}({more} packages fail as before){DIM:#}"),
                    };
                    terminal.say(format!("{verb} {}{before}", short(commit)));
                    if let Some(hold) = hold {
                        held += 1;
                        warn_of(hold, terminal);
                    }
                }
                Some(Outcome::Held { hold, .. }) => {
                    held += 1;
                    warn_of(hold, terminal);
                }
                Some(Outcome::Unchanged { .. }) => {}
                None => open += 1,
            }
        }
        for (repo, broken) in &train.broken {
            let names: Vec<&str> = broken
                .iter()
                .filter_map(|broken| broken.attribute.as_deref())
                .collect();
            terminal.warn(format!(
                "{NOTE}broken{NOTE:#} in top-level, of {repo}: {}",
                printable(&names.join(", "))
            ));
        }
        for (repo, names) in &train.differing {
            let few: Vec<&str> = names.iter().take(FEW).map(String::as_str).collect();
            let more = match names.len() - few.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            terminal.warn(format!(
                "{NOTE}differs{NOTE:#} in {repo}: {}{more}: another derivation alone than through top-level; `aux-gen eval` says why",
                printable(&few.join(", "))
            ));
        }
        for hold in &train.released {
            terminal.say(format!(
                "{GOOD}free{GOOD:#}   {}: no longer held",
                hold.repo
            ));
        }
        let next = match train.phase {
            Phase::Running => format!(
                "{} not judged: `aux-gen train resume` goes on",
                counted(open, "repo")
            ),
            Phase::Ready if good == 0 => "nothing to promote".to_owned(),
            Phase::Ready => format!(
                "`aux-gen promote` moves `{}` there from `{}`",
                train
                    .channel
                    .as_ref()
                    .map_or(train.branch.as_str(), ChannelName::as_str),
                train.staging
            ),
            Phase::Promoting | Phase::Promoted => {
                format!(
                    "it is {}: `aux-gen train resume` goes on",
                    train.phase.sentence()
                )
            }
            Phase::Done => "it is promoted".to_owned(),
        };
        terminal.say(format!(
            "{} to move, {held} held, of {}; {next}",
            moved,
            counted(train.repos.len(), "repo")
        ));
        Ok(())
    }
}
