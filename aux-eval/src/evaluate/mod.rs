//! Asks the real Nix whether the family keeps its contract, repo by repo and
//! attribute by attribute, each alone and through top-level.
//!
//! What is asked follows from the catalog, never from what the flakes say of
//! themselves; otherwise a repo that lost its packages would look fine.

mod census;
mod clauses;
pub mod commits;
pub(crate) mod family;
mod flakes;
mod report;
mod siblings;

pub use census::tree_set;
pub use census::{
    Census, Counted, Differences, Found, Look, Nested, PackageSet, census, maintainers, names,
};
pub use commits::CommitsError;
pub use report::{ClauseReport, FailedAttribute, RepoReport, Report, Resolution, Tally};

use std::collections::BTreeSet;
use std::time::Instant;

use aux_model::{AttributeKind, Catalog, Repo, RepoName, System};

use aux_gen::disk::Registry;
use aux_gen::plan::Contract;
use aux_nix::{Limits, Nix, NixError};

/// What to evaluate, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The repos to look at; all if empty.
    pub repos: BTreeSet<RepoName>,
    /// The system to evaluate for.
    pub system: System,
    /// How inputs are resolved.
    pub resolution: Resolution,
    /// How many Nix processes may run at once.
    pub jobs: usize,
    /// Time and memory; the paths that may be read are added here.
    pub limits: Limits,
}

/// Evaluates the family. `progress` is called with each repo that is done.
///
/// # Errors
/// When Nix cannot be started or asked. What fails inside Nix is in the report.
pub fn evaluate(
    registry: &Registry,
    catalog: &Catalog,
    nix: &Nix,
    options: &Options,
    progress: &(dyn Fn(&RepoReport) + Sync),
) -> Result<Report, NixError> {
    let start = Instant::now();
    let subjects: Vec<Subject<'_>> = catalog
        .layers()
        .filter(|repo| {
            // Without top-level nothing is said of the whole; that is no silence.
            let absent_top = repo.name == catalog.top_level().name
                && !registry
                    .root()
                    .join(repo.path.as_str())
                    .join("flake.nix")
                    .is_file();
            absent_top || options.repos.is_empty() || options.repos.contains(&repo.name)
        })
        .map(|repo| Subject::of(catalog, repo))
        .collect();
    let mut repos = match options.resolution {
        Resolution::Siblings => {
            siblings::evaluate(registry, catalog, nix, options, &subjects, progress)?
        }
        Resolution::Flakes => {
            flakes::evaluate(registry, catalog, nix, options, &subjects, progress)?
        }
    };
    repos.sort_by(|a, b| a.repo.cmp(&b.repo));
    Ok(Report {
        nix: nix.version().to_string(),
        system: options.system.to_string(),
        resolution: options.resolution,
        repos,
        seconds: start.elapsed().as_secs_f64(),
    })
}

/// One repo and what must be true of it.
struct Subject<'c> {
    repo: &'c Repo,
    is_core: bool,
    is_top_level: bool,
    /// Derivations it must offer alone: attributes.
    standalone: Vec<String>,
    /// Derivations it owns but need not offer alone, with what is missing.
    left_out: Vec<(String, String)>,
    /// All derivations it owns.
    derivations: Vec<String>,
    /// All builders it owns.
    builders: Vec<String>,
    /// Names of others that its layer holds stubs for.
    foreign: BTreeSet<String>,
    /// What `packages` must hold: its standalone derivations, and for top-level
    /// everybody's derivations.
    offered: BTreeSet<String>,
    /// What its `aux` must say.
    contract: serde_json::Value,
    /// The names of all repos.
    family: BTreeSet<String>,
}

impl<'c> Subject<'c> {
    fn of(catalog: &'c Catalog, repo: &'c Repo) -> Self {
        let view = catalog.view(repo);
        let mut subject = Self {
            repo,
            is_core: repo.name == catalog.core().name,
            is_top_level: repo.name == catalog.top_level().name,
            standalone: Vec::new(),
            left_out: Vec::new(),
            derivations: Vec::new(),
            builders: Vec::new(),
            foreign: view.foreign.keys().map(ToString::to_string).collect(),
            offered: BTreeSet::new(),
            contract: Contract::of(catalog, &view).to_value(),
            family: catalog.repos().map(|repo| repo.name.to_string()).collect(),
        };
        for package in repo.packages.values() {
            let reason = view.left_out.get(&package.id.name);
            for (attribute, kind) in package.attributes() {
                let attribute = attribute.to_string();
                if kind == AttributeKind::Builder {
                    subject.builders.push(attribute);
                    continue;
                }
                match reason {
                    Some(reason) => subject
                        .left_out
                        .push((attribute.clone(), reason.missing().to_string())),
                    None => subject.standalone.push(attribute.clone()),
                }
                subject.derivations.push(attribute);
            }
        }
        subject.standalone.sort();
        subject.derivations.sort();
        subject.builders.sort();
        subject.offered = if subject.is_top_level {
            catalog
                .repos()
                .flat_map(|repo| catalog.attributes_of(repo))
                .filter(|(_, kind)| *kind != AttributeKind::Builder)
                .map(|(name, _)| name.to_string())
                .collect()
        } else {
            let moved = view.moved.iter().filter(|(_, moved)| moved.offered);
            let moved = moved.map(|(name, _)| name.to_string());
            subject.standalone.iter().cloned().chain(moved).collect()
        };
        subject
    }

    fn is_generated(&self) -> bool {
        self.repo.is_generated()
    }
}
