//! The flake of somebody who uses a few repos, and not all of them through top-level.

use std::collections::BTreeSet;

use aux_model::{Catalog, ModuleClass, Repo, RepoName};
use serde::Serialize;

use crate::plan::flake::{Input, LayerEntry, has_hand_written, inputs_among, layers_of};
use crate::render::{Context, Filling, Marker, TemplateError, Templates};

/// The text of a flake that has some repos as inputs, and one package set of all of them. What they have
/// in common is an input of its own that all of them follow, so that a lock holds it once. `price` is a line
/// on what that costs.
///
/// # Errors
/// When a template override fails; built-in templates do not.
///
/// # Panics
/// When no repo is named: there is nothing to use.
pub fn consumer(
    catalog: &Catalog,
    named: &[&Repo],
    price: Option<&str>,
    templates: &Templates,
) -> Result<String, TemplateError> {
    let (first, _) = named.split_first().expect("somebody uses something");
    let mut names: BTreeSet<&RepoName> = named.iter().map(|repo| &repo.name).collect();
    for repo in named {
        names.extend(catalog.inputs(repo).iter().map(|input| &input.name));
    }
    let all: Vec<&Repo> = catalog
        .layers()
        .filter(|repo| names.contains(&repo.name))
        .collect();
    let own: BTreeSet<&RepoName> = catalog
        .inputs(first)
        .iter()
        .map(|input| &input.name)
        .collect();
    let is_more = |repo: &&&Repo| repo.name != first.name && !own.contains(&repo.name);
    let more: Vec<&Repo> = all.iter().filter(is_more).copied().collect();
    let first_of = |class: ModuleClass| {
        let modules = named.iter().flat_map(|repo| repo.modules.values());
        let mut modules = modules.filter(|module| module.class == class);
        let module = modules.next();
        module.map(|module| format!("{}.{}.{}", module.repo, class.flake_output(), module.name))
    };
    let modules: Vec<String> = named
        .iter()
        .flat_map(|repo| repo.modules.values())
        .map(|module| {
            let output = module.class.flake_output();
            format!("{}.{output}.{}", module.repo, module.name)
        })
        .collect();
    let systems: Vec<String> = catalog
        .organization()
        .systems
        .iter()
        .map(ToString::to_string)
        .collect();
    let flake = Flake {
        named: listed(named),
        core: catalog.core().name.to_string(),
        first: first.name.to_string(),
        inputs: inputs_among(catalog, &all),
        has_hand_written: has_hand_written(catalog, &more),
        layers: layers_of(catalog, &more),
        nixos_module: first_of(ModuleClass::Nixos),
        home_module: first_of(ModuleClass::Home),
        price: price.map(str::to_owned),
        first_system: systems.last().cloned().unwrap_or_default(),
        modules,
        systems,
    };
    Filling::new(templates, flake, Marker::None).text()
}

fn listed(repos: &[&Repo]) -> String {
    let names: Vec<&str> = repos.iter().map(|repo| repo.name.as_str()).collect();
    match names.split_last() {
        Some((last, [_, ..])) => {
            format!("{} and {last}", names[..names.len() - 1].join(", "))
        }
        _ => names.join(""),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Flake {
    /// The repos that are used, in words.
    named: String,
    core: String,
    /// The repo whose package set the others join.
    first: String,
    inputs: Vec<Input>,
    /// The layers that the first repo has not.
    layers: Vec<LayerEntry>,
    has_hand_written: bool,
    modules: Vec<String>,
    /// The first module of each kind, as INPUT.OUTPUT.NAME.
    nixos_module: Option<String>,
    home_module: Option<String>,
    /// A line on what it costs.
    price: Option<String>,
    first_system: String,
    systems: Vec<String>,
}

impl Context for Flake {
    fn template(&self) -> &'static str {
        "consumer/flake.nix"
    }
}
