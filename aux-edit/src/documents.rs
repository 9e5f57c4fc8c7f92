//! The files of a manifest while they are edited: a change is made whole or not at all.

use std::collections::{BTreeMap, BTreeSet};

use aux_model::Source;
use toml_edit::{DocumentMut, Item, Table};

use crate::comments::lost;
use crate::error::EditError;
use crate::plain::plain;
use crate::written::{Ends, edited, with_free_comments};

/// The files by path, in the order in which they were opened.
#[derive(Debug, Clone, Default)]
pub(crate) struct Documents {
    files: Vec<OpenFile>,
    /// Paths that had a file when they were opened, and have none any more.
    gone: Vec<String>,
}

/// One file.
#[derive(Debug, Clone)]
struct OpenFile {
    path: String,
    /// As it was opened; none if an edit made it.
    before: Option<String>,
    text: String,
    ends: Ends,
    document: DocumentMut,
}

/// What an edit may change in the files.
pub(crate) struct Change<'c> {
    /// Paths of keys, with everything below them.
    pub(crate) paths: Vec<Vec<&'c str>>,
    /// Whether something is taken away, and its comments with it.
    pub(crate) removes: bool,
}

impl Documents {
    pub(crate) fn open(sources: impl IntoIterator<Item = Source>) -> Result<Self, EditError> {
        let mut documents = Self::default();
        for source in sources {
            let (ends, plain) = Ends::of(source.text());
            let document = parse(source.path(), &plain)?;
            documents.files.push(OpenFile {
                path: source.path().to_owned(),
                before: Some(source.text().to_owned()),
                text: source.text().to_owned(),
                ends,
                document,
            });
        }
        Ok(documents)
    }

    /// Makes a file that is not there yet.
    pub(crate) fn make(&mut self, path: &str) {
        if self.files.iter().all(|file| file.path != path) {
            self.files.push(OpenFile {
                path: path.to_owned(),
                before: None,
                text: String::new(),
                ends: Ends::of("").0,
                document: DocumentMut::new(),
            });
        }
    }

    /// Gives a file another path.
    pub(crate) fn move_file(&mut self, from: &str, to: &str) -> Result<(), EditError> {
        if self.files.iter().any(|file| file.path == to) {
            return Err(EditError::Exists(to.to_owned()));
        }
        let missing = || EditError::NoFile(from.to_owned());
        let file = self.files.iter_mut().find(|file| file.path == from);
        let file = file.ok_or_else(missing)?;
        to.clone_into(&mut file.path);
        if file.before.take().is_some() {
            self.gone.push(from.to_owned());
        }
        Ok(())
    }

    /// Takes a file away.
    pub(crate) fn drop_file(&mut self, path: &str) {
        let had = |file: &OpenFile| file.path == path && file.before.is_some();
        if self.files.iter().any(had) {
            self.gone.push(path.to_owned());
        }
        self.files.retain(|file| file.path != path);
    }

    /// Paths that have no file any more.
    pub(crate) fn gone(&self) -> &[String] {
        &self.gone
    }

