//! The page of a SIG.

use aux_model::{Sig, counted};
use serde::Serialize;

use crate::address;
use crate::lookup::Lookup;
use crate::pages::frame::{Frame, Link};

/// Packages of other repos that one page lists; more are counted.
const MOST: usize = 500;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SigPage {
    #[serde(flatten)]
    frame: Frame,
    name: String,
    description: Option<String>,
    leads: Vec<Link>,
    members: Vec<Link>,
    team: Option<String>,
    contact: Option<Link>,
    responsibilities: Vec<String>,
    repos: Vec<Row>,
    /// What it owns in repos of other SIGs.
    elsewhere: Vec<Link>,
    more: usize,
    search: String,
}

#[derive(Serialize)]
struct Row {
    repo: Link,
    description: Option<String>,
    packages: String,
}

impl SigPage {
    pub(crate) fn of(lookup: &Lookup<'_>, sig: &Sig, path: &str) -> Self {
        let root = address::root_of(path);
        let catalog = lookup.source.catalog;
        let summary = sig.description.as_deref();
        let owned = lookup.owned_elsewhere.get(&sig.name);
        let owned: Vec<_> = owned.into_iter().flatten().collect();
        let repos = catalog.repos().filter(|repo| repo.sig == sig.name);
        Self {
            frame: Frame::of(
                lookup,
                path,
                &format!("SIG {}", sig.name),
                summary.unwrap_or("A special interest group"),
            ),
            name: sig.name.to_string(),
            description: sig.description.clone(),
            leads: Link::people(&sig.leads, &root),
            members: Link::people(&sig.members, &root),
            team: sig.team.as_ref().map(ToString::to_string),
            contact: sig.contact.as_deref().map(Link::outside),
            responsibilities: sig.responsibilities.clone(),
            repos: repos
                .map(|repo| Row {
                    repo: Link::repo(repo.name.as_str(), &root),
                    description: repo.description.clone(),
                    packages: counted(repo.packages.len() + repo.members().count(), "package"),
                })
                .collect(),
            more: owned.len().saturating_sub(MOST),
            elsewhere: owned
                .into_iter()
                .take(MOST)
                .map(|id| Link::full_name(id.to_string(), &root))
                .collect(),
            search: format!("{root}index.html?sig={}", sig.name),
        }
    }
}
