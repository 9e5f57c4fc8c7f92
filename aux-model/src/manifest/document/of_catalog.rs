//! From a catalog to the document: what JSON output says.

use crate::access::Access;
use crate::availability::Restriction;
use crate::catalog::Family;
use crate::channel::Channel;
use crate::ci::Ci;
use crate::edge::EdgeKind;
use crate::manifest::document::access::AccessDocument;
use crate::manifest::document::former::{
    RemovedDocument, RemovedModuleDocument, RemovedNamesDocument, RenamedDocument,
    RenamedNamesDocument, by_name,
};
use crate::manifest::document::parts::{
    AllowDocument, BorrowedDocument, BudgetDocument, ChannelDocument, CiDocument, Document,
    ImportedDocument, ModuleDocument, MovedDocument, OrganizationDocument, OverlayDocument,
    PackageDocument, PersonDocument, PolicyDocument, RepoDocument, SigDocument, TierDocument,
    UsesDocument, VariantsDocument,
};
use crate::manifest::document::set::SetDocument;
use crate::manifest::draft::FORMAT;
use crate::module::{Module, Overlay};
use crate::package::{Package, Shape, Variants};
use crate::policy::Policy;
use crate::repo::{Borrowed, Repo};

impl Document {
    /// The whole catalog in one document, every default written out, so that a
    /// machine need not know them.
    #[must_use]
    pub fn of(family: &Family) -> Self {
        let organization = family.organization();
        Self {
            format: format!("{}.{}", FORMAT.major, FORMAT.minor),
            include: Vec::new(),
            templates: family.templates().map(ToString::to_string),
            organization: OrganizationDocument {
                name: organization.name.clone(),
                description: organization.description.clone(),
                forge: organization.forge.to_string(),
                registry: organization.registry.as_ref().map(ToString::to_string),
                systems: texts(&organization.systems),
            },
            policy: PolicyDocument::of(family.policy()),
            ci: CiDocument::of(family.ci()),
            access: AccessDocument::of(family.access()),
            channels: ChannelDocument::all_of(family),
            tiers: family
                .tiers()
                .iter()
                .map(|tier| TierDocument {
                    name: tier.name.to_string(),
                    description: tier.description.clone(),
                })
                .collect(),
            people: family
                .people()
                .map(|person| {
                    let document = PersonDocument {
                        name: person.name.clone(),
                        email: person.email.clone(),
                    };
                    (person.handle.to_string(), document)
                })
                .collect(),
            sigs: family
                .sigs()
                .map(|sig| {
                    let document = SigDocument {
                        description: sig.description.clone(),
                        leads: texts(&sig.leads),
                        team: sig.team.as_ref().map(ToString::to_string),
                        members: texts(&sig.members),
                        contact: sig.contact.clone(),
                        responsibilities: sig.responsibilities.clone(),
                        access: Some(sig.access).filter(|access| *access != Access::Write),
                    };
                    (sig.name.to_string(), document)
                })
                .collect(),
            repos: family
                .repos()
                .map(|repo| (repo.name.to_string(), RepoDocument::of(repo)))
                .collect(),
            renamed: RenamedNamesDocument::of(family.former()),
            removed: RemovedNamesDocument::of(family.former()),
        }
    }
}

impl CiDocument {
    fn of(ci: &Ci) -> Self {
        Self {
            github: Some(ci.github),
            forgejo: Some(ci.forgejo),
            hydra: Some(ci.hydra),
            revision: ci.revision.as_ref().map(ToString::to_string),
            site: ci.site.as_ref().map(ToString::to_string),
            build: Some(ci.build),
        }
    }
}

impl ChannelDocument {
    /// A family on a channel is written with the branches that it has there, and has no others.
    fn all_of(family: &Family) -> Vec<Self> {
        match family.channel() {
            Some(_) => Vec::new(),
            None => family.channels().iter().map(Self::of).collect(),
        }
    }

