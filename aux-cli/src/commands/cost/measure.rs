//! What is measured, repo by repo.

use std::collections::BTreeSet;
use std::path::Path;

use aux_arguments::Cost;
use aux_eval::cost::{
    Bytes, Evaluation, FetchError, Measurement, Views, bytes, costliest, evaluations, largest,
};
use aux_gen::disk::{COSTS, CostsFile, checkout, replace};
use aux_model::{AttributeKind, PackageId, Price, Prices, Repo, RepoName, System, printable};
use aux_nix::{Failure as NixFailure, Limits, Nix};
use aux_output::{
    AttributeCost, Costs, EvaluatedCost, EvaluationCost, ExplainedCost, FolderCost, RepoCost,
};
use aux_session::{CheckedRegistry, Exit, Failure, Session, repo, repos, size, system};

use super::budget::{counts, is_held, uncounted, with_inputs};
use super::show::show;
use crate::commands::relocate::package;

/// How many folders and attributes `--explain` names.
const NAMED: usize = 10;

pub(crate) fn run(session: &Session, args: &Cost) -> Result<Exit, Failure> {
    // Nobody else writes while it is measured.
    let (held, family) = if args.write {
        let (held, family) = session.locked_family()?;
        (Some(held), family)
    } else {
        (None, session.family()?)
    };
    let catalog = &family.catalog;
    let asked: Vec<RepoName> = match &args.explain {
        Some(name) => vec![repo(catalog, name)?],
        None => repos(catalog, &args.repos)?,
    };
    let packages: Vec<PackageId> = args
        .package
        .iter()
        .map(|name| package(catalog, name))
        .collect::<Result<_, _>>()?;
    let asked: Vec<&Repo> = catalog
        .layers()
        .filter(|repo| asked.is_empty() || asked.contains(&repo.name))
        .collect();
    let stray = packages.iter().find(|package| {
        let mut asked = asked.iter();
        !asked.any(|repo| repo.name == package.repo)
    });
    if let Some(stray) = stray {
        return Err(Failure::refused(
            format!("`{stray}` is of no repo that is measured"),
            "name its repo too, or no repo",
        ));
    }
    let against = args.against.as_deref().map(|tree| {
        let root = session.directory().join(tree).canonicalize();
        root.ok().filter(|root| root.is_dir()).ok_or_else(|| {
            Failure::not_found(
                format!("`{}` is no directory", printable(&tree.to_string_lossy())),
                "name a checkout of the tree to compare with",
            )
        })
    });
    let against = against.transpose()?;
    let progress = session.terminal.progress("cost");
    progress.at("counting bytes");
    let counted = counts(&family, catalog.repos(), bytes)?;
    let unknown = catalog.repos().filter(|repo| counted[&repo.name].is_none());
    let mut unknown: Vec<String> = unknown.map(uncounted).collect();
    let measuring = if args.no_eval {
        None
    } else {
        Some(measuring(session, args, &family, against.as_deref())?)
    };
    let mut output = Costs {
        system: measuring.as_ref().map(|(_, system)| system.to_string()),
        against: against.map(|against| against.display().to_string()),
        repos: Vec::new(),
        over: Vec::new(),
        unknown: Vec::new(),
        explained: None,
    };
    for repo in asked {
        let own = counted[&repo.name];
        let parts = with_inputs(&family, repo).map(|part| counted[&part.name]);
        let all: Option<Vec<Bytes>> = parts.collect();
        let sum = |of: fn(&Bytes) -> u64| Some(all.as_ref()?.iter().map(of).sum());
        let mut cost = RepoCost {
            repo: repo.name.to_string(),
            download: own.map(|bytes| bytes.download),
            download_alone: sum(|bytes| bytes.download),
            store: own.map(|bytes| bytes.store),
            store_alone: sum(|bytes| bytes.store),
            one: None,
            all: None,
        };
        if let Some((views, system)) = &measuring {
            let offered = offered(&family, repo, system.as_str());
            let mut chosen = packages.iter().filter(|package| package.repo == repo.name);
            let one = match chosen.next() {
                Some(package) => Some(package.name.to_string()),
                None => offered.first().cloned(),
            };
            if args.explain.is_some() {
                progress.at(format!("explaining {}", repo.name));
                output.explained = Some(explained(&family, views, repo, &offered, args.most)?);
            } else if let Some(one) = one {
                progress.at(format!("evaluating {}", repo.name));
                let taken = evaluations(views, repo, &[&[one], &offered])?;
                let mut taken = taken.into_iter().map(of);
                (cost.one, cost.all) = (taken.next(), taken.next());
            } else {
                unknown.push(format!(
                    "evaluation of {}: it offers no package alone",
                    repo.name
                ));
            }
        } else if args.explain.is_some() {
            output.explained = Some(folders(&family, repo)?);
        }
        output.over.extend(over(&family, repo, &cost));
        output.repos.push(cost);
    }
    progress.done();
    output.unknown = unknown;
    // It cannot be asked for without an evaluation.
    if let Some((_, system)) = measuring.filter(|_| args.write) {
        written(&family, &output, system)?;
    }
    drop(held);
    let exit = if output.over.is_empty() {
        Exit::Fine
    } else {
        Exit::Problems
    };
    session.terminal.report_with(&output, show)?;
    Ok(exit)
}

