//! `site`: a static site to find things on.

use std::io;
use std::path::{Component, Path, PathBuf};

use aux_arguments::Site as Args;
use aux_eval::facts::{Facts, PackageFacts, State, remembered_facts};
use aux_model::{Family, SiteUrl, System, printable};
use aux_output::WrittenSite;
use aux_session::{
    CheckedRegistry, DIM, Exit, Failure, GOOD, NOTE, Session, Terminal, counted, limits, size,
};
use aux_site::{Settings, Site, Source, linked, write};
use aux_train::release::history;

use crate::commands::train::read_holds;

/// Files between two signs of life.
const STEP: usize = 500;

pub(crate) fn run(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let family = session.family()?;
    let settings = Settings {
        base: address(args, &family)?,
        book: linked(&args.book)
            .filter(|book| !book.starts_with("mailto:"))
            .ok_or_else(|| no_address("--book", &args.book))?,
        program: concat!("aux-gen ", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    let folder = session.directory().join(&args.out);
    must_be_beside(&family, &folder)?;
    let facts = args.eval.then(|| ask(session, args, &family)).transpose()?;
    let holds = read_holds(session, &family)?;
    let history = history(family.registry.root(), &family.catalog);
    let site = Site::new(Source {
        catalog: &family.catalog,
        facts: facts.as_ref(),
        holds: &holds,
        history: &history,
        settings,
    })?;
    let progress = session.terminal.progress("written");
    let written = write(&site, &folder, &|done, all| {
        if done % STEP == 0 || done == all {
            progress.of(done, all);
        }
    })?;
    progress.done();
    let mut unknown = facts.as_ref().map(unknown).unwrap_or_default();
    unknown.extend(history.damaged.iter().cloned());
    let nothing = Facts::default();
    let facts = facts.as_ref().unwrap_or(&nothing);
    let is_broken = |known: &&PackageFacts| known.broken().next().is_some();
    let is_refused = |known: &&PackageFacts| {
        let mut states = known.states.values();
        states.any(|state| matches!(state, State::Refused(_)))
    };
    let output = WrittenSite {
        folder: folder
            .strip_prefix(".")
            .unwrap_or(&folder)
            .display()
            .to_string(),
        files: written.files,
        written: written.written,
        removed: written.removed,
        bytes: written.bytes,
        entries: site.index().entries.len(),
        systems: facts.systems.iter().map(ToString::to_string).collect(),
        asked: facts.packages.len(),
        broken: facts.packages.values().filter(is_broken).count(),
        refused: facts.packages.values().filter(is_refused).count(),
        options: facts.modules.values().map(Vec::len).sum(),
        unknown,
    };
    session.terminal.report_with(&output, show)?;
    Ok(Exit::Fine)
}

/// Asks Nix on every system that is wanted.
fn ask(session: &Session, args: &Args, family: &CheckedRegistry) -> Result<Facts, Failure> {
    let systems = systems(&family.catalog, &args.system)?;
    let nix = session.nix(&args.reach)?;
    let limits = limits(args.timeout);
    let (registry, catalog) = (&family.registry, &family.catalog);
    let (found, is_remembered) = remembered_facts(registry, catalog, &nix, &systems, &limits)?;
    if is_remembered {
        session.terminal.say(format!(
            "{DIM}remembered{DIM:#} what Nix said of the same commits: nothing was asked"
        ));
    }
    Ok(found.relative_to(registry.root()))
}

fn systems(family: &Family, asked: &[String]) -> Result<Vec<System>, Failure> {
    if asked.is_empty() {
        return Ok(family.organization().systems.clone());
    }
    let asked = asked.iter();
    asked
        .map(|name| aux_session::system(Some(name), family))
        .collect()
}

/// What Nix has nothing to say of.
fn unknown(facts: &Facts) -> Vec<String> {
    let repos = facts.unasked.iter();
    let repos = repos.map(|repo| format!("{repo}: it is not here, or somebody else's"));
    let modules = facts.unread.iter();
    let modules = modules.map(|((repo, name), reason)| format!("{repo}/{name}: {reason}"));
    let packages = facts.packages.iter().filter_map(|(subject, known)| {
        let unanswered = known.states.values().find_map(|state| match state {
            State::Unknown(reason) => Some(reason),
            _ => None,
        });
        let reason = known.unread.as_ref().or(unanswered)?;
        Some(format!("{subject}: {reason}"))
    });
    repos.chain(modules).chain(packages).collect()
}

/// Where the site will be, as the command line says, or else the manifest.
fn address(args: &Args, family: &CheckedRegistry) -> Result<Option<String>, Failure> {
    let Some(text) = &args.base_url else {
        let known = family.catalog.ci().site.as_ref();
        return Ok(known.map(ToString::to_string));
    };
    let address: SiteUrl = text.parse().map_err(|_| no_address("--base-url", text))?;
    Ok(Some(address.to_string()))
}

fn no_address(option: &str, text: &str) -> Failure {
    Failure::refused(
        format!("`{option} {}` is no address of a page", printable(text)),
        "write it as `https://HOST/PATH/`",
    )
}

/// What the registry has beside the manifest that a run of ours reads or writes, or git does.
const OURS: [&str; 12] = [
    ".aux-gen",
    ".forgejo",
    ".git",
    ".gitea",
    ".github",
    "ci",
    "holds",
    "hydra",
    "index",
    "releases",
    "sigs",
    "templates",
];

/// A site in a checkout of a repo, or in a folder of the registry that has a meaning, would be among
/// files of others.
fn must_be_beside(family: &CheckedRegistry, folder: &Path) -> Result<(), Failure> {
    let Some(folder) = resolved(folder) else {
        return Ok(());
    };
    let refused = |what: String| {
        Failure::refused(
            format!("`{}` is {what}, and no place for a site", folder.display()),
            "name another folder: `--out DIR`",
        )
    };
    let root = family.registry.root();
    let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    // Those that are not cloned yet will be there.
    for repo in family.catalog.repos() {
        let place = resolved(&root.join(repo.path.as_str()));
        if place.is_some_and(|place| folder.starts_with(place)) {
            return Err(refused(format!("in the checkout of `{}`", repo.name)));
        }
    }
    let Ok(below) = folder.strip_prefix(&root) else {
        return Ok(());
    };
    match below.components().next() {
        None => Err(refused("the registry itself".to_owned())),
        Some(first) if OURS.iter().any(|ours| first.as_os_str() == *ours) => Err(refused(
            "in a folder of the registry that has a meaning".to_owned(),
        )),
        Some(_) => Ok(()),
    }
}

/// Where a path leads: links that are there are followed, and the rest is taken as it is written.
fn resolved(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            part => {
                plain.push(part);
                if let Ok(there) = plain.canonicalize() {
                    plain = there;
                }
            }
        }
    }
    Some(plain)
}

/// Shows it to people.
fn show(output: &WrittenSite, terminal: &Terminal) -> io::Result<()> {
    for unknown in &output.unknown {
        terminal.warn(format!("{NOTE}unknown{NOTE:#} {unknown}"));
    }
    let asked = if output.systems.is_empty() {
        "of the manifest alone: Nix was not asked".to_owned()
    } else {
        format!(
            "Nix was asked of {} on {}: {} broken, {} refused unless allowed, {}",
            counted(output.asked, "package"),
            output.systems.join(", "),
            output.broken,
            output.refused,
            counted(output.options, "option"),
        )
    };
    terminal.say(format!(
        "{GOOD}site{GOOD:#} {}: {} in {}, {} written, {} removed, with {} to find ({asked})",
        output.folder,
        size(output.bytes),
        counted(output.files, "file"),
        output.written,
        output.removed,
        counted(output.entries, "thing"),
    ));
    Ok(())
}
