//! `eval --tree`, `--save` and `--compare`: what every attribute of a set evaluates to.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use aux_arguments::Eval;
use aux_eval::snapshot::{Differences, Evaluated, Look, Nested, PackageSet, Snapshot, snapshot};
use aux_gen::disk::{read_text, replace};
use aux_model::{System, printable};
use aux_nix::{FailureKind, Nix};
use aux_session::{
    BAD, DIM, Exit, Failure, GOOD, NOTE, Report, Session, Terminal, by_cause, cause, counted, jobs,
    limits, so_do, system,
};
use serde::Serialize;

use crate::named_system::named_system;

/// Runs the command.
///
/// # Errors
/// What stops it, with the way out.
pub fn run(session: &Session, args: &Eval) -> Result<Exit, Failure> {
    // A file that cannot be read is said before minutes of work.
    let before = args
        .compare
        .as_deref()
        .map(|file| read(session, file))
        .transpose()?;
    let nix = session.nix(&args.reach)?;
    let (set, system) = subject(session, args, &nix)?;
    let look = Look {
        jobs: jobs(args.jobs),
        nested: if args.nested {
            Nested::Followed
        } else {
            Nested::Named
        },
    };
    let start = Instant::now();
    let progress = session.terminal.progress("evaluated");
    let found = snapshot(&nix, &set, &system, look, &|done, known| {
        progress.of(done, known);
    })?;
    progress.done();
    let found = found.map_err(|failure| {
        let called =
            "`aux-gen eval --tree DIR` calls `default.nix` with `system`, `config` and `overlays`";
        Failure::refused(
            format!("the set itself has no value: {}", failure.reason),
            failure.way_out().unwrap_or_else(|| called.to_owned()),
        )
    })?;
    if let Some(reason) = before.as_ref().and_then(|before| found.unlike(before)) {
        let file = args.compare.as_deref().unwrap_or(Path::new(""));
        return Err(Failure::refused(
            format!("`{}` cannot be compared: {reason}", file.display()),
            "use the same `--system`, `--attr` and `--nested` as for `--save`",
        ));
    }
    if let Some(file) = &args.save {
        replace(&session.directory().join(file), found.to_json())?;
    }
    let differences = before.map(|before| found.since(&before));
    let is_fine = match &differences {
        Some(differences) => differences.is_empty(),
        // Where nothing was looked at nothing is fine.
        None if found.attributes.is_empty() => false,
        None => args.save.is_some() || found.failed().next().is_none(),
    };
    session.terminal.report(&Taken {
        snapshot: found,
        differences,
        elapsed: start.elapsed(),
        saved: args.save.as_deref(),
    })?;
    Ok(if is_fine { Exit::Fine } else { Exit::Problems })
}

/// What a set evaluates to.
struct Taken<'a> {
    snapshot: Snapshot,
    /// Since the snapshot that it is compared with.
    differences: Option<Differences>,
    elapsed: Duration,
    /// The file it went to.
    saved: Option<&'a Path>,
}

impl Report for Taken<'_> {
    type Output = aux_output::EvaluatedSet;

    fn output(&self) -> impl Serialize {
        #[derive(Serialize)]
        struct Output<'c> {
            #[serde(flatten)]
            snapshot: &'c Snapshot,
            differences: Option<&'c Differences>,
            seconds: f64,
        }
        Output {
            snapshot: &self.snapshot,
            differences: self.differences.as_ref(),
            seconds: self.elapsed.as_secs_f64(),
        }
    }

    fn show(&self, terminal: &Terminal) -> io::Result<()> {
        let mut text = match &self.differences {
            Some(differences) => compared(&self.snapshot, differences),
            None if self.saved.is_some() && !terminal.is_verbose() => String::new(),
            None => failures(&self.snapshot, terminal.is_verbose()),
        };
        summary(&mut text, &self.snapshot, self.elapsed);
        terminal.raw(&text)?;
        if let Some(file) = self.saved {
            terminal.say(format!("{DIM}write{DIM:#}  {}", file.display()));
        }
        Ok(())
    }
}

