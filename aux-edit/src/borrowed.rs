//! Copies of packages of other repos: an entry for each, and how far it is on its way back.

use aux_model::{AttrName, BorrowScope, Date, Handle, RepoName};
use toml_edit::{InlineTable, Item, Key, value};

use crate::documents::{Change, item_mut};
use crate::editor::{Editor, entries, item_of};
use crate::error::EditError;
use crate::sigs::put_in_section;
use crate::style::{Entry, drop_if_bare, set_text, take};

/// A copy that is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBorrowed {
    /// The repo that borrows.
    pub repo: RepoName,
    /// The package.
    pub package: AttrName,
    /// The repo that owns it.
    pub from: RepoName,
    /// Why.
    pub reason: String,
    /// The day on which somebody asks whether it is still needed.
    pub review: Option<Date>,
    /// Who gets the copy.
    pub scope: BorrowScope,
}

impl Editor {
    /// Says that a repo has a copy of a package of another one. An entry that is there is replaced.
    ///
    /// # Errors
    /// When no file defines the repo.
    pub fn borrow(&mut self, new: &NewBorrowed) -> Result<(), EditError> {
        let mut entry = InlineTable::new();
        entry.insert("from", new.from.as_str().into());
        entry.insert("reason", new.reason.as_str().into());
        if let Some(review) = new.review {
            entry.insert("review", review.to_string().into());
        }
        if new.scope != BorrowScope::Own {
            entry.insert("scope", new.scope.as_str().into());
        }
        let name = new.package.as_str();
        let file = self.file_of_repo(&new.repo)?;
        let path = ["repos", new.repo.as_str(), "borrowed"];
        let change = Change {
            paths: vec![path.to_vec()],
            removes: false,
        };
        self.documents.edit(&file, &change, |root| {
            if let Some(borrowed) = item_mut(root, &path) {
                let _older = take(borrowed, name);
            }
            let key = Key::new(name);
            let item: Item = value(entry);
            put_in_section(root, path, Entry { key, item })
        })
    }

    /// Says that the owner of a borrowed package may take what was changed, and who does it.
    ///
    /// # Errors
    /// When no file defines the repo, or it does not borrow the package.
    pub fn offer_borrowed(
        &mut self,
        repo: &RepoName,
        package: &AttrName,
        claimed: Option<&Handle>,
    ) -> Result<(), EditError> {
        let what = format!("repos.{repo}.borrowed.{package}");
        self.edit_repo(repo, &["borrowed"], false, |table| {
            let borrowed = item_of(table, "borrowed");
            let entry = borrowed.and_then(|borrowed| item_of(borrowed, package.as_str()));
            let entry = entry.ok_or_else(|| EditError::Missing(what.clone()))?;
            let is_offered = entries(entry, &what)?.get("offered");
            if is_offered.and_then(Item::as_bool) != Some(true) {
                let _older = take(entry, "offered");
                entries(entry, &what)?.insert("offered", value(true));
            }
            match claimed {
                Some(handle) => set_text(entry, "claimed", Some(handle.as_str())),
                None => Ok(()),
            }
        })
    }

    /// The owner of a package agrees that another repo overrides it for the whole family.
    ///
    /// # Errors
    /// When no file defines the owner.
    pub fn lend(
        &mut self,
        owner: &RepoName,
        package: &AttrName,
        to: &RepoName,
    ) -> Result<(), EditError> {
        let file = self.file_of_repo(owner)?;
        let path = ["repos", owner.as_str(), "lent"];
        let change = Change {
            paths: vec![path.to_vec()],
            removes: false,
        };
        let entry = Entry {
            key: Key::new(package.as_str()),
            item: value(to.as_str()),
        };
        self.documents.edit(&file, &change, |root| {
            if let Some(lent) = item_mut(root, &path) {
                let _older = take(lent, package.as_str());
            }
            put_in_section(root, path, entry)
        })
    }

    /// A repo has no copy of a package any more, and its owner lends it nobody.
    ///
    /// # Errors
    /// When no file defines the repo, or it does not borrow the package.
    pub fn give_back(
        &mut self,
        repo: &RepoName,
        package: &AttrName,
        owner: &RepoName,
    ) -> Result<(), EditError> {
        self.as_a_whole(|editor| {
            editor.edit_repo(repo, &["borrowed"], true, |table| {
                let missing = || EditError::Missing(format!("repos.{repo}.borrowed.{package}"));
                let borrowed = item_of(table, "borrowed").ok_or_else(missing)?;
                take(borrowed, package.as_str()).ok_or_else(missing)?;
                drop_if_bare(table, "borrowed", true);
                Ok(())
            })?;
            let path = ["repos", owner.as_str(), "lent", package.as_str()];
            let lent = editor.documents.item(&path).and_then(Item::as_str);
            if lent != Some(repo.as_str()) {
                return Ok(());
            }
            editor.edit_repo(owner, &["lent"], true, |table| {
                if let Some(lent) = item_of(table, "lent") {
                    let _agreement = take(lent, package.as_str());
                }
                drop_if_bare(table, "lent", true);
                Ok(())
            })
        })
    }
}
