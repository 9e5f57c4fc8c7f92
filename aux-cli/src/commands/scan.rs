//! `scan`: what the files ask for, against what the manifest says.

use aux_gen::disk::Draft;
use aux_gen::scan::{Lacking, ScanReport, scan};
use aux_model::{EdgeKind, PackageId, add_edge};

use super::generate::regenerate;
use crate::cli::Scan;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::{Family, Session};
use crate::terminal::{BAD, DIM, GOOD, NOTE, counted};

pub(crate) fn run(session: &Session, args: &Scan) -> Result<Exit, Failure> {
    let (lock, family) = if args.write {
        let (lock, family) = session.locked_family()?;
        (Some(lock), family)
    } else {
        (None, session.family()?)
    };
    let report = scan(&family.registry, &family.catalog)?;
    if args.write && !report.lacking.is_empty() {
        let draft = drafted(&family, &report.lacking)?;
        let family = super::drafted(family, &draft)?;
        super::write_manifest(session, &family.registry, &draft)?;
        regenerate(session, &family)?;
    }
    drop(lock);
    if session.terminal.is_json() {
        session.terminal.json(&report)?;
    } else {
        print(session, &report, args.write)?;
    }
    let open = report.surplus.len()
        + report.unresolved.len()
        + report.unread.len()
        + if args.write { 0 } else { report.lacking.len() };
    Ok(if open == 0 {
        Exit::Fine
    } else {
        Exit::Problems
    })
}

/// The manifest with the edges it lacks.
fn drafted(family: &Family, lacking: &[Lacking]) -> Result<Draft, Failure> {
    let mut draft = Draft::default();
    for edge in lacking {
        let path = file_of(family, &edge.package)?;
        let text = match draft.texts.get(&path) {
            Some(text) => text.clone(),
            None => {
                let text = family.registry.source(&path)?.text().to_owned();
                draft.before.insert(path.clone(), text.clone());
                text
            }
        };
        let target = format!("{}/{}", edge.to.repo, edge.attribute);
        let after = add_edge(&text, &edge.package, edge.kind, &target).map_err(|error| {
            Failure::refused(format!("`{path}`: {error}"), "add the dependency by hand")
        })?;
        draft.texts.insert(path, after);
    }
    Ok(draft)
}

/// The file in which a package's repo is written.
pub(super) fn file_of(family: &Family, package: &PackageId) -> Result<String, Failure> {
    family
        .catalog
        .repo(package.repo.as_str())
        .and_then(|repo| family.catalog.location_of_repo(repo))
        .map(|location| location.path.to_string())
        .ok_or_else(|| Failure::refused(format!("repo `{}` stands in no file", package.repo), ""))
}

fn print(session: &Session, report: &ScanReport, written: bool) -> Result<(), Failure> {
    let terminal = &session.terminal;
    let verb = if written { "recorded" } else { "lacking" };
    for edge in &report.lacking {
        terminal.result(format!(
            "{NOTE}{verb}{NOTE:#} {} asks for {} ({}) {DIM}{}{DIM:#}",
            edge.package, edge.to, edge.kind, edge.place
        ))?;
    }
    for edge in &report.surplus {
        let place = edge.place.as_deref().unwrap_or_default();
        terminal.result(format!(
            "{NOTE}surplus{NOTE:#} {} is said to need {} ({}), and no file of it asks for that {DIM}{place}{DIM:#}",
            edge.package, edge.attribute, edge.kind
        ))?;
    }
    for name in &report.unresolved {
        let near = if name.nearest.is_empty() {
            String::new()
        } else {
            format!("; near it are {}", name.nearest.join(", "))
        };
        terminal.result(format!(
            "{BAD}unresolved{BAD:#} {} asks for `{}`, which no repo has{near} {DIM}{}{DIM:#}",
            name.package, name.name, name.place
        ))?;
    }
    for file in &report.unread {
        terminal.result(format!(
            "{BAD}unread{BAD:#} {}: {} {DIM}{}{DIM:#}",
            file.package, file.reason, file.file
        ))?;
    }
    let (needed, optional): (Vec<_>, Vec<_>) = report
        .observed
        .iter()
        .partition(|edge| edge.kind == EdgeKind::Build);
    terminal.say(format!(
        "{GOOD}read{GOOD:#} {} with {} and {}",
        counted(report.observed.len(), "edge"),
        counted(needed.len(), "needed one"),
        counted(optional.len(), "optional one")
    ));
    if !written && !report.lacking.is_empty() {
        terminal.say("`aux-gen scan --write` records what the manifest lacks");
    }
    Ok(())
}
