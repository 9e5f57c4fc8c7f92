//! `ready`: what a core in nixpkgs' style must change to take layers.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use aux_adopt::TreeSet;
use aux_adopt::ready::{
    Clause, Place, Readiness, STUBS, State, Stubs, check, read_stubs, readiness, stubs,
};
use aux_adopt::split::{Monorepo, Relations, TreeError};
use aux_arguments::Ready;
use aux_gen::disk::{read_text, replace_below};
use aux_model::{Catalog, Family, RepoName};
use aux_nix::Nix;
use aux_output::ErrorCode;
use aux_session::{BAD, DIM, Exit, Failure, GOOD, NOTE, Report, Session, Terminal};
use aux_trees::named_system;
use serde::Serialize;

use crate::commands::generate::patch;

pub(crate) fn run(session: &Session, args: &Ready) -> Result<Exit, Failure> {
    let (core, catalog) = core(session, args)?;
    let wanted = match &catalog {
        Some(catalog) => foreign(&core, catalog)?,
        None => BTreeMap::new(),
    };
    let file = core.join(STUBS);
    let there = if file.is_file() {
        Some(read_text(&file)?)
    } else {
        None
    };
    let known = there.as_deref().and_then(read_stubs);
    if let (Some(_), None, false) = (&there, &known, wanted.is_empty()) {
        return Err(Failure::refused(
            format!("core has a `{STUBS}` of its own, where its stubs are to be"),
            "rename it, and what imports it",
        ));
    }
    let known = known.unwrap_or_default();
    let lacking = wanted.iter().filter(|(name, _)| !known.contains_key(*name));
    let lacking: BTreeMap<String, RepoName> = lacking
        .map(|(name, repo)| (name.clone(), repo.clone()))
        .collect();
    let asked = if wanted.is_empty() && there.is_none() {
        Stubs::NotNeeded
    } else {
        Stubs::Wanted
    };
    let mut found = readiness(&core, asked)?;
    let mut written = Vec::new();
    if args.apply {
        must_be_understood(&core, &found)?;
        for (file, (before, after)) in &found.edits {
            replace_below(&core, &core.join(file), Some(before.as_bytes()), after)?;
            written.push(file.clone());
        }
        if !lacking.is_empty() {
            let mut all = known.clone();
            all.extend(lacking.clone());
            let before = there.as_ref().map(String::as_bytes);
            replace_below(&core, &file, before, stubs(&all))?;
            written.push(STUBS.to_owned());
        }
        found = readiness(&core, asked)?;
    }
    let lacking = if args.apply { BTreeMap::new() } else { lacking };
    let is_ready = found.is_ready() && lacking.is_empty();
    let clauses = match (args.no_eval, is_ready) {
        (false, true) => {
            let system = named_system(args.system.as_deref())?;
            Some(check(&core, &Nix::find()?, &system)?)
        }
        _ => None,
    };
    let kept = clauses
        .iter()
        .flatten()
        .all(|clause| clause.broken.is_none());
    session.terminal.report(&Found {
        core,
        ready: is_ready,
        readiness: found,
        lacking,
        clauses,
        written,
    })?;
    Ok(if is_ready && kept {
        Exit::Fine
    } else {
        Exit::Problems
    })
}

/// Nothing is written into a core of which a place was not found.
fn must_be_understood(core: &Path, found: &Readiness) -> Result<(), Failure> {
    let mut unknown = found.unknown();
    let Some(place) = unknown.next() else {
        return Ok(());
    };
    let reason = match &place.state {
        State::Unknown { reason } => reason.as_str(),
        State::Done | State::Missing => "",
    };
    Err(Failure::refused(
        format!(
            "`{}` is not a core in nixpkgs' style that can be made ready: `{}` ({}): {reason}{}",
            core.display(),
            place.file,
            place.what,
            match unknown.count() {
                0 => String::new(),
                more => format!(", and {more} more"),
            }
        ),
        "`aux-gen ready` names every place that was looked for; keep the core as it is with `wiring = \"overlays\"`",
    ))
}

