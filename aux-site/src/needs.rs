//! What needs what, from both ends: looked up once for all pages.

use std::collections::HashMap;

use aux_model::{Catalog, EdgeKind, Needed, PackageId};

/// One end of a dependency, as the page of the other one names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Other {
    /// REPO/NAME, or REPO/SET.NAME of a member.
    pub(crate) name: String,
    /// What for.
    pub(crate) kind: EdgeKind,
}

/// The packages and members that need each package or member, by its full name.
pub(crate) struct NeededBy(HashMap<String, Vec<Other>>);

impl NeededBy {
    pub(crate) fn of(catalog: &Catalog) -> Self {
        let mut by: HashMap<String, Vec<Other>> = HashMap::new();
        for (package, edge) in catalog.edges() {
            let other = Other {
                name: package.id.to_string(),
                kind: edge.kind,
            };
            by.entry(edge.to.to_string()).or_default().push(other);
        }
        for set in catalog.sets() {
            for member in set.members.values() {
                for edge in &member.edges {
                    let other = Other {
                        name: set.full_name(&member.name),
                        kind: edge.kind,
                    };
                    by.entry(edge.to.full_name(&set.name))
                        .or_default()
                        .push(other);
                }
            }
        }
        for others in by.values_mut() {
            others.sort();
            others.dedup();
        }
        Self(by)
    }

    pub(crate) fn package(&self, id: &PackageId) -> &[Other] {
        self.full(&id.to_string())
    }

    pub(crate) fn full(&self, name: &str) -> &[Other] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }
}

/// The page of one end, by its full name; a name without a repo has none.
pub(crate) fn page_of(needed: &Needed, set: &aux_model::AttrName) -> String {
    match needed {
        Needed::Member(repo, name) => crate::address::of_member(repo, set, name),
        Needed::Package(id, _) => crate::address::of_package(id),
    }
}
