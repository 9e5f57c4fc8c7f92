//! `flake.nix` and the wiring around it.

use std::collections::{BTreeMap, BTreeSet};

use aux_model::{Catalog, EntryFile, ModuleClass, Repo, RepoName, Variants, View, Wiring};
use aux_nix::language::quote;
use serde::Serialize;

use crate::marker::MARKER;
use crate::render::Context;

/// `flake.nix` of any repo; which template it fills in depends on the repo.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Flake {
    #[serde(skip)]
    template: &'static str,
    marker: &'static str,
    description: String,
    /// This repo.
    #[serde(rename = "self")]
    own_name: String,
    /// The input that builds the package set.
    core: String,
    /// A binding of `lib` in the arguments of this repo's own `lib`.
    lib: String,
    inputs: Vec<Input>,
    /// The names of those that take part in anything.
    repos: Vec<String>,
    /// An expression for the layer of each input but core, in order.
    layers: Vec<LayerEntry>,
    /// Whether one of those is written by hand, and takes part with more than single packages.
    has_hand_written: bool,
    /// An expression for the package set of `system`.
    package_set: String,
    overlays: Vec<Entry>,
    module_sets: Vec<ModuleSet>,
    /// Whether it offers a default package, programs, a formatter or tools.
    has_conveniences: bool,
}

#[derive(Serialize)]
pub(super) struct Input {
    name: String,
    url: String,
    is_tree: bool,
    /// Its own inputs that are this flake's inputs too, so that a lock holds
    /// one copy of each. One level is enough: every input's inputs are inputs.
    follows: Vec<Follows>,
}

/// An input of an input, and what it follows: an input of this flake, or, as an
/// empty text, this flake itself. That is how two repos may use each other;
/// inputs that only name each other fail with "found circular import".
#[derive(Serialize)]
struct Follows {
    input: String,
    target: String,
}

/// The layer of an input.
#[derive(Serialize)]
pub(super) struct LayerEntry {
    name: String,
    /// The layer, as an expression.
    value: String,
}

