//! Reads one table of a manifest key by key.
//!
//! The keys that are asked for are the keys that exist: whatever is left at
//! the end is unknown, and its nearest neighbour among those asked for is the
//! suggestion. No list of keys is kept twice.

use std::borrow::Borrow;
use std::fmt::Display;
use std::ops::Range;
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::reader::Reader;
use crate::problem::Code;
use crate::source::{At, Located, offset_u32};
use crate::suggest::did_you_mean;

/// One table, the keys asked for so far, and what it is called in messages.
pub(super) struct Table<'t, 'r> {
    entries: &'t DeTable<'t>,
    pub(super) at: At,
    /// What the table is in messages, such as "repo `python`".
    what: String,
    asked: Vec<&'static str>,
    pub(super) reader: &'r mut Reader,
}

/// A text that its type refuses, with the code and the help to report.
pub(super) trait Value: FromStr<Err: Display> {
    const CODE: Code = Code::InvalidValue;

    fn help(_error: &Self::Err) -> Option<String> {
        None
    }
}

impl<'t, 'r> Table<'t, 'r> {
    pub(super) fn new(
        entries: &'t DeTable<'t>,
        at: At,
        what: impl Into<String>,
        reader: &'r mut Reader,
    ) -> Self {
        Self {
            entries,
            at,
            what: what.into(),
            asked: Vec::new(),
            reader,
        }
    }

    /// The value of a key, and remembers that the key exists.
    pub(super) fn take(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.asked.push(key);
        self.entries.get(key)
    }

    /// A text.
    pub(super) fn text(&mut self, key: &'static str) -> Option<Located<String>> {
        let value = self.take(key)?;
        self.string(key, value)
            .map(|text| Located::new(text.to_owned(), self.reader.at(value.span())))
    }

    /// A text without its place.
    pub(super) fn plain_text(&mut self, key: &'static str) -> Option<String> {
        self.text(key).map(|text| text.value)
    }

    /// A text that has a type.
    pub(super) fn value<T: Value>(&mut self, key: &'static str) -> Option<Located<T>> {
        let value = self.take(key)?;
        let text = self.string(key, value)?;
        self.reader.parse(text, value.span())
    }

    /// As [`Self::value`]; its absence is a problem.
    pub(super) fn required<T: Value>(
        &mut self,
        key: &'static str,
        example: &str,
    ) -> Option<Located<T>> {
        if !self.entries.contains_key(key) {
            self.missing(key, example);
        }
        self.value(key)
    }

    /// Reports that a key is not there.
    pub(super) fn missing(&mut self, key: &'static str, example: &str) {
        self.asked.push(key);
        self.reader.problem(
            Code::MissingKey,
            self.at,
            format!("{} has no `{key}`", self.what),
            Some(format!("add `{key} = {example}`")),
        );
    }

    /// True or false; absent is false.
    pub(super) fn flag(&mut self, key: &'static str) -> Option<Located<bool>> {
        let value = self.take(key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(Located::new(*flag, self.reader.at(value.span()))),
            other => {
                self.wrong_type(key, "true or false", other, value.span());
                None
            }
        }
    }

    /// A list of texts that have a type.
    pub(super) fn list<T: Value>(&mut self, key: &'static str) -> Vec<Located<T>> {
        let Some(value) = self.take(key) else {
            return Vec::new();
        };
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong_type(key, "a list of texts", value.get_ref(), value.span());
            return Vec::new();
        };
        let mut list = Vec::with_capacity(items.len());
        for item in items.iter() {
            if let Some(text) = self.string(key, item) {
                list.extend(self.reader.parse(text, item.span()));
            }
        }
        list
    }

    /// The entries of a table of tables: name, value, and where the name is.
    pub(super) fn entries<K: Value>(
        &mut self,
        key: &'static str,
    ) -> Vec<(Located<K>, &'t Spanned<DeValue<'t>>)> {
        let Some(value) = self.take(key) else {
            return Vec::new();
        };
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong_type(key, "a table", value.get_ref(), value.span());
            return Vec::new();
        };
        table
            .iter()
            .filter_map(|(name, value)| {
                let name = self.reader.parse::<K>(name.get_ref(), name.span())?;
                Some((name, value))
            })
            .collect()
    }

    /// A table of its own below this one.
    pub(super) fn sub(&mut self, key: &'static str) -> Option<Table<'t, '_>> {
        let value = self.take(key)?;
        let what = format!("`{key}` of {}", self.what);
        self.reader.table(value, what)
    }

    /// A list of tables.
    pub(super) fn tables(&mut self, key: &'static str) -> &'t [Spanned<DeValue<'t>>] {
        let Some(value) = self.take(key) else {
            return &[];
        };
        if let DeValue::Array(items) = value.get_ref() {
            items
        } else {
            self.wrong_type(key, "a list of tables", value.get_ref(), value.span());
            &[]
        }
    }

    /// Reports every key that was never asked for.
    pub(super) fn finish(self) {
        for (key, _) in self.entries {
            let name: &str = key.get_ref().borrow();
            if !self.asked.contains(&name) {
                let at = self.reader.at(key.span());
                let help = did_you_mean(name, self.asked.iter().copied());
                self.reader.problem(
                    Code::UnknownKey,
                    at,
                    format!("{} has no key `{}`", self.what, name.escape_debug()),
                    help,
                );
            }
        }
    }

    fn string(&mut self, key: &str, value: &'t Spanned<DeValue<'t>>) -> Option<&'t str> {
        if let DeValue::String(text) = value.get_ref() {
            Some(text)
        } else {
            self.wrong_type(key, "a text", value.get_ref(), value.span());
            None
        }
    }

    fn wrong_type(&mut self, key: &str, wanted: &str, got: &DeValue<'_>, span: Range<usize>) {
        let at = self.reader.at(span);
        self.reader.problem(
            Code::WrongType,
            at,
            format!(
                "`{key}` of {} takes {wanted}, not {}",
                self.what,
                describe(got)
            ),
            None,
        );
    }
}

/// A value's type in words.
pub(super) fn describe(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// The bytes of a file that a span covers.
pub(super) fn at(file: u32, span: &Range<usize>) -> At {
    At {
        file,
        start: offset_u32(span.start),
        end: offset_u32(span.end),
    }
}
