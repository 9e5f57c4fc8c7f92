//! `[repos.*.packages.*]` and `[repos.*.builders.*]`.

use aux_names::{AttrName, Handle, RelativePath, SigName, VariantName};

use crate::catalog::Indexed;
use crate::edge::EdgeKind;
use crate::manifest::draft::restriction::RestrictionDraft;
use crate::manifest::draft::values::PackageRef;
use crate::manifest::table::Table;
use crate::package::Imported;
use aux_problems::Code;
use aux_problems::{At, Located};

/// One package or builder.
#[derive(Debug)]
pub(crate) struct PackageDraft {
    pub(crate) owner: Option<Located<SigName>>,
    pub(crate) description: Option<String>,
    pub(crate) homepage: Option<String>,
    pub(crate) license: Option<String>,
    pub(crate) maintainers: Vec<Located<Handle>>,
    pub(crate) watchers: Vec<Located<SigName>>,
    pub(crate) aliases: Vec<Located<AttrName>>,
    pub(crate) builders: Vec<Located<AttrName>>,
    pub(crate) restriction: RestrictionDraft,
    pub(crate) shape: ShapeDraft,
    pub(crate) edges: Vec<EdgeDraft>,
    /// Where its directory stands, if its tree has it in the wrong shard.
    pub(crate) misplaced: Option<String>,
    /// Where it is defined, if not in its by-name directory.
    pub(crate) imported: Option<Imported>,
    pub(crate) file: Option<Located<RelativePath>>,
    /// Whether it is a package set, which has a folder of its own.
    pub(crate) is_set: bool,
}

/// What the attribute holds.
#[derive(Debug)]
pub(crate) enum ShapeDraft {
    Single,
    Builder,
    Variants(VariantsDraft),
    Set(Vec<Located<AttrName>>),
}

/// `variants` of a package.
#[derive(Debug)]
pub(crate) struct VariantsDraft {
    pub(crate) at: At,
    pub(crate) names: Vec<Located<VariantName>>,
    pub(crate) aliases: Vec<(Located<VariantName>, Located<VariantName>)>,
    pub(crate) default: Option<Located<VariantName>>,
}

/// One entry of `build`, `runtime`, `test`, `optional` or `asks`.
#[derive(Debug)]
pub(crate) struct EdgeDraft {
    pub(crate) kind: EdgeKind,
    pub(crate) to: Located<PackageRef>,
}

impl PackageDraft {
    pub(super) fn read(mut table: Table<'_, '_>) -> Self {
        let mut draft = Self::read_common(&mut table);
        let has_members = table.take("members").is_some();
        let members = table.list::<AttrName>("members");
        if has_members {
            draft.shape = ShapeDraft::Set(members);
        }
        draft.builders = table.list("builders");
        if let (false, Some(builder)) = (has_members, draft.builders.first()) {
            table.reader.problem(
                Code::InvalidValue,
                builder.at,
                format!("{} has `builders` and no `members`", table.what),
                Some(
                    "say with `members` which packages its `packages.nix` defines; a single function belongs to `[repos.NAME.builders]`"
                        .to_owned(),
                ),
            );
        }
        if let Some(variants) = table.sub("variants") {
            draft.shape = ShapeDraft::Variants(VariantsDraft::read(variants));
            if has_members {
                table.reader.problem(
                    Code::InvalidValue,
                    table.at,
                    format!("{} has both `variants` and `members`", table.what),
                    Some(
                        "keep `members` if its `packages.nix` is written by hand, else `variants`"
                            .to_owned(),
                    ),
                );
            }
        }
        table.finish();
        draft
    }

    pub(super) fn read_builder(mut table: Table<'_, '_>) -> Self {
        let mut draft = Self::read_common(&mut table);
        draft.shape = ShapeDraft::Builder;
        table.finish();
        draft
    }

