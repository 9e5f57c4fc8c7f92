//! Packages and builders.

use std::collections::BTreeSet;

use aux_model::{
    AttrName, EdgeKind, Imported, ModuleClass, PackageId, PackageRef, RelativePath, RepoName,
    Restriction, SigName, System, VariantName,
};
use toml_edit::{InlineTable, Item, Key, Table, TableLike, Value, value};

use crate::documents::{Change, item_mut};
use crate::edges::Asker;
use crate::editor::{Editor, item_of, section};
use crate::error::EditError;
use crate::part::RepoPart;
use crate::references::rename_texts;
use crate::relations::PolicyList;
use crate::style::{
    Entry, array, drop_if_bare, put, put_inline, rename_key, set_text, take, written_as_tables,
};

/// A package to add to a repo.
#[derive(Debug, Clone, PartialEq)]
pub struct NewPackage {
    /// The repo that gets it.
    pub repo: RepoName,
    /// Its attribute.
    pub name: AttrName,
    /// What is added.
    pub what: Addition,
    /// What it is, in one sentence.
    pub description: Option<String>,
    /// The SIG that owns it, if not the repo's.
    pub owner: Option<SigName>,
    /// SIGs that are asked about its changes besides the owner.
    pub watchers: Vec<SigName>,
    /// Its implementations, the one that is meant by default last; none if it has just one.
    pub variants: Vec<VariantName>,
    /// Other attributes for it.
    pub aliases: Vec<AttrName>,
    /// Where it was copied from.
    pub imported: Option<Imported>,
    /// What it needs.
    pub edges: Vec<(EdgeKind, PackageRef)>,
}

/// A module or an overlay to add to a repo.
#[derive(Debug, Clone, PartialEq)]
pub struct NewPart {
    /// The repo that gets it.
    pub repo: RepoName,
    /// What it is, and its name.
    pub part: RepoPart,
    /// What a module is one of; none of what is usual, and of an overlay.
    pub class: Option<ModuleClass>,
    /// What it is for, in one sentence.
    pub description: Option<String>,
    /// The SIG that owns it, if not the repo's.
    pub owner: Option<SigName>,
}

/// Which kind of entry is added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Addition {
    /// An entry of `packages`.
    Package,
    /// An entry of `packages` whose directory has a `packages.nix`: the packages that it
    /// defines, and what else it does.
    Set {
        /// Attributes that are derivations.
        members: Vec<AttrName>,
        /// Functions, and sets of packages.
        builders: Vec<AttrName>,
    },
    /// An entry of `builders`.
    Builder,
}

impl NewPackage {
    /// A package that needs nothing and is owned by the SIG of its repo.
    #[must_use]
    pub fn new(package: PackageId) -> Self {
        Self {
            repo: package.repo,
            name: package.name,
            what: Addition::Package,
            description: None,
            owner: None,
            watchers: Vec::new(),
            variants: Vec::new(),
            aliases: Vec::new(),
            imported: None,
            edges: Vec::new(),
        }
    }

    /// Whether anything is said of it that a tree does not say.
    #[must_use]
    pub fn says_more(&self) -> bool {
        *self
            != Self::new(PackageId {
                repo: self.repo.clone(),
                name: self.name.clone(),
            })
    }
}

impl Editor {
    /// Adds a package or builder to its repo, in the style of its neighbours.
    ///
    /// # Errors
    /// When no file defines the repo, or it has the package or builder.
    pub fn add_package(&mut self, new: &NewPackage) -> Result<(), EditError> {
        let repo = new.repo.as_str();
        let section_name = match new.what {
            Addition::Package | Addition::Set { .. } => "packages",
            Addition::Builder => "builders",
        };
        for name in ["packages", "builders"] {
            let path = ["repos", repo, name, new.name.as_str()];
            if self.documents.with(&path).is_some() {
                return Err(EditError::Exists(format!("{repo}/{}", new.name)));
            }
        }
        let fill = |table: &mut dyn TableLike| describe(table, new);
        self.add_entry(&new.repo, (section_name, new.name.as_str()), &fill)
    }

