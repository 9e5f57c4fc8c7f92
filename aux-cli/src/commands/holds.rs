//! `holds`: who is held, and making that known: as a commit, and as issues on the forge.

use std::io;
use std::path::Path;
use std::time::Duration;

use aux_arguments::HoldsArgs;
use aux_forge::{Forge, ForgeError, RepositoryName};
use aux_git::WorkTree;
use aux_model::printable;
use aux_output::HoldIssue;
use aux_session::{BAD, DIM, Exit, Failure, GOOD, Report, Session, Terminal, indented, short};
use aux_train::{HOLD_LABEL, Hold, IssueChange, commit_holds, issue_changes, push_holds};
use serde::Serialize;

use crate::commands::documents;
use crate::commands::forge::{access, host_and_path, refused, variable};
use crate::commands::train::{FEW, line, read_holds, shown};

pub(crate) fn run(session: &Session, args: &HoldsArgs) -> Result<Exit, Failure> {
    if args.commit || args.sync_issues {
        return publish(session, args);
    }
    let family = session.family()?;
    let mut holds = read_holds(session, &family)?;
    if let Some(sig) = &args.sig {
        if family.catalog.sig(sig).is_none() {
            return Err(Failure::not_found(
                format!("there is no SIG `{}`", printable(sig)),
                "`aux-gen where SIG` finds SIGs",
            ));
        }
        holds.retain(|_, hold| hold.sig == *sig);
    }
    let exit = if holds.is_empty() {
        Exit::Fine
    } else {
        Exit::Problems
    };
    session
        .terminal
        .report(&Held::only(holds.into_values().collect()))?;
    Ok(exit)
}

/// Makes the holds known.
fn publish(session: &Session, args: &HoldsArgs) -> Result<Exit, Failure> {
    let (_held, family) = session.locked_family()?;
    let root = family.registry.root();
    let holds = read_holds(session, &family)?;
    let patience = Duration::from_secs(args.patience);
    // What is wrong with the address or the token is said before anything is done.
    let forge = args
        .sync_issues
        .then(|| forge(args, root, patience))
        .transpose()?;
    let mut held = Held::only(Vec::new());
    if args.commit {
        held.commit = commit_holds(root)?.map(|commit| commit.to_string());
    }
    if args.push {
        held.pushed = push_holds(root, patience)?.map(|commit| commit.to_string());
    }
    if let Some(forge) = forge {
        let open = forge.open_issues(HOLD_LABEL).map_err(refused)?;
        for change in issue_changes(family.channel(), &holds, &open) {
            let done = (!args.dry_run).then(|| change.apply(&forge));
            held.issues.push(issue(&change, done));
        }
        held.is_dry = args.dry_run;
    }
    let is_refused = held.issues.iter().any(|issue| issue.refused.is_some());
    held.holds = holds.into_values().collect();
    held.is_published = true;
    session.terminal.report(&held)?;
    Ok(if is_refused { Exit::Error } else { Exit::Fine })
}

/// The registry's repository on its forge.
fn forge(args: &HoldsArgs, root: &Path, patience: Duration) -> Result<Forge, Failure> {
    let origin = WorkTree::of(root).and_then(|tree| tree.origin());
    let on_forge = origin.as_deref().and_then(host_and_path);
    let host = on_forge.as_ref().map(|(host, _)| host.as_str());
    let unknown =
        "give `--api URL` and `--repository OWNER/NAME`, or a git remote `origin` that is on one";
    let may = "read and write issues of the registry";
    // A runner says where the repository is that it works for.
    let api = args.api.clone().or_else(|| variable("GITHUB_API_URL"));
    let access = access(api.as_deref(), host, (unknown, may), patience)?;
    let named = args.repository.clone();
    let named = named.or_else(|| variable("GITHUB_REPOSITORY"));
    let Some(named) = named.or_else(|| on_forge.map(|(_, path)| path)) else {
        return Err(Failure::refused(
            "nothing says which repository on the forge has the issues",
            "give `--repository OWNER/NAME`",
        ));
    };
    let repository: RepositoryName = named.parse().map_err(refused)?;
    Ok(Forge::new(access, repository))
}

