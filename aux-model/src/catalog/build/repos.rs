//! Repos: defaults filled in, and what they name looked up.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::str::FromStr;

use semver::{Version, VersionReq};

use super::Builder;
use super::edges::Waiting;
use crate::catalog::Tree;
use crate::manifest::draft::{ModuleDraft, OverlayDraft, RepoDraft};
use crate::module::{Module, ModuleClass, Overlay};
use crate::name::{Handle, ModuleName, OverlayName, RepoName, SigName};
use crate::organization::Organization;
use crate::problem::Code;
use crate::relative_path::RelativePath;
use crate::repo::{Peer, Repo, RepoKind, Use, Wiring};
use crate::sig::{Person, Sig};
use crate::source::Located;

/// What a repo refers to.
pub(super) struct Known<'k> {
    pub(super) organization: &'k Organization,
    pub(super) people: &'k BTreeMap<Handle, Person>,
    pub(super) sigs: &'k BTreeMap<SigName, Sig>,
    pub(super) core: Option<&'k RepoName>,
}

impl Builder<'_> {
    /// A repo with everything placed in it; the edges of its packages wait
    /// until every package is known.
    pub(super) fn repo(
        &mut self,
        name: &Located<RepoName>,
        draft: RepoDraft,
        tree: Option<&Tree>,
        known: &Known<'_>,
        waiting: &mut Vec<Waiting>,
    ) -> Repo {
        let sig = match draft.sig {
            Some(sig) => {
                if !known.sigs.contains_key(&sig.value) {
                    self.unknown(Code::UnknownSig, "SIG", &sig, known.sigs.keys());
                }
                sig.value
            }
            None => same_name(&name.value),
        };
        let kind = draft.kind.map_or(RepoKind::Generated, |kind| kind.value);
        let wiring = self.wiring(name, kind, draft.wiring);
        let mut repo = Repo {
            tier: draft
                .tier
                .map_or_else(|| same_name(&name.value), |tier| tier.value),
            kind,
            wiring,
            description: draft.description,
            url: draft.url.map_or_else(
                || known.organization.forge.join(name.value.as_str()),
                |url| url.value,
            ),
            path: draft
                .path
                .map_or_else(|| RelativePath::of_repo(&name.value), |path| path.value),
            contract: draft
                .contract
                .map_or_else(|| Version::new(1, 0, 0), |contract| contract.value),
            uses: uses(name, draft.uses, known.core),
            peers: draft
                .peers
                .into_iter()
                .map(|peer| (peer.value, Peer { at: peer.at }))
                .collect(),
            discover: draft.discover.is_some_and(|discover| discover.value),
            packages: BTreeMap::new(),
            modules: BTreeMap::new(),
            overlays: BTreeMap::new(),
            at: draft.at,
            name: name.value.clone(),
            sig,
        };
        self.modules(&mut repo, draft.modules, known);
        self.overlays(&mut repo, draft.overlays, known);
        let mut packages = self.unique("package", draft.packages);
        if let Some(tree) = tree {
            self.tree(name, repo.discover, tree, &mut packages);
        }
        self.packages(&mut repo, packages, known, waiting);
        repo
    }

    fn wiring(
        &mut self,
        name: &Located<RepoName>,
        kind: RepoKind,
        wiring: Option<Located<Wiring>>,
    ) -> Wiring {
        let Some(wiring) = wiring else {
            return Wiring::Layers;
        };
        if kind == RepoKind::Generated && wiring.value != Wiring::Layers {
            self.report(
                Code::ExternalOnly,
                wiring.at,
                format!(
                    "repo `{}` is generated, so its wiring is `layers`",
                    name.value
                ),
                Some("drop `wiring`, or set `kind = \"external\"`".to_owned()),
            );
        }
        wiring.value
    }

    fn modules(
        &mut self,
        repo: &mut Repo,
        drafts: Vec<(Located<ModuleName>, ModuleDraft)>,
        known: &Known<'_>,
    ) {
        for (name, module) in drafts {
            let module = Module {
                name: name.value.clone(),
                repo: repo.name.clone(),
                class: module.class.map_or(ModuleClass::Nixos, |class| class.value),
                owner: self.owner(module.owner, &repo.sig, known.sigs),
                description: module.description,
                at: name.at,
            };
            repo.modules.insert(name.value, module);
        }
    }

    fn overlays(
        &mut self,
        repo: &mut Repo,
        drafts: Vec<(Located<OverlayName>, OverlayDraft)>,
        known: &Known<'_>,
    ) {
        for (name, overlay) in drafts {
            let overlay = Overlay {
                name: name.value.clone(),
                repo: repo.name.clone(),
                owner: self.owner(overlay.owner, &repo.sig, known.sigs),
                description: overlay.description,
                at: name.at,
            };
            repo.overlays.insert(name.value, overlay);
        }
    }

    /// `uses` and `peers` name repos that exist.
    pub(super) fn known_repos(&mut self, repos: &BTreeMap<RepoName, Repo>) {
        for repo in repos.values() {
            let uses = repo.uses.iter().map(|(name, used)| (name, used.at));
            let peers = repo.peers.iter().map(|(name, peer)| (name, peer.at));
            for (name, at) in uses.chain(peers) {
                if !repos.contains_key(name) {
                    let name = Located::new(name.clone(), at);
                    self.unknown(Code::UnknownRepo, "repo", &name, repos.keys());
                }
            }
        }
    }
}

/// The uses named, and core, which every other repo uses, named or not.
fn uses(
    name: &Located<RepoName>,
    drafts: Vec<(Located<RepoName>, Located<VersionReq>)>,
    core: Option<&RepoName>,
) -> BTreeMap<RepoName, Use> {
    let mut uses = BTreeMap::new();
    for (used, requirement) in drafts {
        let requirement = Use {
            requirement: requirement.value,
            at: used.at,
        };
        uses.insert(used.value, requirement);
    }
    if let Some(core) = core.filter(|core| **core != name.value) {
        uses.entry(core.clone()).or_insert(Use {
            requirement: VersionReq::STAR,
            at: name.at,
        });
    }
    uses
}

/// A stand-in for something required that is missing; the finding is there
/// already, and a repo's name is always possible as another kind of name.
fn same_name<T: FromStr<Err: Debug>>(name: &RepoName) -> T {
    name.as_str()
        .parse()
        .expect("repos, SIGs and tiers follow the same rule for names")
}