    /// Adds a module, of a class, or an overlay to its repo, in the style of its neighbours.
    ///
    /// # Errors
    /// When no file defines the repo, or it has one of that name.
    pub fn add_part(&mut self, new: &NewPart) -> Result<(), EditError> {
        let (section_name, name) = new.part.parts();
        let path = ["repos", new.repo.as_str(), section_name, name];
        if self.documents.with(&path).is_some() {
            return Err(EditError::Exists(format!("{}/{name}", new.repo)));
        }
        let fill = |table: &mut dyn TableLike| {
            if let Some(class) = new.class {
                table.insert("class", value(class.as_str()));
            }
            if let Some(description) = &new.description {
                table.insert("description", value(description));
            }
            if let Some(owner) = &new.owner {
                table.insert("owner", value(owner.as_str()));
            }
        };
        self.add_entry(&new.repo, (section_name, name), &fill)
    }

    /// Adds an entry to a section of a repo.
    fn add_entry(
        &mut self,
        of: &RepoName,
        (section_name, name): (&'static str, &str),
        fill: &dyn Fn(&mut dyn TableLike),
    ) -> Result<(), EditError> {
        let repo = of.as_str();
        let noted = self.made.clone();
        self.note_if_new(&["repos", repo, section_name]);
        let done = self.edit_repo(of, &[section_name], false, |table| {
            let section = section(table, section_name, &format!("repos.{repo}"))?;
            if !section.is_table_like() {
                return Err(EditError::NotATable(format!("repos.{repo}.{section_name}")));
            }
            let item = if written_as_tables(section) {
                let mut table = Table::new();
                fill(&mut table);
                table.decor_mut().set_prefix("\n");
                Item::Table(table)
            } else {
                let mut table = InlineTable::new();
                fill(&mut table);
                value(table)
            };
            let key = Key::new(name);
            put(section, Entry { key, item });
            Ok(())
        });
        self.keep_notes(noted, &done);
        done
    }

    /// Takes a package or builder away, with the comments beside it. What others need of it
    /// stays: [`check`](Self::check) names that.
    ///
    /// # Errors
    /// When it is not listed.
    pub fn remove_package(&mut self, package: &PackageId) -> Result<(), EditError> {
        let (_, section) = self.listed(package)?;
        let name = package.name.as_str();
        let missing = || EditError::NoPackage(package.clone());
        let is_ours = self
            .made
            .contains(&format!("repos.{}.{section}", package.repo));
        self.edit_repo(&package.repo, &[section], true, |table| {
            let packages = item_of(table, section).ok_or_else(missing)?;
            take(packages, name).ok_or_else(missing)?;
            drop_if_bare(table, section, is_ours);
            Ok(())
        })
    }

    /// Gives a package or builder another name where it stands, in the policy, and in every
    /// dependency that means it or a variant of it: with its repo, or a bare name that no other
    /// repo lists, and not the repo of the package that has the dependency either. What `moved`
    /// of another repo says of the old name stays: [`check`](Self::check) names that.
    ///
    /// # Errors
    /// When it is not listed, or the new name is taken in its repo.
    pub fn rename_package(&mut self, package: &PackageId, to: &AttrName) -> Result<(), EditError> {
        let (_, section) = self.listed(package)?;
        self.rename_listed(package, Some(section), to)
    }

    /// As [`rename_package`](Self::rename_package), also of a package that only the tree of its repo
    /// knows.
    pub(crate) fn rename_listed(
        &mut self,
        package: &PackageId,
        section: Option<&str>,
        to: &AttrName,
    ) -> Result<(), EditError> {
        let repo = package.repo.as_str();
        for section in ["packages", "builders"] {
            if self
                .documents
                .with(&["repos", repo, section, to.as_str()])
                .is_some()
            {
                return Err(EditError::Exists(format!("{repo}/{to}")));
            }
        }
        self.as_a_whole(|editor| editor.rename_in(package, section, to))
    }

    fn rename_in(
        &mut self,
        package: &PackageId,
        section: Option<&str>,
        to: &AttrName,
    ) -> Result<(), EditError> {
        let (old, new) = (package.name.as_str(), to.as_str());
        let missing = || EditError::NoPackage(package.clone());
        let mut variants = BTreeSet::new();
        if let Some(section) = section {
            variants = self.variants_of(package, section);
            self.edit_repo(&package.repo, &[section], false, |table| {
                let packages = item_of(table, section).ok_or_else(missing)?;
                rename_key(packages, old, new);
                Ok(())
            })?;
        }
        let own = package.repo.as_str();
        let others: BTreeSet<String> = self.documents.repos_with(old);
        let is_only_one = others.iter().all(|repo| repo == own);
        // `nodejs` has `nodejs_18`, and a repo that lists one lists the other.
        let attribute = |text: &str| -> Option<String> {
            match text.strip_prefix(old)? {
                "" => Some(new.to_owned()),
                variant if variant.starts_with('_') && variants.contains(&variant[1..]) => {
                    Some(format!("{new}{variant}"))
                }
                _ => None,
            }
        };
        let renamed = |repo: &str, target: &str| match target.split_once('/') {
            Some((of, name)) if of == own => Some(format!("{own}/{}", attribute(name)?)),
            Some(_) => None,
            None if repo == own || is_only_one => attribute(target),
            None => None,
        };
        // A bare name is a member of the set first.
        let members = self.documents.members();
        let means_member = |asker: &Asker, target: &str| {
            let set = asker.set.as_ref();
            set.is_some_and(|set| members.contains(&(set.clone(), target.to_owned())))
        };
        self.rename_dependencies(|asker, target| {
            (!means_member(asker, target)).then(|| renamed(&asker.repo, target))?
        })?;
        let interpreters = &["repos", "*", "sets", "*", "instances", "*"];
        self.edit_all(false, |root| rename_texts(root, interpreters, &attribute))?;
        for list in [PolicyList::Bootstrap, PolicyList::Pinned] {
            self.rename_in_policy(list, |target| renamed("", target))?;
        }
        Ok(())
    }

    /// The variants of a package and their aliases, as its entry lists them.
    fn variants_of(&self, package: &PackageId, section: &str) -> BTreeSet<String> {
        let path = [
            "repos",
            package.repo.as_str(),
            section,
            package.name.as_str(),
            "variants",
        ];
        let Some(variants) = self.documents.item(&path).and_then(Item::as_table_like) else {
            return BTreeSet::new();
        };
        let names = variants.get("names").and_then(Item::as_array).into_iter();
        let names = names
            .flat_map(|names| names.iter())
            .filter_map(|name| name.as_str());
        let aliases = variants
            .get("aliases")
            .and_then(Item::as_table_like)
            .into_iter();
        let aliases = aliases.flat_map(|aliases| aliases.iter().map(|(alias, _)| alias));
        names
            .chain(aliases)
            .map(|name| name.replace('.', "_"))
            .collect()
    }

    /// Sets the SIG that owns a package or builder; none is the SIG of its repo.
    ///
    /// # Errors
    /// When it is not listed.
    pub fn set_owner(
        &mut self,
        package: &PackageId,
        owner: Option<&SigName>,
    ) -> Result<(), EditError> {
        self.set_of_package(package, "owner", owner.map(SigName::as_str))
    }

    /// Says for which systems a package is, and whether users are kept from it; what there is nothing to say of
    /// has no key.
    ///
    /// # Errors
    /// When no file defines its repo.
    pub fn restrict(
        &mut self,
        package: &PackageId,
        restriction: &Restriction,
    ) -> Result<(), EditError> {
        let list = |texts: Vec<&str>| Value::from(array(texts.into_iter()));
        let systems = restriction.systems.as_ref();
        let systems = systems.map(|systems| list(systems.iter().map(System::as_str).collect()));
        let insecure: Vec<&str> = restriction.insecure.iter().map(String::as_str).collect();
        let keys = [
            ("systems", systems),
            ("broken", restriction.broken.then(|| true.into())),
            ("unfree", restriction.unfree.then(|| true.into())),
            ("insecure", (!insecure.is_empty()).then(|| list(insecure))),
        ];
        self.as_a_whole(|editor| {
            if matches!(editor.listed(package), Err(EditError::NoPackage(_))) {
                editor.add_package(&NewPackage::new(package.clone()))?;
            }
            for (key, wanted) in keys {
                editor.edit_key_of(package, key, true, |entry| {
                    take(entry, key);
                    match (wanted, entry.as_inline_table_mut()) {
                        (None, _) => crate::style::keep_empty(entry),
                        (Some(wanted), Some(inline)) => put_inline(inline, key, wanted),
                        (Some(wanted), None) => {
                            let what = package.to_string();
                            crate::editor::entries(entry, &what)?.insert(key, value(wanted));
                        }
                    }
                    Ok(())
                })?;
            }
            Ok(())
        })
    }

    /// Takes another name of a package or builder away, if its entry has it; the list with it, if it was
    /// the last one.
    ///
    /// # Errors
    /// When it is not listed.
    pub fn drop_alias(&mut self, package: &PackageId, alias: &AttrName) -> Result<(), EditError> {
        self.edit_key_of(package, "aliases", true, |entry| {
            let list = item_of(entry, "aliases").and_then(Item::as_array_mut);
            if let Some(list) = list {
                crate::lists::remove(list, alias.as_str());
                if list.is_empty() {
                    take(entry, "aliases");
                    crate::style::keep_empty(entry);
                }
            }
            Ok(())
        })
    }

    /// Writes down who owns a package or builder, also of one that only the tree of its repo knows.
    ///
    /// # Errors
    /// When no file defines its repo.
    pub fn own(&mut self, package: &PackageId, owner: &SigName) -> Result<(), EditError> {
        if matches!(self.listed(package), Err(EditError::NoPackage(_))) {
            self.add_package(&NewPackage::new(package.clone()))?;
        }
        self.set_owner(package, Some(owner))
    }

    /// Sets what a package or builder is, or takes that away.
    ///
    /// # Errors
    /// When it is not listed.
    pub fn describe_package(
        &mut self,
        package: &PackageId,
        description: Option<&str>,
    ) -> Result<(), EditError> {
        self.set_of_package(package, "description", description)
    }

    /// Sets the file or directory that defines a package or builder; none is its by-name directory,
    /// or the folder that the layout of its repo gives it.
    ///
    /// # Errors
    /// When it is not listed.
    pub fn set_file(
        &mut self,
        package: &PackageId,
        file: Option<&RelativePath>,
    ) -> Result<(), EditError> {
        self.set_of_package(package, "file", file.map(RelativePath::as_str))
    }

    fn set_of_package(
        &mut self,
        package: &PackageId,
        key: &str,
        text: Option<&str>,
    ) -> Result<(), EditError> {
        self.edit_key_of(package, key, text.is_none(), |entry| {
            set_text(entry, key, text)
        })
    }

    /// Edits one key of the entry of a package or builder, and nothing else.
    pub(crate) fn edit_key_of(
        &mut self,
        package: &PackageId,
        key: &str,
        removes: bool,
        edit: impl FnOnce(&mut Item) -> Result<(), EditError>,
    ) -> Result<(), EditError> {
        let (file, section) = self.listed(package)?;
        let path = [
            "repos",
            package.repo.as_str(),
            section,
            package.name.as_str(),
        ];
        let change = Change {
            paths: vec![[&path[..], &[key]].concat()],
            removes,
        };
        self.documents.edit(&file, &change, |root| {
            let missing = || EditError::NoPackage(package.clone());
            edit(item_mut(root, &path).ok_or_else(missing)?)
        })
    }
}

/// Fills in what is said of a new package.
pub(crate) fn describe(table: &mut dyn TableLike, new: &NewPackage) {
    if let Addition::Set { members, builders } = &new.what {
        let names = |names: &[AttrName]| value(array(names.iter().map(AttrName::as_str)));
        table.insert("members", names(members));
        if !builders.is_empty() {
            table.insert("builders", names(builders));
        }
    }
    if let Some(description) = &new.description {
        table.insert("description", value(description));
    }
    if let Some(owner) = &new.owner {
        table.insert("owner", value(owner.as_str()));
    }
    if !new.watchers.is_empty() {
        let watchers = array(new.watchers.iter().map(SigName::as_str));
        table.insert("watchers", value(watchers));
    }
    if !new.aliases.is_empty() {
        let aliases = array(new.aliases.iter().map(AttrName::as_str));
        table.insert("aliases", value(aliases));
    }
    if !new.variants.is_empty() {
        let mut variants = InlineTable::new();
        let names = array(new.variants.iter().map(VariantName::as_str));
        variants.insert("names", names.into());
        table.insert("variants", value(variants));
    }
    if let Some(imported) = &new.imported {
        let mut from = InlineTable::new();
        if let Some(address) = &imported.from {
            from.insert("from", address.as_str().into());
        }
        from.insert("rev", imported.rev.as_str().into());
        from.insert("path", imported.path.as_str().into());
        if !imported.with.is_empty() {
            let with = array(imported.with.iter().map(RelativePath::as_str));
            from.insert("with", with.into());
        }
        table.insert("imported", value(from));
    }
    for kind in EdgeKind::ALL {
        let targets: Vec<String> = new
            .edges
            .iter()
            .filter(|(of_kind, _)| of_kind == kind)
            .map(|(_, target)| target.to_string())
            .collect();
        if !targets.is_empty() {
            let targets = array(targets.iter().map(String::as_str));
            table.insert(kind.as_str(), value(targets));
        }
    }
}