    fn of(channel: &Channel) -> Self {
        let branches = channel.branches.iter();
        Self {
            name: channel.name.to_string(),
            description: channel.description.clone(),
            branch: Some(channel.branch.to_string()),
            branches: branches
                .map(|(repo, branch)| (repo.to_string(), branch.to_string()))
                .collect(),
            follows: channel.follows.as_ref().map(ToString::to_string),
        }
    }
}

impl PolicyDocument {
    pub(super) fn of(policy: &Policy) -> Self {
        Self {
            bootstrap: texts(&policy.bootstrap),
            fan_in: policy.fan_in,
            pinned: texts(&policy.pinned),
            weight: policy.weight,
            together: policy
                .together
                .iter()
                .map(|together| texts(&together.packages))
                .collect(),
            top_level_packages: policy.top_level_packages,
            differing: policy.differing,
            cost: BudgetDocument {
                download: policy.budget.download,
                one: policy.budget.one,
                all: policy.budget.all,
            },
            allow: policy
                .allowed
                .iter()
                .map(|allowed| AllowDocument {
                    repos: texts([&allowed.repos.0, &allowed.repos.1]),
                    reason: allowed.reason.clone(),
                    owner: allowed.owner.to_string(),
                    review: allowed.review.to_string(),
                })
                .collect(),
        }
    }
}

impl RepoDocument {
    fn of(repo: &Repo) -> Self {
        let (builders, packages) = repo
            .packages
            .values()
            .filter(|package| !repo.sets.contains_key(&package.id.name))
            .map(|package| (package.id.name.to_string(), package))
            .partition::<Vec<_>, _>(|(_, package)| package.shape == Shape::Builder);
        let documents = |packages: Vec<(String, &Package)>| {
            packages
                .into_iter()
                .map(|(name, package)| (name, PackageDocument::of(package)))
                .collect()
        };
        Self {
            sig: repo.sig.to_string(),
            tier: repo.tier.to_string(),
            kind: repo.kind,
            wiring: repo.wiring,
            flake: repo.is_flake(),
            entry: repo.entry.as_ref().map(|entry| entry.file.to_string()),
            arguments: texts(repo.entry.iter().flat_map(|entry| &entry.arguments)),
            description: repo.description.clone(),
            url: Some(repo.url.to_string()),
            branch: None,
            path: Some(repo.path.to_string()),
            contract: Some(repo.contract.to_string()),
            uses: UsesDocument::Requirements(
                repo.uses
                    .iter()
                    .map(|(name, used)| (name.to_string(), used.requirement.to_string()))
                    .collect(),
            ),
            peers: texts(repo.peers.keys()),
            discover: repo.discover,
            layout: repo
                .layout
                .iter()
                .map(|(place, layout)| (place.to_string(), *layout))
                .collect(),
            packages: documents(packages),
            builders: documents(builders),
            modules: repo
                .modules
                .values()
                .map(|module| (module.name.to_string(), ModuleDocument::of(module)))
                .collect(),
            overlays: repo
                .overlays
                .values()
                .map(|overlay| (overlay.name.to_string(), OverlayDocument::of(overlay)))
                .collect(),
            moved: repo
                .moved
                .iter()
                .map(|(name, moved)| {
                    let document = MovedDocument {
                        to: moved.to.to_string(),
                        until: moved.until.to_string(),
                    };
                    (name.to_string(), document)
                })
                .collect(),
            borrowed: repo
                .borrowed
                .iter()
                .map(|(name, borrowed)| (name.to_string(), BorrowedDocument::of(borrowed)))
                .collect(),
            lent: by_name(&repo.lent, |lent| lent.to.to_string()),
            systems: systems(&repo.restriction),
            broken: repo.restriction.broken,
            unfree: repo.restriction.unfree,
            insecure: repo.restriction.insecure.clone(),
            sets: by_name(&repo.sets, SetDocument::of),
            default: repo.convenience.default.as_ref().map(ToString::to_string),
            programs: by_name(&repo.convenience.programs, ToString::to_string),
            formatter: repo.convenience.formatter.as_ref().map(ToString::to_string),
            tools: texts(&repo.convenience.tools),
            renamed: by_name(&repo.former.renamed, RenamedDocument::of),
            removed: by_name(&repo.former.removed, RemovedDocument::of),
            renamed_modules: by_name(&repo.former.renamed_modules, RenamedDocument::of),
            removed_modules: by_name(&repo.former.removed_modules, |module| {
                let RemovedDocument {
                    reason,
                    instead,
                    until,
                } = RemovedDocument::of(&module.removed);
                RemovedModuleDocument {
                    class: module.class,
                    reason,
                    instead,
                    until,
                }
            }),
        }
    }
}

