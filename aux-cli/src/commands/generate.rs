//! `generate`: writes what differs from the plan.

use std::collections::BTreeSet;
use std::io;

use aux_arguments::Generate;
use aux_gen::disk::{
    Because, Change, ChangeKind, Changes, DiskError, Draft, Explanation, FileState, FolderLock,
    Kept, KeptReason, LeftHome, PlanOrigin, commit, compare, explain, is_settled,
    must_be_committed, remember, tell_git_of_new, write,
};
use aux_gen::plan::{Home, Plan};
use aux_model::RepoName;
use aux_session::{
    BAD, CheckedRegistry, DIM, Exit, Failure, GOOD, NOTE, Report, Session, Terminal, causes_of,
    counted,
};
use serde::Serialize;

use crate::commands::commits::Commits;
use crate::commands::manifest_edits::{OnDisk, drafted, write_with};

pub(crate) fn run(session: &Session, args: &Generate) -> Result<Exit, Failure> {
    if !args.explain.is_empty() {
        return explained(session, &args.explain);
    }
    let (lock, family) = if args.check {
        (None, session.family()?)
    } else {
        let (lock, family) = session.locked_family()?;
        (Some(lock), family)
    };
    let only = family.repos(&args.repo)?;
    family.must_be_on_channel(&only)?;
    let origin = match only[..] {
        [] => family.plan_origin()?,
        [..] => None,
    };
    let is_settled = |origin: &PlanOrigin| is_settled(&family.registry, origin);
    let mut commits = Commits::default();
    if !args.commit && origin.as_ref().is_some_and(is_settled) {
        let changes = &Changes::default();
        session.terminal.report(&Generated {
            changes,
            commits: &commits,
            args,
        })?;
        return Ok(Exit::Fine);
    }
    let plan = family.plan(&only)?;
    if only.is_empty() {
        name_not_cloned(session, &family);
    }
    let changes = compare(&family.registry, &plan)?;
    if !args.check {
        if args.commit {
            must_be_committed(&changes)?;
        }
        if !args.allow_removals {
            changes.must_not_lose_much()?;
        }
        if let Some(lock) = &lock {
            write(lock, &family.registry, &changes)?;
        }
        remember(&family.registry, &plan, &changes, origin.as_ref());
        if args.commit {
            commits = Commits::of(commit(&family.registry, &plan, &changes, &family.sources)?);
        } else {
            announce(session, &changes);
        }
    }
    drop(lock);
    session.terminal.report(&Generated {
        changes: &changes,
        commits: &commits,
        args,
    })?;
    Ok(if commits.failed() {
        Exit::Error
    } else if args.check && !changes.is_empty() {
        Exit::Stale
    } else {
        settled(&changes)
    })
}

/// Says where files come from and why they would be written anew.
fn explained(session: &Session, files: &[String]) -> Result<Exit, Failure> {
    let family = session.family()?;
    let plan = family.plan(&[])?;
    let explain = |file: &String| explain(&family.registry, &plan, file);
    let files = files.iter().map(explain).collect::<Result<Vec<_>, _>>()?;
    session.terminal.report(&Explained { files })?;
    Ok(Exit::Fine)
}

#[derive(Serialize)]
struct Explained {
    files: Vec<Explanation>,
}

impl Report for Explained {
    type Output = aux_output::Explained;

    fn output(&self) -> impl Serialize {
        self
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        for explanation in &self.files {
            terminal.result(format!(
                "{NOTE}{}{NOTE:#} is made from the template {}, version {}",
                explanation.file, explanation.template, explanation.version
            ))?;
            let (version, tool) = (&explanation.written_version, &explanation.written_by);
            let written = version.as_ref().zip(tool.as_ref());
            if let Some((version, tool)) = written.filter(|(version, _)| !version.is_empty()) {
                terminal.result(format!(
                    "  it was last written from version {version}, by aux-gen {tool}"
                ))?;
            }
            terminal.result(match &explanation.because {
                None => "  nothing is new for it",
                Some(Because::New) => "  it is new",
                Some(Because::Template) => "  it is written anew because its template changed",
                Some(Because::Scaffold) => "  it is written once, and yours since",
                Some(Because::Model) => "  it is written anew because the model changed",
            })?;
        }
        Ok(())
    }
}

/// Writes a manifest as a draft has it, with what else is done on the disk, and all that follows from it.
/// Everything is worked out and checked before the first byte is written. Returns the family as it is then.
pub(super) fn rewrite(
    session: &Session,
    lock: &FolderLock,
    family: CheckedRegistry,
    draft: &Draft,
    on_disk: &OnDisk,
) -> Result<(Exit, CheckedRegistry), Failure> {
    let (family, plan, changes) = drafted(family, draft)?;
    write_with(session, &family.registry, draft, on_disk)?;
    let exit = if on_disk.is_empty() {
        finish(session, lock, &family, (&plan, &changes))?
    } else {
        regenerate(session, lock, &family)?
    };
    Ok((exit, family))
}

