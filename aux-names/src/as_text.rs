//! Checked texts in JSON and in other formats: checked when they are read.

use std::fmt;
use std::fmt::Display;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

use crate::checkout_path::CheckoutPath;
use crate::date::Date;
use crate::flake_ref::FlakeRef;
use crate::relative_path::RelativePath;
use crate::site_url::SiteUrl;
use crate::system::System;
use crate::team::Team;

/// Reads a checked text without a copy of it: a family has as many as it has packages.
///
/// # Errors
/// When there is no text, or it is none of the kind.
pub fn read_text<'de, T, D>(from: D) -> Result<T, D::Error>
where
    T: FromStr<Err: Display>,
    D: Deserializer<'de>,
{
    struct Text<T>(PhantomData<T>);

    impl<T: FromStr<Err: Display>> Visitor<'_> for Text<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            text.parse().map_err(E::custom)
        }
    }

    from.deserialize_str(Text(PhantomData))
}

macro_rules! read {
    ($($name:ty),*) => {
        $(
            impl<'de> Deserialize<'de> for $name {
                fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                    read_text(from)
                }
            }
        )*
    };
}

read!(CheckoutPath, RelativePath, Team);

/// As `read`, for texts whose errors do not say what was read.
macro_rules! read_and_show {
    ($($name:ty),*) => {
        $(
            impl<'de> Deserialize<'de> for $name {
                fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                    let text = String::deserialize(from)?;
                    text.parse()
                        .map_err(|error| D::Error::custom(format!("`{}`: {error}", crate::printable(&text))))
                }
            }
        )*
    };
}

read_and_show!(Date, FlakeRef, SiteUrl, System);
