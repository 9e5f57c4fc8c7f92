//! The page of a member of a package set.

use std::collections::BTreeSet;

use aux_model::{Member, Needed, PackageSet};
use aux_search::Entry;
use serde::Serialize;

use crate::address;
use crate::lookup::Lookup;
use crate::needs::page_of;
use crate::pages::frame::{Frame, Link};
use crate::pages::things::{
    CommandLine, KnownFacts, NeedRow, NeedRows, commands, dependents, needs,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MemberPage {
    #[serde(flatten)]
    frame: Frame,
    name: String,
    set: String,
    instances: Vec<String>,
    description: Option<String>,
    repo: Link,
    tier: String,
    sig: Link,
    maintainers: Vec<Link>,
    source: Link,
    facts: KnownFacts,
    commands: Vec<CommandLine>,
    needs: NeedRows,
    needed_by: NeedRows,
}

impl MemberPage {
    pub(crate) fn of(
        lookup: &Lookup<'_>,
        entry: &Entry,
        (set, member): (&PackageSet, &Member),
        path: &str,
    ) -> Self {
        let root = address::root_of(path);
        let repo = lookup
            .source
            .catalog
            .repo(set.repo.as_str())
            .expect("a part of a set is in a repo of its family");
        let title = format!("{}.{}", set.name, member.name);
        let summary = entry.description.as_deref();
        let edges = member.edges.iter().map(|edge| NeedRow {
            link: Link::page(
                edge.to.full_name(&set.name),
                &root,
                &page_of(&edge.to, &set.name),
            ),
            kind: edge.kind.as_str(),
        });
        let repos: BTreeSet<_> = member
            .edges
            .iter()
            .map(|edge| match &edge.to {
                Needed::Member(repo, _) => repo,
                Needed::Package(id, _) => &id.repo,
            })
            .collect();
        let directory = set.directory_of(&member.name);
        Self {
            frame: Frame::of(
                lookup,
                path,
                &title,
                summary.unwrap_or("A package of a set"),
            ),
            name: member.name.to_string(),
            set: set.name.to_string(),
            instances: set.instances.keys().map(ToString::to_string).collect(),
            description: entry.description.clone(),
            repo: Link::repo(set.repo.as_str(), &root),
            tier: repo.tier.to_string(),
            sig: Link::sig(member.owner.as_str(), &root),
            maintainers: member
                .maintainers
                .iter()
                .map(|handle| Link::person(handle.as_str(), &root))
                .collect(),
            source: Link {
                href: repo.url.page_of(&directory),
                text: format!("{}/{directory}", set.repo),
            },
            facts: KnownFacts::of(lookup, entry, &root),
            commands: entry
                .reference
                .as_deref()
                .map(|reference| commands(lookup, repo, reference))
                .unwrap_or_default(),
            needs: needs(edges.collect(), repos.len()),
            needed_by: dependents(lookup.needed_by.full(&set.full_name(&member.name)), &root),
        }
    }
}
