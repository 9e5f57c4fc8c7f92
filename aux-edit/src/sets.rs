//! Package sets and their members.

use aux_model::{AttrName, Date, EdgeKind, Family, PackageRef, PackageSet, RepoName, SigName};
use toml_edit::{InlineTable, Item, Key, Table, value};

use crate::documents::{Change, item_mut};
use crate::edges::Asker;
use crate::editor::{Editor, section};
use crate::error::EditError;
use crate::former::{FormerName, Removal};
use crate::style::rename_key;
use crate::style::{Entry, array, put, take};

/// A member to add to a package set.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMember {
    /// The repo that gets it.
    pub repo: RepoName,
    /// The set.
    pub set: AttrName,
    /// The repo that defines the set, if the first one has no part of it yet.
    pub extends: Option<RepoName>,
    /// Its name in the set.
    pub name: AttrName,
    /// What it is, in one sentence.
    pub description: Option<String>,
    /// The SIG that owns it, if not that of the set.
    pub owner: Option<SigName>,
    /// What it needs: members, or packages.
    pub edges: Vec<(EdgeKind, PackageRef)>,
}

impl Editor {
    /// Adds a member to a set, and the part of the set that its repo has, if it has none.
    ///
    /// # Errors
    /// When no file defines the repo, or the set has the member there.
    pub fn add_member_of_set(&mut self, new: &NewMember) -> Result<(), EditError> {
        let (repo, set, name) = (new.repo.as_str(), new.set.as_str(), new.name.as_str());
        let path = ["repos", repo, "sets", set, "members", name];
        if self.documents.with(&path).is_some() {
            return Err(EditError::Exists(format!("{repo}/{set}.{name}")));
        }
        let mut entry = InlineTable::new();
        if let Some(description) = &new.description {
            entry.insert("description", description.as_str().into());
        }
        if let Some(owner) = &new.owner {
            entry.insert("owner", owner.as_str().into());
        }
        for kind in EdgeKind::ALL {
            let of_kind = new.edges.iter().filter(|(of, _)| of == kind);
            let targets: Vec<String> = of_kind.map(|(_, target)| target.to_string()).collect();
            if !targets.is_empty() {
                let targets = array(targets.iter().map(String::as_str));
                entry.insert(kind.as_str(), targets.into());
            }
        }
        let is_new = self.documents.with(&path[..4]).is_none();
        self.edit_repo(&new.repo, &["sets"], false, |table| {
            let sets = section(table, "sets", &format!("repos.{repo}"))?;
            if let Some(table) = sets.as_table_mut().filter(|table| table.is_empty()) {
                table.set_implicit(true);
            }
            if is_new && let Some(extends) = &new.extends {
                let mut part = Table::new();
                part.insert("extends", value(format!("{extends}/{set}")));
                part.decor_mut().set_prefix("\n");
                let entry = Entry {
                    key: Key::new(set),
                    item: Item::Table(part),
                };
                put(sets, entry);
            }
            let part = section(sets, set, &format!("repos.{repo}.sets"))?;
            let members = section(part, "members", &format!("repos.{repo}.sets.{set}"))?;
            let item: Item = value(entry);
            put(
                members,
                Entry {
                    key: Key::new(name),
                    item,
                },
            );
            Ok(())
        })
    }

    /// Gives a member another name, in its part of the set and in what other members need. With a day, the old
    /// name is answered for until then.
    ///
    /// `family` is of these files, and the set is its.
    ///
    /// # Errors
    /// When the part has no such member, or one of the new name. Nothing has changed then.
    pub fn rename_member(
        &mut self,
        family: &Family,
        set: &PackageSet,
        (old, new): (&AttrName, &AttrName),
        until: Option<Date>,
    ) -> Result<(), EditError> {
        let name = |name: &AttrName| format!("repos.{}.sets.{}.members.{name}", set.repo, set.name);
        if !set.members.contains_key(old) {
            return Err(EditError::Missing(name(old)));
        }
        if set.members.contains_key(new) {
            return Err(EditError::Exists(name(new)));
        }
        let parts = || family.parts_of(set);
        let is_part = |asker: &Asker| {
            let is_set = asker.set.as_deref() == Some(set.name.as_str());
            is_set && parts().any(|part| part.repo == *asker.repo)
        };
        self.as_a_whole(|editor| {
            editor.edit_members(set, |members| {
                rename_key(members, old.as_str(), new.as_str());
            })?;
            editor.rename_dependencies(|asker, target| {
                (*old == *target && is_part(asker)).then(|| new.to_string())
            })?;
            for part in parts() {
                let former = |name: &AttrName| FormerName::of_member(part, name);
                editor.forget_former(&former(new))?;
                let led = part.former.renamed.iter();
                for (name, now) in led.filter(|(name, now)| now.to == *old && *name != new) {
                    editor.say_renamed(&former(name), new.as_str(), now.until, false)?;
                }
            }
            let old = FormerName::of_member(set, old);
            match until {
                Some(until) => editor.say_renamed(&old, new.as_str(), until, false),
                None => Ok(()),
            }
        })
    }

