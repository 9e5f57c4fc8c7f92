//! What belongs in core: computed, not felt.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use aux_names::{SigName, TierName};

use crate::answers::graph::{GraphEdge, PackageGraph};
use crate::edge::PackageId;

/// What must be in core, what should be, and what need not.
#[derive(Debug, Clone, serde::Serialize, PartialEq)]
#[non_exhaustive]
pub struct CoreReport<'g, 'c> {
    /// The closure of the bootstrap set.
    pub must: Vec<MustStay<'g, 'c>>,
    /// What several SIGs of one tier need, wherever it is placed now.
    pub should: Vec<ShouldMove>,
    /// What core holds although neither holds for it.
    pub need_not: Vec<NeedNot>,
}

/// A package that core cannot do without.
#[derive(Debug, Clone, serde::Serialize, PartialEq)]
#[non_exhaustive]
pub struct MustStay<'g, 'c> {
    /// The package.
    pub package: PackageId,
    /// Whether it stands in core already.
    pub in_core: bool,
    /// The edge by which the bootstrap set needs it; none for its own members.
    pub because: Option<&'g GraphEdge<'c>>,
}

/// A package that several SIGs of one tier need.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct ShouldMove {
    /// The package.
    pub package: PackageId,
    /// Whether it stands in core already.
    pub in_core: bool,
    /// The tier whose SIGs need it.
    pub tier: TierName,
    /// Those SIGs.
    pub sigs: Vec<SigName>,
    /// What would have to move to core with it, in order.
    pub with: Vec<PackageId>,
}

/// A package that could leave core.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct NeedNot {
    /// The package.
    pub package: PackageId,
    /// Whether the SIG that runs core owns it, and so may keep it there.
    pub kept: bool,
    /// The repos whose packages need it directly, and how many of them do; it could
    /// go where they are.
    pub used_by: BTreeMap<String, usize>,
}

