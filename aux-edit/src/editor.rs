//! The editor, and how it is opened, looked at and checked.

use std::collections::{BTreeMap, BTreeSet};

use aux_model::{Catalog, IncludePattern, Manifest, PackageId, Problems, RepoName, Source, Tree};
use toml_edit::{InlineTable, Item, Table, TableLike};

use crate::documents::{Change, Documents, item_mut};
use crate::error::EditError;
use crate::style::put_inline;

/// The files of a manifest, parsed once, to be edited and checked as a whole.
///
/// Each edit is made whole or not at all, and leaves files that are TOML, say what was asked
/// for and have the comments that they had. Names are checked types; whether what they name
/// exists is for [`check`](Self::check) to say, once, when all edits are made.
///
/// ```
/// use aux_edit::Editor;
/// use aux_model::{EdgeKind, PackageId, Source};
///
/// let text = r#"format = "1.0"
/// organization = { name = "x", forge = "github:x" }
/// tiers = [{ name = "core" }, { name = "top-level" }]
/// people.ada = {}
/// sigs.base.leads = ["ada"]
/// repos.top-level = { sig = "base", tier = "top-level" }
///
/// [repos.core]
/// sig = "base"
/// tier = "core"
///
/// [repos.core.packages]
/// zlib = {} # small and old
/// curl = { build = ["zlib"] }
/// "#;
/// let mut editor = Editor::open([Source::new("aux.toml", text)])?;
/// let curl: PackageId = "core/curl".parse()?;
/// editor.add_edge(&curl, EdgeKind::Test, &"core/zlib".parse()?)?;
/// let catalog = editor.check(&Default::default()).expect("it is fine");
/// assert_eq!(catalog.package(&curl).expect("it is there").edges.len(), 2);
/// let after = &editor.changed()["aux.toml"];
/// assert!(after.contains("zlib = {} # small and old"));
/// assert!(after.contains(r#"curl = { build = ["zlib"], test = ["core/zlib"] }"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Editor {
    pub(crate) documents: Documents,
    /// Keys that edits made, which go when what they were made for goes.
    pub(crate) made: BTreeSet<String>,
}

impl Editor {
    /// Opens the files of a manifest, the root first.
    ///
    /// # Errors
    /// [`EditError::Syntax`] when one is not TOML.
    pub fn open(sources: impl IntoIterator<Item = Source>) -> Result<Self, EditError> {
        let documents = Documents::open(sources)?;
        let made = BTreeSet::new();
        Ok(Self { documents, made })
    }

    /// The files that differ from what was opened, by path, with their texts.
    #[must_use]
    pub fn changed(&self) -> BTreeMap<String, String> {
        self.documents.changed()
    }

