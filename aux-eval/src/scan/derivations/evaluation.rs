//! The questions to Nix, and what its answers mean.

use std::collections::BTreeMap;
use std::time::Instant;

use aux_gen::disk::Registry;
use aux_model::{AttrName, AttributeKind, Family, Repo, System};
use aux_nix::{Answer, Derivation, Limits, Nix, NixError, Question};
use serde_json::Value;

use crate::evaluate::family::Scope;
use crate::failure::EvalFailure;
use crate::scan::derivations::known::{Derivations, Evaluated, Unevaluated, Unseen};
use crate::scan::derivations::mapping::{Mapping, Owner};
use crate::scan::derivations::sets::{Set, Sets};
use crate::scan::stdenv::STDENV;

/// Evaluates all packages of all repos in one process, and reads the graph of
/// their derivations in another. All are taken from top-level's package set, or
/// from each repo's own if top-level or a repo it needs is not checked out.
///
/// # Errors
/// When Nix cannot be started or asked. What fails inside Nix is in
/// [`ScanReport::failed`](crate::scan::ScanReport::failed).
pub fn derivations(
    registry: &Registry,
    catalog: &Family,
    nix: &Nix,
    system: &System,
    limits: &Limits,
) -> Result<Derivations, NixError> {
    let start = Instant::now();
    let checkouts = registry.checkouts(catalog);
    let Scope { expression, limits } =
        Scope::of(catalog, &checkouts, system.as_str(), nix, limits)?;
    let sets = Sets::of(catalog, &checkouts);

    let mut unseen = Vec::new();
    let mut asked: Vec<Asked> = Vec::new();
    for repo in catalog.repos() {
        match sets.of_repo(repo) {
            Ok(set) => asked.extend(attributes(repo, &set)),
            Err(_) if repo.packages.is_empty() => {}
            Err(reason) => unseen.push(Unseen {
                repo: repo.name.clone(),
                reason,
            }),
        }
    }
    if let Ok(set) = sets.of_repo(catalog.core()) {
        asked.extend(stdenvs(catalog, &set));
    }
    let questions: Vec<Question> = asked.iter().map(|asked| asked.question.clone()).collect();

    let mut paths = Vec::new();
    let mut owned = Vec::new();
    let mut attributes = BTreeMap::new();
    let mut stdenvs = BTreeMap::new();
    let mut failures = Vec::new();
    for (asked, answered) in asked
        .into_iter()
        .zip(nix.ask(&expression, &questions, &limits)?)
    {
        match (read(&asked.attribute, answered.answer), asked.owner) {
            (Ok((path, derivation)), owner) => {
                paths.push(path);
                match owner {
                    Some(owner) => {
                        attributes.insert(asked.attribute, derivation.clone());
                        owned.push((owner, derivation));
                    }
                    None => {
                        stdenvs.insert(asked.attribute, derivation);
                    }
                }
            }
            (Err(failed), Some(owner)) => failures.push(Unevaluated {
                package: owner.package,
                failed,
            }),
            // A core without a `stdenv`, or with one that is no derivation, is fine.
            (Err(_), None) => {}
        }
    }
    paths.sort();
    paths.dedup();
    let graph = nix
        .derivations(&paths, &limits)?
        .map_err(|failure| NixError::Unusable {
            command: format!("{} derivation show", nix.program().display()),
            failure: Box::new(failure),
        })?;
    let mapping = Mapping::of(owned, stdenvs.values().cloned(), &graph);
    Ok(Derivations {
        evaluated: Evaluated {
            nix: nix.version().to_string(),
            system: system.to_string(),
            view: sets.view(),
            attributes: attributes.len(),
            derivations: mapping.len(),
            closure: graph.len(),
            seconds: start.elapsed().as_secs_f64(),
        },
        mapping,
        attributes,
        stdenvs,
        failed: failures,
        unseen,
    })
}

/// One attribute that is asked for.
struct Asked {
    question: Question,
    attribute: AttrName,
    /// Nobody, for a `stdenv` that no repo lists as a package.
    owner: Option<Owner>,
}

/// All attributes of a repo but its builders.
fn attributes(repo: &Repo, set: &Set) -> Vec<Asked> {
    let mut asked = Vec::new();
    for package in repo.packages.values() {
        for (attribute, kind) in package.attributes() {
            if kind == AttributeKind::Builder {
                continue;
            }
            asked.push(Asked {
                question: set.question(&attribute),
                owner: Some(Owner {
                    package: package.id.clone(),
                    is_alias: matches!(kind, AttributeKind::Alias(_)),
                    attribute: attribute.clone(),
                }),
                attribute,
            });
        }
    }
    asked
}

/// The `stdenv`s that no repo lists as a package of its own.
fn stdenvs(catalog: &Family, set: &Set) -> Vec<Asked> {
    STDENV
        .iter()
        .filter(|name| {
            let listed = catalog.attribute(name);
            listed.is_none_or(|found| found.kind == AttributeKind::Builder)
        })
        .filter_map(|name| name.parse().ok())
        .map(|attribute| Asked {
            question: set.question(&attribute),
            attribute,
            owner: None,
        })
        .collect()
}

/// The path of a derivation and its name, or why the attribute has none.
fn read(attribute: &AttrName, answer: Answer) -> Result<(String, Derivation), EvalFailure> {
    match answer {
        Answer::Failed(failure) => Err(EvalFailure::of(Some(attribute.as_str()), failure)),
        Answer::Value(value) => {
            let path = value.get("drvPath").and_then(Value::as_str);
            match path.and_then(|path| Some((path.to_owned(), path.parse().ok()?))) {
                Some(found) => Ok(found),
                None => {
                    let found = value.as_str().unwrap_or("derivation without a path");
                    Err(EvalFailure::of_type(attribute.as_str(), found))
                }
            }
        }
    }
}
