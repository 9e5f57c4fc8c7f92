//! The same model in JSON: in through the same reader, out in the shape of the
//! manifest.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::sync::LazyLock;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use toml::Spanned;
use toml::de::{DeFloat, DeInteger, DeTable, DeValue};

use crate::catalog::Catalog;
use crate::manifest::document::Document;
use crate::manifest::table::MOST;
use crate::manifest::whole::Manifest;
use crate::problem::{Code, Problem, Problems, Severity};
use crate::source::Source;

impl Catalog {
    /// Reads the model from JSON of the manifest's shape, all in one text: it
    /// includes nothing.
    ///
    /// # Errors
    /// Every problem there is. In JSON a place is a JSON pointer, not a line, but for syntax
    /// errors.
    pub fn from_json(text: &str) -> Result<Self, Problems> {
        let root = read(text).map_err(|error| syntax(text, &error))?;
        let mut manifest = Manifest::empty();
        manifest.sources.push(Source::numbered(FILE, text));
        manifest.unreadable = !manifest.draft.read_root(&root, &mut manifest.reader);
        manifest.check_alone()
    }

    /// Checks a document that a program built. It stands alone: it includes nothing.
    ///
    /// # Errors
    /// Every problem there is; its place is a JSON pointer into the document.
    ///
    /// # Panics
    /// Never: a document holds nothing that JSON cannot hold.
    pub fn from_document(document: &Document) -> Result<Self, Problems> {
        let text = serde_json::to_string(document).expect("the document has only text keys");
        Self::from_json(&text)
    }

    /// The model as JSON of the manifest's shape, in one text: 2 spaces of
    /// indent, one newline at the end, the same bytes for the same model.
    ///
    /// # Panics
    /// Never: the document holds nothing that JSON cannot hold.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(&Document::of(self))
            .expect("the document has only text keys");
        text.push('\n');
        text
    }
}

/// What the text is called in problems.
const FILE: &str = "catalog.json";

/// The tree of a JSON text, each value and its key with its number as their place.
pub(crate) fn numbered(text: &str) -> Option<Spanned<DeValue<'_>>> {
    read(text).ok()
}

/// The place of the root is that of no value: 0.
fn read(text: &str) -> Result<Spanned<DeValue<'_>>, serde_json::Error> {
    let count = Cell::new(0);
    let mut from = serde_json::Deserializer::from_str(text);
    let root = Visit(&count).deserialize(&mut from)?;
    from.end()?;
    // `null` as the whole document: no table, which is reported as such.
    let root = root.map_or(DeValue::Boolean(false), Spanned::into_inner);
    Ok(Spanned::new(0..0, root))
}

/// The place and the words of an error of the parser.
fn syntax(text: &str, error: &serde_json::Error) -> Problems {
    let source = Source::new(FILE, text);
    let before: usize = source
        .text()
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    let offset = before + error.column().saturating_sub(1);
    let message = error.to_string();
    // The parser ends its sentence with the place, which is told apart.
    let message = message.split(" at line ").next().unwrap_or(&message);
    Problems::new(vec![Problem {
        code: Code::Syntax,
        severity: Severity::Error,
        location: Some(source.location(offset..offset)),
        message: message.to_owned(),
        help: None,
        related: Vec::new(),
    }])
}

/// A number as TOML's. One that the format can hold nowhere is as good as any
/// other such: 0.
fn integer(number: u64) -> DeValue<'static> {
    static TEXTS: LazyLock<Vec<String>> =
        LazyLock::new(|| (0..=MOST).map(|number| number.to_string()).collect());
    let text = usize::try_from(number).ok().and_then(|at| TEXTS.get(at));
    text.and_then(|text| DeValue::parse(text).ok())
        .map_or(DeValue::Integer(DeInteger::default()), Spanned::into_inner)
}

/// Reads a JSON value as the TOML value of the same meaning; none for `null`. It counts the
/// values: the number of one is its place.
#[derive(Clone, Copy)]
struct Visit<'c>(&'c Cell<usize>);

impl<'de> DeserializeSeed<'de> for Visit<'_> {
    type Value = Option<Spanned<DeValue<'de>>>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        let value = from.deserialize_any(self)?;
        let number = self.0.get() + 1;
        self.0.set(number);
        Ok(value.map(|value| Spanned::new(number..number + 1, value)))
    }
}

impl<'de> Visitor<'de> for Visit<'_> {
    type Value = Option<DeValue<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Some(DeValue::Boolean(flag)))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        self.visit_u64(0)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(integer(number)))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Some(DeValue::Float(DeFloat::default())))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(DeValue::String(text.into())))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(DeValue::String(text.to_owned().into())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = from.next_element_seed(self)? {
            items.push(item.ok_or_else(|| A::Error::custom("a list cannot hold `null`"))?);
        }
        Ok(Some(DeValue::Array(items.into_iter().collect())))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Self::Value, A::Error> {
        let mut table = DeTable::new();
        while let Some(Key(key)) = from.next_key()? {
            // JSON parsers keep the last of two; as in TOML, neither is right.
            if table.contains_key(&*key) {
                let message = format!("key `{}` stands twice in one object", key.escape_debug());
                return Err(A::Error::custom(message));
            }
            // A key with `null` is a key that is absent.
            if let Some(value) = from.next_value_seed(self)? {
                table.insert(Spanned::new(value.span(), key), value);
            }
        }
        Ok(Some(DeValue::Table(table)))
    }
}

/// A key, borrowed from the text where it can be.
struct Key<'t>(Cow<'t, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct VisitKey;

        impl<'de> Visitor<'de> for VisitKey {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Key(text.into()))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Key(text.to_owned().into()))
            }
        }

        from.deserialize_str(VisitKey)
    }
}
