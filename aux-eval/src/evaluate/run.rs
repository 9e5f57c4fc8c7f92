//! The evaluation of a family.

use std::time::Instant;

use aux_gen::disk::Registry;
use aux_model::Catalog;
use aux_nix::{Nix, NixError};

use crate::evaluate::options::Options;
use crate::evaluate::report::{RepoReport, Report, Resolution};
use crate::evaluate::subject::Subject;
use crate::evaluate::{flakes, siblings};

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
        .map(|repo| Subject::of(catalog, repo, options.system.as_str()))
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
