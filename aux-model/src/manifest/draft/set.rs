//! `[repos.*.sets.*]`: package sets, and what a repo adds to those of others.

use aux_names::{ArgumentName, AttrName, Handle, RepoName, SigName};

use crate::edge::EdgeKind;
use crate::manifest::draft::former::FormerMembersDraft;
use crate::manifest::draft::package::EdgeDraft;
use crate::manifest::draft::values::PackageRef;
use crate::manifest::reader::What;
use crate::manifest::table::Table;
use aux_problems::Code;
use aux_problems::{At, Located};

/// `[repos.NAME.sets.SET]`.
#[derive(Debug)]
pub(crate) struct SetDraft {
    pub(crate) at: At,
    pub(crate) owner: Option<Located<SigName>>,
    pub(crate) description: Option<String>,
    pub(crate) extends: Option<Located<PackageRef>>,
    pub(crate) hook: Option<Located<AttrName>>,
    pub(crate) argument: Option<Located<ArgumentName>>,
    pub(crate) instances: Vec<(Located<AttrName>, Option<Located<AttrName>>)>,
    pub(crate) default: Option<Located<AttrName>>,
    pub(crate) members: Vec<(Located<AttrName>, MemberDraft)>,
    pub(crate) former: FormerMembersDraft,
}

/// `[repos.NAME.sets.SET.members.MEMBER]`.
#[derive(Debug)]
pub(crate) struct MemberDraft {
    pub(crate) owner: Option<Located<SigName>>,
    pub(crate) description: Option<String>,
    pub(crate) maintainers: Vec<Located<Handle>>,
    pub(crate) edges: Vec<EdgeDraft>,
}

impl SetDraft {
    pub(super) fn read(repo: &RepoName, mut table: Table<'_, '_>) -> Self {
        let draft = Self {
            at: table.at,
            owner: table.value("owner"),
            description: table.line("description"),
            extends: table.value("extends"),
            hook: table.value("hook"),
            argument: table.value("argument"),
            instances: instances(&mut table),
            default: table.value("default"),
            members: table.drafts("members", "member", Some(repo), |_, sub| {
                MemberDraft::read(sub)
            }),
            former: FormerMembersDraft::read(repo, &mut table),
        };
        table.finish();
        draft
    }
}

/// A table of interpreters, or a list of attributes without any.
fn instances(table: &mut Table<'_, '_>) -> Vec<(Located<AttrName>, Option<Located<AttrName>>)> {
    use toml::de::DeValue;
    let is_list = table.is_list("instances");
    if is_list {
        let names: Vec<Located<AttrName>> = table.list("instances");
        return names.into_iter().map(|name| (name, None)).collect();
    }
    let mut instances = Vec::new();
    for (name, value) in table.entries::<AttrName>("instances") {
        if let DeValue::String(text) = value.get_ref() {
            let interpreter = table.parse::<AttrName>("instances", text, value.span());
            instances.push((name, interpreter));
        } else {
            let at = table.reader.at(value.span());
            let what = What::Part("instances", &table.what).to_string();
            table.reader.problem(
                Code::WrongType,
                at,
                format!("`{}` in {what} takes an attribute", name.value),
                Some("write one such as `python312Packages = \"python312\"`".to_owned()),
            );
        }
    }
    instances
}

impl MemberDraft {
    fn read(mut table: Table<'_, '_>) -> Self {
        let mut edges = Vec::new();
        for kind in EdgeKind::ALL {
            for to in table.list::<PackageRef>(kind.as_str()) {
                edges.push(EdgeDraft { kind: *kind, to });
            }
        }
        let draft = Self {
            owner: table.value("owner"),
            description: table.line("description"),
            maintainers: table.list("maintainers"),
            edges,
        };
        table.finish();
        draft
    }
}