/// Writes down what was measured; top-level, whose README has it, is none of them.
fn written(family: &CheckedRegistry, output: &Costs, system: System) -> Result<(), Failure> {
    let top = family.catalog.top_level().name.as_str();
    let alone = |evaluation: &Option<EvaluationCost>| evaluation.as_ref()?.alone.as_ref()?.thunks;
    let mut prices = Prices::new();
    for cost in output.repos.iter().filter(|cost| cost.repo != top) {
        let (Ok(name), Some(download)) = (cost.repo.parse(), cost.download_alone) else {
            continue;
        };
        let price = Price {
            download,
            one: alone(&cost.one),
            all: alone(&cost.all),
        };
        prices.insert(name, price);
    }
    if prices.is_empty() {
        return Err(Failure::refused(
            "nothing is known of what repos are to download, and so nothing is written",
            "make each a git repository with a commit; `aux-gen sync` clones those that are published",
        ));
    }
    let text = CostsFile::new(system, prices).text();
    Ok(replace(&family.registry.root().join(COSTS), text)?)
}

/// The views to evaluate in, and the system.
fn measuring<'f>(
    session: &Session,
    args: &Cost,
    family: &'f CheckedRegistry,
    against: Option<&Path>,
) -> Result<(Views<'f>, System), Failure> {
    let catalog = &family.catalog;
    let system = system(args.system.as_deref(), catalog)?;
    let nix: Nix = session.nix(&args.reach)?;
    let limits = Limits {
        total: std::time::Duration::from_secs(args.timeout),
        ..Limits::default()
    };
    let checkouts = family.registry.checkouts(catalog);
    let views = Views::new(catalog, &checkouts, &system, against, (&nix, &limits))?;
    Ok((views, system))
}

/// The attributes that are derivations and that a repo offers alone on a system, members of package sets
/// among them; of top-level those of every repo.
fn offered(family: &CheckedRegistry, repo: &Repo, system: &str) -> Vec<String> {
    let catalog = &family.catalog;
    if repo.name == catalog.top_level().name {
        let repos = catalog.repos().filter(|other| other.name != repo.name);
        let below = repos.flat_map(|other| offered_by(family, other, false, system));
        let own = offered_by(family, repo, true, system);
        return below
            .chain(own)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
    }
    offered_by(family, repo, true, system)
}

/// What a repo has of them: all, or what it offers alone.
fn offered_by(family: &CheckedRegistry, repo: &Repo, alone: bool, system: &str) -> Vec<String> {
    let catalog = &family.catalog;
    let view = catalog.view(repo);
    let packages = repo.packages.values();
    let packages = packages.filter(|package| {
        let is_left_out = alone && view.left_out.contains_key(&package.id.name);
        !is_left_out && catalog.availability(&package.id).is_offered(system)
    });
    let attributes = packages.flat_map(aux_model::Package::attributes);
    let derivations = attributes.filter(|(_, kind)| *kind == AttributeKind::Derivation);
    let mut names: Vec<String> = derivations.map(|(name, _)| name.to_string()).collect();
    let lacks = catalog.graph().coverage(&repo.name);
    let lacks = lacks.map(|coverage| coverage.members_missing);
    let lacks = lacks.ok().filter(|_| alone).unwrap_or_default();
    for set in repo.sets.values() {
        let members = set.members.keys();
        let members = members.map(|member| format!("{}.{member}", set.name));
        names.extend(members.filter(|member| !lacks.contains_key(member)));
    }
    names.sort();
    names
}

