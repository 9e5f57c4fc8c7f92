//! `release`: the family under a name.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aux_arguments::{ReleaseArgs, ReleaseCommand};
use aux_model::{Rev, printable};
use aux_nix::Nix;
use aux_session::{
    BAD, CheckedRegistry, DIM, Exit, Failure, GOOD, NOTE, Report, Session, Terminal, counted,
    indented_lines, limits, short, size, system, today,
};
use aux_train::Train;
use aux_train::release::{
    Checkout, Difference, Package, PackageChange, Placed, Release, ReleaseName, TARBALL, Tag, Tags,
    Tarball, checkout, difference, freeze, now, releases, tarball,
};
use serde::Serialize;

use crate::commands::documents;
use crate::commands::train::read_holds;

pub(crate) fn run(session: &Session, args: &ReleaseArgs) -> Result<Exit, Failure> {
    match &args.what {
        None => make(session, args),
        Some(ReleaseCommand::List) => list(session),
        Some(ReleaseCommand::Checkout { name, to, patience }) => {
            get(session, name, to.as_ref(), Duration::from_secs(*patience))
        }
        Some(ReleaseCommand::Diff {
            before,
            after,
            branch,
            system: wanted,
            timeout,
        }) => {
            let family = session.family()?;
            let root = family.registry.root();
            let before = known(&family, before, branch.as_deref())?;
            let after = known(&family, after, branch.as_deref())?;
            let nix = Nix::find()?;
            let system = system(wanted.as_deref(), &family.catalog)?;
            let limits = limits(*timeout);
            let both = (&before, &after);
            let found = difference(root, &family.catalog, both, &nix, system.as_str(), &limits)?;
            session.terminal.report(&Differs(found))?;
            Ok(Exit::Fine)
        }
    }
}

fn make(session: &Session, args: &ReleaseArgs) -> Result<Exit, Failure> {
    let (_held, family) = session.locked_family()?;
    let root = family.registry.root();
    let name = named(args.name.as_deref().unwrap_or_default())?;
    let folder = args.tarball.as_deref();
    let folder = folder
        .map(|folder| folder_for(session, folder))
        .transpose()?;
    // One that was made before may be tagged or packed later.
    let push = args.push.then(|| Duration::from_secs(args.patience));
    let again = args.tag || args.tarball.is_some();
    let known = Release::read(root, &name).ok().filter(|_| again);
    if let Some(known) = known
        .as_ref()
        .filter(|known| known.channel.as_ref() != family.channel())
    {
        let (of, help) = match &known.channel {
            Some(channel) => (
                format!("the channel `{channel}`"),
                format!("add `--channel {channel}`"),
            ),
            None => ("no channel".to_owned(), "leave out `--channel`".to_owned()),
        };
        return Err(Failure::refused(
            format!("the release `{name}` is of {of}", name = known.name),
            help,
        ));
    }
    let is_new = known.is_none();
    let there = folder.as_ref().map(|folder| folder.join(TARBALL));
    if let Some(there) = there.filter(|there| is_new && there.symlink_metadata().is_ok()) {
        return Err(Failure::refused(
            format!("`{}` is there already", there.display()),
            "move it away, or name another folder",
        ));
    }
    let release = match known {
        Some(known) => known,
        None => now(
            root,
            &family.catalog,
            &branch(&family, args.branch.as_deref()),
            name,
            today(),
        )?,
    };
    let tags = args
        .tag
        .then(|| Tags::of(root, &family.catalog, &release, push))
        .transpose()?;
    if is_new {
        freeze(root, &release)?;
    }
    let tags = tags.map(Tags::make).transpose()?.unwrap_or_default();
    let archive = folder
        .map(|folder| tarball(root, &family.catalog, &release, &folder))
        .transpose()?;
    let unpushed = tags.iter().any(|tag| tag.pushed == Some(false));
    let terminal = &session.terminal;
    let made = Made {
        release: &release,
        is_new,
        tags,
        tarball: archive,
    };
    terminal.report(&made)?;
    let holds = read_holds(session, &family)?;
    if !holds.is_empty() {
        let names: Vec<String> = holds.keys().map(ToString::to_string).collect();
        terminal.warn(format!(
            "{NOTE}held{NOTE:#}: {} at older commits: {}",
            counted(names.len(), "repo"),
            names.join(", ")
        ));
    }
    let broken = Train::read(root, family.channel(), None)?.map(|train| train.broken);
    for (repo, packages) in broken.unwrap_or_default() {
        terminal.warn(format!(
            "{NOTE}broken{NOTE:#} in this top-level: {} of {repo}",
            counted(packages.len(), "package")
        ));
    }
    Ok(if unpushed { Exit::Problems } else { Exit::Fine })
}

