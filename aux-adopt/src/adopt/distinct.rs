//! One package for each name: of repos that define the same attribute, one has it in the family.

use std::collections::BTreeMap;

use aux_model::RepoName;

use crate::adopt::adopted::Adopted;
use crate::adopt::known::Known;

/// Leaves an attribute to the family if that has it, else to the first repo, in the order in which
/// they are named, that defines it. The others keep it as an exception with the reason. What a
/// by-name tree defines is left to the rules: a manifest cannot take it out of there.
pub(super) fn settle(adopted: &mut [Adopted], known: &Known) {
    let mut owners: BTreeMap<String, RepoName> = known.attributes.clone();
    for repo in adopted.iter() {
        for name in repo.attributes_by_package().into_keys() {
            owners.entry(name.to_owned()).or_insert(repo.name.clone());
        }
    }
    for repo in adopted {
        let names = repo.elsewhere.keys().chain(&repo.offered);
        let names: Vec<_> = names.cloned().collect();
        for name in names {
            let owner = owners
                .entry(name.to_string())
                .or_insert_with(|| repo.name.clone());
            if *owner != repo.name {
                let reason =
                    format!("`{owner}` has it: the flat view has one package for each name");
                repo.elsewhere.remove(&name);
                repo.offered.remove(&name);
                repo.maintainers.remove(&name);
                repo.exceptions.insert(name.to_string(), reason);
            }
        }
    }
}
