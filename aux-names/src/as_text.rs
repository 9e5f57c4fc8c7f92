//! Checked texts in JSON: checked when they are read.

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::date::Date;
use crate::flake_ref::FlakeRef;
use crate::site_url::SiteUrl;
use crate::system::System;

macro_rules! read {
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

read!(Date, FlakeRef, SiteUrl, System);
