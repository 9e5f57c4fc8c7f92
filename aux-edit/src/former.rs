//! Names that are answered for: entries of `renamed` and `removed`.

use aux_model::{
    AttrName, Date, Family, Handle, ModuleClass, ModuleName, Package, PackageId, PackageSet,
    Removed, Repo, RepoName, Shape, SigName,
};
use toml_edit::{InlineTable, Item, Key, Table, value};

use crate::documents::{Change, item_mut};
use crate::editor::{Editor, item_of};
use crate::error::EditError;
use crate::names::NewName;
use crate::part::RepoPart;
use crate::references::rename_texts;
use crate::sigs::put_in_section;
use crate::style::{Entry, drop_if_bare, put, take};

/// A name that nothing has any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormerName {
    /// Of a package of a repo.
    Package(RepoName, AttrName),
    /// Of a member of a package set, in the part of it that a repo has.
    Member(RepoName, AttrName, AttrName),
    /// Of a module of a repo.
    Module(RepoName, ModuleName),
    /// Of a repo.
    Repo(RepoName),
    /// Of a SIG.
    Sig(SigName),
    /// Of a person.
    Person(Handle),
}

impl FormerName {
    /// Of a member of a part of a package set.
    pub(crate) fn of_member(part: &PackageSet, name: &AttrName) -> Self {
        Self::Member(part.repo.clone(), part.name.clone(), name.clone())
    }
}

/// Why something is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// Why.
    pub reason: String,
    /// What to use in its place.
    pub instead: Option<String>,
    /// Until when it is answered for; none for good.
    pub until: Option<Date>,
}

impl Removal {
    /// As a manifest has it.
    pub(crate) fn of(removed: &Removed) -> Self {
        Self {
            reason: removed.reason.clone(),
            instead: removed.instead.clone(),
            until: removed.until,
        }
    }
}

/// Which of the two tables.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Renamed,
    Removed,
}

impl Editor {
    /// Says what something is called now, and until when its old name is answered for. What led to the
    /// old name leads to the new one.
    ///
    /// # Errors
    /// When no file defines the repo that it is of.
    pub fn say_renamed(
        &mut self,
        old: &FormerName,
        to: &str,
        until: Date,
        forwards: bool,
    ) -> Result<(), EditError> {
        let mut entry = InlineTable::new();
        entry.insert("to", to.into());
        entry.insert("until", until.to_string().into());
        if forwards {
            entry.insert("forwards", true.into());
        }
        self.put_former(old, Fate::Renamed, entry)
    }

    /// Says under the old name of a repo, a SIG or a person what it is called now, if that is answered
    /// for until a day. Nothing that was called by the new name is answered for any more. Nobody asks
    /// for tiers.
    ///
    /// # Errors
    /// When a file cannot be edited.
    pub fn answer_for(
        &mut self,
        name: &NewName,
        until: Option<Date>,
        forwards: bool,
    ) -> Result<(), EditError> {
        let (old, new, to) = match name {
            NewName::Repo(old, new) => (
                FormerName::Repo(old.clone()),
                FormerName::Repo(new.clone()),
                new.as_str(),
            ),
            NewName::Sig(old, new) => (
                FormerName::Sig(old.clone()),
                FormerName::Sig(new.clone()),
                new.as_str(),
            ),
            NewName::Person(old, new) => (
                FormerName::Person(old.clone()),
                FormerName::Person(new.clone()),
                new.as_str(),
            ),
            NewName::Tier(..) => return Ok(()),
        };
        self.forget_former(&new)?;
        match until {
            Some(until) => self.say_renamed(&old, to, until, forwards),
            None => Ok(()),
        }
    }

    /// Says why something is gone.
    ///
    /// # Errors
    /// When no file defines the repo that it is of.
    pub fn say_removed(
        &mut self,
        old: &FormerName,
        class: Option<ModuleClass>,
        removal: &Removal,
    ) -> Result<(), EditError> {
        let mut entry = InlineTable::new();
        if let Some(class) = class.filter(|class| *class != ModuleClass::Nixos) {
            entry.insert("class", class.as_str().into());
        }
        entry.insert("reason", removal.reason.as_str().into());
        if let Some(instead) = &removal.instead {
            entry.insert("use", instead.as_str().into());
        }
        if let Some(until) = removal.until {
            entry.insert("until", until.to_string().into());
        }
        self.put_former(old, Fate::Removed, entry)
    }

