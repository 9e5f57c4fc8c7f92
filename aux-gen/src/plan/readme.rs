//! `README.md` of a repo.

use std::collections::BTreeMap;

use aux_model::{
    AttrName, AttributeKind, BorrowScope, Borrowed, Catalog, PackageSet, Repo, Shape, Sig, View,
};
use serde::Serialize;

use crate::marker::MARKER;
use crate::render::Context;
use crate::render::quote::{markdown, shell};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Readme {
    marker: &'static str,
    name: String,
    description: String,
    sig: String,
    contact: Option<String>,
    /// The same as Markdown.
    contact_link: Option<String>,
    leads: String,
    tier: String,
    contract: String,
    needs: String,
    url: String,
    /// The flake, and an attribute of it, as words of a shell.
    url_word: String,
    example_word: String,
    top_level: String,
    /// The template of top-level, as a word of a shell.
    template_word: String,
    /// Of top-level: every other repo, and every SIG.
    repos: Vec<RepoRow>,
    has_prices: bool,
    /// Where the family is searched.
    site: Option<String>,
    sigs: Vec<SigRow>,
    packages: Vec<Row>,
    members: Vec<Row>,
    left_out: Vec<LeftOutRow>,
    moved: Vec<MovedRow>,
    /// Names that its packages and modules had.
    former: Vec<FormerRow>,
    modules: Vec<Row>,
    /// Copies that other repos have of its packages.
    borrowed: Vec<BorrowedRow>,
}

#[derive(Serialize)]
struct Row {
    attribute: String,
    description: String,
    owner: String,
}

#[derive(Serialize)]
struct LeftOutRow {
    attribute: String,
    missing: String,
    /// What to type after `nix build`.
    reference: String,
}

#[derive(Serialize)]
struct RepoRow {
    name: String,
    description: String,
    sig: String,
    packages: usize,
    url: String,
    /// What it costs, as far as somebody measured it.
    download: String,
    thunks: String,
}

#[derive(Serialize)]
struct SigRow {
    name: String,
    description: String,
    leads: String,
    /// As Markdown.
    contact: String,
}

impl RepoRow {
    fn of(repo: &Repo, catalog: &Catalog) -> Self {
        let price = catalog.prices().get(&repo.name);
        Self {
            name: repo.name.to_string(),
            description: repo.description.clone().unwrap_or_default(),
            sig: repo.sig.to_string(),
            packages: repo.packages.len() + repo.members().count(),
            url: repo.url.to_string(),
            download: price.map_or(String::new(), |price| kibibytes(price.download)),
            thunks: price
                .and_then(|price| price.one)
                .map_or(String::new(), |thunks| thunks.to_string()),
        }
    }
}

/// Bytes as people read them, rounded up.
#[must_use]
pub fn kibibytes(bytes: u64) -> String {
    match bytes.div_ceil(1024) {
        kib @ 0..=9999 => format!("{kib} KiB"),
        kib => format!("{} MiB", kib.div_ceil(1024)),
    }
}

impl SigRow {
    fn of(sig: &Sig) -> Self {
        Self {
            name: sig.name.to_string(),
            description: sig.description.clone().unwrap_or_default(),
            leads: leads(sig),
            contact: sig.contact.as_deref().map(link).unwrap_or_default(),
        }
    }
}

/// Those who lead a SIG, as forges write them.
fn leads(sig: &Sig) -> String {
    let leads: Vec<String> = sig.leads.iter().map(|lead| format!("@{lead}")).collect();
    leads.join(", ")
}

#[derive(Serialize)]
struct MovedRow {
    attribute: String,
    /// What to type instead.
    reference: String,
    until: String,
}

#[derive(Serialize)]
struct FormerRow {
    name: String,
    /// What it is called, or why it is gone.
    now: String,
}

impl FormerRow {
    fn all_of(view: &View<'_>) -> Vec<Self> {
        let former = &view.repo.former;
        let mut rows = Vec::new();
        let mut add = |name: String, now: String| rows.push(Self { name, now });
        for (name, renamed) in &view.renamed {
            let now = format!("{}, answered for until {}", renamed.to, renamed.until);
            add(name.to_string(), now);
        }
        for (name, removed) in &former.removed {
            add(name.to_string(), removed.sentence());
        }
        for (name, renamed) in &former.renamed_modules {
            if let Some(module) = view.repo.modules.get(&renamed.to) {
                let output = module.class.flake_output();
                let now = format!("{}, answered for until {}", renamed.to, renamed.until);
                add(format!("{output}.{name}"), now);
            }
        }
        for (name, module) in &former.removed_modules {
            let output = module.class.flake_output();
            add(format!("{output}.{name}"), module.removed.sentence());
        }
        rows
    }
}

#[derive(Serialize)]
struct BorrowedRow {
    attribute: String,
    repo: String,
    reason: String,
    /// How far it is on its way back.
    stands: String,
}

impl MovedRow {
    /// What went to other repos; each of those is looked at once.
    fn all_of(catalog: &Catalog, view: &View<'_>) -> Vec<Self> {
        let mut repos = BTreeMap::new();
        let moved = view.moved.iter().filter_map(|(attribute, moved)| {
            let repo = catalog.repo(moved.to.as_str())?;
            let alone = repos.entry(moved.to);
            let alone = alone.or_insert_with(|| catalog.alone(repo));
            Some(Self {
                attribute: attribute.to_string(),
                reference: alone.reference(attribute.as_str()),
                until: moved.until.to_string(),
            })
        });
        moved.collect()
    }
}

