//! What packages need.

use aux_model::{EdgeKind, PackageId, PackageRef};
use toml_edit::{Array, Item, Table, Value, value};

use crate::documents::Change;
use crate::editor::{Editor, entries};
use crate::error::EditError;
use crate::lists::{push, remove};
use crate::style::{keep_empty, put_inline, take};

impl Editor {
    /// Adds a dependency to a package or builder. One that is there already stays one, if it is
    /// written in the same way: `core/zlib` and `zlib` are two texts.
    ///
    /// # Errors
    /// When the package is not listed: list it first with [`add_package`](Self::add_package).
    pub fn add_edge(
        &mut self,
        package: &PackageId,
        kind: EdgeKind,
        target: &PackageRef,
    ) -> Result<(), EditError> {
        let target = target.to_string();
        self.edit_key_of(package, kind.as_str(), false, |entry| {
            let missing = entries(entry, &package.to_string())?
                .get(kind.as_str())
                .is_none_or(Item::is_none);
            if let Some(inline) = entry.as_inline_table_mut()
                && missing
            {
                put_inline(inline, kind.as_str(), Value::Array(Array::new()));
            }
            let list = entries(entry, &package.to_string())?
                .entry(kind.as_str())
                .or_insert(value(Array::new()))
                .as_array_mut()
                .ok_or_else(|| EditError::NotATable(format!("{kind} of {package}")))?;
            if !list.iter().any(|known| known.as_str() == Some(&target)) {
                push(list, &target);
            }
            Ok(())
        })
    }

    /// Takes a dependency away, as it is written, however often it is there; the list with it, if
    /// it was the last one.
    ///
    /// # Errors
    /// When the package is not listed, or has no such dependency.
    pub fn remove_edge(
        &mut self,
        package: &PackageId,
        kind: EdgeKind,
        target: &PackageRef,
    ) -> Result<(), EditError> {
        let target = target.to_string();
        let missing = || EditError::Missing(format!("{kind} `{target}` of {package}"));
        self.edit_key_of(package, kind.as_str(), true, |entry| {
            let list = entries(entry, &package.to_string())?
                .get_mut(kind.as_str())
                .and_then(Item::as_array_mut)
                .ok_or_else(missing)?;
            if !remove(list, &target) {
                return Err(missing());
            }
            let is_bare = list.is_empty() && list.trailing().as_str().is_none_or(str::is_empty);
            if is_bare {
                take(entry, kind.as_str());
                keep_empty(entry);
            }
            Ok(())
        })
    }

    /// Renames targets in the dependencies of every package of every file: what `renamed` gives for
    /// a repo and a target of one of its packages.
    pub(crate) fn rename_dependencies(
        &mut self,
        renamed: impl Fn(&str, &str) -> Option<String>,
    ) -> Result<(), EditError> {
        for file in self.documents.paths() {
            let change = Change {
                paths: vec![vec!["repos"]],
                removes: false,
            };
            self.documents.edit(&file, &change, |root| {
                for (repo, target) in dependencies(root) {
                    if let Some(new) = target.as_str().and_then(|text| renamed(&repo, text)) {
                        let decor = target.decor().clone();
                        *target = Value::from(new);
                        *target.decor_mut() = decor;
                    }
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// Every dependency of every package of a document, each with the repo of the package.
fn dependencies(document: &mut Table) -> impl Iterator<Item = (String, &mut Value)> {
    let repos = document.get_mut("repos").and_then(Item::as_table_like_mut);
    let repos = repos.into_iter().flat_map(|repos| repos.iter_mut());
    repos.flat_map(|(name, repo)| {
        let name = name.get().to_owned();
        let sections = repo.as_table_like_mut().into_iter();
        let sections = sections.flat_map(|repo| repo.iter_mut());
        let packages = sections
            .filter(|(section, _)| ["packages", "builders"].contains(&section.get()))
            .filter_map(|(_, section)| section.as_table_like_mut())
            .flat_map(|packages| packages.iter_mut());
        let keys = packages
            .filter_map(|(_, package)| package.as_table_like_mut())
            .flat_map(|package| package.iter_mut());
        keys.filter(|(key, _)| EdgeKind::ALL.iter().any(|kind| kind.as_str() == key.get()))
            .filter_map(|(_, list)| list.as_array_mut())
            .flat_map(Array::iter_mut)
            .map(move |target| (name.clone(), target))
    })
}