fn of(evaluation: Evaluation) -> EvaluationCost {
    let Evaluation {
        attributes,
        alone,
        top_level,
        tree,
    } = evaluation;
    EvaluationCost {
        attributes,
        alone: alone.map(taken),
        top_level: taken(top_level),
        tree_attributes: tree.as_ref().map(|(names, _)| names.len()),
        tree: tree.map(|(_, found)| taken(found)),
    }
}

fn taken(taken: Result<Measurement, NixFailure>) -> EvaluatedCost {
    match taken {
        Ok(taken) => EvaluatedCost {
            thunks: Some(taken.statistics.thunks),
            values: Some(taken.statistics.values),
            allocated: Some(taken.statistics.allocated),
            heap: Some(taken.heap),
            processor: Some(taken.statistics.processor.as_secs_f64()),
            cold: Some(taken.cold.as_secs_f64()),
            warm: Some(taken.warm.as_secs_f64()),
            failed: None,
        },
        Err(failure) => EvaluatedCost {
            thunks: None,
            values: None,
            allocated: None,
            heap: None,
            processor: None,
            cold: None,
            warm: None,
            failed: Some(failure.reason),
        },
    }
}

/// What the policy does not allow of a repo.
fn over(family: &CheckedRegistry, repo: &Repo, cost: &RepoCost) -> Vec<String> {
    let budget = family.catalog.policy().budget;
    if !is_held(family, repo) {
        return Vec::new();
    }
    let alone = |evaluation: &Option<EvaluationCost>| evaluation.as_ref()?.alone.as_ref()?.thunks;
    let thunks = |count: u64| format!("{count} thunks");
    let mut over = Vec::new();
    let mut hold =
        |what: &str, found: Option<u64>, most: Option<u64>, said: &dyn Fn(u64) -> String| {
            if let (Some(found), Some(most)) = (found, most)
                && found > most
            {
                over.push(format!(
                    "{}: {what} takes {}, and the policy allows {}",
                    repo.name,
                    said(found),
                    said(most)
                ));
            }
        };
    let failed = |evaluation: &Option<EvaluationCost>| {
        let alone = evaluation.as_ref()?.alone.as_ref()?;
        alone.failed.clone()
    };
    let unknown = [
        ("one package alone", failed(&cost.one), budget.one),
        ("all that it offers alone", failed(&cost.all), budget.all),
    ];
    // What nobody can count is not within the budget.
    let unknown = unknown.into_iter().filter_map(|(what, reason, most)| {
        most?;
        Some(format!("{}: {what} has no value: {}", repo.name, reason?))
    });
    let unknown: Vec<String> = unknown.collect();
    hold(
        "the download with its inputs",
        cost.download_alone,
        budget.download,
        &size,
    );
    hold("one package alone", alone(&cost.one), budget.one, &thunks);
    hold(
        "all that it offers alone",
        alone(&cost.all),
        budget.all,
        &thunks,
    );
    over.extend(unknown);
    over
}

fn folders(family: &CheckedRegistry, repo: &Repo) -> Result<ExplainedCost, Failure> {
    let folders = match checkout(family.registry.root(), &repo.path) {
        Some(folder) => largest(&folder, NAMED).map_err(FetchError::from)?,
        None => Vec::new(),
    };
    Ok(ExplainedCost {
        repo: repo.name.to_string(),
        folders: folders
            .into_iter()
            .map(|folder| FolderCost {
                path: folder.path,
                bytes: folder.bytes,
                files: folder.files,
            })
            .collect(),
        empty: None,
        attributes: Vec::new(),
        offered: 0,
        evaluated: 0,
        without_value: Vec::new(),
    })
}

fn explained(
    family: &CheckedRegistry,
    views: &Views<'_>,
    repo: &Repo,
    offered: &[String],
    most: usize,
) -> Result<ExplainedCost, Failure> {
    let looked = &offered[..offered.len().min(most)];
    let costly = costliest(views, repo, looked)?;
    let attributes = costly.attributes.into_iter().take(NAMED);
    Ok(ExplainedCost {
        empty: costly.empty,
        attributes: attributes
            .map(|costly| AttributeCost {
                attribute: costly.attribute,
                thunks: costly.thunks,
            })
            .collect(),
        offered: offered.len(),
        evaluated: looked.len(),
        without_value: costly.without_value,
        ..folders(family, repo)?
    })
}
