//! Asks real Nix about a family that is on no disk: would it evaluate?
//! `cargo run -p aux-eval --example planned -- aux-model/doc/family.toml`

#![allow(clippy::print_stdout, reason = "an example program talks to people")]

use std::error::Error;

use aux_eval::evaluate::{Options, Report, Resolution, evaluate_plan};
use aux_gen::plan::plan;
use aux_gen::render::Templates;
use aux_model::{Catalog, System};
use aux_nix::{Limits, Nix};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("name the manifest")?;
    let catalog = Catalog::from_toml(&std::fs::read_to_string(path)?)?;
    for repo in evaluated(&catalog)?.repos {
        println!(
            "{}: {} alone, {} through top-level",
            repo.repo, repo.standalone.ok, repo.top_level.ok
        );
    }
    Ok(())
}

fn evaluated(catalog: &Catalog) -> Result<Report, Box<dyn Error>> {
    let options = Options {
        repos: Default::default(),
        system: "x86_64-linux".parse::<System>()?,
        resolution: Resolution::Siblings,
        jobs: 1,
        limits: Limits::default(),
    };
    let plan = plan(catalog, &Templates::built_in());
    Ok(evaluate_plan(
        &plan,
        catalog,
        &Nix::find()?,
        &options,
        &|_| {},
    )?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scaffolds_of_a_family_evaluate_alone_and_together() {
        let catalog = Catalog::from_toml(include_str!("../../aux-model/doc/family.toml"));
        let report = evaluated(&catalog.expect("it keeps every rule")).expect("Nix is here");
        let counts = report.repos.iter().map(|repo| {
            let clauses = repo.contract.iter().all(|clause| clause.broken.is_none());
            assert!(clauses, "{:?}", repo.contract);
            (repo.repo.as_str(), repo.standalone.ok, repo.top_level.ok)
        });
        let counts: Vec<_> = counts.collect();
        assert_eq!(
            counts,
            [
                ("core", 3, 3),
                ("gnome", 2, 2),
                // Of its packages, one needs a peer.
                ("javascript", 1, 2),
                ("python", 2, 2),
                ("top-level", 0, 0),
            ]
        );
    }
}