/// A folder that an archive can go to: whether one that is there is the same is found out later.
fn folder_for(session: &Session, named: &Path) -> Result<PathBuf, Failure> {
    let folder = session.directory().join(named);
    if folder.is_dir() {
        return Ok(folder);
    }
    Err(Failure::not_found(
        format!("there is no folder `{}`", named.display()),
        "make it first",
    ))
}

/// A release, and the tags that were made of it.
struct Made<'r> {
    release: &'r Release,
    /// Whether it was frozen now.
    is_new: bool,
    tags: Vec<Tag>,
    tarball: Option<Tarball>,
}

impl Report for Made<'_> {
    type Output = aux_output::Release;

    fn output(&self) -> impl Serialize {
        let tags = self.tags.iter().map(|tag| aux_output::ReleaseTag {
            repo: tag.repo.to_string(),
            commit: tag.commit.to_string(),
            is_new: tag.is_new,
            pushed: tag.pushed,
            reason: tag.reason.clone(),
        });
        aux_output::Release {
            tags: tags.collect(),
            tarball: self
                .tarball
                .as_ref()
                .map(|tarball| aux_output::ReleaseTarball {
                    path: tarball.path.display().to_string(),
                    bytes: tarball.bytes,
                    files: tarball.files,
                    sha256: tarball.sha256.clone(),
                    fetched: tarball.fetched.clone(),
                }),
            ..documents::release(self.release)
        }
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        let Self {
            release,
            is_new,
            tags,
            tarball,
        } = self;
        if *is_new {
            terminal.say(format!(
                "{GOOD}frozen{GOOD:#}: {} as `{}`",
                counted(release.repos.len(), "repo"),
                release.name
            ));
        }
        let new = tags.iter().filter(|tag| tag.is_new).count();
        if !tags.is_empty() {
            terminal.say(format!(
                "{GOOD}tagged{GOOD:#}: {} as `{}`, {new} of them now",
                counted(tags.len(), "repo"),
                release.name
            ));
        }
        for tag in tags {
            if let Some(reason) = &tag.reason {
                terminal.warn(format!(
                    "{BAD}not pushed{BAD:#} the tag of {}: {};\n  run this again, or take that tag away if it is nobody's",
                    tag.repo,
                    indented_lines(reason)
                ));
            }
        }
        if let Some(tarball) = tarball {
            terminal.say(format!(
                "{GOOD}packed{GOOD:#}: {}, {} in {}\n  sha256 {}\n  nix-channel --add ADDRESS-OF-ITS-FOLDER NAME",
                tarball.path.display(),
                counted(tarball.files, "file"),
                size(tarball.bytes),
                tarball.sha256
            ));
            if !tarball.fetched.is_empty() {
                terminal.warn(format!(
                    "{NOTE}fetched{NOTE:#} when somebody evaluates it, since no repo of the family: {}",
                    tarball.fetched.join(", ")
                ));
            }
        }
        terminal.say(format!("{DIM}commit releases/{}.json{DIM:#}", release.name));
        Ok(())
    }
}

fn list(session: &Session) -> Result<Exit, Failure> {
    let family = session.family()?;
    let (releases, damaged) = releases(family.registry.root());
    let damaged = damaged.iter().map(ToString::to_string).collect();
    session.terminal.report(&List { releases, damaged })?;
    Ok(Exit::Fine)
}

/// All releases.
struct List {
    releases: Vec<Release>,
    /// Files that are none, and why.
    damaged: Vec<String>,
}

impl Report for List {
    type Output = aux_output::Releases;

    fn output(&self) -> impl Serialize {
        aux_output::Releases {
            releases: self.releases.iter().map(documents::release).collect(),
            damaged: self.damaged.clone(),
        }
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        for error in &self.damaged {
            terminal.warn(format!("{NOTE}not read{NOTE:#}: {error}"));
        }
        for release in &self.releases {
            terminal.result(format!(
                "{} {DIM}of {}, {}{}{DIM:#}",
                release.name,
                release.day,
                match &release.channel {
                    Some(channel) => format!("channel {channel}, "),
                    None => String::new(),
                },
                counted(release.repos.len(), "repo")
            ))?;
        }
        if self.releases.is_empty() {
            terminal.say("there is no release; `aux-gen release NAME` makes one");
        }
        Ok(())
    }
}

