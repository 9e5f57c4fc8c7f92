//! `[repos.*]`.

use aux_names::{
    ArgumentName, AttrName, BranchName, CheckoutPath, Date, FlakeRef, Handle, ModuleName,
    OverlayName, ProgramName, RelativePath, RepoName, SigName, TierName,
};
use semver::{Version, VersionReq};

use crate::convenience::{Convenience, Named};
use crate::layout::Layout;
use crate::manifest::draft::former::FormerOfRepoDraft;
use crate::manifest::draft::package::PackageDraft;
use crate::manifest::draft::restriction::RestrictionDraft;
use crate::manifest::draft::set::SetDraft;
use crate::manifest::line::Line;
use crate::manifest::table::Table;
use crate::module::ModuleClass;
use crate::repo::{BorrowScope, RepoKind, Wiring};
use aux_problems::Code;
use aux_problems::{At, Located};

/// `[repos.NAME]`.
#[derive(Debug)]
pub(crate) struct RepoDraft {
    pub(crate) at: At,
    pub(crate) sig: Option<Located<SigName>>,
    pub(crate) tier: Option<Located<TierName>>,
    pub(crate) kind: Option<Located<RepoKind>>,
    pub(crate) wiring: Option<Located<Wiring>>,
    pub(crate) flake: Option<Located<bool>>,
    pub(crate) entry: Option<Located<RelativePath>>,
    pub(crate) arguments: Vec<Located<ArgumentName>>,
    pub(crate) description: Option<String>,
    pub(crate) url: Option<Located<FlakeRef>>,
    pub(crate) branch: Option<Located<BranchName>>,
    pub(crate) path: Option<Located<CheckoutPath>>,
    pub(crate) contract: Option<Located<Version>>,
    pub(crate) uses: Vec<(Located<RepoName>, Located<VersionReq>)>,
    pub(crate) peers: Vec<Located<RepoName>>,
    pub(crate) discover: Option<Located<bool>>,
    pub(crate) layout: Vec<(Located<RelativePath>, Located<Layout>)>,
    pub(crate) packages: Vec<(Located<AttrName>, PackageDraft)>,
    pub(crate) modules: Vec<(Located<ModuleName>, ModuleDraft)>,
    pub(crate) overlays: Vec<(Located<OverlayName>, OverlayDraft)>,
    pub(crate) moved: Vec<(Located<AttrName>, MovedDraft)>,
    pub(crate) borrowed: Vec<(Located<AttrName>, BorrowedDraft)>,
    pub(crate) lent: Vec<(Located<AttrName>, RepoName)>,
    pub(crate) former: FormerOfRepoDraft,
    pub(crate) restriction: RestrictionDraft,
    pub(crate) sets: Vec<(Located<AttrName>, SetDraft)>,
    pub(crate) convenience: Convenience,
}

/// `[repos.NAME.borrowed]`: a copy of a package of another repo.
#[derive(Debug)]
pub(crate) struct BorrowedDraft {
    pub(crate) from: Option<Located<RepoName>>,
    pub(crate) reason: Option<String>,
    pub(crate) review: Option<Date>,
    pub(crate) offered: bool,
    pub(crate) claimed: Option<Located<Handle>>,
    pub(crate) scope: Option<BorrowScope>,
}

/// `[repos.NAME.moved]`: a package that was here.
#[derive(Debug)]
pub(crate) struct MovedDraft {
    pub(crate) to: Option<Located<RepoName>>,
    pub(crate) until: Option<Located<Date>>,
}

/// `[repos.NAME.modules.MODULE]`.
#[derive(Debug)]
pub(crate) struct ModuleDraft {
    pub(crate) class: Option<Located<ModuleClass>>,
    pub(crate) owner: Option<Located<SigName>>,
    pub(crate) description: Option<String>,
}