impl BorrowedDocument {
    fn of(borrowed: &Borrowed) -> Self {
        Self {
            from: borrowed.from.to_string(),
            reason: borrowed.reason.clone(),
            review: borrowed.review.as_ref().map(ToString::to_string),
            offered: borrowed.offered,
            claimed: borrowed.claimed.as_ref().map(ToString::to_string),
            scope: borrowed.scope,
        }
    }
}

impl PackageDocument {
    fn of(package: &Package) -> Self {
        let edges = |kind: EdgeKind| {
            package
                .edges
                .iter()
                .filter(|edge| edge.kind == kind)
                .map(|edge| format!("{}/{}", edge.to.repo, edge.attribute))
                .collect()
        };
        Self {
            owner: Some(package.owner.to_string()),
            description: package.description.clone(),
            homepage: package.homepage.clone(),
            file: package.file.as_ref().map(ToString::to_string),
            license: package.license.clone(),
            maintainers: texts(&package.maintainers),
            watchers: texts(&package.watchers),
            imported: package.imported.as_ref().map(|imported| ImportedDocument {
                from: imported.from.clone(),
                rev: imported.rev.to_string(),
                path: imported.path.to_string(),
                with: texts(&imported.with),
            }),
            aliases: texts(&package.aliases),
            systems: systems(&package.restriction),
            broken: package.restriction.broken,
            unfree: package.restriction.unfree,
            insecure: package.restriction.insecure.clone(),
            variants: match &package.shape {
                Shape::Variants(variants) => Some(VariantsDocument::of(variants)),
                Shape::Single | Shape::Builder | Shape::Set(_) => None,
            },
            members: match &package.shape {
                Shape::Set(members) => Some(texts(members)),
                Shape::Single | Shape::Builder | Shape::Variants(_) => None,
            },
            builders: texts(&package.builders),
            build: edges(EdgeKind::Build),
            runtime: edges(EdgeKind::Runtime),
            test: edges(EdgeKind::Test),
            optional: edges(EdgeKind::Optional),
            asks: edges(EdgeKind::Asks),
        }
    }
}

impl VariantsDocument {
    fn of(variants: &Variants) -> Self {
        Self {
            names: texts(variants.names.keys()),
            aliases: variants
                .aliases
                .iter()
                .map(|(alias, (_, variant))| (alias.to_string(), variant.to_string()))
                .collect(),
            default: Some(variants.default.to_string()),
        }
    }
}

impl ModuleDocument {
    fn of(module: &Module) -> Self {
        Self {
            class: module.class,
            owner: Some(module.owner.to_string()),
            description: module.description.clone(),
        }
    }
}

impl OverlayDocument {
    fn of(overlay: &Overlay) -> Self {
        Self {
            owner: Some(overlay.owner.to_string()),
            description: overlay.description.clone(),
        }
    }
}

fn texts<T: ToString>(items: impl IntoIterator<Item = T>) -> Vec<String> {
    items.into_iter().map(|item| item.to_string()).collect()
}

fn systems(restriction: &Restriction) -> Option<Vec<String>> {
    restriction.systems.as_ref().map(texts)
}