    /// Paths and texts as they are now.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|file| (&*file.path, &*file.text))
    }

    /// Paths and texts of files that differ from what was opened.
    pub(crate) fn changed(&self) -> BTreeMap<String, String> {
        let changed = self.files.iter().filter(|file| match &file.before {
            Some(before) => *before != file.text,
            None => !file.text.is_empty(),
        });
        changed
            .map(|file| (file.path.clone(), file.text.clone()))
            .collect()
    }

    /// The text of a file as it was opened.
    pub(crate) fn before(&self, path: &str) -> Option<&str> {
        let file = self.files.iter().find(|file| file.path == path)?;
        file.before.as_deref()
    }

    /// The file in which something is defined: the first that has the path of keys.
    pub(crate) fn with(&self, path: &[&str]) -> Option<String> {
        let has = |file: &&OpenFile| item(file.document.as_table(), path).is_some();
        let file = self.files.iter().find(has)?;
        Some(file.path.clone())
    }

    /// The root table of a file.
    pub(crate) fn root_of(&self, path: &str) -> Option<&Table> {
        let file = self.files.iter().find(|file| file.path == path)?;
        Some(file.document.as_table())
    }

    /// What is at a path of keys, in the first file that has it.
    pub(crate) fn item(&self, path: &[&str]) -> Option<&Item> {
        let mut files = self.files.iter();
        files.find_map(|file| item(file.document.as_table(), path))
    }

    /// The repos that list a package or builder of a name.
    pub(crate) fn repos_with(&self, name: &str) -> BTreeSet<String> {
        let tables = self
            .files
            .iter()
            .filter_map(|file| file.document.get("repos")?.as_table_like());
        let repos = tables.flat_map(|repos| repos.iter());
        let has = |repo: &Item| {
            ["packages", "builders"].iter().any(|section| {
                let section = repo.as_table_like().and_then(|repo| repo.get(section));
                let entry = section.and_then(|section| section.as_table_like()?.get(name));
                entry.is_some_and(|entry| !entry.is_none())
            })
        };
        repos
            .filter(|(_, repo)| has(repo))
            .map(|(name, _)| name.to_owned())
            .collect()
    }

    /// Every member of a package set of a repo, with the set.
    pub(crate) fn members(&self) -> BTreeSet<(String, String)> {
        let mut members = BTreeSet::new();
        for file in &self.files {
            for (_, repo) in entries(file.document.get("repos")) {
                let sets = repo.as_table_like().and_then(|repo| repo.get("sets"));
                for (set, said) in entries(sets) {
                    let of_set = said.as_table_like().and_then(|said| said.get("members"));
                    let named =
                        entries(of_set).map(|(member, _)| (set.to_owned(), member.to_owned()));
                    members.extend(named);
                }
            }
        }
        members
    }

    /// Paths of all files.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.files.iter().map(|file| file.path.clone()).collect()
    }

    /// Edits one file. What is written then must be TOML that says what the document does; only
    /// what the change names may differ, and no comment may be lost.
    pub(crate) fn edit<T>(
        &mut self,
        path: &str,
        change: &Change<'_>,
        edit: impl FnOnce(&mut Table) -> Result<T, EditError>,
    ) -> Result<T, EditError> {
        let missing = || EditError::NoFile(path.to_owned());
        let file = self.files.iter_mut().find(|file| file.path == path);
        let file = file.ok_or_else(missing)?;
        let mut document = file.document.clone();
        let given = edit(document.as_table_mut())?;
        let (before, mut printed) = (file.document.to_string(), document.to_string());
        // Many edits are tried on every file, and have something to do in few.
        if printed == before {
            return Ok(given);
        }
        // A file that starts here starts without the blank line between tables.
        if file.text.is_empty() {
            printed = printed.trim_start_matches('\n').to_owned();
        }
        let style = |reason: String| EditError::Style {
            path: path.to_owned(),
            reason,
        };
        let (_, written) = Ends::of(&file.text);
        let (was, meant) = (plain(&file.document), plain(&document));
        let texts = edited(&written, (&before, &printed));
        let mut refusal = "its lines cannot be kept in their order".to_owned();
        let mut fitting = texts.into_iter().filter_map(|text| {
            let text = if change.removes {
                with_free_comments(&written, &text)
            } else {
                text
            };
            match text.parse::<DocumentMut>() {
                Ok(read) if plain(&read) == meant => return Some((text, read)),
                Ok(_) => refusal = "it would say something else".to_owned(),
                Err(error) => refusal = format!("it would not be TOML: {}", error.message()),
            }
            None
        });
        let Some((text, read)) = fitting.next() else {
            return Err(style(refusal));
        };
        let is = meant;
        let paths = change.paths.iter();
        let allowed: Vec<Vec<String>> = paths
            .map(|path| path.iter().map(|key| (*key).to_owned()).collect())
            .collect();
        if let Some(differs) = was.differs(&is, &allowed) {
            let differs = differs.join(".");
            return Err(style(format!("`{differs}` would change too")));
        }
        if let Some(comment) = lost(&written, &text).filter(|_| !change.removes) {
            return Err(style(format!("the comment `{comment}` would be lost")));
        }
        file.document = read;
        file.text = file.ends.put(&text);
        Ok(given)
    }
}

fn parse(path: &str, text: &str) -> Result<DocumentMut, EditError> {
    text.parse::<DocumentMut>()
        .map_err(|error| EditError::Syntax {
            path: path.to_owned(),
            message: error.to_string(),
        })
}

/// What is at a path of keys.
pub(crate) fn item<'t>(table: &'t Table, path: &[&str]) -> Option<&'t Item> {
    let (first, rest) = path.split_first()?;
    let mut found = table.get(first)?;
    for key in rest {
        found = found.as_table_like()?.get(key)?;
    }
    Some(found).filter(|item| !item.is_none())
}

/// As [`item`], to be changed.
pub(crate) fn item_mut<'t>(table: &'t mut Table, path: &[&str]) -> Option<&'t mut Item> {
    let (first, rest) = path.split_first()?;
    let mut found = table.get_mut(first)?;
    for key in rest {
        found = found.as_table_like_mut()?.get_mut(key)?;
    }
    Some(found).filter(|item| !item.is_none())
}

fn entries(table: Option<&Item>) -> impl Iterator<Item = (&str, &Item)> {
    let table = table.and_then(Item::as_table_like);
    table.into_iter().flat_map(|table| table.iter())
}
