//! Reads one table of a manifest key by key.
//!
//! The keys that are asked for are the keys that exist: whatever is left at
//! the end is unknown, and its nearest neighbour among those asked for is the
//! suggestion. No list of keys is kept twice.

use std::borrow::Borrow;
use std::fmt::Display;
use std::ops::Range;
use std::str::FromStr;

use aux_names::{RepoName, did_you_mean, escaped, invisible_characters, printable};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::manifest::line::Line;
use crate::manifest::reader::{Reader, What, remove};
use crate::manifest::table;
use aux_problems::Code;
use aux_problems::{At, Located};

/// The most that a number of the format may be.
pub(super) const MOST: usize = 999;

/// As many keys as any table is asked for.
const MOST_KEYS: usize = 16;

/// One table, the keys asked for so far, and what it is called in messages.
pub(super) struct Table<'t, 'r> {
    entries: &'t DeTable<'t>,
    pub(super) at: At,
    pub(super) what: What<'r>,
    asked: Vec<&'static str>,
    pub(super) reader: &'r mut Reader,
}

/// A text that its type refuses, with the code and the help to report.
pub(super) trait Value: FromStr<Err: Display> {
    const CODE: Code = Code::InvalidValue;
    /// Whether TOML's own dates, written without quotes, are meant too.
    const MAY_BE_A_DATE: bool = false;

    fn help(_error: &Self::Err) -> Option<String> {
        None
    }
}

impl<'t, 'r> Table<'t, 'r> {
    pub(super) fn new(
        entries: &'t DeTable<'t>,
        at: At,
        what: What<'r>,
        reader: &'r mut Reader,
    ) -> Self {
        Self {
            entries,
            at,
            what,
            asked: Vec::with_capacity(MOST_KEYS),
            reader,
        }
    }

    /// The value of a key, and remembers that the key exists.
    pub(super) fn take(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.asked.push(key);
        self.entries.get(key)
    }

    /// A text for people, on one line.
    pub(super) fn line(&mut self, key: &'static str) -> Option<String> {
        self.value::<Line>(key).map(|line| line.value.0)
    }

    /// A text that has a type. A date without quotes is one too.
    pub(super) fn value<T: Value>(&mut self, key: &'static str) -> Option<Located<T>> {
        let value = self.take(key)?;
        if let (DeValue::Datetime(date), true) = (value.get_ref(), T::MAY_BE_A_DATE) {
            return self.parse(key, &date.to_string(), value.span());
        }
        let text = self.string(key, value)?;
        self.parse(key, text, value.span())
    }

    /// How many of something, at least one.
    pub(super) fn number(&mut self, key: &'static str) -> Option<usize> {
        let value = self.take(key)?;
        let DeValue::Integer(number) = value.get_ref() else {
            self.wrong_type(key, "a number", value.get_ref(), value.span());
            return None;
        };
        let found = usize::from_str_radix(number.as_str(), number.radix()).ok();
        let found = found.filter(|number| (1..=MOST).contains(number));
        if found.is_none() {
            let at = self.reader.at(value.span());
            self.reader.problem(
                Code::InvalidValue,
                at,
                format!("`{key}` of {} takes a number from 1 to {MOST}", self.what),
                Some(format!("write one such as `{key} = 2`")),
            );
        }
        found
    }

    /// An amount, such as one of bytes, at least one.
    pub(super) fn amount(&mut self, key: &'static str) -> Option<u64> {
        let value = self.take(key)?;
        let DeValue::Integer(number) = value.get_ref() else {
            self.wrong_type(key, "a number", value.get_ref(), value.span());
            return None;
        };
        let found = u64::from_str_radix(number.as_str(), number.radix()).ok();
        let found = found.filter(|number| *number > 0);
        if found.is_none() {
            let at = self.reader.at(value.span());
            self.reader.problem(
                Code::InvalidValue,
                at,
                format!("`{key}` of {} takes a number above 0", self.what),
                Some(format!(
                    "write one such as `{key} = 5_000_000`, or leave it out"
                )),
            );
        }
        found
    }

