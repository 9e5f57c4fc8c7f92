//! The tiers as a picture that one can walk through.

use aux_model::Catalog;
use serde::Serialize;

use crate::address;
use crate::lookup::Lookup;
use crate::pages::frame::{Frame, Link};
use crate::picture::{Picture, of_tiers};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tiers {
    #[serde(flatten)]
    frame: Frame,
    tiers: Vec<TierRow>,
    picture: Picture,
}

/// A tier and its repos.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TierRow {
    name: String,
    description: Option<String>,
    repos: Vec<Link>,
}

/// The tiers, highest first, as pictures of them are drawn.
pub(crate) fn tier_rows(catalog: &Catalog, root: &str) -> Vec<TierRow> {
    let rows = catalog.tiers().iter().rev().map(|tier| TierRow {
        name: tier.name.to_string(),
        description: tier.description.clone(),
        repos: catalog
            .repos()
            .filter(|repo| repo.tier == tier.name)
            .map(|repo| Link::repo(repo.name.as_str(), root))
            .collect(),
    });
    rows.collect()
}

impl Tiers {
    pub(crate) fn of(lookup: &Lookup<'_>, path: &str) -> Self {
        let root = address::root_of(path);
        let catalog = lookup.source.catalog;
        Self {
            frame: Frame::of(lookup, path, "Tiers", "Which repo stands on which"),
            tiers: tier_rows(catalog, &root),
            picture: of_tiers(catalog, &root),
        }
    }
}
