//! `scan`: what the files ask for, against what the manifest says.

use std::fmt::Display;
use std::io;

use aux_arguments::Scan;
use aux_edit::{EditError, NewPackage};
use aux_eval::scan::{Lacking, MemberAsks, ScanReport, Surplus, View, scan};
use aux_gen::disk::Draft;
use aux_model::{AttrName, EdgeKind, Origin, PackageId, PackageRef};
use aux_session::{
    BAD, CheckedRegistry, DIM, Exit, Failure, GOOD, NOTE, Report, Session, Terminal, counted,
};
use serde::Serialize;

use crate::commands::eval::failure;
use crate::commands::generate::rewrite;
use crate::commands::manifest_edits::OnDisk;

pub(crate) fn run(session: &Session, args: &Scan) -> Result<Exit, Failure> {
    let (lock, family) = if args.write {
        let (lock, family) = session.locked_family()?;
        (Some(lock), family)
    } else {
        (None, session.family()?)
    };
    let derivations = args
        .derivations
        .then(|| session.derivations(&family.registry, &family.catalog, &args.reach))
        .transpose()?;
    let report = scan(&family.registry, &family.catalog, derivations.as_ref())?;
    let lacking = report.lacking.len() + report.members.lacking.len();
    let to_record = lock.as_ref().filter(|_| lacking > 0);
    let family = if let Some(lock) = to_record {
        let draft = drafted(&family, &report)?;
        let (_, family) = rewrite(session, lock, family, &draft, &OnDisk::default())?;
        family
    } else {
        family
    };
    drop(lock);
    let scanned = Scanned {
        session,
        family: &family,
        report,
        written: args.write,
    };
    session.terminal.report(&scanned)?;
    let report = &scanned.report;
    let open = report.problems() + if args.write { 0 } else { lacking };
    Ok(if open == 0 {
        Exit::Fine
    } else {
        Exit::Problems
    })
}

/// The manifest with the edges it lacks.
fn drafted(family: &CheckedRegistry, report: &ScanReport) -> Result<Draft, Failure> {
    let mut editor = super::manifest_edits::editor(&family.sources)?;
    for asks in &report.members.lacking {
        let member = &asks.member;
        let of = (&member.set, &member.name);
        editor.add_edge_of_member(&member.repo, of, (asks.kind, &asks.target))?;
    }
    for edge in &report.lacking {
        let target = PackageRef {
            repo: Some(edge.to.repo.clone()),
            attribute: edge.attribute.clone(),
        };
        match editor.add_edge(&edge.package, edge.kind, &target) {
            // A package that the repo's tree has need not be listed: now it is.
            Err(EditError::NoPackage(package)) => editor.add_package(&NewPackage {
                edges: vec![(edge.kind, target)],
                ..NewPackage::new(package)
            })?,
            done => done?,
        }
    }
    Ok(super::manifest_edits::draft(&editor))
}

/// What files ask for, against the manifest.
struct Scanned<'a> {
    session: &'a Session,
    family: &'a CheckedRegistry,
    report: ScanReport,
    /// Whether what the manifest lacked is recorded.
    written: bool,
}

