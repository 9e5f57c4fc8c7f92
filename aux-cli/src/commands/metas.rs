//! `check --meta`: what the manifest says of systems and licences, against `meta` of the packages.

use std::collections::BTreeSet;
use std::io;

use aux_arguments::Check;
use aux_eval::evaluate::{MetaSays, Metas, metas};
use aux_model::{Catalog, PackageId, Restriction, System};
use aux_output::{MetaDifference, MetasChecked};
use aux_session::{
    CheckedRegistry, Exit, Failure, GOOD, NOTE, Session, Terminal, counted, limits, system,
};

use crate::commands::generate::rewrite;
use crate::commands::manifest_edits::{self, OnDisk};

/// Seconds that `meta` of one package may take.
const SECONDS: u64 = 60;

pub(crate) fn run(session: &Session, args: &Check) -> Result<Exit, Failure> {
    let (lock, family) = session.locked_family()?;
    let system = system(None, &family.catalog)?;
    let nix = aux_nix::Nix::find()?;
    let found = metas(
        &family.registry,
        &family.catalog,
        &nix,
        system.as_str(),
        &limits(SECONDS),
    )?;
    let differing = differing(&family.catalog, &found);
    let checked = MetasChecked {
        asked: found.said.len() + found.failed.len(),
        fixed: args.fix,
        differing: differing
            .iter()
            .map(|(id, _, difference)| MetaDifference {
                package: id.to_string(),
                manifest: difference.0.clone(),
                meta: difference.1.clone(),
            })
            .collect(),
        unread: found
            .failed
            .iter()
            .map(|(id, reason)| format!("{id}: {reason}"))
            .collect(),
    };
    let mut exit = Exit::Fine;
    if args.fix && !differing.is_empty() {
        exit = fix(session, family, &differing, &lock)?;
    } else if !differing.is_empty() || !found.failed.is_empty() {
        exit = Exit::Problems;
    }
    session.terminal.report_with(&checked, show)?;
    Ok(exit)
}

/// A package, what the manifest should say, and what each of the two says, in words.
type Difference = (PackageId, Restriction, (String, String));

/// Packages whose `meta` says something else than the manifest. What `meta` does not say is the
/// manifest's to say.
fn differing(catalog: &Catalog, found: &Metas) -> Vec<Difference> {
    let all = &catalog.organization().systems;
    let differing = found.said.iter().filter_map(|(id, said)| {
        let package = catalog.package(id)?;
        let wanted = wanted(&package.restriction, said, all);
        (wanted != package.restriction).then(|| {
            let words = (words(&package.restriction), words(&wanted));
            (id.clone(), wanted, words)
        })
    });
    differing.collect()
}

/// What the manifest should say of a package.
fn wanted(manifest: &Restriction, said: &MetaSays, all: &[System]) -> Restriction {
    let mut wanted = manifest.clone();
    if said.platforms.is_some() || said.bad.is_some() {
        let has = |list: &Option<Vec<String>>, system: &System| {
            let list = list.as_ref();
            list.map(|list| list.iter().any(|one| one == system.as_str()))
        };
        let systems: BTreeSet<System> = all
            .iter()
            .filter(|system| has(&said.platforms, system).unwrap_or(true))
            .filter(|system| !has(&said.bad, system).unwrap_or(false))
            .cloned()
            .collect();
        wanted.systems = (systems.len() < all.len()).then_some(systems);
    }
    wanted.broken = said.broken.unwrap_or(manifest.broken);
    wanted.unfree = said.unfree.unwrap_or(manifest.unfree);
    if let Some(insecure) = &said.insecure {
        wanted.insecure.clone_from(insecure);
    }
    wanted
}

fn words(restriction: &Restriction) -> String {
    let mut words = Vec::new();
    if let Some(systems) = &restriction.systems {
        let systems: Vec<&str> = systems.iter().map(System::as_str).collect();
        words.push(match systems.as_slice() {
            [] => "for no system".to_owned(),
            some => format!("for {}", some.join(", ")),
        });
    }
    if restriction.broken {
        words.push("broken".to_owned());
    }
    if restriction.unfree {
        words.push("unfree".to_owned());
    }
    if !restriction.insecure.is_empty() {
        words.push(format!("insecure ({})", restriction.insecure.join("; ")));
    }
    if words.is_empty() {
        "for all systems, and free".to_owned()
    } else {
        words.join(", ")
    }
}

/// Brings the manifest to what `meta` says.
fn fix(
    session: &Session,
    family: CheckedRegistry,
    differing: &[Difference],
    lock: &aux_gen::disk::FolderLock,
) -> Result<Exit, Failure> {
    let mut editor = manifest_edits::editor(&family.sources)?;
    for (id, wanted, _) in differing {
        editor.restrict(id, wanted)?;
    }
    let draft = manifest_edits::draft(&editor);
    rewrite(session, lock, family, &draft, &OnDisk::default()).map(|(exit, _)| exit)
}

/// Shows it to people.
fn show(checked: &MetasChecked, terminal: &Terminal) -> io::Result<()> {
    for MetaDifference {
        package,
        manifest,
        meta,
    } in &checked.differing
    {
        let word = if checked.fixed { "fixed" } else { "drifted" };
        terminal.result(format!(
            "{NOTE}{word}{NOTE:#} {package}: the manifest says {manifest}, and its `meta` {meta}"
        ))?;
    }
    for unread in &checked.unread {
        terminal.result(format!("{NOTE}unread{NOTE:#} {unread}"))?;
    }
    let asked = counted(checked.asked, "package");
    terminal.say(match checked.differing.len() {
        0 => format!("{GOOD}fine{GOOD:#}: `meta` of {asked} was asked for, and says what the manifest says"),
        some if checked.fixed => format!("{GOOD}fixed{GOOD:#}: the manifest says what `meta` says, for {some} of {asked}"),
        some => format!("{some} of {asked} differ; `aux-gen check --meta --fix` brings the manifest to what `meta` says"),
    });
    Ok(())
}
