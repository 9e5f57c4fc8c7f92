//! `drift`: what upstream changed since packages were imported.

use std::io;

use aux_adopt::import::{Upstream, upstream};
use aux_arguments::Drift as Args;
use aux_git::WorkTree;
use aux_model::{Family, Imported, Package, printable};
use aux_output::{ErrorCode, UpstreamChanges, UpstreamCommit, UpstreamPackage};
use aux_session::{BAD, DIM, Exit, Failure, GOOD, NOTE, Session, Terminal, short};

/// Commits that are shown of each package.
const FEW: usize = 5;

pub(crate) fn run(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let family = session.family()?;
    let wanted = wanted(&family.catalog, &args.packages)?;
    let mut trees = Vec::new();
    for tree in &args.tree {
        let place = session.directory().join(tree);
        trees.push(WorkTree::of(&place).ok_or_else(|| {
            Failure::refused(
                format!(
                    "`{}` is in no git repository",
                    printable(&tree.display().to_string())
                ),
                "name a clone of what the packages were imported from",
            )
        })?);
    }
    let mut output = UpstreamChanges {
        packages: Vec::new(),
        unrecorded: 0,
    };
    for package in wanted {
        match &package.imported {
            None => output.unrecorded += 1,
            Some(imported) => {
                let looked = upstream(imported, &trees).map_err(|error| {
                    let help = "`git fsck` in that clone says what is wrong with it";
                    Failure::because(ErrorCode::Git, &error, "a clone cannot be read", help)
                });
                output.packages.push(told(package, imported, looked?));
            }
        }
    }
    let is_same = |package: &UpstreamPackage| package.state == "same";
    let exit = if output.packages.iter().all(is_same) {
        Exit::Fine
    } else {
        Exit::Problems
    };
    session.terminal.report_with(&output, show)?;
    Ok(exit)
}

/// The packages that are named, or all.
fn wanted<'c>(family: &'c Family, names: &[String]) -> Result<Vec<&'c Package>, Failure> {
    if names.is_empty() {
        let all = family.repos().flat_map(|repo| repo.packages.values());
        return Ok(all.collect());
    }
    let packages = names.iter().map(|text| {
        let (repo, name) = match text.split_once('/') {
            Some((repo, name)) => (Some(repo), name),
            None => (None, text.as_str()),
        };
        let found = family.attribute(name).map(|found| &found.package);
        let found = found.filter(|id| repo.is_none_or(|repo| id.repo == *repo));
        found.and_then(|id| family.package(id)).ok_or_else(|| {
            Failure::not_found(
                format!("there is no package `{}`", printable(text)),
                "`aux-gen where WORDS` finds packages",
            )
        })
    });
    packages.collect()
}

fn told(package: &Package, imported: &Imported, looked: Upstream) -> UpstreamPackage {
    let commits = looked.commits.into_iter().map(|commit| UpstreamCommit {
        commit: commit.commit.to_string(),
        author: commit.author.name,
        subject: commit.message.lines().next().unwrap_or_default().to_owned(),
    });
    UpstreamPackage {
        package: package.id.to_string(),
        from: imported.from.clone(),
        rev: imported.rev.to_string(),
        path: imported.path.to_string(),
        state: looked.state.as_str().to_owned(),
        newest: looked.newest.map(|rev| rev.to_string()),
        version: looked.version,
        newest_version: looked.newest_version,
        commits: commits.collect(),
    }
}

/// Shows it to people.
fn show(output: &UpstreamChanges, terminal: &Terminal) -> io::Result<()> {
    let few = if terminal.is_verbose() {
        usize::MAX
    } else {
        FEW
    };
    for package in &output.packages {
        let style = match package.state.as_str() {
            "same" => GOOD,
            "unknown" => NOTE,
            _ => BAD,
        };
        let versions = match (&package.version, &package.newest_version) {
            (Some(then), Some(now)) if then != now => {
                format!(" {} -> {}", printable(then), printable(now))
            }
            _ => String::new(),
        };
        terminal.result(format!(
            "{style}{:<8}{style:#} {}{versions}  {DIM}{} of {}{DIM:#}",
            package.state,
            package.package,
            printable(&package.path),
            short(&package.rev)
        ))?;
        for commit in package.commits.iter().rev().take(few) {
            terminal.result(format!(
                "  {} {}  {DIM}{}{DIM:#}",
                short(&commit.commit),
                printable(&commit.subject),
                printable(&commit.author)
            ))?;
        }
        match package.commits.len().saturating_sub(few) {
            0 => {}
            more => terminal.result(format!("  and {more} more"))?,
        }
    }
    let count = |state: &str| {
        let packages = output.packages.iter();
        packages.filter(|package| package.state == state).count()
    };
    let unknown = count("unknown");
    if unknown > 0 {
        terminal.warn(format!(
            "{NOTE}not looked at{NOTE:#}: {unknown} packages; no `--tree` has the commit that they were imported from"
        ));
    }
    terminal.say(format!(
        "{} of {} imported packages are as upstream has them, {} changed there, {} are gone; {} packages have no record",
        count("same"),
        output.packages.len(),
        count("changed"),
        count("gone"),
        output.unrecorded
    ));
    Ok(())
}
