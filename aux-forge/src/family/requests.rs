//! What is asked of an organization, in the words of its forge.

use crate::address::ForgeKind;
use crate::error::ForgeError;
use crate::family::changes::Change;
use crate::family::found::Found;
use crate::family::organization::Organization;
use crate::family::wanted::Wanted;
use crate::family::{forgejo, github};

impl Organization {
    /// What it has: all repositories and teams; the people, branches and labels of those that are
    /// wanted.
    ///
    /// # Errors
    /// When the forge refuses, or has no such organization.
    pub fn found(&self, wanted: &Wanted) -> Result<Found, ForgeError> {
        match self.access.kind() {
            ForgeKind::Github => github::found(self, wanted),
            ForgeKind::Forgejo => forgejo::found(self, wanted),
        }
    }

    /// Makes a change. Those that need a team that does not exist yet come after the one that makes it.
    ///
    /// # Errors
    /// When the forge refuses.
    pub fn apply(&self, change: &Change) -> Result<(), ForgeError> {
        match self.access.kind() {
            ForgeKind::Github => github::apply(self, change),
            ForgeKind::Forgejo => forgejo::apply(self, change),
        }
    }
}
