//! Packages that move between repos, comments and all, and what repos say of each other then.

use std::collections::BTreeMap;

use aux_model::answers::Rearrangement;
use aux_model::semver::VersionReq;
use aux_model::{AttrName, Date, Family, PackageId, RepoName};
use toml_edit::{InlineTable, Item, Key, value};

use crate::documents::{Change, item_mut};
use crate::editor::{Editor, item_of};
use crate::error::EditError;
use crate::sigs::put_in_section;
use crate::style::{Entry, drop_if_bare, set_text, take};

impl Editor {
    /// Changes the manifest as a rearrangement says. The owners stay: where a package took its
    /// owner from its repo, and the new repo has another SIG, the owner is written down.
    /// Dependencies that are keyed by the old repo are keyed by the new one. With a day, each
    /// old repo answers for what left it until then.
    ///
    /// `catalog` is of these files.
    ///
    /// # Errors
    /// When a repo is in no file, or a package is there already. Nothing has changed then.
    pub fn rearrange(
        &mut self,
        catalog: &Family,
        changes: &Rearrangement,
        aliases_until: Option<Date>,
    ) -> Result<(), EditError> {
        let before = self.documents.clone();
        let done = self.rearrange_in(catalog, changes, aliases_until);
        if done.is_err() {
            self.documents = before;
        }
        done
    }

    fn rearrange_in(
        &mut self,
        catalog: &Family,
        changes: &Rearrangement,
        aliases_until: Option<Date>,
    ) -> Result<(), EditError> {
        for (package, to) in &changes.moves {
            self.move_entry(catalog, package, to)?;
            self.redirect(catalog, package, to, aliases_until)?;
        }
        self.rename_moved(catalog, changes)?;
        for (repo, dropped) in &changes.dropped {
            for other in dropped {
                for result in [self.remove_use(repo, other), self.remove_peer(repo, other)] {
                    match result {
                        Ok(()) | Err(EditError::Missing(_)) => {}
                        Err(error) => return Err(error),
                    }
                }
            }
        }
        for (repo, uses) in &changes.uses {
            for used in uses {
                self.add_use(repo, used, &offered(catalog, used))?;
            }
        }
        for (repo, peers) in &changes.peers {
            for peer in peers {
                self.add_peer(repo, peer)?;
            }
        }
        Ok(())
    }

    fn move_entry(
        &mut self,
        catalog: &Family,
        id: &PackageId,
        to: &RepoName,
    ) -> Result<(), EditError> {
        let name = id.name.as_str();
        let source = self.file_of_repo(&id.repo)?;
        let target = self.file_of_repo(to)?;
        for section in ["packages", "builders"] {
            if self
                .documents
                .with(&["repos", to.as_str(), section, name])
                .is_some()
            {
                return Err(EditError::Exists(format!("{to}/{name}")));
            }
        }
        let new_sig = catalog.repo(to.as_str()).map(|repo| &repo.sig);
        let owner = catalog.package(id).map(|package| &package.owner);
        let owner = owner.filter(|owner| Some(*owner) != new_sig).cloned();
        // A package that only the tree knows gets an entry with its owner.
        let unlisted = || Entry {
            key: Key::new(name),
            item: value(InlineTable::new()),
        };
        let (section, mut entry) = match self.listed(id) {
            Ok((_, section)) => {
                let change = Change {
                    paths: vec![vec!["repos", id.repo.as_str(), section]],
                    removes: true,
                };
                let taken = self.documents.edit(&source, &change, |root| {
                    let Some(repo) = item_mut(root, &["repos", id.repo.as_str()]) else {
                        return Ok(None);
                    };
                    let taken = item_of(repo, section).and_then(|packages| take(packages, name));
                    drop_if_bare(repo, section, false);
                    Ok(taken)
                })?;
                (section, taken.unwrap_or_else(unlisted))
            }
            Err(EditError::NoPackage(_)) => ("packages", unlisted()),
            Err(error) => return Err(error),
        };
        let has_owner = item_of(&mut entry.item, "owner").is_some_and(|owner| !owner.is_none());
        if let Some(owner) = owner.filter(|_| !has_owner) {
            set_text(&mut entry.item, "owner", Some(owner.as_str()))?;
        }
        let path = ["repos", to.as_str(), section];
        let change = Change {
            paths: vec![path.to_vec()],
            removes: false,
        };
        self.documents
            .edit(&target, &change, |root| put_in_section(root, path, entry))
    }

    /// Dependents of a package that left a repo are sent to where it is now: the old
    /// repo from now on, and those it left before.
    fn redirect(
        &mut self,
        catalog: &Family,
        id: &PackageId,
        to: &RepoName,
        until: Option<Date>,
    ) -> Result<(), EditError> {
        let name = id.name.as_str();
        let earlier = catalog
            .repos()
            .filter(|repo| repo.moved.contains_key(&id.name));
        let earlier: Vec<RepoName> = earlier.map(|repo| repo.name.clone()).collect();
        for repo in earlier {
            self.edit_repo(&repo, &["moved"], repo == *to, |table| {
                if let Some(moved) = item_of(table, "moved") {
                    if repo == *to {
                        let _back_again = take(moved, name);
                        drop_if_bare(table, "moved", false);
                    } else if let Some(entry) = item_of(moved, name) {
                        set_text(entry, "to", Some(to.as_str()))?;
                    }
                }
                Ok(())
            })?;
        }
        let Some(until) = until else {
            return Ok(());
        };
        self.redirect_to(&id.repo, &id.name, (to, until))
    }

    /// A repo answers for a package that another one has.
    pub(crate) fn redirect_to(
        &mut self,
        repo: &RepoName,
        name: &AttrName,
        (to, until): (&RepoName, Date),
    ) -> Result<(), EditError> {
        let name = name.as_str();
        let mut entry = InlineTable::new();
        entry.insert("to", to.as_str().into());
        entry.insert("until", until.to_string().into());
        let file = self.file_of_repo(repo)?;
        let path = ["repos", repo.as_str(), "moved"];
        let change = Change {
            paths: vec![path.to_vec()],
            removes: false,
        };
        self.documents.edit(&file, &change, |root| {
            if let Some(moved) = item_mut(root, &path) {
                let _older = take(moved, name);
            }
            let key = Key::new(name);
            let item: Item = value(entry);
            put_in_section(root, path, Entry { key, item })
        })
    }

    /// Renames the moved attributes in every dependency.
    fn rename_moved(&mut self, catalog: &Family, changes: &Rearrangement) -> Result<(), EditError> {
        let mut renamed: BTreeMap<String, String> = BTreeMap::new();
        for (id, to) in &changes.moves {
            let package = catalog.package(id);
            let attributes = package.map(aux_model::Package::attributes);
            for attribute in attributes.unwrap_or_default().into_keys() {
                let keyed = |repo: &RepoName| format!("{repo}/{attribute}");
                renamed.insert(keyed(&id.repo), keyed(to));
            }
        }
        self.rename_dependencies(|_, target| renamed.get(target).cloned())
    }
}

/// A requirement that the contract offered now meets.
fn offered(catalog: &Family, repo: &RepoName) -> VersionReq {
    let contract = catalog.repo(repo.as_str()).map(|repo| &repo.contract);
    let contract = contract.filter(|contract| contract.pre.is_empty());
    let requirement = contract.map(|contract| format!("^{}.{}", contract.major, contract.minor));
    let requirement = requirement.and_then(|text| text.parse().ok());
    requirement.unwrap_or(VersionReq::STAR)
}
