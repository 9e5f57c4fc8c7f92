//! A manifest as a document that keeps its comments.

use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, TableLike, Value};

use crate::name::RepoName;

/// Why a text could not be edited. It is the text that is at fault: the names
/// were checked before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// The text is not TOML.
    #[error("the text is not valid TOML: {0}")]
    Syntax(String),
    /// Something that should be a table is not one.
    #[error("`{0}` is not a table")]
    NotATable(String),
    /// The repo is not defined in this text.
    #[error("repo `{0}` is not defined in this file")]
    NoRepo(RepoName),
    /// The name is taken.
    #[error("`{0}` is defined already")]
    Exists(String),
}

pub(crate) fn parse(text: &str) -> Result<DocumentMut, EditError> {
    text.parse::<DocumentMut>()
        .map_err(|error| EditError::Syntax(error.to_string()))
}

/// Puts a table under `[SECTION.NAME]`, at the end of the document.
pub(crate) fn insert(
    document: &mut DocumentMut,
    section: &str,
    name: &str,
    table: Table,
) -> Result<(), EditError> {
    if !document.contains_key(section) {
        let mut parent = Table::new();
        parent.set_implicit(true);
        document.insert(section, Item::Table(parent));
    }
    let parent = document
        .get_mut(section)
        .ok_or_else(|| EditError::NotATable(section.to_owned()))?;
    let taken = || EditError::Exists(format!("{section}.{name}"));
    match parent {
        Item::Table(parent) => {
            if parent.contains_key(name) {
                return Err(taken());
            }
            parent.insert(name, Item::Table(table));
        }
        // `people = { a = {} }` on one line stays on one line.
        Item::Value(Value::InlineTable(parent)) => {
            if parent.contains_key(name) {
                return Err(taken());
            }
            close_up(parent);
            parent.insert(name, Value::InlineTable(table.into_inline_table()));
        }
        Item::None | Item::Value(_) | Item::ArrayOfTables(_) => {
            return Err(EditError::NotATable(section.to_owned()));
        }
    }
    Ok(())
}

/// Takes the blank before `}` away from the last value of `{ a = 1 }`: another
/// one follows, and blanks before a comma are nobody's style.
pub(crate) fn close_up(table: &mut InlineTable) {
    if let Some((_, last)) = table.iter_mut().last()
        && last.decor().suffix().and_then(|suffix| suffix.as_str()) == Some(" ")
    {
        last.decor_mut().set_suffix("");
    }
}

/// The opposite: the last value got there because those after it are gone.
pub(crate) fn open_up(table: &mut InlineTable) {
    if let Some((_, last)) = table.iter_mut().last()
        && last.decor().suffix().and_then(|suffix| suffix.as_str()) == Some("")
    {
        last.decor_mut().set_suffix(" ");
    }
}

/// Whether a person wrote the entries as `[...packages.NAME]` tables; then the
/// next one is written so too.
pub(crate) fn written_as_tables(packages: &dyn TableLike) -> bool {
    packages
        .iter()
        .last()
        .is_some_and(|(_, item)| item.is_table())
}

pub(crate) fn array<'a>(items: impl Iterator<Item = &'a str>) -> Array {
    items.collect()
}
