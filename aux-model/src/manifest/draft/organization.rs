//! `[organization]` and `[[tiers]]`.

use aux_names::{FlakeRef, System, TierName};

use crate::manifest::line::Line;
use crate::manifest::table::Table;
use aux_problems::Located;

/// `[organization]`.
#[derive(Debug, Default)]
pub(crate) struct OrganizationDraft {
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) forge: Option<Located<FlakeRef>>,
    pub(crate) registry: Option<Located<FlakeRef>>,
    pub(crate) systems: Vec<Located<System>>,
}

/// One of `[[tiers]]`.
#[derive(Debug)]
pub(crate) struct TierDraft {
    pub(crate) name: Located<TierName>,
    pub(crate) description: Option<String>,
}

impl OrganizationDraft {
    pub(super) fn read(mut table: Table<'_, '_>) -> Self {
        let draft = Self {
            name: table
                .required::<Line>("name", "\"...\"")
                .map(|name| name.value.0),
            description: table.line("description"),
            forge: table.required("forge", "\"github:...\""),
            registry: table.value("registry"),
            systems: table.list("systems"),
        };
        table.finish();
        draft
    }
}

impl TierDraft {
    pub(super) fn read(mut table: Table<'_, '_>) -> Option<Self> {
        let name = table.required("name", "\"...\"");
        let description = table.line("description");
        table.finish();
        Some(Self {
            name: name?,
            description,
        })
    }
}
