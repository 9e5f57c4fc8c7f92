//! New names for what a manifest defines, and one thing in place of another, wherever they are named.

use aux_model::{Handle, RepoName, SigName, TierName};
use toml_edit::{Item, Table};

use crate::documents::Change;
use crate::editor::{Editor, item_of};
use crate::error::EditError;
use crate::lists::remove;
use crate::part::RepoPart;
use crate::references::{Named, each_list, rename_keys, rename_texts};
use crate::sigs::put_in_section;
use crate::style::rename_key;
use crate::style::{drop_if_bare, take};

/// A name, and the one that is to stand in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewName {
    /// Of a repo.
    Repo(RepoName, RepoName),
    /// Of a SIG.
    Sig(SigName, SigName),
    /// Of a person.
    Person(Handle, Handle),
    /// Of a tier.
    Tier(TierName, TierName),
}

impl NewName {
    fn parts(&self) -> (Named, &str, &str) {
        match self {
            Self::Repo(old, new) => (Named::Repo, old.as_str(), new.as_str()),
            Self::Sig(old, new) => (Named::Sig, old.as_str(), new.as_str()),
            Self::Person(old, new) => (Named::Person, old.as_str(), new.as_str()),
            Self::Tier(old, new) => (Named::Tier, old.as_str(), new.as_str()),
        }
    }
}

/// Every table that a name may stand in.
const ROOTS: [&str; 8] = [
    "access", "channels", "people", "policy", "renamed", "repos", "sigs", "tiers",
];

impl Editor {
    /// Gives something another name where it is defined and wherever it is named: in `uses`, `peers`,
    /// dependencies, owners, leads, the policy, channels and former names.
    ///
    /// # Errors
    /// When it is not defined, or the new name is taken. Nothing has changed then.
    pub fn rename(&mut self, name: &NewName) -> Result<(), EditError> {
        let (kind, old, new) = name.parts();
        if kind == Named::Tier {
            self.must_have_tier(old, true)?;
            self.must_have_tier(new, false)?;
        } else {
            let section = kind.section();
            if self.documents.with(&[section, old]).is_none() {
                return Err(EditError::Missing(format!("{section}.{old}")));
            }
            if self.documents.with(&[section, new]).is_some() {
                return Err(EditError::Exists(format!("{section}.{new}")));
            }
        }
        self.as_a_whole(|editor| editor.name_anew(kind, (old, new), Keys::Too))
    }

    /// Puts a SIG or a person that there is in place of another one, wherever that is named, and takes the
    /// other one's definition away. A list names nobody twice.
    ///
    /// # Errors
    /// When one of the two is not defined, or it is about a repo or a tier, of which none can stand
    /// for another. Nothing has changed then.
    pub fn replace(&mut self, name: &NewName) -> Result<(), EditError> {
        let (kind, old, new) = name.parts();
        let section = kind.section();
        if !matches!(kind, Named::Sig | Named::Person) {
            return Err(EditError::Exists(format!("{section}.{new}")));
        }
        for name in [old, new] {
            if self.documents.with(&[section, name]).is_none() {
                return Err(EditError::Missing(format!("{section}.{name}")));
            }
        }
        self.as_a_whole(|editor| {
            editor.remove_table(section, old)?;
            editor.drop_twins(kind, (old, new))?;
            editor.name_anew(kind, (old, new), Keys::Not)
        })
    }

    /// Takes a person out of every list of people.
    ///
    /// # Errors
    /// When a file cannot be edited. Nothing has changed then.
    pub fn drop_memberships(&mut self, person: &Handle) -> Result<(), EditError> {
        self.as_a_whole(|editor| {
            editor.edit_all(true, |root| {
                for path in Named::Person.places().texts {
                    each_list(root, path, &mut |list| {
                        remove(list, person.as_str());
                    });
                }
            })
        })
    }

    /// Gives a module or an overlay of a repo another name.
    ///
    /// # Errors
    /// When the repo has none of the old name, or one of the new one.
    pub fn rename_part(
        &mut self,
        repo: &RepoName,
        part: &RepoPart,
        new: &str,
    ) -> Result<(), EditError> {
        let (section, old) = part.parts();
        let what = format!("repos.{repo}.{section}");
        let has = |name: &str| {
            let path = ["repos", repo.as_str(), section, name];
            self.documents.with(&path).is_some()
        };
        if !has(old) {
            return Err(EditError::Missing(format!("{what}.{old}")));
        }
        if has(new) {
            return Err(EditError::Exists(format!("{what}.{new}")));
        }
        self.edit_repo(repo, &[section], false, |table| {
            let missing = || EditError::NotATable(what.clone());
            rename_key(item_of(table, section).ok_or_else(missing)?, old, new);
            Ok(())
        })
    }

    /// Takes a module or an overlay of a repo away.
    ///
    /// # Errors
    /// When the repo has none of that name.
    pub fn remove_part(&mut self, repo: &RepoName, part: &RepoPart) -> Result<(), EditError> {
        self.take_part(repo, part).map(drop)
    }

