//! Which repos use each other, are peers, and may use each other.

use std::collections::BTreeSet;

use aux_model::semver::VersionReq;
use aux_model::{
    CheckoutPath, Date, FlakeRef, Layout, PackageRef, RelativePath, RepoName, SigName,
};
use toml_edit::{Array, ArrayOfTables, InlineTable, Item, Table, Value, value};

use crate::documents::{Change, item_mut};
use crate::editor::{Editor, entries, item_of, section};
use crate::error::EditError;
use crate::lists::{push, push_value, remove};
use crate::style::{array, drop_if_bare, keep_empty, put_inline, set_text, take};

/// A list of packages in `[policy]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyList {
    /// Packages that core boots from.
    Bootstrap,
    /// Packages that no plan moves.
    Pinned,
}

impl PolicyList {
    fn key(self) -> &'static str {
        match self {
            Self::Bootstrap => "bootstrap",
            Self::Pinned => "pinned",
        }
    }
}

impl Editor {
    /// Makes a repo a flake input of another, in the style in which `uses` is written: a list of
    /// names has no requirements, and keeps none. One that is there gets the requirement.
    ///
    /// # Errors
    /// When no file defines the repo.
    pub fn add_use(
        &mut self,
        repo: &RepoName,
        used: &RepoName,
        requirement: &VersionReq,
    ) -> Result<(), EditError> {
        let what = format!("repos.{repo}");
        let noted = self.made.clone();
        self.note_if_new(&["repos", repo.as_str(), "uses"]);
        let done = self.edit_repo(repo, &["uses"], false, |table| {
            let is_new = entries(table, &what)?.get("uses").is_none_or(Item::is_none);
            if let Some(inline) = table.as_inline_table_mut()
                && is_new
            {
                put_inline(inline, "uses", InlineTable::new().into());
            }
            let uses = entries(table, &what)?
                .entry("uses")
                .or_insert(value(InlineTable::new()));
            if let Some(list) = uses.as_array_mut() {
                if !list
                    .iter()
                    .any(|known| known.as_str() == Some(used.as_str()))
                {
                    push(list, used.as_str());
                }
            } else {
                set_text(uses, used.as_str(), Some(&requirement.to_string()))?;
            }
            Ok(())
        });
        self.keep_notes(noted, &done);
        done
    }

    /// A repo is no flake input of another any more.
    ///
    /// # Errors
    /// When no file defines the repo, or it does not use the other.
    pub fn remove_use(&mut self, repo: &RepoName, used: &RepoName) -> Result<(), EditError> {
        self.remove_relation(repo, "uses", used)
    }

    /// Makes a repo a peer of another. One that is there stays one.
    ///
    /// # Errors
    /// When no file defines the repo.
    pub fn add_peer(&mut self, repo: &RepoName, peer: &RepoName) -> Result<(), EditError> {
        let what = format!("repos.{repo}");
        let noted = self.made.clone();
        self.note_if_new(&["repos", repo.as_str(), "peers"]);
        let done = self.edit_repo(repo, &["peers"], false, |table| {
            let is_new = entries(table, &what)?
                .get("peers")
                .is_none_or(Item::is_none);
            if let Some(inline) = table.as_inline_table_mut()
                && is_new
            {
                put_inline(inline, "peers", Array::new().into());
            }
            let list = entries(table, &what)?
                .entry("peers")
                .or_insert(value(Array::new()))
                .as_array_mut()
                .ok_or_else(|| EditError::NotATable(format!("{what}.peers")))?;
            if !list
                .iter()
                .any(|known| known.as_str() == Some(peer.as_str()))
            {
                push(list, peer.as_str());
            }
            Ok(())
        });
        self.keep_notes(noted, &done);
        done
    }

    /// A repo is no peer of another any more.
    ///
    /// # Errors
    /// When no file defines the repo, or the other is no peer of it.
    pub fn remove_peer(&mut self, repo: &RepoName, peer: &RepoName) -> Result<(), EditError> {
        self.remove_relation(repo, "peers", peer)
    }

    fn remove_relation(
        &mut self,
        repo: &RepoName,
        key: &str,
        other: &RepoName,
    ) -> Result<(), EditError> {
        let missing = || EditError::Missing(format!("repos.{repo}.{key}.{other}"));
        let is_ours = self.made.contains(&format!("repos.{repo}.{key}"));
        self.edit_repo(repo, &[key], true, |table| {
            let found = entries(table, &format!("repos.{repo}"))?.get_mut(key);
            let found = found.ok_or_else(missing)?;
            let was_there = match found.as_array_mut() {
                Some(list) => remove(list, other.as_str()),
                None => {
                    let taken = take(found, other.as_str()).is_some();
                    keep_empty(found);
                    taken
                }
            };
            if is_ours && is_empty(found) {
                take(table, key);
            }
            was_there.then_some(()).ok_or_else(missing)
        })
    }

