//! `[access]`.

use aux_names::Handle;

use crate::manifest::table::Table;

/// `[access]`.
#[derive(Debug, Default)]
pub(crate) struct ForgeRulesDraft {
    pub(crate) reviews: Option<usize>,
    pub(crate) trains: Vec<Handle>,
    pub(crate) private: Option<bool>,
}

impl ForgeRulesDraft {
    pub(super) fn read(mut table: Table<'_, '_>) -> Self {
        let trains = table.list("trains").into_iter();
        let draft = Self {
            trains: trains.map(|handle| handle.value).collect(),
            reviews: table.number("reviews"),
            private: table.flag("private").map(|flag| flag.value),
        };
        table.finish();
        draft
    }
}
