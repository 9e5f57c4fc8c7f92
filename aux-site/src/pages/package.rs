//! The page of a package, its variants and its other names.

use std::collections::BTreeMap;

use aux_model::Package;
use aux_search::{Entry, HitKind};
use serde::Serialize;

use crate::address;
use crate::lookup::Lookup;
use crate::needs::merged;
use crate::pages::frame::{Frame, Link};
use crate::pages::things::{
    CommandLine, KnownFacts, NeedRows, Placed, commands, dependents, needs,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PackagePage {
    #[serde(flatten)]
    frame: Frame,
    name: String,
    kind: &'static str,
    description: Option<String>,
    #[serde(flatten)]
    placed: Placed,
    facts: KnownFacts,
    variants: Vec<VariantRow>,
    aliases: Vec<String>,
    members: Vec<String>,
    commands: Vec<CommandLine>,
    /// Whether only top-level offers it, and what its repo lacks for it.
    lacks: Option<Link>,
    needs: NeedRows,
    needed_by: NeedRows,
    borrowed: Vec<BorrowedRow>,
    imported: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VariantRow {
    attribute: String,
    /// Other names of it.
    aliases: String,
    is_default: bool,
}

#[derive(Serialize)]
struct BorrowedRow {
    repo: Link,
    reason: String,
    review: Option<String>,
}

impl PackagePage {
    pub(crate) fn of(lookup: &Lookup<'_>, entry: &Entry, package: &Package, path: &str) -> Self {
        let catalog = lookup.source.catalog;
        let root = address::root_of(path);
        let id = &package.id;
        let repo = catalog
            .repo(id.repo.as_str())
            .expect("a package is in a repo of its family");
        let summary = package.description.clone().or(entry.description.clone());
        let frame = Frame::of(
            lookup,
            path,
            &id.to_string(),
            summary.as_deref().unwrap_or("A package"),
        );
        let needed = merged(
            package
                .edges
                .iter()
                .map(|edge| (edge.to.to_string(), edge.kind)),
        );
        let lacks = lookup.left_out.get(&id.repo).and_then(|left| left.get(id));
        let borrowed = catalog.borrowers(repo).into_iter();
        let borrowed = borrowed.filter(|(name, ..)| **name == id.name);
        Self {
            frame,
            name: id.name.to_string(),
            kind: match entry.kind {
                HitKind::Builder => "builder",
                _ => "package",
            },
            description: summary,
            placed: Placed::of(
                repo,
                &package.directory(),
                &package.owner,
                &package.maintainers,
                &root,
            ),
            facts: KnownFacts::of(lookup, entry, &root),
            variants: variants(entry),
            aliases: entry.aliases.clone(),
            members: entry.members.clone(),
            commands: match &entry.reference {
                Some(reference) if entry.kind == HitKind::Package && entry.is_attribute => {
                    commands(lookup, repo, reference)
                }
                _ => Vec::new(),
            },
            lacks: lacks.map(|missing| Link::full_name(missing.to_string(), &root)),
            needs: needs(&needed, &root),
            needed_by: dependents(lookup.needed_by.package(id), &root),
            borrowed: borrowed
                .map(|(_, by, borrowed)| BorrowedRow {
                    repo: Link::repo(by.name.as_str(), &root),
                    reason: borrowed.reason.clone(),
                    review: borrowed.review.map(|day| day.to_string()),
                })
                .collect(),
            imported: package.imported.as_ref().map(|imported| {
                let from = imported.from.as_deref().unwrap_or("a folder");
                format!("{from} at {}, {}", imported.rev, imported.path)
            }),
        }
    }
}

fn variants(entry: &Entry) -> Vec<VariantRow> {
    let mut aliases: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for other in &entry.names {
        if let Some(of) = &other.alias_of {
            aliases.entry(of).or_default().push(&other.name);
        }
    }
    // The default may be the alias of a variant.
    let default = entry.alias_of.as_deref();
    let of_alias = entry
        .names
        .iter()
        .find(|other| Some(&*other.name) == default);
    let default = of_alias
        .and_then(|other| other.alias_of.as_deref())
        .or(default);
    let row = |attribute: &String| VariantRow {
        is_default: default == Some(attribute),
        aliases: aliases
            .get(attribute.as_str())
            .map_or_else(String::new, |all| all.join(", ")),
        attribute: attribute.clone(),
    };
    entry.variants.iter().map(row).collect()
}