    /// Moves the entry of a module or an overlay to another repo. With another owner than that repo's
    /// SIG, who owns it is to be said first.
    ///
    /// # Errors
    /// When the first repo has none of that name, or the other one has.
    pub fn move_part(
        &mut self,
        from: &RepoName,
        part: &RepoPart,
        to: &RepoName,
        owner: Option<&SigName>,
    ) -> Result<(), EditError> {
        let (section, name) = part.parts();
        let path = ["repos", to.as_str(), section];
        if self
            .documents
            .with(&[&path[..], &[name]].concat())
            .is_some()
        {
            return Err(EditError::Exists(format!("repos.{to}.{section}.{name}")));
        }
        let target = self.file_of_repo(to)?;
        self.as_a_whole(|editor| {
            let mut entry = editor.take_part(from, part)?;
            let has_owner = item_of(&mut entry.item, "owner").is_some();
            if let Some(owner) = owner.filter(|_| !has_owner) {
                crate::style::set_text(&mut entry.item, "owner", Some(owner.as_str()))?;
            }
            let change = Change {
                paths: vec![path.to_vec()],
                removes: false,
            };
            let documents = &mut editor.documents;
            documents.edit(&target, &change, |root| put_in_section(root, path, entry))
        })
    }

    fn take_part(
        &mut self,
        repo: &RepoName,
        part: &RepoPart,
    ) -> Result<crate::style::Entry, EditError> {
        let (section, name) = part.parts();
        let missing = || EditError::Missing(format!("repos.{repo}.{section}.{name}"));
        self.edit_repo(repo, &[section], true, |table| {
            let parts = item_of(table, section).ok_or_else(missing)?;
            let entry = take(parts, name).ok_or_else(missing)?;
            drop_if_bare(table, section, false);
            Ok(entry)
        })
    }

    /// Makes edits of which all are made, or none.
    pub(crate) fn as_a_whole<T>(
        &mut self,
        edits: impl FnOnce(&mut Self) -> Result<T, EditError>,
    ) -> Result<T, EditError> {
        let before = (self.documents.clone(), self.made.clone());
        let done = edits(self);
        if done.is_err() {
            (self.documents, self.made) = before;
        }
        done
    }

    fn must_have_tier(&self, name: &str, wanted: bool) -> Result<(), EditError> {
        let mut tiers = self.documents.item(&["tiers"]).cloned().unwrap_or_default();
        let seen = std::cell::Cell::new(false);
        rename_texts(&mut tiers, &["*", "name"], &|text| {
            seen.set(seen.get() || text == name);
            None
        });
        match (seen.get(), wanted) {
            (true, true) | (false, false) => Ok(()),
            (false, true) => Err(EditError::Missing(format!("tier {name}"))),
            (true, false) => Err(EditError::Exists(format!("tier {name}"))),
        }
    }

    fn name_anew(
        &mut self,
        kind: Named,
        (old, new): (&str, &str),
        keys: Keys,
    ) -> Result<(), EditError> {
        let places = kind.places();
        let whole = |text: &str| (text == old).then(|| new.to_owned());
        let start = |text: &str| match text.strip_prefix(old)? {
            "" => Some(new.to_owned()),
            rest => rest.starts_with('/').then(|| format!("{new}{rest}")),
        };
        // A dependency without a `/` is an attribute, whatever repos are called.
        let keyed = |text: &str| start(text).filter(|_| text.contains('/'));
        self.edit_all(false, |root| {
            for path in places.keys.iter().filter(|_| keys == Keys::Too) {
                rename_keys(root, path, old, new);
            }
            for path in places.texts {
                rename_texts(root, path, &whole);
            }
            for path in places.starts {
                match path.first() {
                    Some(&"policy") if path.last() == Some(&"pinned") => {
                        rename_texts(root, path, &start);
                    }
                    _ => rename_texts(root, path, &keyed),
                }
            }
        })
    }

    /// Where a list has both names, the old one goes.
    fn drop_twins(&mut self, kind: Named, (old, new): (&str, &str)) -> Result<(), EditError> {
        self.edit_all(true, |root| {
            for path in kind.places().texts {
                each_list(root, path, &mut |list| {
                    if list.iter().any(|value| value.as_str() == Some(new)) {
                        remove(list, old);
                    }
                });
            }
        })
    }

    /// What flakes offer besides packages follows an attribute that gets another name.
    pub(crate) fn rename_offered(&mut self, old: &str, new: &str) -> Result<(), EditError> {
        let whole = |text: &str| (text == old).then(|| new.to_owned());
        self.edit_all(false, |root| {
            for key in ["default", "formatter", "tools"] {
                rename_texts(root, &["repos", "*", key], &whole);
            }
            rename_keys(root, &["repos", "*", "programs"], old, new);
        })
    }

    /// Edits every file that has something to edit.
    pub(crate) fn edit_all(
        &mut self,
        removes: bool,
        edit: impl Fn(&mut Item),
    ) -> Result<(), EditError> {
        for file in self.documents.paths() {
            let change = Change {
                paths: ROOTS.iter().map(|root| vec![*root]).collect(),
                removes,
            };
            self.documents.edit(&file, &change, |root| {
                on_root(root, &edit);
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Whether a file says nothing any more.
    pub(crate) fn is_spent(&self, file: &str) -> bool {
        let root = self.documents.root_of(file);
        root.is_some_and(|root| root.iter().all(|(_, item)| is_bare(item)))
    }
}

/// Whether keys are named anew, or only what refers to them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keys {
    Too,
    Not,
}

/// Whether there is nothing in a table, nor in the tables in it.
fn is_bare(item: &Item) -> bool {
    let table = item.as_table_like();
    item.is_none() || table.is_some_and(|table| table.iter().all(|(_, item)| is_bare(item)))
}

/// The root of a document as an item like all others.
fn on_root(root: &mut Table, edit: impl FnOnce(&mut Item)) {
    let mut whole = Item::Table(std::mem::take(root));
    edit(&mut whole);
    if let Item::Table(edited) = whole {
        *root = edited;
    }
}
