//! `forge plan` and `forge apply`.

use std::io;
use std::time::Duration;

use aux_arguments::{Forge as Args, ForgeCommand};
use aux_forge::ForgeKind;
use aux_forge::family::{Change, Found, Organization, Planned, changes};
use aux_model::{Family, RepoName, SigName, printable};
use aux_output::{ForgeChange, ForgeChanges};
use aux_session::{BAD, DIM, Exit, Failure, GOOD, NOTE, Session, Terminal, indented, today};

use aux_train::FamilyOnForge;

use crate::commands::forge::connection::{access, refused};

pub(crate) fn run(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let (asked, removals) = match &args.what {
        ForgeCommand::Plan(asked) => (asked, None),
        ForgeCommand::Apply {
            asked,
            allow_removals,
        } => (asked, Some(*allow_removals)),
    };
    let patience = Duration::from_secs(asked.patience);
    // What changes access is done by one at a time.
    let (_held, family) = match removals {
        Some(_) => {
            let (held, family) = session.locked_family()?;
            (Some(held), family)
        }
        None => (None, session.family()?),
    };
    let mut known = ask(&family.catalog, asked.api.as_deref(), patience)?;
    let planned = known.read(session)?;
    let done = match removals {
        None => planned
            .iter()
            .map(|change| told(change, "planned", None))
            .collect(),
        Some(removals) => known.do_all(session, &planned, removals),
    };
    let output = known.output(removals.is_some(), done);
    let exit = exit(&output);
    session.terminal.report_with(&output, show)?;
    Ok(exit)
}

fn exit(output: &ForgeChanges) -> Exit {
    let is = |state: &str| output.changes.iter().any(|change| change.state == state);
    if is("refused") {
        Exit::Error
    } else if is("planned") || is("kept") {
        Exit::Problems
    } else {
        Exit::Fine
    }
}

/// What is asked, and of whom.
pub(crate) struct Asked {
    organization: Organization,
    api: String,
    manifest: FamilyOnForge,
    found: Found,
}

/// Works out what there should be, and how the forge is reached. Nothing is asked of it yet.
pub(crate) fn ask(
    family: &Family,
    api: Option<&str>,
    patience: Duration,
) -> Result<Asked, Failure> {
    let Some(mut manifest) = FamilyOnForge::of(family, today()) else {
        return Err(Failure::refused(
            format!(
                "the family is on no forge: `{}` is no address of one",
                family.organization().forge
            ),
            "give `[organization]` a `forge` such as `github:auxolotl` or `git+https://codeberg.org/aux`",
        ));
    };
    let may = "administer the organization: its repositories, teams and members";
    let host = Some(manifest.host.as_str());
    let access = access(api, host, ("give `--api URL`", may), patience)?;
    if access.kind() == ForgeKind::Forgejo && manifest.wanted.rules.is_some() {
        manifest.left.push("staging branches are not protected: Forgejo lets nobody delete a protected branch, and trains do".to_owned());
    }
    if let Some(why) = manifest.clash {
        return Err(Failure::refused(
            why,
            "give each repo a `url` of its own: whoever runs one of them would have the other",
        ));
    }
    manifest.wanted = std::mem::take(&mut manifest.wanted).on(access.kind());
    Ok(Asked {
        api: access.api().to_owned(),
        organization: Organization::new(access, &manifest.organization),
        manifest,
        found: Found::default(),
    })
}

impl Asked {
    /// What there is to do, in order.
    pub(crate) fn read(&mut self, session: &Session) -> Result<Vec<Planned>, Failure> {
        let progress = session.terminal.progress("ask the forge");
        let found = self.organization.found(&self.manifest.wanted);
        drop(progress);
        let found = found.map_err(refused)?;
        let changes = changes(&self.manifest.wanted, &found);
        self.found = found;
        Ok(changes)
    }

