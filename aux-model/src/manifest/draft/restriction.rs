//! `systems`, `broken`, `unfree` and `insecure`, of a package or of all of a repo.

use aux_names::System;

use crate::manifest::line::Line;
use crate::manifest::table::Table;
use aux_problems::Located;

/// What is said, before the systems are known to be the organization's.
#[derive(Debug, Default)]
pub(crate) struct RestrictionDraft {
    /// None if nothing is said.
    pub(crate) systems: Option<Vec<Located<System>>>,
    pub(crate) broken: Option<bool>,
    pub(crate) unfree: Option<bool>,
    pub(crate) insecure: Vec<String>,
}

impl RestrictionDraft {
    pub(super) fn read(table: &mut Table<'_, '_>) -> Self {
        let has_systems = table.has("systems");
        let systems = table.list("systems");
        let insecure: Vec<Located<Line>> = table.list("insecure");
        Self {
            systems: has_systems.then_some(systems),
            broken: table.flag("broken").map(|flag| flag.value),
            unfree: table.flag("unfree").map(|flag| flag.value),
            insecure: insecure.into_iter().map(|line| line.value.0).collect(),
        }
    }
}
