//! `[policy]` and `[[policy.allow]]`.

use aux_names::{Date, RepoName, SigName};

use crate::manifest::draft::values::PackageRef;
use crate::manifest::line::Line;
use crate::manifest::reader::What;
use crate::manifest::table::Table;
use crate::policy::{Budget, Differing, Weight};
use aux_problems::{At, Located};

/// `[policy]`.
#[derive(Debug, Default)]
pub(crate) struct PolicyDraft {
    pub(crate) bootstrap: Vec<Located<PackageRef>>,
    pub(crate) fan_in: Option<usize>,
    pub(crate) pinned: Vec<Located<PackageRef>>,
    pub(crate) weight: Option<Weight>,
    pub(crate) differing: Option<Differing>,
    /// Packages of each group, and where the group is written.
    pub(crate) together: Vec<(At, Vec<Located<PackageRef>>)>,
    pub(crate) top_level_packages: Option<usize>,
    pub(crate) budget: Budget,
    pub(crate) allow: Vec<AllowDraft>,
}

/// One of `[[policy.allow]]`.
#[derive(Debug)]
pub(crate) struct AllowDraft {
    pub(crate) at: At,
    pub(crate) repos: Vec<Located<RepoName>>,
    pub(crate) reason: String,
    pub(crate) owner: Located<SigName>,
    pub(crate) review: Date,
}

impl PolicyDraft {
    pub(super) fn read(mut table: Table<'_, '_>) -> Self {
        let mut draft = Self {
            bootstrap: table.list("bootstrap"),
            fan_in: table.number("fan-in"),
            pinned: table.list("pinned"),
            weight: table.value("weight").map(|weight| weight.value),
            differing: table.value("differing").map(|differing| differing.value),
            together: table.lists("together"),
            top_level_packages: table.number("top-level-packages"),
            budget: Budget::default(),
            allow: Vec::new(),
        };
        if let Some(cost) = table.sub("cost") {
            draft.budget = budget(cost);
        }
        for (index, item) in table.tables("allow").iter().enumerate() {
            let sub = table
                .reader
                .table(item, What::Nth("policy.allow", index + 1));
            draft.allow.extend(sub.and_then(AllowDraft::read));
        }
        table.finish();
        draft
    }
}

/// `[policy.cost]`.
fn budget(mut table: Table<'_, '_>) -> Budget {
    let budget = Budget {
        download: table.amount("download"),
        one: table.amount("one"),
        all: table.amount("all"),
    };
    table.finish();
    budget
}

impl AllowDraft {
    fn read(mut table: Table<'_, '_>) -> Option<Self> {
        if !table.has("repos") {
            table.missing("repos", "[\"...\", \"...\"]");
        }
        let repos = table.list("repos");
        let reason = table.required::<Line>("reason", "\"...\"");
        let owner = table.required("owner", "\"...\"");
        let review = table.required("review", "\"YYYY-MM-DD\"");
        let at = table.at;
        table.finish();
        Some(Self {
            at,
            repos,
            reason: reason?.value.0,
            owner: owner?,
            review: review?.value,
        })
    }
}