    /// Makes changes, each for itself: what the forge refuses is said, and the others go on. What takes
    /// something from somebody is kept unless it is asked for.
    pub(crate) fn do_all(
        &mut self,
        session: &Session,
        planned: &[Planned],
        removals: bool,
    ) -> Vec<ForgeChange> {
        let progress = session.terminal.progress("change the forge");
        let done = planned.iter().map(|planned| {
            if planned.waits && !removals {
                return told(planned, "kept", None);
            }
            match self.organization.apply(&planned.change) {
                Ok(()) => told(planned, "done", None),
                Err(error) => told(planned, "refused", Some(error.to_string())),
            }
        });
        let done = done.collect();
        drop(progress);
        done
    }

    /// Makes what a new SIG and its repo lack, and nothing else.
    pub(crate) fn add(
        &mut self,
        session: &Session,
        family: &Family,
        (repo, sig): (&RepoName, &SigName),
    ) -> Result<Vec<ForgeChange>, Failure> {
        let changes = self.read(session)?;
        let repository = family.repo(repo.as_str());
        let repository = repository.and_then(|repo| self.manifest.name_of(&repo.url));
        let team = family.sig(sig.as_str());
        let team = team.and_then(|sig| self.manifest.team_of(sig));
        let is_wanted = |planned: &Planned| {
            let is_new = planned.change.repository() == repository.as_deref();
            match planned.change.team() {
                None => is_new,
                of => of == team.as_deref() && (is_new || self.has(planned.change.repository())),
            }
        };
        let changes: Vec<Planned> = changes.into_iter().filter(is_wanted).collect();
        Ok(self.do_all(session, &changes, false))
    }

    /// Whether the forge has a repository; what is about none has nothing to wait for.
    fn has(&self, repository: Option<&str>) -> bool {
        repository.is_none_or(|name| self.found.repositories.contains_key(&name.to_lowercase()))
    }

    fn output(&self, applied: bool, changes: Vec<ForgeChange>) -> ForgeChanges {
        let wanted = &self.manifest.wanted;
        let branches = wanted.repositories.values();
        let branches = branches.map(|repository| repository.branches.len()).sum();
        let mut left = self.manifest.left.clone();
        left.extend(self.manifest.beside(&self.found));
        ForgeChanges {
            organization: self.manifest.organization.clone(),
            api: self.api.clone(),
            applied,
            repositories: wanted.repositories.len(),
            teams: wanted.teams.len(),
            branches: if wanted.rules.is_some() { branches } else { 0 },
            changes,
            left,
        }
    }
}

/// A change as it is told.
fn told(planned: &Planned, state: &str, message: Option<String>) -> ForgeChange {
    let change = &planned.change;
    let mut told = ForgeChange {
        state: state.to_owned(),
        removal: planned.waits,
        message,
        repository: change.repository().map(str::to_owned),
        team: change.team().map(str::to_owned),
        ..ForgeChange::default()
    };
    let kind = match change {
        Change::CreateRepository { .. } => "create-repository",
        Change::RenameRepository { from, .. } => {
            told.before = Some(from.clone());
            "rename-repository"
        }
        Change::Describe { .. } => "describe",
        Change::CreateTeam { .. } => "create-team",
        Change::SetPermission {
            permission, before, ..
        } => {
            told.permission = Some(permission.to_string());
            told.before = Some(before.to_string());
            "set-permission"
        }
        Change::AddMember { person, .. } => {
            told.person = Some(person.clone());
            "add-member"
        }
        Change::RemoveMember { person, .. } => {
            told.person = Some(person.clone());
            "remove-member"
        }
        Change::Grant {
            permission, before, ..
        } => {
            told.permission = Some(permission.to_string());
            told.before = before.map(|before| before.to_string());
            "grant"
        }
        Change::Revoke { .. } => "revoke",
        Change::CreateLabel { label, .. } => {
            told.label = Some(label.name.clone());
            "create-label"
        }
        Change::Protect { branch, .. } => {
            told.branch = Some(branch.clone());
            "protect"
        }
        Change::Archive { .. } => "archive",
    };
    kind.clone_into(&mut told.change);
    told
}