/// Generates the whole family after a command changed its manifest. Files that are
/// kept are named: what the command promised is not whole without them.
pub(crate) fn regenerate(
    session: &Session,
    lock: &FolderLock,
    family: &CheckedRegistry,
) -> Result<Exit, Failure> {
    let plan = family.plan(&[])?;
    let changes = compare(&family.registry, &plan)?;
    finish(session, lock, family, (&plan, &changes))
}

/// Makes the changes that a plan asks for.
fn finish(
    session: &Session,
    lock: &FolderLock,
    family: &CheckedRegistry,
    (plan, changes): (&Plan, &Changes),
) -> Result<Exit, Failure> {
    name_not_cloned(session, family);
    changes.must_not_lose_much()?;
    write(lock, &family.registry, changes)?;
    remember(&family.registry, plan, changes, None);
    announce(session, changes);
    for (_, change) in changes.iter() {
        session.terminal.say(line(change));
    }
    let open: Vec<&Kept> = changes.kept.iter().filter(|kept| is_open(kept)).collect();
    name_left(&session.terminal, changes);
    name_kept(&session.terminal, &open, Diff::Hide);
    Ok(settled(changes))
}

/// Names repos that others have: nothing is written in their place.
fn name_not_cloned(session: &Session, family: &CheckedRegistry) {
    let absent = family.not_cloned();
    if absent.is_empty() {
        return;
    }
    let names: Vec<&str> = absent.iter().map(RepoName::as_str).collect();
    session.terminal.warn(format!(
        "{NOTE}not cloned{NOTE:#} {}: nothing is written there; `aux-gen sync` clones what is published, `aux-gen generate --repo NAME` writes what is not",
        names.join(", ")
    ));
}

/// Flakes see only what git knows: it is told of new files, but not of what is in
/// them.
fn announce(session: &Session, changes: &Changes) {
    match tell_git_of_new(changes) {
        Ok(0) => {}
        Ok(files) => session.terminal.say(format!(
            "{DIM}git knows of {} now, so that flakes see them; nothing is staged{DIM:#}",
            counted(files, "new file")
        )),
        Err(error) => session.terminal.warn(format!(
            "{NOTE}git{NOTE:#} was not told of new files: {error}"
        )),
    }
}

/// Whether anything is left that somebody has to decide about.
fn settled(changes: &Changes) -> Exit {
    let left = changes.left.iter();
    let failed = left.filter(|left| !matches!(left.error, DiskError::Sparse { .. }));
    let failed: Vec<_> = failed.collect();
    let is_ours = |left: &&LeftHome| {
        let error = &left.error;
        matches!(
            error,
            DiskError::Read { .. } | DiskError::Write { .. } | DiskError::Git(_)
        )
    };
    if failed.iter().any(is_ours) {
        Exit::Error
    } else if !failed.is_empty() || changes.kept.iter().any(is_open) {
        Exit::Problems
    } else {
        Exit::Fine
    }
}

/// What was written, or would be.
struct Generated<'c> {
    changes: &'c Changes,
    commits: &'c Commits,
    args: &'c Generate,
}

impl Report for Generated<'_> {
    type Output = aux_output::Generated;

    fn output(&self) -> impl Serialize {
        Output::of(self.changes, self.commits, self.args)
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        let Self {
            changes,
            commits,
            args,
        } = self;
        let files = changes.iter().count();
        for (_, change) in changes.iter() {
            if args.diff || args.check {
                terminal.raw(&unified(change))?;
            } else if terminal.is_verbose() || files <= FEW {
                terminal.say(line(change));
            }
        }
        for status in &changes.states {
            if status.state == FileState::HalfMerged {
                terminal.say(format!(
                "{NOTE}half merged{NOTE:#} {}: two branches generated it, and git took lines of both; the model has it whole",
                status.file
            ));
            }
        }
        let kept: Vec<&Kept> = changes
            .kept
            .iter()
            .filter(|kept| {
                is_open(kept) || kept.reason == KeptReason::Gone || terminal.is_verbose()
            })
            .collect();
        let diff = if args.diff { Diff::Show } else { Diff::Hide };
        name_left(terminal, changes);
        name_kept(terminal, &kept, diff);
        let open = kept.iter().filter(|kept| is_open(kept)).count();
        terminal.say(if changes.is_empty() && open > 0 {
            format!(
                "nothing to write, but {} not as planned",
                match open {
                    1 => "1 file is".to_owned(),
                    more => format!("{more} files are"),
                }
            )
        } else if changes.is_empty() && !changes.left.is_empty() {
            format!(
                "{NOTE}nothing to write{NOTE:#} but in {}, which cannot be compared",
                counted(changes.left.len(), "folder")
            )
        } else if changes.is_empty() {
            format!("{GOOD}fine{GOOD:#}: everything is up to date")
        } else if args.check {
            format!(
                "{BAD}stale{BAD:#}: {} would change; run `aux-gen generate`",
                counted(files, "file")
            )
        } else {
            format!(
                "{GOOD}wrote{GOOD:#} {} in {}",
                counted(files, "file"),
                homes(changes)
            )
        });
        commits.tell(terminal);
        Ok(())
    }
}