    /// A text of this table as the type its key takes.
    pub(super) fn parse<T: Value>(
        &mut self,
        key: &'static str,
        text: &str,
        span: Range<usize>,
    ) -> Option<Located<T>> {
        self.reader.parse(text, span, What::Part(key, &self.what))
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

    /// Whether the value of a key is a list.
    pub(super) fn is_list(&self, key: &str) -> bool {
        let value = self.entries.get(key);
        value.is_some_and(|value| matches!(value.get_ref(), DeValue::Array(_)))
    }

    /// Whether a key is there, whatever its value is.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Reports a key that stands in the wrong file, once: it counts as known.
    pub(super) fn misplaced(&mut self, key: &'static str, message: String, help: &str) {
        if let Some((name, _)) = self.entries.get_key_value(key) {
            self.asked.push(key);
            let at = self.reader.at(name.span());
            self.reader
                .problem(Code::UnknownKey, at, message, Some(help.to_owned()));
        }
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
            if let DeValue::String(text) = item.get_ref() {
                list.extend(self.parse(key, text, item.span()));
            } else {
                let at = self.reader.at(item.span());
                self.reader.problem(
                    Code::WrongType,
                    at,
                    format!(
                        "`{key}` of {} takes a list of texts, not of {}",
                        self.what,
                        plural(item.get_ref())
                    ),
                    quotes(item.get_ref()),
                );
            }
        }
        list
    }

    /// A list of lists of texts that have a type, each with where it is.
    pub(super) fn lists<T: Value>(&mut self, key: &'static str) -> Vec<(At, Vec<Located<T>>)> {
        let Some(value) = self.take(key) else {
            return Vec::new();
        };
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong_type(key, "a list of lists", value.get_ref(), value.span());
            return Vec::new();
        };
        let mut lists = Vec::with_capacity(items.len());
        for item in items.iter() {
            let DeValue::Array(texts) = item.get_ref() else {
                self.wrong_type(key, "a list of lists", item.get_ref(), item.span());
                continue;
            };
            let mut list = Vec::with_capacity(texts.len());
            for text in texts.iter() {
                match text.get_ref() {
                    DeValue::String(value) => list.extend(self.parse(key, value, text.span())),
                    other => self.wrong_type(key, "a list of lists of texts", other, text.span()),
                }
            }
            lists.push((self.reader.at(item.span()), list));
        }
        lists
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
                let name = self.parse::<K>(key, name.get_ref(), name.span())?;
                Some((name, value))
            })
            .collect()
    }

    /// The entries of a table of tables, each read into a draft. `kind` is what
    /// messages call one; with a repo its name is keyed by it.
    pub(super) fn drafts<K: Value + AsRef<str>, D>(
        &mut self,
        key: &'static str,
        kind: &'static str,
        repo: Option<&RepoName>,
        read: impl Fn(&K, Table<'t, '_>) -> D,
    ) -> Vec<(Located<K>, D)> {
        let entries = self.entries::<K>(key);
        let mut drafts = Vec::with_capacity(entries.len());
        for (name, value) in entries {
            let what = match repo {
                Some(repo) => What::Keyed(kind, repo, name.value.as_ref()),
                None => What::Named(kind, name.value.as_ref()),
            };
            let draft = match self.reader.table(value, what) {
                Some(table) => read(&name.value, table),
                None => continue,
            };
            drafts.push((name, draft));
        }
        drafts
    }

    /// A table of its own below this one.
    pub(super) fn sub(&mut self, key: &'static str) -> Option<Table<'t, '_>> {
        let value = self.take(key)?;
        self.reader.table(value, What::Part(key, &self.what))
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
                let help = did_you_mean(name, self.asked.iter().copied())
                    .or_else(|| Some("`aux-gen schema` says which keys there are".to_owned()));
                self.reader.problem(
                    Code::UnknownKey,
                    at,
                    format!("{} has no key `{}`", self.what, printable(name)),
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

    pub(super) fn wrong_type(
        &mut self,
        key: &str,
        wanted: &str,
        got: &DeValue<'_>,
        span: Range<usize>,
    ) {
        let at = self.reader.at(span);
        self.reader.problem(
            Code::WrongType,
            at,
            format!(
                "`{key}` of {} takes {wanted}, not {}",
                self.what,
                describe(got)
            ),
            way_out(key, wanted, got),
        );
    }
}

/// How to write a value that has the wrong type.
fn way_out(key: &str, wanted: &str, got: &DeValue<'_>) -> Option<String> {
    match (wanted, got) {
        ("a text", _) => quotes(got),
        ("a list of texts", DeValue::String(text)) => {
            Some(format!("write `{key} = [\"{}\"]`", printable(text)))
        }
        ("true or false", DeValue::String(_)) => Some(format!("write `{key} = true`")),
        ("a table", _) => Some(TABLE.to_owned()),
        _ => None,
    }
}

fn quotes(got: &DeValue<'_>) -> Option<String> {
    matches!(
        got,
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_)
    )
    .then(|| "write it in quotes".to_owned())
}

