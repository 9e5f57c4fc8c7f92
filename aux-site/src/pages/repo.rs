//! The page of a repo.

use std::collections::BTreeSet;

use aux_gen::plan::kibibytes;
use aux_gen::render::quote::shell;
use aux_model::{AttrName, PackageId, Repo, RepoKind, RepoName, counted};
use serde::Serialize;

use crate::address;
use crate::lookup::Lookup;
use crate::pages::frame::{Frame, Link};
use crate::pages::things::{CommandLine, Held, held};
use crate::picture::{Picture, around};

/// Packages that one page lists; the rest is on pages behind it.
const ON_A_PAGE: usize = 1000;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RepoPage {
    #[serde(flatten)]
    frame: Frame,
    name: String,
    /// Which page of its packages this is, from 1, and how many there are.
    page: usize,
    pages: usize,
    is_first: bool,
    previous: Option<String>,
    next: Option<String>,
    description: Option<String>,
    kind: &'static str,
    is_top_level: bool,
    tier: String,
    sig: Link,
    url: Link,
    contract: String,
    uses: Vec<Link>,
    used_by: Vec<Link>,
    peers: Vec<Link>,
    /// How many of its packages it offers alone, in words.
    offered: String,
    packages: Vec<Row>,
    left_out: Vec<LeftOutRow>,
    /// How many more there are.
    left_out_more: usize,
    members: Vec<Row>,
    modules: Vec<Row>,
    overlays: Vec<Row>,
    price: Option<PriceRow>,
    held: Option<Held>,
    borrowed: Vec<BorrowedRow>,
    commands: Vec<CommandLine>,
    picture: Option<Picture>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    link: Link,
    description: Option<String>,
    sig: Link,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LeftOutRow {
    package: Link,
    missing: Link,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PriceRow {
    download: String,
    one: Option<u64>,
    all: Option<u64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BorrowedRow {
    name: String,
    from: Link,
    reason: String,
}

/// How many pages the packages of a repo take.
pub(crate) fn pages(repo: &Repo) -> usize {
    repo.packages.len().div_ceil(ON_A_PAGE).max(1)
}

/// Where one of them is.
pub(crate) fn page_path(repo: &RepoName, page: usize) -> String {
    match page {
        1 => address::of_repo(repo.as_str()),
        page => format!("repos/{repo}/{page}.html"),
    }
}

impl RepoPage {
    pub(crate) fn of(lookup: &Lookup<'_>, repo: &Repo, page: usize) -> Self {
        let path = page_path(&repo.name, page);
        let root = address::root_of(&path);
        let catalog = lookup.source.catalog;
        let is_top_level = catalog.top_level().name == repo.name;
        let is_first = page == 1;
        let left_out = lookup.left_out.get(&repo.name);
        let link = |repo: &Repo| Link::repo(repo.name.as_str(), &root);
        let users = catalog
            .repos()
            .filter(|other| other.uses.contains_key(&repo.name) && !is_top_level);
        let first_only = |rows: Vec<Row>| if is_first { rows } else { Vec::new() };
        let lacking: BTreeSet<&PackageId> =
            left_out.into_iter().flat_map(|all| all.keys()).collect();
        let summary = repo.description.as_deref();
        let of_page = |page: usize| format!("{root}{}", page_path(&repo.name, page));
        let pages = pages(repo);
        let packages = repo.packages.values();
        Self {
            frame: Frame::of(
                lookup,
                &path,
                &format!("Repo {}", repo.name),
                summary.unwrap_or("A repo"),
            ),
            name: repo.name.to_string(),
            page,
            pages,
            is_first,
            previous: (page > 1).then(|| of_page(page - 1)),
            next: (page < pages).then(|| of_page(page + 1)),
            description: repo.description.clone(),
            kind: match repo.kind {
                RepoKind::Generated => "its flake is generated",
                RepoKind::External => "its flake is written by hand",
                RepoKind::Outside => "somebody else's, used as it is",
            },
            is_top_level,
            tier: repo.tier.to_string(),
            sig: Link::sig(repo.sig.as_str(), &root),
            url: Link {
                href: repo.url.page_of(""),
                text: repo.url.to_string(),
            },
            contract: repo.contract.to_string(),
            uses: catalog
                .inputs(repo)
                .into_iter()
                .filter(|input| {
                    repo.uses.contains_key(&input.name)
                        || *input.name.as_str() == *catalog.core().name.as_str()
                })
                .map(link)
                .collect(),
            used_by: users.map(link).collect(),
            peers: repo
                .peers
                .keys()
                .map(|peer| Link::repo(peer.as_str(), &root))
                .collect(),
            offered: offered(repo, lacking.len()),
            packages: packages
                .skip((page - 1) * ON_A_PAGE)
                .take(ON_A_PAGE)
                .map(|package| Row {
                    link: Link::page(
                        package.id.name.as_str(),
                        &root,
                        &address::of_package(&repo.name, &package.id.name),
                    ),
                    description: package.description.clone(),
                    sig: Link::sig(package.owner.as_str(), &root),
                })
                .collect(),
            left_out_more: lacking.len().saturating_sub(ON_A_PAGE),
            left_out: left_out
                .filter(|_| is_first)
                .into_iter()
                .flatten()
                .take(ON_A_PAGE)
                .map(|(id, missing)| LeftOutRow {
                    package: Link::page(
                        id.name.as_str(),
                        &root,
                        &address::of_package(&id.repo, &id.name),
                    ),
                    missing: Link::full_name(missing.to_string(), &root),
                })
                .collect(),
            members: first_only(members(repo, &root)),
            modules: first_only(
                repo.modules
                    .values()
                    .map(|module| Row {
                        link: Link::page(
                            module.name.as_str(),
                            &root,
                            &address::of_module(&repo.name, &module.name),
                        ),
                        description: module.description.clone(),
                        sig: Link::sig(module.owner.as_str(), &root),
                    })
                    .collect(),
            ),
            overlays: first_only(
                repo.overlays
                    .values()
                    .map(|overlay| Row {
                        link: Link::page(
                            overlay.name.as_str(),
                            &root,
                            &address::of_overlay(&repo.name, &overlay.name),
                        ),
                        description: overlay.description.clone(),
                        sig: Link::sig(overlay.owner.as_str(), &root),
                    })
                    .collect(),
            ),
            price: catalog.prices().get(&repo.name).map(|price| PriceRow {
                download: kibibytes(price.download),
                one: price.one,
                all: price.all,
            }),
            held: held(lookup, &repo.name, None),
            borrowed: repo
                .borrowed
                .iter()
                .filter(|_| is_first)
                .map(|(name, borrowed)| BorrowedRow {
                    name: name.to_string(),
                    from: borrowed_from(name, &borrowed.from, &root),
                    reason: borrowed.reason.clone(),
                })
                .collect(),
            commands: commands(repo, is_top_level),
            picture: (is_first && !is_top_level).then(|| around(catalog, repo, &root)),
        }
    }
}

fn offered(repo: &Repo, lacking: usize) -> String {
    match (repo.packages.len(), lacking) {
        (0, _) => "no packages".to_owned(),
        (all, 0) => format!("all of its {}", counted(all, "package")),
        (all, lacking) => format!("{} of its {}", all - lacking, counted(all, "package")),
    }
}

fn borrowed_from(name: &AttrName, from: &RepoName, root: &str) -> Link {
    Link::full_name(format!("{from}/{name}"), root)
}

fn members(repo: &Repo, root: &str) -> Vec<Row> {
    repo.members()
        .map(|(set, member)| Row {
            link: Link::page(
                format!("{}.{}", set.name, member.name),
                root,
                &address::of_member(&repo.name, &set.name, &member.name),
            ),
            description: member.description.clone(),
            sig: Link::sig(member.owner.as_str(), root),
        })
        .collect()
}

fn commands(repo: &Repo, is_top_level: bool) -> Vec<CommandLine> {
    let mut lines = vec![
        CommandLine {
            what: "What it offers",
            text: format!("nix flake show {}", shell(repo.url.as_str())),
        },
        CommandLine {
            what: "As an input of your flake",
            text: format!("inputs.{}.url = \"{}\";", repo.name, repo.url),
        },
    ];
    if !is_top_level && repo.is_generated() {
        lines.push(CommandLine {
            what: "A whole flake of it, with one core in its lock",
            text: format!("aux-gen use {}", repo.name),
        });
    }
    lines
}
