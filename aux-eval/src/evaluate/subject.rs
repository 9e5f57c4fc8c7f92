//! A repo that is looked at, and what is asked of it.

use std::collections::BTreeSet;

use aux_gen::plan::Contract;
use aux_model::{AttributeKind, Catalog, Package, Repo, View, Wiring};

use crate::evaluate::report::{LeftOut, Unavailable};

/// One repo and what must be true of it.
pub(crate) struct Subject<'c> {
    pub(crate) repo: &'c Repo,
    pub(crate) is_core: bool,
    pub(crate) is_top_level: bool,
    /// Derivations it must offer alone: attributes.
    pub(crate) standalone: Vec<String>,
    /// Derivations it owns but need not offer alone, with what is missing.
    pub(crate) left_out: Vec<LeftOut>,
    /// Derivations that nobody is offered for the system, and why.
    pub(crate) unavailable: Vec<Unavailable>,
    /// All other derivations it owns.
    pub(crate) derivations: Vec<String>,
    /// All builders it owns.
    pub(crate) builders: Vec<String>,
    /// Names of other repos that its layer holds stubs for.
    pub(crate) foreign: BTreeSet<String>,
    /// Names that its layer has and that are no attributes of its: those that its packages had, the hooks of
    /// package sets, and what it overrides of others, who agreed.
    pub(crate) former: BTreeSet<String>,
    /// What `packages` must hold: its standalone derivations, and for top-level
    /// everybody's derivations.
    pub(crate) offered: BTreeSet<String>,
    /// What its `aux` must say.
    pub(crate) contract: serde_json::Value,
    /// The names of all repos that take part.
    pub(crate) family: BTreeSet<String>,
    /// Attributes of a repo that is somebody else's: they are not asked for.
    pub(crate) unasked: usize,
}

impl<'c> Subject<'c> {
    pub(crate) fn of(catalog: &'c Catalog, repo: &'c Repo, system: &str) -> Self {
        let view = catalog.view(repo);
        let mut subject = Self {
            repo,
            is_core: repo.name == catalog.core().name,
            is_top_level: repo.name == catalog.top_level().name,
            standalone: Vec::new(),
            left_out: Vec::new(),
            unavailable: Vec::new(),
            derivations: Vec::new(),
            builders: Vec::new(),
            foreign: view.foreign.keys().map(ToString::to_string).collect(),
            former: former(&view),
            offered: BTreeSet::new(),
            contract: Contract::of(catalog, &view).to_value(),
            unasked: if repo.is_outside() {
                catalog.attributes_of(repo).len()
            } else {
                0
            },
            family: catalog
                .repos()
                .filter(|repo| repo.wiring != Wiring::Nothing)
                .map(|repo| repo.name.to_string())
                .collect(),
        };
        // What is somebody else's is not ours to judge.
        let judged = repo.packages.values().filter(|_| !repo.is_outside());
        for package in judged {
            let reason = view.left_out.get(&package.id.name);
            let unavailable = unavailable(catalog, package, system);
            for (attribute, kind) in package.attributes() {
                let attribute = attribute.to_string();
                if kind == AttributeKind::Builder {
                    subject.builders.push(attribute);
                    continue;
                }
                if let Some(reason) = &unavailable {
                    subject.unavailable.push(Unavailable {
                        attribute,
                        reason: reason.clone(),
                    });
                    continue;
                }
                match reason {
                    Some(reason) => subject.left_out.push(LeftOut {
                        attribute: attribute.clone(),
                        needs: reason.missing().to_string(),
                    }),
                    None => subject.standalone.push(attribute.clone()),
                }
                subject.derivations.push(attribute);
            }
        }
        subject.members(catalog);
        subject.standalone.sort();
        subject.derivations.sort();
        subject.builders.sort();
        subject.offered = if subject.is_top_level {
            catalog
                .repos()
                .filter(|repo| !repo.is_outside())
                .flat_map(|repo| repo.packages.values())
                .filter(|package| catalog.availability(&package.id).is_offered(system))
                .flat_map(Package::attributes)
                .filter(|(_, kind)| *kind != AttributeKind::Builder)
                .map(|(name, _)| name.to_string())
                .collect()
        } else {
            let moved = view.moved.iter().filter(|(_, moved)| moved.offered);
            let moved = moved.map(|(name, _)| name.to_string());
            let flat = subject.standalone.iter().filter(|name| !name.contains('.'));
            flat.cloned().chain(moved).collect()
        };
        let renamed = view.renamed.iter().filter(|(_, renamed)| renamed.offered);
        let renamed = renamed.map(|(name, _)| name.to_string());
        subject.offered.extend(renamed);
        subject
    }

    /// The members of its part of package sets, as `INSTANCE.MEMBER`.
    fn members(&mut self, catalog: &Catalog) {
        if self.repo.sets.is_empty() {
            return;
        }
        let left_out = catalog.members_left_out(self.repo);
        for set in self.repo.sets.values() {
            self.former.insert(set.hook.to_string());
            let lacking = left_out.get(&set.name);
            for instance in set.instances.keys() {
                for member in set.members.keys() {
                    let attribute = format!("{instance}.{member}");
                    match lacking.and_then(|lacking| lacking.get(member)) {
                        Some(needs) => self.left_out.push(LeftOut {
                            attribute: attribute.clone(),
                            needs: needs.clone(),
                        }),
                        None => self.standalone.push(attribute.clone()),
                    }
                    self.derivations.push(attribute);
                }
            }
        }
    }

    pub(crate) fn is_generated(&self) -> bool {
        self.repo.is_generated()
    }
}

/// Why a package is not offered for a system; none if it is.
fn unavailable(catalog: &Catalog, package: &Package, system: &str) -> Option<String> {
    let available = catalog.availability(&package.id);
    if available.is_offered(system) {
        return None;
    }
    let own = &package.restriction;
    Some(match &available.withheld {
        Some(needed) if *needed != package.id => {
            format!("it needs `{needed}`, which is not offered")
        }
        Some(_) if own.unfree => "it is unfree".to_owned(),
        Some(_) if own.broken => "it is broken".to_owned(),
        Some(_) => format!("it is insecure: {}", own.insecure.join("; ")),
        None => format!("it is not for {system}"),
    })
}

/// Names that packages of a repo had.
fn former(view: &View<'_>) -> BTreeSet<String> {
    let all = view.renamed.keys().chain(view.repo.former.removed.keys());
    let overrides = view.repo.overrides().map(|(name, _)| name);
    all.chain(overrides).map(ToString::to_string).collect()
}