/// The help for a value that is no table.
pub(super) const TABLE: &str = "write `{ key = value }`, or `{}` if there is nothing to say";

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

fn plural(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "texts",
        DeValue::Integer(_) | DeValue::Float(_) => "numbers",
        DeValue::Boolean(_) => "true and false",
        DeValue::Datetime(_) => "dates",
        DeValue::Array(_) => "lists",
        DeValue::Table(_) => "tables",
    }
}

impl Reader {
    /// A text as the type its key takes; a refusal is a problem. Whatever its type, it
    /// has no characters that nobody sees: it goes into files, titles and terminals.
    pub(super) fn parse<T: Value>(
        &mut self,
        text: &str,
        span: Range<usize>,
        of: What<'_>,
    ) -> Option<Located<T>> {
        let at = self.at(span);
        match text.parse::<T>() {
            Ok(value) => match invisible_characters(text).find(|(_, hidden)| *hidden != '\t') {
                None => Some(Located::new(value, at)),
                Some((_, hidden)) => {
                    let error = format!("a text cannot contain `{}`", escaped(hidden));
                    let help = remove(hidden).to_owned();
                    self.problem(T::CODE, at, refused(text, of, &error), Some(help));
                    None
                }
            },
            Err(error) => {
                let help = T::help(&error);
                self.problem(T::CODE, at, refused(text, of, &error), help);
                None
            }
        }
    }

    /// A value that must be a table.
    pub(super) fn table<'t, 'r>(
        &'r mut self,
        value: &'t Spanned<DeValue<'t>>,
        what: What<'r>,
    ) -> Option<Table<'t, 'r>> {
        let at = self.at(value.span());
        if let DeValue::Table(entries) = value.get_ref() {
            Some(Table::new(entries, at, what, self))
        } else {
            let got = describe(value.get_ref());
            self.problem(
                Code::WrongType,
                at,
                format!("{what} takes a table, not {got}"),
                Some(table::TABLE.to_owned()),
            );
            None
        }
    }
}

/// The refused text, where it stands and why; what cannot be seen is escaped,
/// long texts are cut.
pub(crate) fn refused(text: &str, of: What<'_>, error: &impl Display) -> String {
    const SHOWN: usize = 60;
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    let shown = format!("`{}`", printable(&shown));
    let error = error.to_string();
    if text.is_empty() {
        format!("{of}: {error}")
    } else if let Some(rest) = error.strip_prefix(&shown) {
        format!("{shown} in {of}: it{rest}")
    } else {
        format!("{shown} in {of}: {error}")
    }
}
