//! What a document says, without how it is written.

use std::collections::BTreeMap;

use toml_edit::{DocumentMut, Item, Value};

/// A value of TOML. Of numbers, days and the like the text is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Plain {
    Table(BTreeMap<String, Plain>),
    List(Vec<Plain>),
    Text(String),
    Other(String),
}

/// What a document says.
pub(crate) fn plain(document: &DocumentMut) -> Plain {
    of_item(document.as_item())
}

fn of_item(item: &Item) -> Plain {
    match item {
        Item::None => Plain::Table(BTreeMap::new()),
        Item::Value(value) => of_value(value),
        Item::Table(table) => {
            let entries = table.iter().filter(|(_, item)| !item.is_none());
            Plain::Table(
                entries
                    .map(|(key, item)| (key.to_owned(), of_item(item)))
                    .collect(),
            )
        }
        Item::ArrayOfTables(tables) => Plain::List(
            tables
                .iter()
                .map(|table| of_item(&Item::Table(table.clone())))
                .collect(),
        ),
    }
}

fn of_value(value: &Value) -> Plain {
    match value {
        Value::String(text) => Plain::Text(text.value().clone()),
        Value::Array(array) => Plain::List(array.iter().map(of_value).collect()),
        Value::InlineTable(table) => {
            let entries = table.iter();
            Plain::Table(
                entries
                    .map(|(key, value)| (key.to_owned(), of_value(value)))
                    .collect(),
            )
        }
        other => {
            let mut bare = other.clone();
            bare.decor_mut().clear();
            Plain::Other(bare.to_string().trim().to_owned())
        }
    }
}

impl Plain {
    /// The first path at which two documents differ outside of `allowed`; every path is one of
    /// keys, and everything below an allowed one may differ.
    pub(crate) fn differs(&self, other: &Self, allowed: &[Vec<String>]) -> Option<Vec<String>> {
        let mut path = Vec::new();
        differs(Some(self), Some(other), allowed, &mut path).then_some(path)
    }
}

fn differs(
    one: Option<&Plain>,
    other: Option<&Plain>,
    allowed: &[Vec<String>],
    path: &mut Vec<String>,
) -> bool {
    if allowed.iter().any(|allowed| path.starts_with(allowed)) {
        return false;
    }
    let empty = BTreeMap::new();
    let (one_table, other_table) = match (one, other) {
        (Some(Plain::Table(one)), Some(Plain::Table(other))) => (one, other),
        // A table that an edit makes, or takes away when it is empty.
        (Some(Plain::Table(one)), None) => (one, &empty),
        (None, Some(Plain::Table(other))) => (&empty, other),
        (one, other) => return one != other,
    };
    let is_below = |path: &Vec<String>| allowed.iter().any(|allowed| allowed.starts_with(path));
    if (one.is_none() || other.is_none()) && !is_below(path) {
        return true;
    }
    let keys = one_table.keys().chain(other_table.keys());
    for key in keys {
        path.push(key.clone());
        if differs(one_table.get(key), other_table.get(key), allowed, path) {
            return true;
        }
        path.pop();
    }
    false
}
