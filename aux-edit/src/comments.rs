//! The comments of a TOML text.

use std::collections::BTreeMap;

use toml_edit::{Decor, InlineTable, Item, Table, Value};
use toml_parser::Source;
use toml_parser::lexer::TokenKind;

/// Every comment of a text, and how often it is there.
pub(crate) fn comments(text: &str) -> BTreeMap<&str, usize> {
    let mut found = BTreeMap::new();
    for token in Source::new(text).lex() {
        if token.kind() == TokenKind::Comment {
            let span = token.span();
            let comment = text.get(span.start()..span.end()).unwrap_or_default();
            *found.entry(comment.trim_end()).or_default() += 1;
        }
    }
    found
}

/// The first comment that a text has more often than another.
pub(crate) fn lost<'t>(before: &'t str, after: &str) -> Option<&'t str> {
    let now = comments(after);
    let mut before = comments(before).into_iter();
    before
        .find(|(comment, count)| now.get(comment).copied().unwrap_or(0) < *count)
        .map(|(comment, _)| comment)
}

/// Whether there is a comment beside or in a value, which one line could not hold.
pub(crate) fn has_comment(item: &Item) -> bool {
    match item {
        Item::None => false,
        Item::Value(value) => in_value(value),
        Item::Table(table) => in_table(table),
        Item::ArrayOfTables(tables) => tables.iter().any(in_table),
    }
}

fn in_table(table: &Table) -> bool {
    let entries = || {
        table.iter().filter_map(|(name, item)| {
            let key = table.key(name)?;
            Some(in_decor(key.leaf_decor()) || has_comment(item))
        })
    };
    in_decor(table.decor()) || entries().any(|found| found)
}

fn in_value(value: &Value) -> bool {
    in_decor(value.decor())
        || match value {
            Value::Array(array) => {
                is_comment(array.trailing().as_str()) || array.iter().any(in_value)
            }
            Value::InlineTable(table) => in_inline(table),
            _ => false,
        }
}

fn in_inline(table: &InlineTable) -> bool {
    let mut entries = table.iter();
    is_comment(table.trailing().as_str())
        || entries.any(|(name, value)| {
            table
                .key(name)
                .is_some_and(|key| in_decor(key.leaf_decor()))
                || in_value(value)
        })
}

/// Whether there is a comment in what stands before or after something.
pub(crate) fn in_decor(decor: &Decor) -> bool {
    let text =
        |raw: Option<&toml_edit::RawString>| raw.and_then(|raw| raw.as_str()).map(str::to_owned);
    is_comment(text(decor.prefix()).as_deref()) || is_comment(text(decor.suffix()).as_deref())
}

fn is_comment(text: Option<&str>) -> bool {
    text.is_some_and(|text| text.contains('#'))
}
