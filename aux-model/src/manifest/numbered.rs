//! JSON as the tree that TOML is read from: a value has no place there, but a number.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::sync::LazyLock;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use toml::Spanned;
use toml::de::{DeFloat, DeInteger, DeTable, DeValue};

use crate::manifest::table::MOST;

/// The tree of a JSON text, each value and its key with its number as their place. The place of
/// the root is that of no value: 0.
///
/// # Errors
/// When it is no JSON, or a key stands twice in one object.
pub(super) fn read(text: &str) -> Result<Spanned<DeValue<'_>>, serde_json::Error> {
    let count = Cell::new(0);
    let mut from = serde_json::Deserializer::from_str(text);
    let root = Visit(&count).deserialize(&mut from)?;
    from.end()?;
    // `null` as the whole document: no table, which is reported as such.
    let root = root.map_or(DeValue::Boolean(false), Spanned::into_inner);
    Ok(Spanned::new(0..0, root))
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
