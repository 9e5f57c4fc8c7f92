//! `[[channels]]`.

use aux_names::{BranchName, ChannelName, RepoName};
use toml::de::DeValue;

use crate::channel::Followed;
use crate::manifest::table::Table;
use aux_problems::Code;
use aux_problems::Located;

/// One of `[[channels]]`.
#[derive(Debug)]
pub(crate) struct ChannelDraft {
    pub(crate) name: Located<ChannelName>,
    pub(crate) description: Option<String>,
    pub(crate) branch: Option<Located<BranchName>>,
    pub(crate) branches: Vec<(Located<RepoName>, Located<BranchName>)>,
    pub(crate) follows: Option<Located<Followed>>,
}

impl ChannelDraft {
    pub(super) fn read(mut table: Table<'_, '_>) -> Option<Self> {
        let name = table.required("name", "\"...\"");
        let description = table.line("description");
        let branch = table.value("branch");
        let branches = read_branches(&mut table);
        let follows = table.value("follows");
        table.finish();
        Some(Self {
            name: name?,
            description,
            branch,
            branches,
            follows,
        })
    }
}

/// `branches` is a table: the branch of each repo that has one of its own.
fn read_branches(table: &mut Table<'_, '_>) -> Vec<(Located<RepoName>, Located<BranchName>)> {
    let mut branches = Vec::new();
    for (repo, value) in table.entries::<RepoName>("branches") {
        let DeValue::String(text) = value.get_ref() else {
            let at = table.reader.at(value.span());
            table.reader.problem(
                Code::WrongType,
                at,
                format!("`{}` in `branches` of a channel takes a text", repo.value),
                Some("write the name of a branch such as `\"release-26.11\"`".to_owned()),
            );
            continue;
        };
        if let Some(branch) = table.parse::<BranchName>("branches", text, value.span()) {
            branches.push((repo, branch));
        }
    }
    branches
}
