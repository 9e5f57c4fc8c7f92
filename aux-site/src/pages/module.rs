//! The page of a module, with its options.

use aux_eval::facts::ModuleOption;
use aux_model::{Module, ModuleClass, Repo};
use serde::Serialize;

use crate::address;
use crate::lookup::Lookup;
use crate::pages::frame::{Frame, Link};
use crate::pages::things::CommandLine;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ModulePage {
    #[serde(flatten)]
    frame: Frame,
    name: String,
    class: &'static str,
    description: Option<String>,
    repo: Link,
    sig: Link,
    source: Link,
    commands: Vec<CommandLine>,
    /// Whether Nix was asked for its options.
    evaluated: bool,
    /// Why its options cannot be read.
    unread: Option<String>,
    options: Vec<OptionRow>,
    /// Whether one of them is a set with options of its own.
    has_submodules: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OptionRow {
    path: String,
    /// The part of the address that leads to it.
    anchor: String,
    of_type: Option<String>,
    default: Option<String>,
    example: Option<String>,
    description: Option<String>,
    declared: Option<Link>,
    is_partly: bool,
}

impl ModulePage {
    pub(crate) fn of(lookup: &Lookup<'_>, module: &Module, path: &str) -> Self {
        let root = address::root_of(path);
        let repo = lookup
            .source
            .catalog
            .repo(module.repo.as_str())
            .expect("a module is in a repo of its family");
        let key = (module.repo.clone(), module.name.clone());
        let facts = lookup.source.facts;
        let options = facts.and_then(|facts| facts.modules.get(&key));
        let unread = facts.and_then(|facts| facts.unread.get(&key));
        let summary = module.description.as_deref();
        let rows = options.into_iter().flatten();
        Self {
            frame: Frame::of(
                lookup,
                path,
                &format!("{}/{}", module.repo, module.name),
                summary.unwrap_or("A module"),
            ),
            name: module.name.to_string(),
            class: class_name(module.class),
            description: module.description.clone(),
            repo: Link::repo(module.repo.as_str(), &root),
            sig: Link::sig(module.owner.as_str(), &root),
            source: Link::source(repo, &module.file()),
            commands: commands(repo, module),
            evaluated: options.is_some(),
            unread: unread.cloned(),
            has_submodules: options.into_iter().flatten().any(|option| {
                let of_type = option.of_type.as_deref();
                of_type.is_some_and(|of_type| of_type.contains("submodule"))
            }),
            options: rows.map(|option| OptionRow::of(option, repo)).collect(),
        }
    }
}

impl OptionRow {
    fn of(option: &ModuleOption, repo: &Repo) -> Self {
        let declared = option.declared.as_ref().map(|place| {
            let line = place
                .line
                .map_or_else(String::new, |line| format!(":{line}"));
            Link {
                href: repo.url.page_of(&place.file),
                text: format!("{}/{}{line}", repo.name, place.file),
            }
        });
        Self {
            path: option.path.clone(),
            anchor: address::of_option(&option.path),
            of_type: option.of_type.clone(),
            default: option.default.clone(),
            example: option.example.clone(),
            description: option.description.clone(),
            declared,
            is_partly: option.is_partly,
        }
    }
}

pub(crate) fn class_name(class: ModuleClass) -> &'static str {
    match class {
        ModuleClass::Nixos => "NixOS",
        ModuleClass::Home => "Home Manager",
        ModuleClass::Darwin => "nix-darwin",
    }
}

fn commands(repo: &Repo, module: &Module) -> Vec<CommandLine> {
    let output = module.class.flake_output();
    vec![
        CommandLine {
            what: "The input of your flake",
            text: format!("inputs.{}.url = \"{}\";", repo.name, repo.url),
        },
        CommandLine {
            what: "The module of your configuration",
            text: format!(
                "modules = [ inputs.{}.{output}.{} ];",
                repo.name, module.name
            ),
        },
    ]
}
