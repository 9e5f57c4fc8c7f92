//! `[people.*]` and `[sigs.*]`.

use aux_names::{Handle, Team};

use crate::access::Access;
use crate::manifest::line::Line;
use crate::manifest::table::Table;
use aux_problems::Code;
use aux_problems::Located;

/// `[people.HANDLE]`.
#[derive(Debug)]
pub(crate) struct PersonDraft {
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
}

/// `[sigs.NAME]`.
#[derive(Debug)]
pub(crate) struct SigDraft {
    pub(crate) description: Option<String>,
    pub(crate) leads: Vec<Located<Handle>>,
    pub(crate) team: Option<Team>,
    pub(crate) members: Vec<Located<Handle>>,
    pub(crate) contact: Option<String>,
    pub(crate) responsibilities: Vec<String>,
    pub(crate) access: Option<Access>,
}

impl PersonDraft {
    pub(super) fn read(mut table: Table<'_, '_>) -> Self {
        let draft = Self {
            name: table.line("name"),
            email: table.line("email"),
        };
        table.finish();
        draft
    }
}

impl SigDraft {
    pub(super) fn read(mut table: Table<'_, '_>) -> Self {
        let before = table.reader.findings.len();
        let leads = table.list("leads");
        if leads.is_empty() && table.reader.findings.len() > before {
            table.reader.hide(&[Code::SigWithoutLead]);
        }
        let draft = Self {
            description: table.line("description"),
            leads,
            team: table.value("team").map(|team| team.value),
            members: table.list("members"),
            contact: table.line("contact"),
            responsibilities: table
                .list::<Line>("responsibilities")
                .into_iter()
                .map(|text| text.value.0)
                .collect(),
            access: table.value("access").map(|access| access.value),
        };
        table.finish();
        draft
    }
}