/// `[repos.NAME.overlays.OVERLAY]`.
#[derive(Debug)]
pub(crate) struct OverlayDraft {
    pub(crate) owner: Option<Located<SigName>>,
    pub(crate) description: Option<String>,
}

impl RepoDraft {
    pub(super) fn read(name: &RepoName, mut table: Table<'_, '_>) -> Self {
        let packages = table.drafts("packages", "package", Some(name), |_, sub| {
            PackageDraft::read(sub)
        });
        let builders = table.drafts("builders", "builder", Some(name), |_, sub| {
            PackageDraft::read_builder(sub)
        });
        let draft = Self {
            at: table.at,
            sig: table.required("sig", "\"...\""),
            tier: read_tier(&mut table),
            kind: table.value("kind"),
            wiring: table.value("wiring"),
            flake: table.flag("flake"),
            entry: table.value("entry"),
            arguments: table.list("arguments"),
            description: table.line("description"),
            url: table.value("url"),
            branch: table.value("branch"),
            path: table.value("path"),
            contract: table.value("contract"),
            uses: read_uses(name, &mut table),
            peers: table.list("peers"),
            discover: table.flag("discover"),
            layout: read_layout(name, &mut table),
            packages: packages.into_iter().chain(builders).collect(),
            modules: table.drafts("modules", "module", Some(name), |_, sub| {
                ModuleDraft::read(sub)
            }),
            overlays: table.drafts("overlays", "overlay", Some(name), |_, sub| {
                OverlayDraft::read(sub)
            }),
            moved: table.drafts("moved", "moved package", Some(name), |_, sub| {
                MovedDraft::read(sub)
            }),
            borrowed: table.drafts("borrowed", "borrowed package", Some(name), |_, sub| {
                BorrowedDraft::read(sub)
            }),
            lent: lent(&mut table),
            former: FormerOfRepoDraft::read(name, &mut table),
            restriction: RestrictionDraft::read(&mut table),
            convenience: convenience(&mut table),
            sets: table.drafts("sets", "set", Some(name), |_, sub| {
                SetDraft::read(name, sub)
            }),
        };
        table.finish();
        draft
    }
}

/// A repo whose tier is not known may be the one that core or top-level lacks.
fn read_tier(table: &mut Table<'_, '_>) -> Option<Located<TierName>> {
    let tier = table.required("tier", "\"...\"");
    if tier.is_none() {
        table.reader.hide(&[Code::CoreCount, Code::TopLevelCount]);
    }
    tier
}

/// `uses` is a table of requirements, or a list of names without any.
fn read_uses(
    name: &RepoName,
    table: &mut Table<'_, '_>,
) -> Vec<(Located<RepoName>, Located<VersionReq>)> {
    use toml::de::DeValue;
    let Some(value) = table.take("uses") else {
        return Vec::new();
    };
    if matches!(value.get_ref(), DeValue::Array(_)) {
        return table
            .list::<RepoName>("uses")
            .into_iter()
            .map(|used| {
                let any = Located::new(VersionReq::STAR, used.at);
                (used, any)
            })
            .collect();
    }
    let mut uses = Vec::new();
    for (used, value) in table.entries::<RepoName>("uses") {
        let DeValue::String(text) = value.get_ref() else {
            let at = table.reader.at(value.span());
            table.reader.problem(
                Code::WrongType,
                at,
                format!(
                    "`{}` in `uses` of repo `{name}` takes a version requirement",
                    used.value
                ),
                Some("write one such as `\"^1.0\"` or `\"*\"`".to_owned()),
            );
            continue;
        };
        if let Some(requirement) = table.parse::<VersionReq>("uses", text, value.span()) {
            uses.push((used, requirement));
        }
    }
    uses
}