#[derive(Serialize)]
struct Entry {
    name: String,
    file: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ModuleSet {
    output: &'static str,
    /// Whether they are of NixOS systems, whose packages may be those of the family.
    is_nixos: bool,
    modules: Vec<ModuleEntry>,
}

#[derive(Serialize)]
struct ModuleEntry {
    name: String,
    /// The module, as an expression.
    value: String,
}

impl Flake {
    pub(super) fn of(catalog: &Catalog, view: &View<'_>) -> Self {
        let repo = view.repo;
        let core = catalog.core();
        let is_core = repo.name == core.name;
        let is_top = repo.name == catalog.top_level().name;
        Self {
            template: match (is_core, is_top) {
                (true, _) => "core/flake.nix",
                (_, true) => "top-level/flake.nix",
                _ => "repo/flake.nix",
            },
            marker: MARKER,
            description: repo.description.clone().unwrap_or_else(|| {
                format!("The repo {} of {}", repo.name, catalog.organization().name)
            }),
            own_name: repo.name.to_string(),
            core: core.name.to_string(),
            lib: match core.wiring {
                Wiring::Overlays => format!(
                    "lib = inputs.{}.lib or self.auxPackages.${{builtins.head contract.systems}}.lib;",
                    core.name
                ),
                _ => format!("inherit (inputs.{}) lib;", core.name),
            },
            inputs: Input::all_of(catalog, view),
            repos: view
                .inputs
                .iter()
                .filter(|input| input.wiring != Wiring::Nothing)
                .map(|input| input.name.to_string())
                .collect(),
            layers: layers_of(catalog, &view.inputs),
            has_hand_written: has_hand_written(catalog, &view.inputs),
            package_set: package_set(core),
            overlays: repo
                .overlays
                .values()
                .map(|overlay| Entry {
                    name: overlay.name.to_string(),
                    file: overlay.file(),
                })
                .collect(),
            module_sets: module_sets(catalog, repo, is_top),
            has_conveniences: !repo.convenience.is_empty(),
        }
    }
}

/// The layers of repos but core's, each as an expression.
pub(super) fn layers_of(catalog: &Catalog, repos: &[&Repo]) -> Vec<LayerEntry> {
    let core = &catalog.core().name;
    let repos = repos.iter().filter(|repo| repo.name != *core);
    repos
        .filter_map(|repo| {
            let name = repo.name.to_string();
            layer(catalog, repo).map(|value| LayerEntry { name, value })
        })
        .collect()
}

/// Whether one of those is written by hand, and takes part with more than single packages.
pub(super) fn has_hand_written(catalog: &Catalog, repos: &[&Repo]) -> bool {
    let core = &catalog.core().name;
    repos.iter().any(|repo| {
        repo.name != *core
            && !repo.is_generated()
            && matches!(repo.wiring, Wiring::Layers | Wiring::Overlays)
    })
}

/// Some repos as inputs of one flake, each following the others.
pub(super) fn inputs_among(catalog: &Catalog, all: &[&Repo]) -> Vec<Input> {
    let names = names_of(all);
    let inputs = all
        .iter()
        .map(|input| Input::among(catalog, input, &names, None));
    inputs.collect()
}

/// The inputs of a flake that stands for a repo: that repo, and all that it has as inputs, which it
/// follows.
pub(super) fn inputs_behind(catalog: &Catalog, repo: &Repo) -> Vec<Input> {
    let view = catalog.view(repo);
    let mut inputs = Input::all_of(catalog, &view);
    let follows = view.inputs.iter().map(|input| Follows {
        input: input.name.to_string(),
        target: input.name.to_string(),
    });
    let mut follows: Vec<Follows> = follows.filter(|_| repo.is_flake()).collect();
    follows.sort_by(|a, b| a.input.cmp(&b.input));
    inputs.push(Input {
        name: repo.name.to_string(),
        url: repo.url.to_string(),
        is_tree: !repo.is_flake(),
        follows,
    });
    inputs
}

/// The names of repos, to be looked up.
fn names_of<'c>(repos: &[&'c Repo]) -> BTreeSet<&'c RepoName> {
    repos.iter().map(|repo| &repo.name).collect()
}

impl Input {
    /// All inputs of the flake of a repo.
    fn all_of(catalog: &Catalog, view: &View<'_>) -> Vec<Self> {
        let names = names_of(&view.inputs);
        let inputs = view.inputs.iter();
        let inputs = inputs.map(|input| Self::among(catalog, input, &names, Some(view.repo)));
        inputs.collect()
    }

    /// An input of a flake with all of those, which may be that of a repo.
    fn among(
        catalog: &Catalog,
        input: &Repo,
        all: &BTreeSet<&RepoName>,
        flake: Option<&Repo>,
    ) -> Self {
        let generated = input.is_generated().then(|| catalog.inputs_by_name(input));
        let generated = generated.into_iter().flatten().map(|inner| &inner.name);
        // A hand-written flake has the inputs it says it uses.
        let says = !input.is_generated() && input.is_flake();
        let by_hand = says.then(|| input.uses.keys()).into_iter().flatten();
        let follows = generated.chain(by_hand).filter_map(|inner| {
            let target = if flake.is_some_and(|flake| *inner == flake.name) {
                String::new()
            } else {
                all.get(inner)?.to_string()
            };
            let input = inner.to_string();
            Some(Follows { input, target })
        });
        let follows = follows.collect();
        Self {
            name: input.name.to_string(),
            url: input.url.to_string(),
            is_tree: !input.is_flake(),
            follows,
        }
    }
}