    /// Sets how the packages of a folder or file of a repo lie, or takes that away.
    ///
    /// # Errors
    /// When no file defines the repo.
    pub fn set_layout(
        &mut self,
        repo: &RepoName,
        place: &RelativePath,
        layout: Option<Layout>,
    ) -> Result<(), EditError> {
        let noted = self.made.clone();
        if layout.is_some() {
            self.note_if_new(&["repos", repo.as_str(), "layout"]);
        }
        let is_ours = noted.contains(&format!("repos.{repo}.layout"));
        let done = self.edit_repo(repo, &["layout"], layout.is_none(), |table| {
            if layout.is_none() && item_of(table, "layout").is_none() {
                return Ok(());
            }
            let layouts = section(table, "layout", &format!("repos.{repo}"))?;
            set_text(layouts, place.as_str(), layout.map(Layout::as_str))?;
            if layout.is_none() {
                drop_if_bare(table, "layout", is_ours);
            }
            Ok(())
        });
        self.keep_notes(noted, &done);
        done
    }

    /// Sets the version of the contract that a repo offers.
    ///
    /// # Errors
    /// When no file defines the repo.
    pub fn set_contract(
        &mut self,
        repo: &RepoName,
        version: &aux_model::semver::Version,
    ) -> Result<(), EditError> {
        self.edit_repo(repo, &["contract"], false, |table| {
            crate::style::set_text(table, "contract", Some(&version.to_string()))
        })
    }

    /// Sets where a repo is checked out; none is the usual place.
    ///
    /// # Errors
    /// When no file defines the repo.
    pub fn set_path(
        &mut self,
        repo: &RepoName,
        path: Option<&CheckoutPath>,
    ) -> Result<(), EditError> {
        self.edit_repo(repo, &["path"], path.is_none(), |table| {
            crate::style::set_text(table, "path", path.map(|path| path.as_str()))
        })
    }

    /// Sets where users fetch a repo.
    ///
    /// # Errors
    /// When no file defines the repo.
    pub fn set_url(&mut self, repo: &RepoName, url: &FlakeRef) -> Result<(), EditError> {
        self.edit_repo(repo, &["url"], false, |table| {
            crate::style::set_text(table, "url", Some(url.as_str()))
        })
    }

    /// Adds a package to a list of `[policy]` in the root. One that is there stays one.
    ///
    /// # Errors
    /// When `policy` is no table.
    pub fn add_to_policy(
        &mut self,
        list: PolicyList,
        package: &PackageRef,
    ) -> Result<(), EditError> {
        let key = list.key();
        let noted = self.made.clone();
        self.note_if_new(&["policy"]);
        self.note_if_new(&["policy", key]);
        let done = self.edit_policy(key, false, |policy| {
            let is_new = entries(policy, "policy")?
                .get(key)
                .is_none_or(Item::is_none);
            if let Some(inline) = policy.as_inline_table_mut().filter(|_| is_new) {
                put_inline(inline, key, Array::new().into());
            }
            let list = entries(policy, "policy")?
                .entry(key)
                .or_insert(value(Array::new()))
                .as_array_mut()
                .ok_or_else(|| EditError::NotATable(format!("policy.{key}")))?;
            let package = package.to_string();
            if !list.iter().any(|known| known.as_str() == Some(&package)) {
                push(list, &package);
            }
            Ok(())
        });
        self.keep_notes(noted, &done);
        done
    }

    /// Renames packages in a list of `[policy]`.
    pub(crate) fn rename_in_policy(
        &mut self,
        list: PolicyList,
        renamed: impl Fn(&str) -> Option<String>,
    ) -> Result<(), EditError> {
        let key = list.key();
        if self.documents.with(&["policy", key]).is_none() {
            return Ok(());
        }
        self.edit_policy(key, false, |policy| {
            let list = entries(policy, "policy")?.get_mut(key);
            let list = list.and_then(Item::as_array_mut);
            for target in list.into_iter().flat_map(Array::iter_mut) {
                if let Some(new) = target.as_str().and_then(&renamed) {
                    let decor = target.decor().clone();
                    *target = new.into();
                    *target.decor_mut() = decor;
                }
            }
            Ok(())
        })
    }

