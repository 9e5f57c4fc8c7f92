//! What a repo alone can offer of package sets.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aux_names::{AttrName, RepoName};

use crate::catalog::checked::Family;
use crate::edge::PackageId;
use crate::repo::Repo;
use crate::set::{Needed, PackageSet};

/// What is known of members while their needs are walked: by repo and name, what is missing.
type Known<'c> = BTreeMap<(&'c RepoName, &'c AttrName), Option<String>>;

impl Family {
    /// All sets, by repo, then by name; each part of a set is one.
    pub fn sets(&self) -> impl Iterator<Item = &PackageSet> {
        self.repos.values().flat_map(|repo| repo.sets.values())
    }

    /// The parts of a set: that of the repo that defines it, and of all that extend it.
    pub fn parts_of<'c>(&'c self, set: &'c PackageSet) -> impl Iterator<Item = &'c PackageSet> {
        self.sets().filter(|part| part.is_of(set))
    }

    /// The members of a set that repos have, in order of repo and name: those of the repo that defines it and
    /// of all that extend it.
    pub fn members_of<'c>(
        &'c self,
        set: &'c PackageSet,
    ) -> impl Iterator<Item = (&'c PackageSet, &'c crate::set::Member)> {
        self.parts_of(set)
            .flat_map(|part| part.members.values().map(move |member| (part, member)))
    }

    /// Of each set that a repo has a part of: its members that the repo cannot offer alone, and what is missing,
    /// as REPO/NAME.
    ///
    /// Members may need each other in circles as long as Nix can evaluate them; one whose needs are being walked
    /// counts as whole.
    #[must_use]
    pub fn members_left_out(&self, repo: &Repo) -> BTreeMap<AttrName, BTreeMap<AttrName, String>> {
        let mut visible: BTreeSet<&RepoName> =
            self.inputs(repo).iter().map(|input| &input.name).collect();
        visible.insert(&repo.name);
        let mut packages = HashMap::new();
        let mut left_out = BTreeMap::new();
        for set in repo.sets.values() {
            let mut known = Known::new();
            let mut missing = BTreeMap::new();
            for name in set.members.keys() {
                if let Some(lacking) =
                    self.member_lacks((set, name), &visible, &mut known, &mut packages)
                {
                    missing.insert(name.clone(), lacking);
                }
            }
            left_out.insert(set.name.clone(), missing);
        }
        left_out
    }

    fn member_lacks<'c>(
        &'c self,
        (set, name): (&'c PackageSet, &'c AttrName),
        visible: &BTreeSet<&RepoName>,
        known: &mut Known<'c>,
        packages: &mut HashMap<&'c PackageId, Option<crate::catalog::LeftOut>>,
    ) -> Option<String> {
        if let Some(lacking) = known.get(&(&set.repo, name)) {
            return lacking.clone();
        }
        known.insert((&set.repo, name), None);
        let root = set.root();
        let names = set.instances.values().flatten();
        let interpreters = names.filter_map(|name| self.attribute(name.as_str()));
        let interpreters: Vec<&PackageId> = interpreters.map(|found| &found.package).collect();
        let unseen = interpreters.iter().find(|id| !visible.contains(&id.repo));
        let is_copied = |id: &PackageId| {
            let repo = self.repos.get(&set.repo);
            repo.is_some_and(|repo| repo.borrows(id))
        };
        let lacking = if let Some(unseen) = unseen {
            Some(unseen.to_string())
        } else if visible.contains(root) {
            let edges = set.members.get(name).map(|member| &member.edges);
            let needed = edges
                .into_iter()
                .flatten()
                .filter(|edge| edge.kind.is_needed());
            needed.map(|edge| &edge.to).find_map(|needed| match needed {
                Needed::Member(of, other) if !visible.contains(of) => {
                    Some(needed.full_name(&set.name))
                }
                Needed::Member(of, other) => {
                    let part = self.repos.get(of)?.sets.get(&set.name)?;
                    self.member_lacks((part, other), visible, known, packages)
                }
                Needed::Package(id, _) if is_copied(id) => None,
                Needed::Package(id, _) if !visible.contains(&id.repo) => Some(id.to_string()),
                Needed::Package(id, _) => {
                    let lacking = self.first_missing(id, visible, packages);
                    lacking.map(|lacking| lacking.missing().to_string())
                }
            })
        } else {
            Some(format!("{root}/{}", set.name))
        };
        known.insert((&set.repo, name), lacking.clone());
        lacking
    }
}
