//! What needs what, from both ends: looked up once for all pages.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aux_model::{Catalog, EdgeKind, PackageId};

/// One end of a dependency, as the page of the other one names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Other {
    /// REPO/NAME, or REPO/SET.NAME of a member.
    pub(crate) name: String,
    /// What for: one kind, or several.
    pub(crate) kinds: BTreeSet<EdgeKind>,
}

/// The packages and members that need each package or member, by its full name.
pub(crate) struct NeededBy(HashMap<String, Vec<Other>>);

impl NeededBy {
    pub(crate) fn of(catalog: &Catalog) -> Self {
        let mut by: HashMap<String, Vec<(String, EdgeKind)>> = HashMap::new();
        for (package, edge) in catalog.edges() {
            let other = (package.id.to_string(), edge.kind);
            by.entry(edge.to.to_string()).or_default().push(other);
        }
        for set in catalog.sets() {
            for member in set.members.values() {
                for edge in &member.edges {
                    let other = (set.full_name(&member.name), edge.kind);
                    by.entry(edge.to.full_name(&set.name))
                        .or_default()
                        .push(other);
                }
            }
        }
        let by = by.into_iter().map(|(name, ends)| (name, merged(ends)));
        Self(by.collect())
    }

    pub(crate) fn package(&self, id: &PackageId) -> &[Other] {
        self.full(&id.to_string())
    }

    pub(crate) fn full(&self, name: &str) -> &[Other] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }
}

/// Each end once, in order of name, with all that it is needed for.
pub(crate) fn merged(ends: impl IntoIterator<Item = (String, EdgeKind)>) -> Vec<Other> {
    let mut by: BTreeMap<String, BTreeSet<EdgeKind>> = BTreeMap::new();
    for (name, kind) in ends {
        by.entry(name).or_default().insert(kind);
    }
    by.into_iter()
        .map(|(name, kinds)| Other { name, kinds })
        .collect()
}

impl Other {
    /// What for, in words.
    pub(crate) fn what_for(&self) -> String {
        let kinds: Vec<&str> = self.kinds.iter().map(|kind| kind.as_str()).collect();
        kinds.join(", ")
    }
}