impl<'c> PackageGraph<'c> {
    /// What belongs in core, given the packages it boots from and from how many
    /// SIGs of one tier on a package is everybody's.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// let graph = catalog.graph();
    /// let report = graph.core(&catalog.policy().bootstrap, 2);
    /// let must: Vec<_> = report.must.iter().map(|must| must.package.name.as_str()).collect();
    /// assert_eq!(must, ["openssl", "zlib"]);
    /// // Of the two SIGs of the next tier, only one needs python3.
    /// assert_eq!(report.need_not[0].package.to_string(), "core/python3");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn core(&self, bootstrap: &BTreeSet<PackageId>, fan_in: usize) -> CoreReport<'_, 'c> {
        let core = &self.family().core().name;
        let is_outside = self.family().core().is_outside();
        let must = self.needed_from(bootstrap.iter());
        let should = self.shared(fan_in, &must);
        let keep = self.kept_by_core(must.keys().copied(), &should);
        let sig = &self.family().core().sig;
        let owns = |id: &PackageId| {
            let package = self.family().package(id);
            package.is_some_and(|package| package.owner == *sig)
        };
        // An edge may be there several times, by several origins.
        let mut pairs = BTreeSet::new();
        let mut used_by: BTreeMap<&PackageId, BTreeMap<String, usize>> = BTreeMap::new();
        for edge in self.edges().iter().filter(|edge| edge.kind.is_needed()) {
            if edge.to.repo == *core && pairs.insert((edge.from, edge.to)) {
                *used_by
                    .entry(edge.to)
                    .or_default()
                    .entry(edge.from.repo.to_string())
                    .or_default() += 1;
            }
        }
        let need_not = self
            .packages()
            .iter()
            .map(|package| &package.id)
            // What is somebody else's is not ours to move.
            .filter(|id| id.repo == *core && !is_outside && !keep.contains(id))
            .map(|id| NeedNot {
                package: id.clone(),
                kept: owns(id),
                used_by: used_by.remove(id).unwrap_or_default(),
            })
            .collect();
        CoreReport {
            must: must
                .into_iter()
                .map(|(id, because)| MustStay {
                    package: id.clone(),
                    in_core: id.repo == *core,
                    because,
                })
                .collect(),
            should,
            need_not,
        }
    }

    /// What core has because it boots from it or several SIGs share it, and all that this needs: the
    /// one place that says what is in core by right.
    fn kept_by_core<'s>(
        &'s self,
        must: impl Iterator<Item = &'s PackageId>,
        should: &[ShouldMove],
    ) -> BTreeSet<&'s PackageId> {
        let core = &self.family().core().name;
        let shared = should.iter().map(|shared| shared.package.clone());
        let mut start: Vec<PackageId> = must.cloned().chain(shared).collect();
        start.retain(|id| id.repo == *core);
        self.needed_from(start.iter()).into_keys().collect()
    }

    /// The same for the policy of the family.
    pub(crate) fn in_core_by_right(&self) -> BTreeSet<PackageId> {
        let policy = self.family().policy();
        let must = self.needed_from(policy.bootstrap.iter());
        let should = self.shared(policy.fan_in, &must);
        let kept = self.kept_by_core(must.into_keys(), &should);
        kept.into_iter().cloned().collect()
    }

    /// Packages that no plan moves: those that the policy pins, and what core boots
    /// from as far as it is in core.
    #[must_use]
    pub fn fixed(&self) -> BTreeSet<PackageId> {
        let policy = self.family().policy();
        let core = &self.family().core().name;
        let mut fixed = self.boots();
        fixed.retain(|id| id.repo == *core);
        fixed.extend(policy.pinned.iter().cloned());
        // One of them alone would leave the others.
        let together = policy.together.iter();
        fixed.extend(together.flat_map(|together| together.packages.iter().cloned()));
        let outside = self.family().repos().filter(|repo| repo.is_outside());
        let outside = outside.flat_map(|repo| repo.packages.values());
        fixed.extend(outside.map(|package| package.id.clone()));
        fixed
    }

    /// What core boots from, all that it needs among it.
    pub(crate) fn boots(&self) -> BTreeSet<PackageId> {
        let bootstrap = &self.family().policy().bootstrap;
        self.needed_from(bootstrap.iter())
            .into_keys()
            .cloned()
            .collect()
    }

    /// What the packages given need, directly or not, and by which edge; they
    /// themselves are among it, by no edge.
    fn needed_from<'s, 'i>(
        &'s self,
        start: impl Iterator<Item = &'i PackageId>,
    ) -> BTreeMap<&'s PackageId, Option<&'s GraphEdge<'c>>> {
        let mut reached = BTreeMap::new();
        let mut queue = VecDeque::new();
        for number in start.filter_map(|id| self.number(id)) {
            let id = &self.packages()[number].id;
            if reached.insert(id, None).is_none() {
                queue.push_back(id);
            }
        }
        while let Some(id) = queue.pop_front() {
            for edge in self
                .edges_of(id)
                .iter()
                .filter(|edge| edge.kind.is_needed())
            {
                if !reached.contains_key(edge.to) {
                    reached.insert(edge.to, Some(edge));
                    queue.push_back(edge.to);
                }
            }
        }
        reached
    }

    /// Packages that SIGs of one tier above core share.
    fn shared(
        &self,
        fan_in: usize,
        must: &BTreeMap<&PackageId, Option<&GraphEdge<'c>>>,
    ) -> Vec<ShouldMove> {
        let catalog = self.family();
        let core = &catalog.core().name;
        let top = &catalog.top_level().name;
        let mut users: BTreeMap<&PackageId, BTreeMap<&TierName, BTreeSet<&SigName>>> =
            BTreeMap::new();
        for edge in self.edges().iter().filter(|edge| edge.kind.is_needed()) {
            if edge.from.repo == edge.to.repo || edge.from.repo == *core || edge.from.repo == *top {
                continue;
            }
            if let Some(repo) = catalog.repo(edge.from.repo.as_str()) {
                users
                    .entry(edge.to)
                    .or_default()
                    .entry(&repo.tier)
                    .or_default()
                    .insert(&repo.sig);
            }
        }
        let mut shared = Vec::new();
        for (id, tiers) in users {
            let widest = tiers.into_iter().max_by_key(|(_, sigs)| sigs.len());
            let Some((tier, sigs)) = widest.filter(|(_, sigs)| sigs.len() >= fan_in) else {
                continue;
            };
            // What stands on a lower tier than its users is shared already.
            let level = |repo| catalog.level(repo).unwrap_or(0);
            let users_level = catalog
                .tiers()
                .iter()
                .find(|known| known.name == *tier)
                .map_or(0, |tier| tier.level);
            if must.contains_key(id) || (id.repo != *core && level(&id.repo) < users_level) {
                continue;
            }
            if id.repo == *core && catalog.core().is_outside() {
                continue;
            }
            let with = self
                .needed_from(std::iter::once(id))
                .into_keys()
                .filter(|needed| *needed != id && needed.repo != *core)
                .cloned()
                .collect();
            shared.push(ShouldMove {
                package: id.clone(),
                in_core: id.repo == *core,
                tier: tier.clone(),
                sigs: sigs.into_iter().cloned().collect(),
                with,
            });
        }
        shared
    }
}
