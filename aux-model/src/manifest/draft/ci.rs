//! `[ci]`.

use aux_names::{Rev, SiteUrl};

use crate::ci::BuildScope;
use crate::manifest::table::Table;

/// `[ci]`; what is not said follows from the forge.
#[derive(Debug, Default)]
pub(crate) struct CiDraft {
    pub(crate) github: Option<bool>,
    pub(crate) forgejo: Option<bool>,
    pub(crate) hydra: Option<bool>,
    pub(crate) revision: Option<Rev>,
    pub(crate) build: Option<BuildScope>,
    pub(crate) site: Option<SiteUrl>,
}

impl CiDraft {
    pub(super) fn read(mut table: Table<'_, '_>) -> Self {
        let mut flag = |key| table.flag(key).map(|flag| flag.value);
        let draft = Self {
            github: flag("github"),
            forgejo: flag("forgejo"),
            hydra: flag("hydra"),
            revision: table.value("revision").map(|value| value.value),
            build: table.value("build").map(|value| value.value),
            site: table.value("site").map(|value| value.value),
        };
        table.finish();
        draft
    }
}