/// The layer of an input, by how it takes part; none if it does not.
fn layer(catalog: &Catalog, input: &Repo) -> Option<String> {
    let name = &input.name;
    let entry = input.entry.as_ref();
    let imported = |entry: &EntryFile| format!("import {}", file_of(input, entry));
    // Only what the manifest lists: whatever else the repo has under a name
    // of the family's must not take that name.
    let names: Vec<String> = catalog
        .attributes_of(input)
        .into_keys()
        .map(|name| name.to_string())
        .collect();
    let only = |layer: &str| {
        let names: Vec<String> = names.iter().map(|name| quote(name)).collect();
        format!("(only [ {} ] {layer})", names.join(" "))
    };
    Some(match input.wiring {
        Wiring::Nothing => return None,
        Wiring::Layers if input.is_generated() => format!("inputs.{name}.layer"),
        Wiring::Layers => only(&entry.map_or_else(
            || format!("inputs.{name}.layer"),
            |entry| format!("({})", imported(entry)),
        )),
        Wiring::Overlays => only(&entry.map_or_else(
            || format!("(_: inputs.{name}.overlays.default)"),
            |entry| format!("(_: {})", imported(entry)),
        )),
        Wiring::Packages => {
            let names = names.join(" ");
            match entry {
                None => {
                    format!(
                        "(_: _: _: {{ inherit (inputs.{name}.packages.${{system}}) {names}; }})"
                    )
                }
                // Bound by a name: before 2.21 Nix evaluates it once for each attribute of an
                // `inherit`.
                Some(entry) => format!(
                    "(_: final: _: let {} in {{ inherit (set) {names}; }})",
                    set_of(&imported(entry), entry)
                ),
            }
        }
    })
}

/// The file that is imported of an input without a flake, as an expression. A directory is
/// imported by its `default.nix`.
fn file_of(input: &Repo, entry: &EntryFile) -> String {
    let name = &input.name;
    match entry.file.as_str() {
        "default.nix" => format!("inputs.{name}"),
        file => format!("(inputs.{name} + {})", quote(&format!("/{file}"))),
    }
}

/// Bindings for what a repo without a flake gives: a set, or what a function is called for. One
/// that takes nothing may be either.
fn set_of(import: &str, entry: &EntryFile) -> String {
    if entry.arguments.is_empty() {
        format!("value = {import}; set = if builtins.isFunction value then value {{ }} else value;")
    } else {
        format!("set = {import} {{ {} }};", arguments(entry))
    }
}

/// What the function of a repo without a flake is called with.
fn arguments(entry: &EntryFile) -> String {
    let bindings = entry.arguments.iter().map(|name| match name.as_str() {
        "pkgs" => "pkgs = final;".to_owned(),
        "system" => "inherit system;".to_owned(),
        "config" => "config = { };".to_owned(),
        "overlays" => "overlays = [ ];".to_owned(),
        other => format!("inherit (final) {other};"),
    });
    bindings.collect::<Vec<_>>().join(" ")
}

/// The package set that core makes of the layers.
fn package_set(core: &Repo) -> String {
    let name = &core.name;
    match core.wiring {
        Wiring::Layers | Wiring::Packages | Wiring::Nothing => format!(
            "inputs.{name}.mkPackages (more // {{ inherit overlays system; layers = all; }})"
        ),
        Wiring::Overlays => format!(
            "import {} (more // {{
              inherit system;
              # This core takes overlays, not layers: they do not reach its
              # bootstrap stages.
              overlays = map (
                layer: final: prev:
                layer {{ lib = inputs.{name}.lib or prev.lib; inherit config overlays system; }} final prev
              ) all ++ overlays;
            }})",
            core.entry
                .as_ref()
                .map_or_else(|| format!("inputs.{name}"), |entry| file_of(core, entry)),
        ),
    }
}

/// The modules of a repo by output; top-level has every output that any repo has.
fn module_sets(catalog: &Catalog, repo: &Repo, is_top: bool) -> Vec<ModuleSet> {
    let mut sets: BTreeMap<ModuleClass, Vec<ModuleEntry>> = BTreeMap::new();
    if is_top {
        sets.entry(ModuleClass::Nixos).or_default();
        for module in catalog.modules() {
            sets.entry(module.class).or_default();
        }
    }
    for module in repo.modules.values() {
        sets.entry(module.class).or_default().push(ModuleEntry {
            name: module.name.to_string(),
            value: format!("{{ imports = [ ./{} ]; }}", module.file()),
        });
    }
    former_modules(repo, &mut sets);
    sets.into_iter()
        .map(|(class, modules)| ModuleSet {
            output: class.flake_output(),
            is_nixos: class == ModuleClass::Nixos,
            modules,
        })
        .collect()
}