/// The core that is meant, and the family that it is part of, if it is that family's.
fn core(session: &Session, args: &Ready) -> Result<(PathBuf, Option<Catalog>), Failure> {
    if let Some(named) = &args.core {
        let core = session.directory().join(named).canonicalize();
        let core = core.ok().filter(|core| core.is_dir()).ok_or_else(|| {
            Failure::not_found(
                format!("`{}` is no directory", named.display()),
                "name a checkout of a core",
            )
        })?;
        return Ok((core, None));
    }
    let family = session.family()?;
    let core = family.catalog.core();
    if core.is_generated() {
        return Err(Failure::refused(
            format!("`{}` is generated, and takes layers already", core.name),
            "name the directory of a core that is written by hand",
        ));
    }
    let place = family.registry.root().join(core.path.as_str());
    let place = place.canonicalize().map_err(|error| {
        Failure::because(
            ErrorCode::NotFound,
            &error,
            format!("`{}` is not checked out in `{}`", core.name, core.path),
            "clone it there first",
        )
    })?;
    Ok((place, Some(family.catalog)))
}

/// What core asks for that other repos own.
fn foreign(core: &Path, catalog: &Family) -> Result<BTreeMap<String, RepoName>, Failure> {
    let tree = match Monorepo::read(TreeSet::alone(core), None) {
        Ok(tree) => tree,
        Err(TreeError::NoPackages(_)) => return Ok(BTreeMap::new()),
        Err(error) => return Err(error.into()),
    };
    let others = catalog
        .repos()
        .filter(|repo| repo.name != catalog.core().name);
    let names: Vec<(String, &RepoName)> = others
        .flat_map(|repo| {
            let attributes = catalog.attributes_of(repo).into_iter();
            attributes.map(|(name, _)| (name.to_string(), &repo.name))
        })
        .collect();
    let owned: BTreeMap<&str, &RepoName> = names
        .iter()
        .map(|(name, repo)| (name.as_str(), *repo))
        .collect();
    Ok(Relations::of_core(&tree, &owned).stubs().clone())
}

/// What was found, and what was written.
struct Found {
    core: PathBuf,
    ready: bool,
    readiness: Readiness,
    /// Stubs that are missing.
    lacking: BTreeMap<String, RepoName>,
    clauses: Option<Vec<Clause>>,
    written: Vec<String>,
}

impl Report for Found {
    type Output = aux_output::Readiness;

    fn output(&self) -> impl Serialize {
        #[derive(Serialize)]
        struct Output<'a> {
            core: String,
            ready: bool,
            stubs_missing: &'a BTreeMap<String, RepoName>,
            places: &'a [Place],
            contract: Option<&'a [Clause]>,
            written: &'a [String],
        }
        Output {
            core: self.core.display().to_string(),
            ready: self.ready,
            stubs_missing: &self.lacking,
            places: &self.readiness.places,
            contract: self.clauses.as_deref(),
            written: &self.written,
        }
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        let Self {
            core,
            readiness: found,
            lacking,
            clauses,
            written,
            ..
        } = self;
        for file in written {
            terminal.say(format!("{DIM}write{DIM:#}  {file}"));
        }
        for place in &found.places {
            let line = place.line.map_or(String::new(), |line| format!(":{line}"));
            let at = format!("{}{line}", place.file);
            terminal.result(match &place.state {
                State::Done => format!("{GOOD}there{GOOD:#}   {at}: {}", place.what),
                State::Missing => format!(
                    "{BAD}missing{BAD:#} {at}: {}\n        {DIM}because {}{DIM:#}",
                    place.what, place.why
                ),
                State::Unknown { reason } => format!(
                    "{BAD}unknown{BAD:#} {at}: {}: {reason}\n        {DIM}because {}{DIM:#}",
                    place.what, place.why
                ),
            })?;
        }
        if !lacking.is_empty() {
            let names: Vec<String> = lacking
                .iter()
                .map(|(name, repo)| format!("{name} ({repo})"))
                .collect();
            terminal.result(format!(
                "{BAD}missing{BAD:#} {STUBS}: stubs for what core asks for and others own: {}",
                names.join(", ")
            ))?;
        }
        for (file, (before, after)) in &found.edits {
            terminal.raw(&patch(file, file, before, after))?;
        }
        for clause in clauses.iter().flatten() {
            terminal.result(match &clause.broken {
                None => format!("{GOOD}kept{GOOD:#}    {}", clause.what),
                Some(reason) => format!("{BAD}broken{BAD:#}  {}: {reason}", clause.what),
            })?;
        }
        if !found.edits.is_empty() || !lacking.is_empty() {
            terminal.say(format!(
            "{NOTE}next{NOTE:#}: `aux-gen ready {} --apply` writes the change; or keep the core as it is, with `wiring = \"overlays\"`",
            core.display()
        ));
        }
        Ok(())
    }
}
