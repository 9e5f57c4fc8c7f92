//! The page of a member of a package set.

use aux_model::{Member, PackageSet};
use aux_search::Entry;
use serde::Serialize;

use crate::address;
use crate::lookup::Lookup;
use crate::needs::merged;
use crate::pages::frame::Frame;
use crate::pages::things::{
    CommandLine, KnownFacts, NeedRows, Placed, commands, dependents, needs,
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
    #[serde(flatten)]
    placed: Placed,
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
        let needed = member.edges.iter();
        let needed = merged(needed.map(|edge| (edge.to.full_name(&set.name), edge.kind)));
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
            placed: Placed::of(
                repo,
                &set.directory_of(&member.name),
                &member.owner,
                &member.maintainers,
                &root,
            ),
            facts: KnownFacts::of(lookup, entry, &root),
            commands: entry
                .reference
                .as_deref()
                .map(|reference| commands(lookup, repo, reference))
                .unwrap_or_default(),
            needs: needs(&needed, &root),
            needed_by: dependents(lookup.needed_by.full(&set.full_name(&member.name)), &root),
        }
    }
}