/// `layout` is a table: how the packages of each folder or file lie.
fn read_layout(
    name: &RepoName,
    table: &mut Table<'_, '_>,
) -> Vec<(Located<RelativePath>, Located<Layout>)> {
    use toml::de::DeValue;
    let mut layouts = Vec::new();
    for (place, value) in table.entries::<RelativePath>("layout") {
        let DeValue::String(text) = value.get_ref() else {
            let at = table.reader.at(value.span());
            table.reader.problem(
                Code::WrongType,
                at,
                format!(
                    "`{}` in `layout` of repo `{name}` takes a word",
                    place.value
                ),
                Some("write one such as `\"flat\"` or `\"by-hand\"`".to_owned()),
            );
            continue;
        };
        if let Some(layout) = table.parse::<Layout>("layout", text, value.span()) {
            layouts.push((place, layout));
        }
    }
    layouts
}

impl ModuleDraft {
    fn read(mut table: Table<'_, '_>) -> Self {
        let draft = Self {
            class: table.value("class"),
            owner: table.value("owner"),
            description: table.line("description"),
        };
        table.finish();
        draft
    }
}

impl MovedDraft {
    fn read(mut table: Table<'_, '_>) -> Self {
        let draft = Self {
            to: table.required("to", "\"...\""),
            until: table.required("until", "\"YYYY-MM-DD\""),
        };
        table.finish();
        draft
    }
}

/// What a flake offers besides packages.
fn convenience(table: &mut Table<'_, '_>) -> Convenience {
    use toml::de::DeValue;
    let named = |name: &Located<AttrName>, is_own| Named {
        name: name.value.clone(),
        at: name.at,
        is_own,
    };
    let mut convenience = Convenience::default();
    let default = table.value::<AttrName>("default");
    let formatter = table.value::<AttrName>("formatter");
    let tools: Vec<Located<AttrName>> = table.list("tools");
    for (name, value) in table.entries::<AttrName>("programs") {
        if let DeValue::String(text) = value.get_ref() {
            let program = table.parse::<ProgramName>("programs", text, value.span());
            if let Some(program) = program {
                convenience.at.push(named(&name, true));
                convenience.programs.insert(name.value, program.value);
            }
        } else {
            let wanted = "the name of a file in `bin`";
            table.wrong_type("programs", wanted, value.get_ref(), value.span());
        }
    }
    let own = default.iter().map(|name| named(name, true));
    let any = formatter.iter().chain(&tools);
    let any = any.map(|name| named(name, false));
    convenience.at.extend(own.chain(any));
    convenience.default = default.map(|default| default.value);
    convenience.formatter = formatter.map(|formatter| formatter.value);
    convenience.tools = tools.into_iter().map(|tool| tool.value).collect();
    convenience
}

/// Packages, each with the repo that overrides it.
fn lent(table: &mut Table<'_, '_>) -> Vec<(Located<AttrName>, RepoName)> {
    use toml::de::DeValue;
    let mut lent = Vec::new();
    for (name, value) in table.entries::<AttrName>("lent") {
        if let DeValue::String(text) = value.get_ref() {
            let to = table.parse::<RepoName>("lent", text, value.span());
            lent.extend(to.map(|to| (name, to.value)));
        } else {
            table.wrong_type("lent", "the name of a repo", value.get_ref(), value.span());
        }
    }
    lent
}

impl BorrowedDraft {
    fn read(mut table: Table<'_, '_>) -> Self {
        let reason = table.required::<Line>("reason", "\"...\"");
        let draft = Self {
            from: table.required("from", "\"...\""),
            reason: reason.map(|reason| reason.value.0),
            review: table.value("review").map(|review| review.value),
            offered: table.flag("offered").is_some_and(|offered| offered.value),
            claimed: table.value("claimed"),
            scope: table.value("scope").map(|scope| scope.value),
        };
        table.finish();
        draft
    }
}

impl OverlayDraft {
    fn read(mut table: Table<'_, '_>) -> Self {
        let draft = Self {
            owner: table.value("owner"),
            description: table.line("description"),
        };
        table.finish();
        draft
    }
}