    /// Forgets a former name, as when something gets it.
    ///
    /// # Errors
    /// When a file cannot be edited.
    pub fn forget_former(&mut self, old: &FormerName) -> Result<(), EditError> {
        for fate in [Fate::Renamed, Fate::Removed] {
            let (path, name) = place(old, fate);
            let keys: Vec<&str> = path.iter().map(String::as_str).collect();
            let whole = [&keys[..], &[name.as_str()]].concat();
            let Some(file) = self.documents.with(&whole) else {
                continue;
            };
            let change = Change {
                paths: vec![keys.clone()],
                removes: true,
            };
            self.documents.edit(&file, &change, |root| {
                if let Some(entries) = item_mut(root, &keys) {
                    take(entries, &name);
                }
                let (last, above) = keys.split_last().expect("a path has keys");
                if let Some(table) = item_mut(root, above) {
                    drop_if_bare(table, last, true);
                }
                // A table without a header is not written when it is empty.
                let is_bare = |table: &Table| table.is_empty() && table.is_implicit();
                if above.len() == 1 && root[above[0]].as_table().is_some_and(is_bare) {
                    root.remove(above[0]);
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Renames a package, and all that leads to it: dependencies, the policy, former names, and what other
    /// repos say of what went to its repo. With a day, the old name is answered for until then.
    ///
    /// `family` is of these files.
    ///
    /// # Errors
    /// When the new name is taken in its repo. Nothing has changed then.
    pub fn rename_package_in(
        &mut self,
        family: &Family,
        package: &PackageId,
        to: &AttrName,
        until: Option<Date>,
    ) -> Result<(), EditError> {
        let section = match self.listed(package) {
            Ok((_, section)) => Some(section),
            Err(EditError::NoPackage(_)) => None,
            Err(error) => return Err(error),
        };
        self.as_a_whole(|editor| {
            editor.rename_listed(package, section, to)?;
            editor.rename_offered(package.name.as_str(), to.as_str())?;
            editor.forget_former(&FormerName::Package(package.repo.clone(), to.clone()))?;
            for repo in family.repos() {
                editor.lead_on(family, repo, package, to)?;
            }
            // A set need not have an attribute of its own name.
            let attribute = family.attribute(package.name.as_str());
            let is_attribute = attribute.is_some_and(|found| found.package == *package);
            let is_set = family
                .package(package)
                .is_some_and(|found| matches!(found.shape, Shape::Set(_)));
            let old = FormerName::Package(package.repo.clone(), package.name.clone());
            match until.filter(|_| is_attribute && !is_set) {
                Some(until) => editor.say_renamed(&old, to.as_str(), until, false),
                None => Ok(()),
            }
        })
    }

    /// What a repo says of the old name of a package leads to the new one.
    fn lead_on(
        &mut self,
        family: &Family,
        repo: &Repo,
        package: &PackageId,
        to: &AttrName,
    ) -> Result<(), EditError> {
        let (old, new) = (package.name.as_str(), to.as_str());
        let attributes = family.package(package).map(Package::attributes);
        let attributes = attributes.unwrap_or_default();
        let led = repo.former.renamed.values();
        let mut led = led.filter(|renamed| attributes.contains_key(&renamed.to));
        if led.next().is_some() {
            self.edit_repo(&repo.name, &["renamed"], false, |table| {
                let Some(entries) = item_of(table, "renamed") else {
                    return Ok(());
                };
                rename_texts(entries, &["*", "to"], &|text| {
                    // `nodejs_x` may be a package of its own.
                    attributes.keys().find(|name| name.as_str() == text)?;
                    match text.strip_prefix(old)? {
                        "" => Some(new.to_owned()),
                        variant => variant.starts_with('_').then(|| format!("{new}{variant}")),
                    }
                });
                Ok(())
            })?;
        }
        let moved = repo.moved.get(&package.name);
        let Some(moved) = moved.filter(|moved| moved.to == package.repo) else {
            return Ok(());
        };
        self.drop_redirect(repo, package)?;
        let old = FormerName::Package(repo.name.clone(), package.name.clone());
        self.say_renamed(&old, new, moved.until, false)
    }

    /// Renames a module, and what leads to it by its old name. With a day, the old name is answered for
    /// until then.
    ///
    /// # Errors
    /// When the repo has no such module, or one of the new name. Nothing has changed then.
    pub fn rename_module_in(
        &mut self,
        repo: &Repo,
        module: &ModuleName,
        to: &ModuleName,
        until: Option<Date>,
    ) -> Result<(), EditError> {
        let part = RepoPart::Module(module.clone());
        let name = |name: &ModuleName| FormerName::Module(repo.name.clone(), name.clone());
        self.as_a_whole(|editor| {
            editor.rename_part(&repo.name, &part, to.as_str())?;
            editor.forget_former(&name(to))?;
            for (old, renamed) in &repo.former.renamed_modules {
                if renamed.to == *module && old != to {
                    editor.say_renamed(&name(old), to.as_str(), renamed.until, false)?;
                }
            }
            match until {
                Some(until) => editor.say_renamed(&name(module), to.as_str(), until, false),
                None => Ok(()),
            }
        })
    }

    /// A repo sends nobody to a package any more.
    pub(crate) fn drop_redirect(
        &mut self,
        repo: &Repo,
        package: &PackageId,
    ) -> Result<(), EditError> {
        let moved = repo.moved.get(&package.name);
        if moved.is_none_or(|moved| moved.to != package.repo) {
            return Ok(());
        }
        self.edit_repo(&repo.name, &["moved"], true, |table| {
            if let Some(entries) = item_of(table, "moved") {
                take(entries, package.name.as_str());
            }
            drop_if_bare(table, "moved", false);
            Ok(())
        })
    }

    fn put_former(
        &mut self,
        old: &FormerName,
        fate: Fate,
        entry: InlineTable,
    ) -> Result<(), EditError> {
        self.forget_former(old)?;
        let (path, name) = place(old, fate);
        let entry = Entry {
            key: Key::new(&name),
            item: value(entry),
        };
        if let FormerName::Member(repo, set, _) = old {
            return self.edit_repo(repo, &["sets"], false, |table| {
                let sets = item_of(table, "sets");
                let part = sets.and_then(|sets| item_of(sets, set.as_str()));
                let part = part.ok_or_else(|| EditError::Missing(path.join(".")))?;
                let section = crate::editor::section(part, &path[4], &path[..4].join("."))?;
                put(section, entry);
                Ok(())
            });
        }
        if let FormerName::Package(repo, _) | FormerName::Module(repo, _) = old {
            let file = self.file_of_repo(repo)?;
            let keys = ["repos", repo.as_str(), path[2].as_str()];
            let change = Change {
                paths: vec![keys.to_vec()],
                removes: false,
            };
            let documents = &mut self.documents;
            return documents.edit(&file, &change, |root| put_in_section(root, keys, entry));
        }
        let keys: Vec<&str> = path.iter().map(String::as_str).collect();
        let missing = || EditError::NoFile("aux.toml".to_owned());
        let file = self.documents.with(&keys);
        let first = || self.documents.paths().into_iter().next();
        let file = file.or_else(first).ok_or_else(missing)?;
        let change = Change {
            paths: vec![keys.clone()],
            removes: false,
        };
        self.documents.edit(&file, &change, |root| {
            let [above, last] = keys[..] else {
                return Err(missing());
            };
            if !root.contains_key(above) {
                let mut table = Table::new();
                table.set_implicit(true);
                root.insert(above, Item::Table(table));
            }
            let table = root.get_mut(above).ok_or_else(missing)?;
            let section = crate::editor::section(table, last, above)?;
            put(section, entry);
            Ok(())
        })
    }
}

/// The table that has a former name, and the name.
fn place(old: &FormerName, fate: Fate) -> (Vec<String>, String) {
    let word = match fate {
        Fate::Renamed => "renamed",
        Fate::Removed => "removed",
    };
    let of_repo = |repo: &RepoName, section: &str| {
        vec!["repos".to_owned(), repo.to_string(), section.to_owned()]
    };
    let of_root = |kind: &str| vec![word.to_owned(), kind.to_owned()];
    match old {
        FormerName::Package(repo, name) => (of_repo(repo, word), name.to_string()),
        FormerName::Member(repo, set, name) => {
            let path = ["repos", repo.as_str(), "sets", set.as_str(), word];
            (path.map(str::to_owned).to_vec(), name.to_string())
        }
        FormerName::Module(repo, name) => {
            (of_repo(repo, &format!("{word}-modules")), name.to_string())
        }
        FormerName::Repo(name) => (of_root("repos"), name.to_string()),
        FormerName::Sig(name) => (of_root("sigs"), name.to_string()),
        FormerName::Person(name) => (of_root("people"), name.to_string()),
    }
}