    /// Takes a package out of a list of `[policy]` in the root.
    ///
    /// # Errors
    /// When it is not there.
    pub fn remove_from_policy(
        &mut self,
        list: PolicyList,
        package: &PackageRef,
    ) -> Result<(), EditError> {
        let key = list.key();
        let missing = || EditError::Missing(format!("policy.{key} `{package}`"));
        let is_ours = self.made.contains(&format!("policy.{key}"));
        self.edit_policy(key, true, |policy| {
            let list = entries(policy, "policy")?
                .get_mut(key)
                .and_then(Item::as_array_mut)
                .ok_or_else(missing)?;
            let was_there = remove(list, &package.to_string());
            if is_ours && list.is_empty() {
                take(policy, key);
                // A header that only this key needed.
                if let Some(table) = policy.as_table_mut() {
                    let is_plain = table.iter().any(|(_, item)| item.is_value());
                    table.set_implicit(!is_plain && !table.is_empty());
                }
            }
            was_there.then_some(()).ok_or_else(missing)
        })
    }

    /// Of an edit that failed nothing was made.
    pub(crate) fn keep_notes<T>(&mut self, before: BTreeSet<String>, done: &Result<T, EditError>) {
        if done.is_err() {
            self.made = before;
        }
    }

    /// Notes a key that the next edit makes.
    pub(crate) fn note_if_new(&mut self, path: &[&str]) {
        if self.documents.with(path).is_none() {
            self.made.insert(path.join("."));
        }
    }

    /// Lets two repos use each other, with who answers for it and when somebody looks again.
    ///
    /// # Errors
    /// When `policy.allow` is neither a list of tables nor absent.
    pub fn allow(
        &mut self,
        repos: (&RepoName, &RepoName),
        reason: &str,
        owner: &SigName,
        review: Date,
    ) -> Result<(), EditError> {
        let mut pair = Table::new();
        let names = [repos.0.as_str(), repos.1.as_str()];
        pair.insert("repos", value(array(names.into_iter())));
        pair.insert("reason", value(reason));
        pair.insert("owner", value(owner.as_str()));
        pair.insert("review", value(review.to_string()));
        pair.decor_mut().set_prefix("\n");
        self.edit_policy("allow", false, |policy| {
            let is_new = entries(policy, "policy")?
                .get("allow")
                .is_none_or(Item::is_none);
            if let Some(inline) = policy.as_inline_table_mut().filter(|_| is_new) {
                put_inline(inline, "allow", Array::new().into());
            } else if is_new {
                let none = Item::ArrayOfTables(ArrayOfTables::new());
                entries(policy, "policy")?.insert("allow", none);
            }
            match entries(policy, "policy")?.get_mut("allow") {
                Some(Item::ArrayOfTables(pairs)) => pairs.push(pair),
                Some(Item::Value(Value::Array(pairs))) => {
                    let mut inline = pair.into_inline_table();
                    inline.decor_mut().clear();
                    push_value(pairs, inline.into());
                }
                _ => return Err(EditError::NotATable("policy.allow".to_owned())),
            }
            Ok(())
        })
    }

    /// Edits `[policy]` of the root, made if it is not there.
    fn edit_policy(
        &mut self,
        key: &str,
        removes: bool,
        edit: impl FnOnce(&mut Item) -> Result<(), EditError>,
    ) -> Result<(), EditError> {
        let missing = || EditError::NoFile("aux.toml".to_owned());
        let root = self
            .documents
            .paths()
            .into_iter()
            .next()
            .ok_or_else(missing)?;
        let change = Change {
            paths: vec![vec!["policy", key]],
            removes,
        };
        let is_ours = self.made.contains("policy");
        self.documents.edit(&root, &change, |root| {
            if !root.contains_key("policy") {
                let mut policy = Table::new();
                policy.decor_mut().set_prefix("\n");
                root.insert("policy", Item::Table(policy));
            }
            let policy = item_mut(root, &["policy"]);
            let policy = policy.ok_or_else(|| EditError::NotATable("policy".to_owned()))?;
            edit(policy)?;
            if is_ours && is_empty(policy) {
                root.remove("policy");
            }
            Ok(())
        })
    }
}

fn is_empty(item: &Item) -> bool {
    match (item.as_array(), item.as_table_like()) {
        (Some(list), _) => list.is_empty(),
        (_, Some(table)) => table.is_empty(),
        _ => false,
    }
}