/// The set that is asked for.
fn subject(session: &Session, args: &Eval, nix: &Nix) -> Result<(PackageSet, System), Failure> {
    let Some(tree) = &args.tree else {
        let family = session.family()?;
        let system = system(args.system.as_deref(), &family.catalog)?;
        let set = PackageSet::of_family(
            &family.registry,
            &family.catalog,
            &system,
            nix,
            &limits(args.timeout),
        )?;
        return Ok((set, system));
    };
    let root = session.directory().join(tree);
    let root = root
        .canonicalize()
        .ok()
        .filter(|root| root.join("default.nix").is_file() || root.join("flake.nix").is_file());
    let root = root.ok_or_else(|| {
        Failure::refused(
            format!(
                "`{}` has neither a `default.nix` nor a `flake.nix`",
                tree.display()
            ),
            "name the directory of a package set",
        )
    })?;
    let system = named_system(args.system.as_deref())?;
    let limits = limits(args.timeout);
    let set = PackageSet::of_tree(&root, &system, &args.attr, nix, &limits)?;
    Ok((set, system))
}

fn read(session: &Session, file: &Path) -> Result<Snapshot, Failure> {
    let text = read_text(&session.directory().join(file))?;
    Snapshot::from_json(&text).map_err(|reason| {
        Failure::refused(
            format!(
                "`{}` is not what `eval --save` writes: {reason}",
                file.display()
            ),
            "write it with `aux-gen eval --save FILE`",
        )
    })
}

/// Every attribute that fails, those of one cause in one line unless `all` are wanted.
fn failures(snapshot: &Snapshot, all: bool) -> String {
    let key = |(name, found): &(&str, &Evaluated)| match found {
        Evaluated::Failed { kind, reason, .. } if !all => format!("{kind}: {}", cause(reason)),
        _ => (*name).to_owned(),
    };
    let failed = snapshot.failed();
    let lines = by_cause(failed, key).into_iter().map(|group| {
        let (name, found) = group[0];
        let others: Vec<&str> = group[1..].iter().map(|(name, _)| *name).collect();
        let line = shown("failed", name, found);
        format!("{}{}\n", line.trim_end(), printable(&so_do(&others)))
    });
    lines.collect()
}

/// A line for an attribute: what happened to it, and what it is.
fn shown(what: &str, name: &str, found: &Evaluated) -> String {
    let name = printable(name);
    match found {
        Evaluated::Derivation(path) => format!("{NOTE}{what}{NOTE:#} {name} {DIM}{path}{DIM:#}\n"),
        Evaluated::Is(is) => format!("{NOTE}{what}{NOTE:#} {name}: a {is}\n"),
        Evaluated::Failed {
            kind,
            reason,
            place,
        } => {
            let place = place.as_deref().unwrap_or_default();
            let (reason, place) = (printable(reason), printable(place));
            let line = format!("{BAD}{what}{BAD:#} {name}: {kind}: {reason} {DIM}{place}{DIM:#}");
            format!("{}\n", line.trim_end())
        }
    }
}

pub(crate) fn compared(snapshot: &Snapshot, differences: &Differences) -> String {
    let lists = [
        ("added", &differences.added),
        ("changed", &differences.changed),
        ("now failing", &differences.now_failing),
        ("now working", &differences.now_working),
    ];
    let mut text = String::new();
    for (what, names) in lists {
        for name in names {
            if let Some(found) = snapshot.attributes.get(name) {
                text.push_str(&shown(what, name, found));
            }
        }
    }
    for name in &differences.removed {
        let _ = writeln!(text, "{BAD}removed{BAD:#} {}", printable(name));
    }
    if differences.is_empty() {
        let _ = writeln!(
            text,
            "{GOOD}same{GOOD:#}: every attribute evaluates to what it did"
        );
    }
    text
}

/// How many there are of each sort.
fn summary(text: &mut String, snapshot: &Snapshot, elapsed: Duration) {
    let mut kinds: BTreeMap<FailureKind, usize> = BTreeMap::new();
    for (_, found) in snapshot.failed() {
        if let Evaluated::Failed { kind, .. } = found {
            *kinds.entry(*kind).or_default() += 1;
        }
    }
    let failed: usize = kinds.values().sum();
    let derivations = snapshot.derivations();
    let others = snapshot.attributes.len() - derivations - failed;
    let kinds: Vec<String> = kinds
        .iter()
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect();
    let _ = writeln!(
        text,
        "{}: {}, {others} of other types, {failed} failed{} {DIM}(Nix {}, {}, {:.1} s){DIM:#}",
        counted(snapshot.attributes.len(), "attribute"),
        counted(derivations, "derivation"),
        if kinds.is_empty() {
            String::new()
        } else {
            format!(" ({})", kinds.join(", "))
        },
        snapshot.nix,
        snapshot.system,
        elapsed.as_secs_f64()
    );
}
