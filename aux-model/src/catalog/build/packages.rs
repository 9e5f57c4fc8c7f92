//! Packages and their variants.

use std::collections::{BTreeMap, HashMap};

use aux_names::{AttrName, SigName, VariantName};

use crate::availability::Restriction;
use crate::catalog::build::builder::{AnyCase, Builder, case_collision};
use crate::catalog::build::edges::Waiting;
use crate::catalog::build::repos::Known;
use crate::edge::PackageId;
use crate::manifest::draft::{PackageDraft, RestrictionDraft, ShapeDraft, VariantsDraft};
use crate::manifest::reader::Finding;
use crate::package::{Package, Shape, Variants};
use crate::repo::Repo;
use aux_problems::Code;
use aux_problems::{At, Located};

impl Builder<'_> {
    pub(super) fn packages(
        &mut self,
        repo: &mut Repo,
        drafts: Vec<(Located<AttrName>, PackageDraft)>,
        known: &Known<'_>,
        waiting: &mut Vec<Waiting>,
    ) {
        let mut packages = Vec::new();
        for (name, mut draft) in drafts {
            let package = format_args!("package `{}/{}`", repo.name, name.value);
            for handle in &draft.maintainers {
                self.known_person(package, handle, known.people);
            }
            for sig in draft
                .watchers
                .iter()
                .filter(|sig| !known.sigs.contains_key(&sig.value))
            {
                self.unknown(Code::UnknownOwner, package, "SIG", sig, known.sigs.keys());
            }
            self.must_be_by_hand(repo, &draft);
            let owner = self.owner(package, draft.owner.take(), &repo.sig, known.sigs);
            let edges = std::mem::take(&mut draft.edges);
            let said = std::mem::take(&mut draft.restriction);
            let restriction =
                self.restriction(&package.to_string(), said, &repo.restriction, known);
            let package = Package {
                restriction,
                ..self.package(repo, &name, draft, owner)
            };
            if !edges.is_empty() {
                packages.push((name.value.clone(), edges));
            }
            repo.packages.insert(name.value, package);
        }
        waiting.push(Waiting {
            repo: repo.name.clone(),
            packages,
        });
    }

    /// What is said of a package, or else of all of its repo.
    pub(super) fn restriction(
        &mut self,
        asker: &str,
        said: RestrictionDraft,
        of_repo: &Restriction,
        known: &Known<'_>,
    ) -> Restriction {
        let all = &known.organization.systems;
        for system in said.systems.iter().flatten() {
            if !all.contains(&system.value) {
                self.unknown(Code::UnknownSystem, asker, "system", system, all.iter());
            }
        }
        let systems = said.systems.map(|systems| {
            let systems = systems.into_iter().map(|system| system.value);
            systems.collect()
        });
        Restriction {
            systems: systems.or_else(|| of_repo.systems.clone()),
            broken: said.broken.unwrap_or(of_repo.broken),
            unfree: said.unfree.unwrap_or(of_repo.unfree),
            insecure: if said.insecure.is_empty() {
                of_repo.insecure.clone()
            } else {
                said.insecure
            },
        }
    }

    fn package(
        &mut self,
        repo: &Repo,
        key: &Located<AttrName>,
        draft: PackageDraft,
        owner: SigName,
    ) -> Package {
        let id = repo.id(&key.value);
        self.own_attributes(&id, key.at, &draft);
        let shape = match draft.shape {
            ShapeDraft::Single => Shape::Single,
            ShapeDraft::Builder => Shape::Builder,
            ShapeDraft::Set(members) => {
                Shape::Set(members.into_iter().map(|member| member.value).collect())
            }
            ShapeDraft::Variants(variants) => self
                .variants(&id, variants)
                .map_or(Shape::Single, |variants| {
                    Shape::Variants(Box::new(variants))
                }),
        };
        let sorted = |names: Vec<Located<AttrName>>| {
            let mut names: Vec<AttrName> = names.into_iter().map(|name| name.value).collect();
            names.sort();
            names.dedup();
            names
        };
        Package {
            id,
            owner,
            description: draft.description,
            homepage: draft.homepage,
            license: draft.license,
            maintainers: draft
                .maintainers
                .into_iter()
                .map(|handle| handle.value)
                .collect(),
            watchers: draft.watchers.into_iter().map(|sig| sig.value).collect(),
            aliases: sorted(draft.aliases),
            builders: sorted(draft.builders),
            shape,
            restriction: Restriction::default(),
            misplaced: draft.misplaced,
            imported: draft.imported.map(Box::new),
            file: draft.file.map(|file| file.value),
            edges: Vec::new(),
            number: 0,
            at: key.at,
        }
    }

    /// The generator reads packages from by-name directories alone.
    fn must_be_by_hand(&mut self, repo: &Repo, draft: &PackageDraft) {
        if let (Some(file), true, false) = (&draft.file, repo.is_generated(), draft.is_set) {
            self.report(
                Code::InvalidValue,
                file.at,
                format!(
                    "repo `{}` is generated, and its packages are in by-name directories, not in `{}`",
                    repo.name, file.value
                ),
                Some("move the package there and drop `file`, or say `kind = \"external\"`".to_owned()),
            );
        }
    }

    /// A package that names one attribute twice; the later one would win in silence.
    fn own_attributes(&mut self, id: &PackageId, at: At, draft: &PackageDraft) {
        let mut seen: BTreeMap<AttrName, At> = BTreeMap::new();
        let mut define = |attribute: AttrName, at: At| {
            if let Some(first) = seen.get(&attribute) {
                let finding = Finding::new(
                    Code::DuplicateAttribute,
                    Some(at),
                    format!("package `{id}` defines the attribute `{attribute}` twice"),
                    Some("remove or rename one of the two".to_owned()),
                );
                self.findings
                    .push(finding.related(*first, "first defined here"));
            } else {
                seen.insert(attribute, at);
            }
        };
        match &draft.shape {
            ShapeDraft::Single | ShapeDraft::Builder if draft.aliases.is_empty() => return,
            ShapeDraft::Single | ShapeDraft::Builder => define(id.name.clone(), at),
            ShapeDraft::Set(members) => {
                for member in members {
                    define(member.value.clone(), member.at);
                }
            }
            ShapeDraft::Variants(variants) => {
                define(id.name.clone(), at);
                let aliases = variants.aliases.iter().map(|(alias, _)| alias);
                for variant in variants.names.iter().chain(aliases) {
                    if let Ok(attribute) = id.name.variant(&variant.value) {
                        define(attribute, variant.at);
                    }
                }
            }
        }
        for name in draft.builders.iter().chain(&draft.aliases) {
            define(name.value.clone(), name.at);
        }
        if let (ShapeDraft::Set(_), Some(alias)) = (&draft.shape, draft.aliases.first())
            && !seen.contains_key(&id.name)
        {
            self.report(
                Code::UnknownPackage,
                alias.at,
                format!(
                    "alias `{}` of package `{id}` stands for `{}`, which is not among its members",
                    alias.value, id.name
                ),
                Some(format!("add `{}` to `members`, or drop the alias", id.name)),
            );
        }
    }

    fn variants(&mut self, id: &PackageId, draft: VariantsDraft) -> Option<Variants> {
        let mut names = BTreeMap::new();
        let mut files: HashMap<AnyCase<&VariantName>, At> = HashMap::new();
        for name in &draft.names {
            let first = *files.entry(AnyCase(&name.value)).or_insert(name.at);
            if let Some((AnyCase(other), _)) = files.get_key_value(&AnyCase(&name.value))
                && **other != name.value
            {
                let what = format!("variant of `{id}`");
                let finding = case_collision(&what, &name.value, name.at, other, first);
                self.findings.push(finding);
            }
            if let Some(attribute) = self.variant_attribute(id, name) {
                names.insert(name.value.clone(), attribute);
            }
        }
        let mut aliases = BTreeMap::new();
        for (alias, target) in &draft.aliases {
            if !names.contains_key(&target.value) {
                let help =
                    self.suggest(target.value.as_str(), names.keys().map(VariantName::as_str));
                self.report(
                    Code::UnknownVariant,
                    target.at,
                    format!("package `{id}` has no variant `{}`", target.value),
                    help,
                );
            }
            if let Some(attribute) = self.variant_attribute(id, alias) {
                aliases.insert(alias.value.clone(), (attribute, target.value.clone()));
            }
        }
        let (default, at) = match draft.default {
            Some(default) => (default.value, default.at),
            None => (draft.names.last()?.value.clone(), draft.at),
        };
        let default_attribute = names
            .get(&default)
            .or_else(|| aliases.get(&default).map(|(attribute, _)| attribute));
        let Some(default_attribute) = default_attribute.cloned() else {
            let known = names.keys().chain(aliases.keys()).map(VariantName::as_str);
            let help = self.suggest(default.as_str(), known);
            self.report(
                Code::UnknownVariant,
                at,
                format!("package `{id}` has no variant `{default}`"),
                help,
            );
            return None;
        };
        Some(Variants {
            names,
            aliases,
            default,
            default_attribute,
        })
    }

    fn variant_attribute(
        &mut self,
        id: &PackageId,
        variant: &Located<VariantName>,
    ) -> Option<AttrName> {
        id.name
            .variant(&variant.value)
            .inspect_err(|error| {
                self.findings.push(Finding::new(
                    Code::InvalidName,
                    Some(variant.at),
                    format!("`{}_{}`: {error}", id.name, variant.value),
                    Some(error.help()),
                ));
            })
            .ok()
    }
}