impl Report for Scanned<'_> {
    type Output = aux_output::Scanned;

    fn output(&self) -> impl Serialize {
        &self.report
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        let Self {
            session,
            family,
            report,
            written,
        } = self;
        let written = *written;
        let root = family.registry.root();
        let members = &report.members;
        let problems = report
            .lacking
            .iter()
            .map(|edge| lacking(edge, written))
            .chain(
                members
                    .lacking
                    .iter()
                    .map(|asks| lacking_of_member(asks, written)),
            )
            .chain(report.surplus.iter().map(surplus))
            .chain(members.surplus.iter().map(|edge| {
                let why = (edge.kind, "its file does not ask for that");
                surplus_line(&edge.member, &edge.to, why, &edge.file)
            }))
            .chain(report.unresolved.iter().map(|name| {
                unresolved(
                    &name.package,
                    (&name.name, "no repo"),
                    &name.nearest,
                    &name.place,
                )
            }))
            .chain(members.unresolved.iter().map(|name| {
                let asked = (name.name.as_str(), "neither the set nor a repo");
                unresolved(&name.member, asked, &name.nearest, &name.place)
            }))
            .chain(
                report
                    .unread
                    .iter()
                    .map(|file| unread(&file.package, &file.reason, &file.file)),
            )
            .chain(
                members
                    .unread
                    .iter()
                    .map(|file| unread(&file.member, &file.reason, &file.file)),
            )
            .chain(report.failed.iter().map(|failed| {
                let attribute = &failed.failed;
                let what = format!("{}/{}", failed.package.repo, attribute.subject());
                failure(&what, attribute, root, terminal.is_verbose())
            }))
            .chain(report.unused.iter().map(|edge| {
                format!(
                    "{NOTE}unused{NOTE:#} {} asks for {} and is not built from it {DIM}{}{DIM:#}",
                    edge.package,
                    asked_for(&edge.to, &edge.attribute),
                    edge.place
                )
            }))
            .chain(report.same.iter().map(|same| {
                format!(
                    "{NOTE}same{NOTE:#} {}/{} is the same as {} {DIM}{}{DIM:#}",
                    same.package.repo,
                    same.attribute,
                    same.same_as,
                    Origin::Derivation.shown(same.derivation.as_str())
                )
            }))
            .chain(
                report.unseen.iter().map(|unseen| {
                    format!("{NOTE}unseen{NOTE:#} {}: {}", unseen.repo, unseen.reason)
                }),
            );
        for line in problems {
            terminal.result(line)?;
        }
        let (files, built): (Vec<_>, Vec<_>) = report
            .observed
            .iter()
            .partition(|edge| edge.origin == Origin::Formals);
        let needed = files
            .iter()
            .filter(|edge| edge.kind == EdgeKind::Build)
            .count();
        terminal.say(format!(
            "{GOOD}read{GOOD:#} {} with {} and {}",
            counted(files.len(), "edge"),
            counted(needed, "needed one"),
            counted(files.len() - needed, "optional one")
        ));
        if members.read > 0 {
            terminal.say(format!(
                "{GOOD}read{GOOD:#} {} of package sets with {}",
                counted(members.read, "member"),
                counted(members.observed.len(), "edge")
            ));
        }
        if let Some(evaluated) = &report.evaluated {
            terminal.say(format!(
                "{GOOD}evaluated{GOOD:#} {} to {} with {} {DIM}(Nix {}, {}, {}, {:.1} s){DIM:#}",
                counted(evaluated.attributes, "attribute"),
                counted(evaluated.derivations, "derivation"),
                counted(built.len(), "edge"),
                evaluated.nix,
                evaluated.system,
                match evaluated.view {
                    View::TopLevel => "through top-level",
                    View::Alone => "each repo alone",
                },
                evaluated.seconds
            ));
            session.warn_if_stale(family);
        }
        if report.evaluated.is_none() && !report.surplus.is_empty() {
            terminal.say("`aux-gen scan --derivations` may show what no file asks for by name");
        }
        if !(written || report.lacking.is_empty() && members.lacking.is_empty()) {
            let again = if report.evaluated.is_some() {
                "aux-gen scan --derivations --write"
            } else {
                "aux-gen scan --write"
            };
            terminal.say(format!("`{again}` records what the manifest lacks"));
        }
        Ok(())
    }
}

fn lacking(edge: &Lacking, written: bool) -> String {
    let verb = if written { "recorded" } else { "lacking" };
    let by_file = edge.origins.contains(&Origin::Formals);
    let by_derivation = edge.origins.contains(&Origin::Derivation);
    let says = match (by_file, by_derivation) {
        (true, true) => "asks for and is built from",
        (_, false) => "asks for",
        (false, true) => "is built from",
    };
    let place = if by_file {
        edge.place.clone()
    } else {
        Origin::Derivation.shown(&edge.place)
    };
    format!(
        "{NOTE}{verb}{NOTE:#} {} {says} {} ({}) {DIM}{place}{DIM:#}",
        edge.package,
        asked_for(&edge.to, &edge.attribute),
        edge.kind
    )
}

fn lacking_of_member(asks: &MemberAsks, written: bool) -> String {
    let verb = if written { "recorded" } else { "lacking" };
    format!(
        "{NOTE}{verb}{NOTE:#} {} asks for {} ({}) {DIM}{}{DIM:#}",
        asks.member, asks.to, asks.kind, asks.place
    )
}

fn surplus(edge: &Surplus) -> String {
    let by_files = edge.refuted_by.contains(&Origin::Formals);
    let by_derivations = edge.refuted_by.contains(&Origin::Derivation);
    let why = match (by_files, by_derivations) {
        (true, true) => "it neither asks for that nor is built from that",
        (_, false) => "no file of it asks for that",
        (false, true) => "it is not built from that",
    };
    let place = edge.place.as_deref().unwrap_or_default();
    surplus_line(&edge.package, &edge.attribute, (edge.kind, why), place)
}

fn surplus_line(
    who: &impl Display,
    needed: &impl Display,
    (kind, why): (EdgeKind, &str),
    place: &str,
) -> String {
    format!(
        "{NOTE}surplus{NOTE:#} {who} is said to need {needed} ({kind}), and {why} {DIM}{place}{DIM:#}"
    )
}

fn unresolved(
    who: &impl Display,
    (name, nobody): (&str, &str),
    nearest: &[String],
    place: &str,
) -> String {
    let near = if nearest.is_empty() {
        String::new()
    } else {
        format!("; near it are {}", nearest.join(", "))
    };
    format!(
        "{BAD}unresolved{BAD:#} {who} asks for `{name}`, which {nobody} has{near} {DIM}{place}{DIM:#}"
    )
}

fn unread(who: &impl Display, reason: &str, file: &str) -> String {
    format!("{BAD}unread{BAD:#} {who}: {reason} {DIM}{file}{DIM:#}")
}

/// A package, and by which of its attributes it is asked for.
fn asked_for(package: &PackageId, attribute: &AttrName) -> String {
    if package.name == *attribute {
        package.to_string()
    } else {
        format!("{package} as {attribute}")
    }
}
