//! An organization on a forge, and where its API has what.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use serde::de::IgnoredAny;

use crate::access::Access;
use crate::error::ForgeError;
use crate::family::found::{Found, FoundRepository};
use crate::family::wanted::Wanted;

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
}

impl Organization {
    /// An organization that is asked about.
    #[must_use]
    pub fn new(access: Access, name: &str) -> Self {
        Self {
            access,
            name: name.to_owned(),
        }
    }

    /// Names the repositories that are missing only because they are called otherwise now: one that is
    /// made under the old name would end what sends users on.
    pub(super) fn must_not_be_moved(
        &self,
        wanted: &Wanted,
        found: &mut Found,
    ) -> Result<(), ForgeError> {
        for name in wanted.repositories.keys() {
            let key = name.to_lowercase();
            if found.repositories.contains_key(&key) {
                continue;
            }
            match self.access.find::<IgnoredAny>(&self.repository(name, "")) {
                Ok(None) => {}
                // One that the list does not have, or an address that leads on.
                Ok(Some(_))
                | Err(ForgeError::Refused {
                    status: 301..=308, ..
                }) => {
                    let moved = FoundRepository {
                        moved: true,
                        ..FoundRepository::default()
                    };
                    found.repositories.insert(key, moved);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The path of the organization, and what follows.
    pub(super) fn path(&self, rest: &str) -> String {
        format!("/orgs/{}/{rest}", part(&self.name))
    }

    /// The path of one of its repositories, and what follows.
    pub(super) fn repository(&self, name: &str, rest: &str) -> String {
        format!("/repos/{}/{}{rest}", part(&self.name), part(name))
    }
}

/// A text as one part of a path.
pub(super) fn part(text: &str) -> String {
    utf8_percent_encode(text, PART).to_string()
}
