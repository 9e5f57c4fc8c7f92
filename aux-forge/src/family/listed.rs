//! What both forges list, as their APIs have it. A forge passes over what only the other one has.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::address::ForgeKind;

#[derive(Deserialize)]
pub(super) struct Repository {
    pub(super) name: String,
    /// GitHub says `null` for nothing.
    pub(super) description: Option<String>,
    #[serde(default)]
    pub(super) archived: bool,
    /// GitHub, in lists of a team's repositories: what the team may do.
    #[serde(default)]
    pub(super) role_name: String,
    /// GitHub: the same, as what each of the forge's own roles may do.
    #[serde(default)]
    pub(super) permissions: BTreeMap<String, bool>,
}

#[derive(Deserialize)]
pub(super) struct Team {
    id: u64,
    pub(super) name: String,
    /// GitHub: what it makes of the name.
    #[serde(default)]
    slug: String,
    /// Forgejo: what it may do with all of its repositories. GitHub has one that means nothing.
    #[serde(default)]
    pub(super) permission: String,
    /// Forgejo: whether those are all of the organization.
    #[serde(default)]
    pub(super) includes_all_repositories: bool,
    /// Forgejo: whether it may make some.
    #[serde(default)]
    pub(super) can_create_org_repo: bool,
}

#[derive(Deserialize)]
pub(super) struct Account {
    /// None of people who were invited by mail.
    pub(super) login: Option<String>,
}

impl Team {
    /// Whether it is the one of a name.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name) || self.slug.eq_ignore_ascii_case(name)
    }

    /// What the API asks for it by.
    pub(super) fn key(&self, kind: ForgeKind) -> String {
        match kind {
            ForgeKind::Github => self.slug.clone(),
            ForgeKind::Forgejo => self.id.to_string(),
        }
    }
}
