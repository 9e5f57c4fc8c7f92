//! `use`: the flake of somebody who uses a few repos.

use std::io;

use aux_arguments::Use;
use aux_eval::cost;
use aux_gen::plan::consumer;
use aux_model::Repo;
use aux_output::ConsumerFlake;
use aux_session::{Exit, Failure, Session, Terminal, counted, repo, size};

use crate::commands::cost::{counts, with_inputs};

pub(crate) fn run(session: &Session, args: &Use) -> Result<Exit, Failure> {
    let family = session.family()?;
    let mut repos: Vec<&Repo> = Vec::new();
    for name in &args.repos {
        let name = repo(&family.catalog, name)?;
        let known = family.catalog.repo(name.as_str());
        let found = known.filter(|found| !repos.contains(found));
        repos.extend(found);
    }
    if let Some(other) = repos.iter().find(|repo| !repo.is_generated()) {
        return Err(Failure::refused(
            format!(
                "repo `{}` is {}: what its flake offers is not ours to say",
                other.name, other.kind
            ),
            "name repos that are generated",
        ));
    }
    let templates = family.templates()?;
    // What is fetched once, whoever has it as an input.
    let fetched = repos.iter().flat_map(|repo| with_inputs(&family, repo));
    let fetched = counts(&family, fetched, cost::download)?;
    let download: Option<u64> = fetched.values().copied().sum();
    let price = download.map(|bytes| {
        let archives = counted(fetched.len(), "archive");
        format!("To download: {} in {archives}.", size(bytes))
    });
    let flake = ConsumerFlake {
        repos: repos.iter().map(|repo| repo.name.to_string()).collect(),
        flake: consumer(&family.catalog, &repos, price.as_deref(), &templates)?,
        download,
    };
    session.terminal.report_with(&flake, show)?;
    Ok(Exit::Fine)
}

/// Shows it to people.
fn show(output: &ConsumerFlake, terminal: &Terminal) -> io::Result<()> {
    terminal.document(&output.flake)
}