    /// Takes a member away, says why it is gone, and so does every former name that led to it.
    ///
    /// `family` is of these files, and the set is its.
    ///
    /// # Errors
    /// When the part has no such member. Nothing has changed then.
    pub fn remove_member(
        &mut self,
        family: &Family,
        set: &PackageSet,
        member: &AttrName,
        removal: &Removal,
    ) -> Result<(), EditError> {
        let missing = || {
            let place = format!("repos.{}.sets.{}.members.{member}", set.repo, set.name);
            EditError::Missing(place)
        };
        self.as_a_whole(|editor| {
            let taken = editor.edit_members(set, |members| take(members, member.as_str()))?;
            taken.ok_or_else(missing)?;
            for part in family.parts_of(set) {
                let led = part
                    .former
                    .renamed
                    .iter()
                    .filter(|(_, now)| now.to == *member);
                for (name, _) in led {
                    editor.say_removed(&FormerName::of_member(part, name), None, removal)?;
                }
            }
            editor.say_removed(&FormerName::of_member(set, member), None, removal)
        })
    }

    fn edit_members<T>(
        &mut self,
        set: &PackageSet,
        edit: impl FnOnce(&mut Item) -> T,
    ) -> Result<T, EditError> {
        let file = self.file_of_repo(&set.repo)?;
        let path = [
            "repos",
            set.repo.as_str(),
            "sets",
            set.name.as_str(),
            "members",
        ];
        let change = Change {
            paths: vec![path.to_vec()],
            removes: true,
        };
        self.documents.edit(&file, &change, |root| {
            let members = item_mut(root, &path);
            let members = members.ok_or_else(|| EditError::Missing(path.join(".")))?;
            Ok(edit(members))
        })
    }

    /// Moves the entry of a member to the part of the set that another repo has, which is made if there is
    /// none. With another owner than that repo's SIG, who owns it is said.
    ///
    /// # Errors
    /// When the first repo has no such member, or the other one has.
    pub fn move_member(
        &mut self,
        from: &RepoName,
        (set, name): (&AttrName, &AttrName),
        (to, extends): (&RepoName, Option<&RepoName>),
        owner: Option<&SigName>,
    ) -> Result<(), EditError> {
        let missing = || EditError::Missing(format!("repos.{from}.sets.{set}.members.{name}"));
        self.as_a_whole(|editor| {
            let file = editor.file_of_repo(from)?;
            let path = ["repos", from.as_str(), "sets", set.as_str(), "members"];
            let change = Change {
                paths: vec![path.to_vec()],
                removes: true,
            };
            let mut taken = editor.documents.edit(&file, &change, |root| {
                let members = item_mut(root, &path).ok_or_else(missing)?;
                take(members, name.as_str()).ok_or_else(missing)
            })?;
            if let Some(owner) = owner {
                let has_owner = crate::editor::item_of(&mut taken.item, "owner").is_some();
                if !has_owner {
                    crate::style::set_text(&mut taken.item, "owner", Some(owner.as_str()))?;
                }
            }
            editor.add_member_of_set(&NewMember {
                repo: to.clone(),
                set: set.clone(),
                extends: extends.cloned(),
                name: name.clone(),
                description: None,
                owner: None,
                edges: Vec::new(),
            })?;
            let file = editor.file_of_repo(to)?;
            let path = ["repos", to.as_str(), "sets", set.as_str(), "members"];
            let change = Change {
                paths: vec![path.to_vec()],
                removes: false,
            };
            editor.documents.edit(&file, &change, |root| {
                let members = item_mut(root, &path).ok_or_else(missing)?;
                take(members, name.as_str());
                put(members, taken);
                Ok(())
            })
        })
    }
}
