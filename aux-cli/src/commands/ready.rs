//! `ready`: what a core in nixpkgs' style must change to take layers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aux_gen::disk::{Registry, replace_unchanged};
use aux_gen::nix::Nix;
use aux_gen::ready::{Clause, Place, Readiness, STUBS, State, Stubs, check, readiness, stubs};
use aux_gen::split::{Monorepo, Relations, TreeError};
use aux_model::{Catalog, RepoName};
use serde::Serialize;

use super::generate::patch;
use super::split::named_system;
use crate::cli::Ready;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::{Family, Session};
use crate::terminal::{BAD, DIM, GOOD, NOTE};

pub(crate) fn run(session: &Session, args: &Ready) -> Result<Exit, Failure> {
    let (core, catalog) = core(session, args)?;
    let wanted = match &catalog {
        Some(catalog) => foreign(&core, catalog)?,
        None => BTreeMap::new(),
    };
    let has_stubs = core.join(STUBS).is_file();
    let asked = if wanted.is_empty() && !has_stubs {
        Stubs::NotNeeded
    } else {
        Stubs::Wanted
    };
    let mut found = readiness(&core, asked)?;
    let mut written = Vec::new();
    if args.apply {
        for (file, (before, after)) in &found.edits {
            replace_unchanged(&core.join(file), before, after)?;
            written.push(file.clone());
        }
        if !wanted.is_empty() && !has_stubs {
            aux_gen::disk::create(&core.join(STUBS), &stubs(&wanted))?;
            written.push(STUBS.to_owned());
        }
        found = readiness(&core, asked)?;
    }
    let clauses = match (args.no_eval, found.is_ready()) {
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
    report(session, &core, &found, clauses.as_deref(), &written)?;
    Ok(if found.is_ready() && kept {
        Exit::Fine
    } else {
        Exit::Problems
    })
}

/// The core that is meant, and the family that it is part of, if it is that family's.
fn core(session: &Session, args: &Ready) -> Result<(PathBuf, Option<Catalog>), Failure> {
    if let Some(named) = &args.core {
        let core = session.directory().join(named).canonicalize();
        let core = core.ok().filter(|core| core.is_dir()).ok_or_else(|| {
            Failure::refused(
                format!("`{}` is no directory", named.display()),
                "name a checkout of a core",
            )
        })?;
        return Ok((core, None));
    }
    let family = Family::load(Registry::find(session.directory())?)?;
    let core = family.catalog.core();
    if core.is_generated() {
        return Err(Failure::refused(
            format!("`{}` is generated, and takes layers already", core.name),
            "name the directory of a core that is written by hand",
        ));
    }
    let place = family.registry.root().join(core.path.as_str());
    let place = place.canonicalize().map_err(|_| {
        Failure::refused(
            format!("`{}` is not checked out in `{}`", core.name, core.path),
            "clone it there first",
        )
    })?;
    Ok((place, Some(family.catalog)))
}

/// What core asks for that other repos own.
fn foreign(core: &Path, catalog: &Catalog) -> Result<BTreeMap<String, RepoName>, Failure> {
    let tree = match Monorepo::read(core) {
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

fn report(
    session: &Session,
    core: &Path,
    found: &Readiness,
    clauses: Option<&[Clause]>,
    written: &[String],
) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Report<'a> {
        core: String,
        ready: bool,
        places: &'a [Place],
        #[serde(skip_serializing_if = "Option::is_none")]
        contract: Option<&'a [Clause]>,
        written: &'a [String],
    }
    let terminal = &session.terminal;
    if terminal.is_json() {
        return Ok(terminal.json(&Report {
            core: core.display().to_string(),
            ready: found.is_ready(),
            places: &found.places,
            contract: clauses,
            written,
        })?);
    }
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
    for (file, (before, after)) in &found.edits {
        terminal.raw(&patch(file, file, before, after))?;
    }
    for clause in clauses.unwrap_or_default() {
        terminal.result(match &clause.broken {
            None => format!("{GOOD}kept{GOOD:#}    {}", clause.what),
            Some(reason) => format!("{BAD}broken{BAD:#}  {}: {reason}", clause.what),
        })?;
    }
    if !found.edits.is_empty() {
        terminal.say(format!(
            "{NOTE}next{NOTE:#}: `aux-gen ready --apply` writes the change; or keep the core as it is, with `wiring = \"overlays\"`"
        ));
    }
    Ok(())
}
