//! What packages need.

use aux_model::{AttrName, EdgeKind, PackageId, PackageRef, RepoName};
use toml_edit::{Array, Item, Table, Value, value};

use crate::documents::{Change, item_mut};
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
        self.edit_key_of(package, kind.as_str(), false, |entry| {
            put_edge(entry, &package.to_string(), (kind, target))
        })
    }

    /// As [`add_edge`](Self::add_edge), of a member of a package set in the part that a repo has.
    ///
    /// # Errors
    /// When the part has no such member.
    pub fn add_edge_of_member(
        &mut self,
        repo: &RepoName,
        (set, member): (&AttrName, &AttrName),
        (kind, target): (EdgeKind, &PackageRef),
    ) -> Result<(), EditError> {
        let (repo_key, set_key) = (repo.as_str(), set.as_str());
        let path = [
            "repos",
            repo_key,
            "sets",
            set_key,
            "members",
            member.as_str(),
        ];
        let change = Change {
            paths: vec![[&path[..], &[kind.as_str()]].concat()],
            removes: false,
        };
        let file = self.file_of_repo(repo)?;
        self.documents.edit(&file, &change, |root| {
            let missing = || EditError::Missing(path.join("."));
            let entry = item_mut(root, &path).ok_or_else(missing)?;
            put_edge(entry, &format!("{repo}/{set}.{member}"), (kind, target))
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

    /// Renames targets in the dependencies of every package of every file, and those of the members of
    /// package sets: what `renamed` gives for who has one, and its text.
    pub(crate) fn rename_dependencies(
        &mut self,
        renamed: impl Fn(&Asker, &str) -> Option<String>,
    ) -> Result<(), EditError> {
        for file in self.documents.paths() {
            let change = Change {
                paths: vec![vec!["repos"]],
                removes: false,
            };
            self.documents.edit(&file, &change, |root| {
                for (asker, target) in dependencies(root) {
                    if let Some(new) = target.as_str().and_then(|text| renamed(&asker, text)) {
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

/// Adds a dependency to an entry, unless it is there.
fn put_edge(
    entry: &mut Item,
    what: &str,
    (kind, target): (EdgeKind, &PackageRef),
) -> Result<(), EditError> {
    let target = target.to_string();
    let missing = entries(entry, what)?
        .get(kind.as_str())
        .is_none_or(Item::is_none);
    if let Some(inline) = entry.as_inline_table_mut()
        && missing
    {
        put_inline(inline, kind.as_str(), Value::Array(Array::new()));
    }
    let list = entries(entry, what)?
        .entry(kind.as_str())
        .or_insert(value(Array::new()))
        .as_array_mut()
        .ok_or_else(|| EditError::NotATable(format!("{kind} of {what}")))?;
    if !list.iter().any(|known| known.as_str() == Some(&target)) {
        push(list, &target);
    }
    Ok(())
}

/// Who has a dependency.
#[derive(Clone)]
pub(crate) struct Asker {
    /// The repo.
    pub(crate) repo: String,
    /// The package set, of what is a member of one.
    pub(crate) set: Option<String>,
}

/// Every dependency of every package and member of a document, each with who has it.
fn dependencies(document: &mut Table) -> Vec<(Asker, &mut Value)> {
    let mut found = Vec::new();
    for (repo, sections) in entries_of(document.get_mut("repos")) {
        for (section, packages) in entries_of(Some(sections)) {
            let asker = Asker {
                repo: repo.clone(),
                set: None,
            };
            match section.as_str() {
                "packages" | "builders" => each_target(&asker, Some(packages), &mut found),
                "sets" => {
                    for (set, said) in entries_of(Some(packages)) {
                        let asker = Asker {
                            set: Some(set),
                            ..asker.clone()
                        };
                        let members = said.as_table_like_mut();
                        let members = members.and_then(|said| said.get_mut("members"));
                        each_target(&asker, members, &mut found);
                    }
                }
                _ => {}
            }
        }
    }
    found
}

fn entries_of(table: Option<&mut Item>) -> impl Iterator<Item = (String, &mut Item)> {
    let table = table.and_then(Item::as_table_like_mut);
    let entries = table.into_iter().flat_map(|table| table.iter_mut());
    entries.map(|(name, item)| (name.get().to_owned(), item))
}

fn each_target<'d>(
    asker: &Asker,
    packages: Option<&'d mut Item>,
    found: &mut Vec<(Asker, &'d mut Value)>,
) {
    let is_kind = |key: &str| EdgeKind::ALL.iter().any(|kind| kind.as_str() == key);
    let keys = entries_of(packages).flat_map(|(_, package)| entries_of(Some(package)));
    let lists = keys.filter(|(key, _)| is_kind(key));
    let targets = lists.filter_map(|(_, list)| list.as_array_mut());
    found.extend(
        targets
            .flat_map(Array::iter_mut)
            .map(|target| (asker.clone(), target)),
    );
}