impl BorrowedRow {
    fn of((attribute, repo, borrowed): &(&AttrName, &Repo, &Borrowed)) -> Self {
        Self {
            attribute: attribute.to_string(),
            repo: repo.name.to_string(),
            reason: borrowed.reason.clone(),
            stands: match (&borrowed.claimed, borrowed.offered, borrowed.scope) {
                (Some(handle), ..) => format!("@{handle} takes it"),
                (None, true, _) => "offered".to_owned(),
                (None, false, BorrowScope::Family) => "for the whole family".to_owned(),
                (None, false, BorrowScope::Own) => String::new(),
            },
        }
    }
}

impl Readme {
    pub(super) fn of(catalog: &Catalog, view: &View<'_>) -> Self {
        let repo = view.repo;
        let sig = catalog.sig(repo.sig.as_str());
        let mut packages = Vec::new();
        let mut left_out = Vec::new();
        let is_top = repo.name == catalog.top_level().name;
        // Everything is in top-level.
        let mut example = if is_top {
            let mut packages = catalog.packages();
            let single = packages.find(|package| matches!(package.shape, Shape::Single));
            single.map(|package| package.id.name.to_string())
        } else {
            repo.convenience.default.as_ref().map(ToString::to_string)
        };
        let mut alone = catalog.alone(repo);
        for package in repo.packages.values() {
            for (attribute, kind) in package.attributes() {
                if let Some(reason) = view.left_out.get(&package.id.name) {
                    left_out.push(LeftOutRow {
                        attribute: attribute.to_string(),
                        missing: reason.missing().to_string(),
                        reference: alone.reference(attribute.as_str()),
                    });
                } else if kind == AttributeKind::Derivation && example.is_none() {
                    example = Some(attribute.to_string());
                }
                packages.push(Row {
                    description: match &kind {
                        AttributeKind::Alias(target) => format!("the same as {target}"),
                        AttributeKind::Derivation | AttributeKind::Builder => {
                            package.description.clone().unwrap_or_default()
                        }
                    },
                    attribute: attribute.to_string(),
                    owner: package.owner.to_string(),
                });
            }
        }
        packages.sort_by(|a, b| a.attribute.cmp(&b.attribute));
        left_out.sort_by(|a, b| a.attribute.cmp(&b.attribute));
        let modules = repo.modules.values().map(|module| Row {
            attribute: format!("{}.{}", module.class.flake_output(), module.name),
            description: module.description.clone().unwrap_or_default(),
            owner: module.owner.to_string(),
        });
        let overlays = repo.overlays.values().map(|overlay| Row {
            attribute: format!("overlays.{}", overlay.name),
            description: overlay.description.clone().unwrap_or_default(),
            owner: overlay.owner.to_string(),
        });
        let needs: Vec<String> = repo
            .uses
            .iter()
            .map(|(name, used)| format!("{name} {}", used.requirement))
            .collect();
        Self {
            marker: MARKER,
            name: repo.name.to_string(),
            description: repo.description.clone().unwrap_or_default(),
            sig: repo.sig.to_string(),
            contact: sig.and_then(|sig| sig.contact.clone()),
            contact_link: sig.and_then(|sig| sig.contact.as_deref()).map(link),
            leads: sig.map(leads).unwrap_or_default(),
            tier: repo.tier.to_string(),
            contract: repo.contract.to_string(),
            needs: if needs.is_empty() {
                "nothing".to_owned()
            } else {
                needs.join(", ")
            },
            url: repo.url.to_string(),
            url_word: shell(repo.url.as_str()),
            example_word: shell(&format!(
                "{}#{}",
                repo.url,
                example.as_deref().unwrap_or("PACKAGE")
            )),
            top_level: catalog.top_level().url.to_string(),
            template_word: shell(&format!("{}#my-package", catalog.top_level().url)),
            repos: if is_top {
                let others = catalog.repos().filter(|other| other.name != repo.name);
                others.map(|other| RepoRow::of(other, catalog)).collect()
            } else {
                Vec::new()
            },
            has_prices: !catalog.prices().is_empty(),
            site: catalog.ci().site.as_ref().map(ToString::to_string),
            sigs: if is_top {
                catalog.sigs().map(SigRow::of).collect()
            } else {
                Vec::new()
            },
            packages,
            members: repo.sets.values().flat_map(members).collect(),
            left_out,
            moved: MovedRow::all_of(catalog, view),
            former: FormerRow::all_of(view),
            modules: modules.chain(overlays).collect(),
            borrowed: catalog
                .borrowers(repo)
                .iter()
                .map(BorrowedRow::of)
                .collect(),
        }
    }
}

/// What a repo has of a package set.
fn members(set: &PackageSet) -> impl Iterator<Item = Row> + '_ {
    set.members.values().map(|member| Row {
        attribute: format!("{}.{}", set.name, member.name),
        description: member.description.clone().unwrap_or_default(),
        owner: member.owner.to_string(),
    })
}

/// Where people are reached, as Markdown: an address on the web is a link.
fn link(contact: &str) -> String {
    let of_an_address = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#@!$&'()+,;=%".contains(c);
    let is_address = contact.starts_with("https://") || contact.starts_with("http://");
    if is_address && contact.chars().all(of_an_address) {
        format!("<{contact}>")
    } else {
        markdown(contact)
    }
}

impl Context for Readme {
    fn template(&self) -> &'static str {
        "repo/README.md"
    }
}