/// Where files were written.
fn homes(changes: &Changes) -> String {
    let homes = changes.homes.len();
    match (changes.homes.contains_key(&Home::Registry), homes) {
        (false, _) => counted(homes, "repo"),
        (true, 1) => Home::Registry.to_string(),
        (true, _) => format!("the registry and {}", counted(homes - 1, "repo")),
    }
}

/// Names the folders that were not compared, why, and the ways out.
pub(super) fn name_left(terminal: &Terminal, changes: &Changes) {
    for left in LeftReport::all(changes) {
        let folder = match left.folder {
            "" => "the registry",
            folder => folder,
        };
        terminal.warn(format!("{BAD}left alone{BAD:#} {folder}: {}", left.message));
        for cause in left.causes {
            terminal.warn(format!("  caused by: {cause}"));
        }
        if let Some(help) = left.help {
            terminal.warn(format!("  {NOTE}help{NOTE:#}: {help}"));
        }
    }
}

/// A folder that could not be compared, for machines.
#[derive(Serialize)]
pub(super) struct LeftReport<'c> {
    /// None for the registry itself.
    repo: &'c Home,
    folder: &'c str,
    message: String,
    causes: Vec<String>,
    help: Option<&'static str>,
}

impl<'c> LeftReport<'c> {
    pub(super) fn all(changes: &'c Changes) -> Vec<Self> {
        let of = |left: &'c LeftHome| Self {
            repo: &left.home,
            folder: &left.folder,
            message: left.error.to_string(),
            causes: causes_of(&left.error).collect(),
            help: left.error.hint(),
        };
        changes.left.iter().map(of).collect()
    }
}

/// Whether kept files are shown with what the plan has for them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Diff {
    Show,
    Hide,
}

/// Names the files that are left alone, why, and the ways out.
fn name_kept(terminal: &Terminal, kept: &[&Kept], diff: Diff) {
    for kept in kept {
        terminal.warn(format!(
            "{NOTE}kept{NOTE:#} {}: {}",
            kept.file,
            kept.reason.as_str()
        ));
        if let Some((found, planned)) = kept.instead.as_ref().filter(|_| diff == Diff::Show) {
            terminal.warn("  what the generated file would change in it:");
            terminal.warn(patch(&kept.file, &kept.file, found, planned).trim_end());
        }
    }
    let hints: BTreeSet<&str> = kept.iter().map(|kept| kept.reason.hint()).collect();
    for hint in hints {
        terminal.warn(format!("  {NOTE}help{NOTE:#}: {hint}"));
    }
}

/// More changes than this are counted, not listed, unless asked for.
const FEW: usize = 40;

fn line(change: &Change) -> String {
    let verb = match change.kind {
        ChangeKind::Create => "create",
        ChangeKind::Update => "update",
        ChangeKind::Merge => "merge ",
        ChangeKind::Remove => "remove",
    };
    format!("{DIM}{verb}{DIM:#} {}", change.file)
}

/// A change as a unified diff that `git apply` takes in the registry's folder.
fn unified(change: &Change) -> String {
    let side = |exists: bool| {
        if exists {
            change.file.as_str()
        } else {
            "/dev/null"
        }
    };
    patch(
        side(change.kind != ChangeKind::Create),
        side(change.kind != ChangeKind::Remove),
        &change.before,
        &change.after,
    )
}

pub(super) fn patch(old: &str, new: &str, before: &str, after: &str) -> String {
    let named = |side: &str, file: &str| match file {
        "/dev/null" => file.to_owned(),
        file => format!("{side}/{file}"),
    };
    let mut options = diffy::DiffOptions::new();
    options.set_original_filename(named("a", old));
    options.set_modified_filename(named("b", new));
    options.create_patch(before, after).to_string()
}

/// Whether somebody has to decide about a kept file. What was removed stays
/// removed, and that is that.
fn is_open(kept: &Kept) -> bool {
    !matches!(kept.reason, KeptReason::Removed | KeptReason::Gone)
}

/// For machines.
#[derive(Serialize)]
struct Output<'c> {
    /// Whether files were written, or only compared.
    written: bool,
    changes: Vec<ChangeReport<'c>>,
    kept: &'c [aux_gen::disk::Kept],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left: Vec<LeftReport<'c>>,
    #[serde(flatten)]
    commits: Option<&'c Commits>,
}

#[derive(Serialize)]
struct ChangeReport<'c> {
    /// None for the registry's own files.
    repo: &'c Home,
    path: &'c str,
    file: &'c str,
    kind: ChangeKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<String>,
}

impl<'c> Output<'c> {
    fn of(changes: &'c Changes, commits: &'c Commits, args: &Generate) -> Self {
        Self {
            commits: args.commit.then_some(commits),
            written: !args.check && !changes.is_empty(),
            changes: changes
                .iter()
                .map(|(repo, change)| ChangeReport {
                    repo,
                    path: change.path.as_str(),
                    file: &change.file,
                    kind: change.kind,
                    diff: args.diff.then(|| unified(change)),
                })
                .collect(),
            kept: &changes.kept,
            left: LeftReport::all(changes),
        }
    }
}