/// Shows what there is to do, or what was done, to people.
fn show(output: &ForgeChanges, terminal: &Terminal) -> io::Result<()> {
    for change in &output.changes {
        show_change(change, terminal)?;
    }
    for left in &output.left {
        terminal.say(format!("{NOTE}note{NOTE:#}: {}", printable(left)));
    }
    let ForgeChanges {
        repositories,
        teams,
        branches,
        ..
    } = output;
    let looked = format!("{repositories} repositories, {teams} teams and {branches} branches");
    let of = format!("`{}` at {}", output.organization, output.api);
    let count = |state: &str| {
        let changes = output.changes.iter();
        changes.filter(|change| change.state == state).count()
    };
    if output.changes.is_empty() {
        terminal.say(format!(
            "{GOOD}fine{GOOD:#}: {of} is as the manifest says; looked at {looked}"
        ));
        return Ok(());
    }
    if !output.applied {
        terminal.say(format!(
            "{} changes to {of}; looked at {looked}. `aux-gen forge apply` makes them",
            count("planned")
        ));
        return Ok(());
    }
    let refused = match count("refused") {
        0 => String::new(),
        refused => format!(", {refused} refused"),
    };
    let kept = match count("kept") {
        0 => String::new(),
        kept => format!(
            ", {kept} left undone because they take something away, or give to a team that has too much: `--allow-removals` does them"
        ),
    };
    terminal.say(format!(
        "{} changes made to {of}{refused}{kept}; looked at {looked}",
        count("done")
    ));
    Ok(())
}

/// One change on one line, as a diff has it: `+` gives, `-` takes, `~` makes other.
pub(crate) fn show_change(change: &ForgeChange, terminal: &Terminal) -> io::Result<()> {
    let text = |part: &Option<String>| printable(part.as_deref().unwrap_or_default()).to_string();
    let (repository, team) = (text(&change.repository), text(&change.team));
    let permission = match (&change.before, &change.permission) {
        (Some(before), Some(now)) => format!("{before} -> {now}"),
        (_, now) => now.clone().unwrap_or_default(),
    };
    let said = match change.change.as_str() {
        "create-repository" => format!("+ repository {repository}"),
        "rename-repository" => {
            let before = text(&change.before);
            format!("~ repository {before} -> {repository}")
        }
        "describe" => format!("~ repository {repository}: its description"),
        "create-team" => format!("+ team {team}"),
        "set-permission" => format!("~ team {team}: {permission}"),
        "add-member" => format!("+ team {team}: @{}", text(&change.person)),
        "remove-member" => format!("- team {team}: @{}", text(&change.person)),
        "grant" if change.before.is_some() => {
            format!("~ team {team}: {permission} on {repository}")
        }
        "grant" => format!("+ team {team}: {permission} on {repository}"),
        "revoke" => format!("- team {team}: {repository}"),
        "create-label" => format!("+ label {} in {repository}", text(&change.label)),
        "protect" => {
            let sign = if change.removal { '~' } else { '+' };
            let branch = text(&change.branch);
            format!("{sign} branch {branch} of {repository} is protected")
        }
        "archive" => format!("- repository {repository} is archived"),
        other => format!("~ {other}"),
    };
    let style = if change.removal { BAD } else { GOOD };
    let state = match (change.state.as_str(), &change.message) {
        ("refused", Some(why)) => format!("  {BAD}refused{BAD:#}: {}", indented(why)),
        ("kept", _) => format!("  {DIM}left undone{DIM:#}"),
        ("done", _) => format!("  {DIM}done{DIM:#}"),
        _ => String::new(),
    };
    terminal.result(format!("{style}{said}{style:#}{state}"))
}