    /// All files with their texts as they are now, in the order in which they were opened.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.documents.texts()
    }

    /// The text of a file as it was opened; none for one that an edit made.
    #[must_use]
    pub fn before(&self, path: &str) -> Option<&str> {
        self.documents.before(path)
    }

    /// Gives a file of the manifest another path. The root's `include` has to have it:
    /// [`check`](Self::check) says so.
    ///
    /// # Errors
    /// When there is no such file, or one of the other path.
    pub fn move_file(&mut self, from: &str, to: &str) -> Result<(), EditError> {
        self.documents.move_file(from, to)
    }

    /// Takes a file away if it defines no person, SIG or repo any more, and has no comment; whether
    /// it did. The root stays.
    pub fn drop_file_if_spent(&mut self, path: &str) -> bool {
        let is_root = self
            .documents
            .paths()
            .first()
            .is_some_and(|root| root == path);
        let text = self.texts().find(|(of, _)| *of == path);
        let has_comment = text.is_some_and(|(_, text)| !crate::comments::comments(text).is_empty());
        let is_spent = !is_root && !has_comment && self.is_spent(path);
        if is_spent {
            self.documents.drop_file(path);
        }
        is_spent
    }

    /// Paths of files that were opened and are no more, or have another path.
    #[must_use]
    pub fn gone(&self) -> &[String] {
        self.documents.gone()
    }

    /// The file that defines a SIG, a person or a repo: `sigs`, `people` or `repos`, and the name.
    #[must_use]
    pub fn file_of(&self, section: &str, name: &str) -> Option<String> {
        self.documents.with(&[section, name])
    }

    /// Reads the files as they are now, with the by-name trees of repos, and checks every rule.
    ///
    /// # Errors
    /// Every problem there is, as [`Manifest::check`] gives them.
    pub fn check(&self, trees: &BTreeMap<RepoName, Tree>) -> Result<Catalog, Problems> {
        let mut texts = self.texts();
        let (path, text) = texts.next().unwrap_or_default();
        let mut manifest = Manifest::open(Source::new(path, text));
        let others: Vec<Source> = texts.map(|(path, text)| Source::new(path, text)).collect();
        let patterns: Vec<String> = manifest.includes().map(str::to_owned).collect();
        for text in patterns {
            let pattern = IncludePattern::new(&text);
            let mut files = others.clone();
            files.retain(|file| pattern.matches(file.path()));
            files.sort_by(|one, other| one.path().cmp(other.path()));
            manifest.include(&text, files);
        }
        for (repo, tree) in trees {
            manifest.tree(repo, tree.clone());
        }
        manifest.check()
    }

    /// The file that defines a repo.
    pub(crate) fn file_of_repo(&self, repo: &RepoName) -> Result<String, EditError> {
        let missing = || EditError::NoRepo(repo.clone());
        self.documents
            .with(&["repos", repo.as_str()])
            .ok_or_else(missing)
    }

    /// Where a package or builder is listed: the file, and the section of its repo.
    pub(crate) fn listed(&self, package: &PackageId) -> Result<(String, &'static str), EditError> {
        let file = self.file_of_repo(&package.repo)?;
        let sections = ["packages", "builders"].into_iter();
        let mut found = sections.filter_map(|section| {
            let path = [
                "repos",
                package.repo.as_str(),
                section,
                package.name.as_str(),
            ];
            Some((self.documents.with(&path)?, section))
        });
        let found = found.find(|(of, _)| *of == file);
        found.ok_or_else(|| EditError::NoPackage(package.clone()))
    }

    /// Edits the table of a repo, if nothing but `key` of it changes.
    pub(crate) fn edit_repo<T>(
        &mut self,
        repo: &RepoName,
        keys: &[&str],
        removes: bool,
        edit: impl FnOnce(&mut Item) -> Result<T, EditError>,
    ) -> Result<T, EditError> {
        let file = self.file_of_repo(repo)?;
        let name = repo.as_str();
        let paths = keys.iter().map(|key| vec!["repos", name, *key]).collect();
        self.documents
            .edit(&file, &Change { paths, removes }, |root| {
                let item = item_mut(root, &["repos", name]);
                edit(item.ok_or_else(|| EditError::NoRepo(repo.clone()))?)
            })
    }
}

/// The entries of a table in whatever style.
pub(crate) fn entries<'i>(
    item: &'i mut Item,
    what: &str,
) -> Result<&'i mut dyn TableLike, EditError> {
    let not_a_table = || EditError::NotATable(what.to_owned());
    item.as_table_like_mut().ok_or_else(not_a_table)
}

/// An entry of a table, made in the table's style if it is not there: a header below headers,
/// braces between braces.
pub(crate) fn section<'i>(
    table: &'i mut Item,
    name: &str,
    what: &str,
) -> Result<&'i mut Item, EditError> {
    let is_missing = entries(table, what)?.get(name).is_none_or(Item::is_none);
    if let Some(inline) = table.as_inline_table_mut().filter(|_| is_missing) {
        put_inline(inline, name, InlineTable::new().into());
    } else if is_missing {
        let mut new = Table::new();
        new.decor_mut().set_prefix("\n");
        entries(table, what)?.insert(name, Item::Table(new));
    }
    let not_a_table = || EditError::NotATable(format!("{what}.{name}"));
    let found = table
        .as_table_like_mut()
        .and_then(|table| table.get_mut(name));
    found.ok_or_else(not_a_table)
}

/// What is below a key of a table.
pub(crate) fn item_of<'i>(table: &'i mut Item, key: &str) -> Option<&'i mut Item> {
    let found = table.as_table_like_mut()?.get_mut(key)?;
    Some(found).filter(|item| !item.is_none())
}