    /// A package that a tree has and no manifest describes.
    pub(crate) fn discovered() -> Self {
        Self {
            owner: None,
            description: None,
            homepage: None,
            license: None,
            maintainers: Vec::new(),
            watchers: Vec::new(),
            aliases: Vec::new(),
            builders: Vec::new(),
            restriction: RestrictionDraft::default(),
            shape: ShapeDraft::Single,
            edges: Vec::new(),
            misplaced: None,
            imported: None,
            file: None,
            is_set: false,
        }
    }

    /// A package set, as the flat view has it: the attributes of its instances, and what it needs of
    /// interpreters.
    pub(crate) fn of_set(
        name: &AttrName,
        instances: Vec<Located<AttrName>>,
        interpreters: Vec<Located<AttrName>>,
        at: At,
    ) -> Self {
        let interpreters = interpreters.into_iter().map(|one| EdgeDraft {
            kind: EdgeKind::Build,
            to: Located::new(
                PackageRef {
                    repo: None,
                    attribute: one.value,
                },
                one.at,
            ),
        });
        let folder = format!("pkgs/{name}").parse();
        Self {
            builders: instances,
            shape: ShapeDraft::Builder,
            edges: interpreters.collect(),
            file: folder.ok().map(|folder| Located::new(folder, at)),
            is_set: true,
            ..Self::discovered()
        }
    }

    /// A package that an index has.
    pub(crate) fn indexed(indexed: &Indexed, at: At) -> Self {
        Self {
            shape: if indexed.is_builder {
                ShapeDraft::Builder
            } else {
                ShapeDraft::Single
            },
            file: Some(Located::new(indexed.file.clone(), at)),
            ..Self::discovered()
        }
    }

    fn read_common(table: &mut Table<'_, '_>) -> Self {
        let mut edges = Vec::new();
        for kind in EdgeKind::ALL {
            for to in table.list::<PackageRef>(kind.as_str()) {
                edges.push(EdgeDraft { kind: *kind, to });
            }
        }
        Self {
            owner: table.value("owner"),
            description: table.line("description"),
            homepage: table.line("homepage"),
            license: table.line("license"),
            maintainers: table.list("maintainers"),
            watchers: table.list("watchers"),
            aliases: table.list("aliases"),
            builders: Vec::new(),
            restriction: RestrictionDraft::read(table),
            shape: ShapeDraft::Single,
            edges,
            misplaced: None,
            imported: table.sub("imported").and_then(imported),
            file: table.value("file"),
            is_set: false,
        }
    }
}

impl VariantsDraft {
    fn read(mut table: Table<'_, '_>) -> Self {
        let at = table.at;
        let before = table.reader.findings.len();
        let names = table.list("names");
        let refused = table.reader.findings.len() > before;
        if names.is_empty() && !refused {
            table.missing("names", "[\"1\", \"2\"]");
        }
        if names.is_empty() || refused {
            table.reader.hide(&[Code::UnknownVariant]);
        }
        let mut aliases = Vec::new();
        for (alias, value) in table.entries::<VariantName>("aliases") {
            if let toml::de::DeValue::String(text) = value.get_ref() {
                if let Some(target) = table.parse::<VariantName>("aliases", text, value.span()) {
                    aliases.push((alias, target));
                }
            } else {
                let at = table.reader.at(value.span());
                table.reader.problem(
                    Code::WrongType,
                    at,
                    format!(
                        "alias `{}` in {} takes the name of a variant",
                        alias.value, table.what
                    ),
                    Some("write one such as `lts = \"20\"`".to_owned()),
                );
            }
        }
        let draft = Self {
            at,
            names,
            aliases,
            default: table.value("default"),
        };
        table.finish();
        draft
    }
}

/// `imported` of a package.
fn imported(mut table: Table<'_, '_>) -> Option<Imported> {
    let rev = table.required("rev", "\"...\"");
    let path = table.required("path", "\"...\"");
    let mut with: Vec<RelativePath> = table
        .list("with")
        .into_iter()
        .map(|path| path.value)
        .collect();
    with.sort();
    with.dedup();
    let from = table.line("from");
    table.finish();
    Some(Imported {
        from,
        rev: rev?.value,
        path: path?.value,
        with,
    })
}
