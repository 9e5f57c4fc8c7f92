//! An organization on a forge, and where its API has what.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::access::Access;
use crate::address::ForgeKind;
use crate::error::ForgeError;

/// What may stand in a part of a path as it is.
const PART: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// An organization on a forge.
#[derive(Debug, Clone)]
pub struct Organization {
    pub(super) access: Access,
    pub(super) name: String,
    /// What the API asks for each team by: a slug, or a number. By the name in small letters, of those
    /// that were found or made.
    pub(super) keys: BTreeMap<String, String>,
}

impl Organization {
    /// An organization that is asked about.
    #[must_use]
    pub fn new(access: Access, name: &str) -> Self {
        Self {
            access,
            name: name.to_owned(),
            keys: BTreeMap::new(),
        }
    }

    /// The path of the organization, and what follows.
    pub(super) fn path(&self, rest: &str) -> String {
        format!("/orgs/{}/{rest}", part(&self.name))
    }

    /// The path of one of its repositories, and what follows.
    pub(super) fn repository(&self, name: &str, rest: &str) -> String {
        format!("/repos/{}/{}{rest}", part(&self.name), part(name))
    }

    /// The path of one of its teams, and what follows.
    pub(super) fn team(&self, name: &str, rest: &str) -> Result<String, ForgeError> {
        let key = self.keys.get(&name.to_lowercase());
        let key = key.ok_or_else(|| ForgeError::Missing(format!("team `{name}`")))?;
        Ok(match self.access.kind() {
            ForgeKind::Github => self.path(&format!("teams/{}{rest}", part(key))),
            ForgeKind::Forgejo => format!("/teams/{}{rest}", part(key)),
        })
    }
}

/// A text as one part of a path.
pub(super) fn part(text: &str) -> String {
    utf8_percent_encode(text, PART).to_string()
}