fn get(
    session: &Session,
    name: &str,
    to: Option<&PathBuf>,
    patience: Duration,
) -> Result<Exit, Failure> {
    let (_held, family) = session.locked_family()?;
    let root = family.registry.root();
    let release = Release::read(root, &named(name)?)?;
    let folder = match to {
        Some(folder) => Some(std::path::absolute(folder)?),
        None => None,
    };
    let how = match &folder {
        Some(folder) => Checkout::At {
            folder,
            sources: &family.sources,
        },
        None => Checkout::Here,
    };
    let progress = session.terminal.progress("checkout");
    let repos = checkout(root, &release, how, patience, &|repo| {
        progress.at(repo);
    })?;
    progress.done();
    session.terminal.report(&CheckedOut {
        repos,
        release: &release,
        is_here: folder.is_none(),
    })?;
    Ok(Exit::Fine)
}

/// Repos at the commits of a release.
#[derive(Serialize)]
struct CheckedOut<'r> {
    repos: Vec<Placed>,
    #[serde(skip)]
    release: &'r Release,
    /// Whether they are the checkouts of the registry.
    #[serde(skip)]
    is_here: bool,
}

impl Report for CheckedOut<'_> {
    type Output = aux_output::CheckedOut;

    fn output(&self) -> impl Serialize {
        self
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        for one in &self.repos {
            let verb = if one.is_new { "cloned" } else { "at" };
            terminal.say(format!(
                "{DIM}{verb:6}{DIM:#} {} {}",
                one.path,
                short(&one.commit)
            ));
        }
        terminal.say(format!(
            "{GOOD}fine{GOOD:#}: {} as `{}` has them",
            counted(self.repos.len(), "repo"),
            self.release.name
        ));
        if self.is_here {
            terminal.say(format!(
            "{DIM}they are on no branch, and the manifest is that of today: `git checkout main` in each goes back{DIM:#}"
        ));
        }
        Ok(())
    }
}

/// The branch of top-level: the one that is asked for, that its URL names, as on a channel, or `main`.
fn branch(family: &CheckedRegistry, asked: Option<&str>) -> String {
    let own = || family.catalog.top_level().published_branch();
    asked.map_or_else(own, str::to_owned)
}

/// A release, or what would be one now.
fn known(family: &CheckedRegistry, name: &str, asked: Option<&str>) -> Result<Release, Failure> {
    let root = family.registry.root();
    if name == "now" {
        let today = today();
        let name = named(&today.to_string())?;
        return Ok(now(
            root,
            &family.catalog,
            &branch(family, asked),
            name,
            today,
        )?);
    }
    Ok(Release::read(root, &named(name)?)?)
}

fn named(text: &str) -> Result<ReleaseName, Failure> {
    text.parse().map_err(|error| {
        Failure::refused(
            format!("`{}` names no release", printable(text)),
            format!("{error}"),
        )
    })
}

/// What differs between two releases.
struct Differs(Difference);

impl Report for Differs {
    type Output = aux_output::ReleaseDiff;

    fn output(&self) -> impl Serialize {
        documents::difference(&self.0)
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        let difference = &self.0;
        for (repo, (was, now)) in &difference.repos {
            let commit = |commit: &Option<Rev>| {
                let commit = commit.as_deref();
                commit.map_or("nothing".to_owned(), |commit| short(commit).to_owned())
            };
            terminal.result(format!(
                "{DIM}repo{DIM:#}    {repo}: {} -> {}",
                commit(was),
                commit(now)
            ))?;
        }
        let (mut added, mut removed, mut changed) = (0, 0, 0);
        for (attribute, change) in &difference.packages {
            terminal.result(match change {
                PackageChange::Added { now } => {
                    added += 1;
                    format!(
                        "{GOOD}added{GOOD:#}   {}/{attribute}: {}",
                        now.repo,
                        is(now)
                    )
                }
                PackageChange::Removed { was } => {
                    removed += 1;
                    format!("{BAD}removed{BAD:#} {}/{attribute}: {}", was.repo, is(was))
                }
                PackageChange::Changed { was, now } => {
                    changed += 1;
                    format!(
                        "{NOTE}changed{NOTE:#} {}/{attribute}: {}",
                        now.repo,
                        both(was, now)
                    )
                }
            })?;
        }
        terminal.say(format!(
            "{added} added, {removed} removed, {changed} changed, {} the same",
            difference.same
        ));
        Ok(())
    }
}

fn is(package: &Package) -> String {
    match (&package.name, &package.failure) {
        (Some(name), _) => name.clone(),
        (None, Some(failure)) => format!("fails: {failure}"),
        (None, None) => "no derivation".to_owned(),
    }
}

fn both(was: &Package, now: &Package) -> String {
    if was.repo != now.repo {
        return format!("it was in `{}`", was.repo);
    }
    if is(was) == is(now) {
        format!("{} is made in another way", is(now))
    } else {
        format!("{} -> {}", is(was), is(now))
    }
}
