//! Plain lists: everything by letter, repos, SIGs, modules, and the page for an address that is none.

use serde::Serialize;

use crate::address;
use crate::lookup::Lookup;
use crate::pages::frame::{Frame, Link};
use crate::pages::module::class_name;

/// Names that one page lists.
const ON_A_PAGE: usize = 1000;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Letters {
    #[serde(flatten)]
    frame: Frame,
    letter: String,
    letters: Vec<Link>,
    page: usize,
    pages: usize,
    previous: Option<String>,
    next: Option<String>,
    rows: Vec<NameRow>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NameRow {
    link: Link,
    kind: &'static str,
    repo: String,
    description: Option<String>,
}

impl Letters {
    pub(crate) fn pages(names: usize) -> usize {
        names.div_ceil(ON_A_PAGE).max(1)
    }

    pub(crate) fn path(letter: &str, page: usize) -> String {
        match page {
            1 => format!("letters/{letter}.html"),
            page => format!("letters/{letter}-{page}.html"),
        }
    }

    pub(crate) fn of(lookup: &Lookup<'_>, letter: &str, page: usize) -> Self {
        let path = Self::path(letter, page);
        let root = address::root_of(&path);
        let names = lookup.letters.get(letter).map_or(&[][..], Vec::as_slice);
        let pages = Self::pages(names.len());
        let of_page = |page: usize| format!("{root}{}", Self::path(letter, page));
        let rows = names.iter().skip((page - 1) * ON_A_PAGE).take(ON_A_PAGE);
        Self {
            frame: Frame::of(
                lookup,
                &path,
                &format!("Names with {letter}"),
                "Everything that is built, by its first letter",
            ),
            letter: letter.to_owned(),
            letters: links(lookup, &root),
            page,
            pages,
            previous: (page > 1).then(|| of_page(page - 1)),
            next: (page < pages).then(|| of_page(page + 1)),
            rows: rows
                .map(|(name, number)| {
                    let entry = &lookup.index.entries[*number];
                    NameRow {
                        link: Link::page(name.clone(), &root, &address::of_entry(entry)),
                        kind: entry.kind.as_str(),
                        repo: entry
                            .repo
                            .as_ref()
                            .map(ToString::to_string)
                            .unwrap_or_default(),
                        description: entry.description.clone(),
                    }
                })
                .collect(),
        }
    }
}

/// Links to all letters that there are.
pub(crate) fn links(lookup: &Lookup<'_>, root: &str) -> Vec<Link> {
    let letters = lookup.letters.keys();
    letters
        .map(|letter| Link::page(letter.clone(), root, &Letters::path(letter, 1)))
        .collect()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Repos {
    #[serde(flatten)]
    frame: Frame,
    repos: Vec<RepoRow>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RepoRow {
    repo: Link,
    tier: String,
    sig: Link,
    packages: usize,
    held: bool,
    description: Option<String>,
}

impl Repos {
    pub(crate) fn of(lookup: &Lookup<'_>, path: &str) -> Self {
        let root = address::root_of(path);
        let repos = lookup.source.catalog.layers();
        Self {
            frame: Frame::of(
                lookup,
                path,
                "Repos",
                "The repos of the family, lowest first",
            ),
            repos: repos
                .map(|repo| RepoRow {
                    repo: Link::repo(repo.name.as_str(), &root),
                    tier: repo.tier.to_string(),
                    sig: Link::sig(repo.sig.as_str(), &root),
                    packages: repo.packages.len() + repo.members().count(),
                    held: lookup.source.holds.contains_key(&repo.name),
                    description: repo.description.clone(),
                })
                .collect(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sigs {
    #[serde(flatten)]
    frame: Frame,
    sigs: Vec<SigRow>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SigRow {
    sig: Link,
    description: Option<String>,
    leads: Vec<Link>,
    repos: Vec<Link>,
}

impl Sigs {
    pub(crate) fn of(lookup: &Lookup<'_>, path: &str) -> Self {
        let root = address::root_of(path);
        let catalog = lookup.source.catalog;
        Self {
            frame: Frame::of(lookup, path, "SIGs", "Who answers for what"),
            sigs: catalog
                .sigs()
                .map(|sig| SigRow {
                    sig: Link::sig(sig.name.as_str(), &root),
                    description: sig.description.clone(),
                    leads: Link::people(&sig.leads, &root),
                    repos: catalog
                        .repos()
                        .filter(|repo| repo.sig == sig.name)
                        .map(|repo| Link::repo(repo.name.as_str(), &root))
                        .collect(),
                })
                .collect(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Modules {
    #[serde(flatten)]
    frame: Frame,
    evaluated: bool,
    modules: Vec<ModuleRow>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ModuleRow {
    module: Link,
    class: &'static str,
    options: usize,
    description: Option<String>,
}

impl Modules {
    pub(crate) fn of(lookup: &Lookup<'_>, path: &str) -> Self {
        let root = address::root_of(path);
        let modules = lookup.source.catalog.modules();
        let options = |module: &aux_model::Module| {
            let key = (module.repo.clone(), module.name.clone());
            let facts = lookup.source.facts;
            facts
                .and_then(|facts| facts.modules.get(&key))
                .map_or(0, Vec::len)
        };
        Self {
            frame: Frame::of(
                lookup,
                path,
                "Modules",
                "Modules of NixOS, Home Manager and nix-darwin",
            ),
            evaluated: lookup.source.facts.is_some(),
            modules: modules
                .map(|module| ModuleRow {
                    module: Link::page(
                        format!("{}/{}", module.repo, module.name),
                        &root,
                        &address::of_module(&module.repo, &module.name),
                    ),
                    class: class_name(module.class),
                    options: options(module),
                    description: module.description.clone(),
                })
                .collect(),
        }
    }
}

/// The page for an address that is none: a server shows it for any, so it does not know where it is.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Missing {
    #[serde(flatten)]
    frame: Frame,
}

impl Missing {
    pub(crate) fn of(lookup: &Lookup<'_>, path: &str) -> Self {
        Self {
            frame: Frame::of(lookup, path, "Not found", "There is no such page"),
        }
    }
}