/// Modules that have another name are there under the old one, too, and say so; one that is gone says
/// why when it is used. `nix flake check` takes a function with an ellipsis for a module, and calls
/// none.
fn former_modules(repo: &Repo, sets: &mut BTreeMap<ModuleClass, Vec<ModuleEntry>>) {
    for (old, renamed) in &repo.former.renamed_modules {
        let Some(module) = repo.modules.get(&renamed.to) else {
            continue;
        };
        let told = format!(
            "warning: the module `{old}` is called `{}` now, and is answered for until {}",
            renamed.to, renamed.until
        );
        sets.entry(module.class).or_default().push(ModuleEntry {
            name: old.to_string(),
            value: format!(
                "{{ imports = builtins.trace {} [ ./{} ]; }}",
                quote(&told),
                module.file()
            ),
        });
    }
    for (old, module) in &repo.former.removed_modules {
        let why = format!("the module `{old}` {}", module.removed.sentence());
        sets.entry(module.class).or_default().push(ModuleEntry {
            name: old.to_string(),
            value: format!("{{ ... }}: throw {}", quote(&why)),
        });
    }
}

impl Context for Flake {
    fn template(&self) -> &'static str {
        self.template
    }
}

/// `packages.nix` of a package with variants.
#[derive(Serialize)]
pub(super) struct VariantsFile {
    marker: &'static str,
    variants: Vec<VariantEntry>,
    aliases: Vec<AliasEntry>,
}

#[derive(Serialize)]
struct VariantEntry {
    attribute: String,
    file: String,
}

#[derive(Serialize)]
struct AliasEntry {
    attribute: String,
    target: String,
}

impl VariantsFile {
    pub(super) fn of(name: &aux_model::AttrName, variants: &Variants) -> Self {
        let aliases = variants
            .aliases
            .values()
            .filter_map(|(attribute, variant)| {
                let target = variants.names.get(variant)?;
                Some(AliasEntry {
                    attribute: attribute.to_string(),
                    target: target.to_string(),
                })
            })
            .chain([AliasEntry {
                attribute: name.to_string(),
                target: variants.default_attribute.to_string(),
            }])
            .collect();
        Self {
            marker: MARKER,
            variants: variants
                .names
                .iter()
                .map(|(variant, attribute)| VariantEntry {
                    attribute: attribute.to_string(),
                    file: format!("{variant}.nix"),
                })
                .collect(),
            aliases,
        }
    }
}

impl Context for VariantsFile {
    fn template(&self) -> &'static str {
        "repo/packages.nix"
    }
}

/// A file that is the same in every repo.
macro_rules! fixed {
    ($($(#[$doc:meta])* $name:ident = $template:literal,)*) => {$(
        $(#[$doc])*
        #[derive(Serialize)]
        pub(super) struct $name {
            marker: &'static str,
        }

        impl $name {
            pub(super) fn new() -> Self {
                Self { marker: MARKER }
            }
        }

        impl Context for $name {
            fn template(&self) -> &'static str {
                $template
            }
        }
    )*};
}

fixed! {
    /// `layer.nix`.
    Layer = "repo/layer.nix",
    /// `refusal.nix` of core, which every `layer.nix` is handed.
    Refusal = "core/refusal.nix",
    /// `lib/fixpoint.nix` of core.
    Fixpoint = "core/fixpoint.nix",
    /// `mk-packages.nix` of core.
    MkPackages = "core/mk-packages.nix",
    /// `default.nix`.
    Default = "repo/default.nix",
    /// `.gitignore`.
    GitIgnore = "repo/gitignore",
}