/// What was done about an issue; nothing if it was only to be said.
fn issue(change: &IssueChange, done: Option<Result<u64, ForgeError>>) -> HoldIssue {
    let (word, known) = match change {
        IssueChange::Open { .. } => ("opened", None),
        IssueChange::Edit { number, .. } => ("edited", Some(*number)),
        IssueChange::Close { number, .. } => ("closed", Some(*number)),
    };
    let (number, refused) = match done {
        None => (known, None),
        Some(Ok(number)) => (Some(number), None),
        Some(Err(error)) => (known, Some(error.to_string())),
    };
    HoldIssue {
        repo: change.repo().to_owned(),
        change: word.to_owned(),
        number,
        refused,
    }
}

/// The repos that are held, and what was made known of that.
struct Held {
    holds: Vec<Hold>,
    commit: Option<String>,
    pushed: Option<String>,
    issues: Vec<HoldIssue>,
    /// Whether anything was to be made known: else the holds themselves are what was asked for.
    is_published: bool,
    is_dry: bool,
}

impl Held {
    fn only(holds: Vec<Hold>) -> Self {
        Self {
            holds,
            commit: None,
            pushed: None,
            issues: Vec::new(),
            is_published: false,
            is_dry: false,
        }
    }
}

impl Report for Held {
    type Output = aux_output::Holds;

    fn output(&self) -> impl Serialize {
        aux_output::Holds {
            holds: self.holds.iter().map(documents::hold).collect(),
            commit: self.commit.clone(),
            pushed: self.pushed.clone(),
            issues: self.issues.clone(),
        }
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        if self.is_published {
            self.show_published(terminal);
            return Ok(());
        }
        for hold in &self.holds {
            show_hold(hold, terminal)?;
        }
        if self.holds.is_empty() {
            terminal.say(format!("{GOOD}fine{GOOD:#}: no repo is held"));
        }
        Ok(())
    }
}

impl Held {
    fn show_published(&self, terminal: &Terminal) {
        if let Some(commit) = &self.commit {
            terminal.say(format!(
                "{GOOD}committed{GOOD:#} the holds: {}",
                short(commit)
            ));
        }
        if let Some(commit) = &self.pushed {
            terminal.say(format!("{GOOD}pushed{GOOD:#} {}", short(commit)));
        }
        for issue in &self.issues {
            let number = issue.number.map(|number| format!(" #{number}"));
            let number = number.unwrap_or_default();
            let repo = printable(&issue.repo);
            match &issue.refused {
                Some(why) => terminal.warn(format!(
                    "{BAD}not {}{BAD:#} the issue{number} of {repo}: {}",
                    issue.change,
                    indented(why)
                )),
                None if self.is_dry => terminal.say(format!(
                    "the issue{number} of {repo} would be {}",
                    issue.change
                )),
                None => terminal.say(format!(
                    "{GOOD}{}{GOOD:#} the issue{number} of {repo}",
                    issue.change
                )),
            }
        }
        let changes = [
            self.commit.is_some(),
            self.pushed.is_some(),
            !self.issues.is_empty(),
        ];
        let nothing = if changes.contains(&true) {
            ""
        } else {
            "; everybody knows that already"
        };
        let held = match self.holds.len() {
            0 => "no repo is held".to_owned(),
            1 => "1 repo is held".to_owned(),
            more => format!("{more} repos are held"),
        };
        terminal.say(format!("{held}{nothing}"));
    }
}

fn show_hold(hold: &Hold, terminal: &Terminal) -> io::Result<()> {
    terminal.result(line(hold))?;
    terminal.result(format!(
        "  {DIM}since {}, stays at {}; ask {}{}{DIM:#}",
        hold.since,
        hold.held_at.as_deref().map_or("no commit", short),
        printable(&hold.owners.join(", ")),
        match &hold.contact {
            Some(contact) => format!(" ({})", printable(contact)),
            None => String::new(),
        }
    ))?;
    let few = if terminal.is_verbose() {
        usize::MAX
    } else {
        FEW
    };
    for broken in hold.broken.iter().take(few) {
        terminal.result(format!("  {}", shown(broken)))?;
    }
    match hold.broken.len().saturating_sub(few) {
        0 => Ok(()),
        more => terminal.result(format!("  and {more} more")),
    }
}
