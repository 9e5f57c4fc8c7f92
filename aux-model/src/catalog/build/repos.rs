//! Repos: defaults filled in, and what they name looked up.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::str::FromStr;

use aux_names::{
    ArgumentName, BranchName, CheckoutPath, FlakeRef, Handle, ModuleName, OverlayName,
    RelativePath, RepoName, SigName,
};
use semver::{Version, VersionReq};

use crate::availability::Restriction;
use crate::catalog::build::borrowed;
use crate::catalog::build::builder::Builder;
use crate::catalog::build::edges::{Waiting, WaitingMembers};
use crate::catalog::tree::Tree;
use crate::former::FormerOfRepo;
use crate::layout::{Layout, Layouts};
use crate::manifest::draft::{ModuleDraft, OverlayDraft, RepoDraft};
use crate::manifest::reader::Finding;
use crate::module::{Module, ModuleClass, Overlay};
use crate::organization::Organization;
use crate::repo::{EntryFile, Peer, Repo, RepoKind, Use, Wiring};
use crate::sig::{Person, Sig};
use aux_problems::Code;
use aux_problems::{At, Located};

/// What the manifest says of a repo without a flake.
struct Imported {
    flake: Option<Located<bool>>,
    entry: Option<Located<RelativePath>>,
    arguments: Vec<Located<ArgumentName>>,
}

/// The file that `import` of a directory reads.
fn default_nix() -> RelativePath {
    "default.nix".parse().expect("it is a path below")
}

/// What a repo refers to.
pub(super) struct Known<'k> {
    pub(super) organization: &'k Organization,
    pub(super) people: &'k BTreeMap<Handle, Person>,
    pub(super) sigs: &'k BTreeMap<SigName, Sig>,
    pub(super) core: Option<&'k RepoName>,
    pub(super) top_level: Option<&'k RepoName>,
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
        (waiting, members): (&mut Vec<Waiting>, &mut WaitingMembers),
    ) -> Repo {
        let sig = match draft.sig {
            Some(sig) => {
                if !known.sigs.contains_key(&sig.value) {
                    self.unknown(
                        Code::UnknownSig,
                        format_args!("repo `{}`", name.value),
                        "SIG",
                        &sig,
                        known.sigs.keys(),
                    );
                }
                sig.value
            }
            None => same_name(&name.value),
        };
        let kind = draft.kind.as_ref();
        let kind = kind.map_or(RepoKind::Generated, |kind| kind.value);
        if let Some(kind) = draft.kind.as_ref().filter(|_| kind == RepoKind::Outside) {
            self.must_be_core(name, kind.at, draft.wiring.is_some(), known);
        }
        let has_packages = !draft.packages.is_empty();
        let wiring = self.wiring(name, kind, draft.wiring.as_ref(), has_packages, known);
        let entry = Imported {
            flake: draft.flake,
            entry: draft.entry,
            arguments: draft.arguments,
        };
        let entry = self.entry(name, kind, wiring, entry, known);
        if let Some(url) = draft.url.as_ref().filter(|url| !url.value.names_a_repo()) {
            self.report(
                Code::InvalidValue,
                url.at,
                format!(
                    "repo `{}`: `{}` names an owner and no repo",
                    name.value, url.value
                ),
                Some(format!("write `{}`", url.value.join(name.value.as_str()))),
            );
        }
        let url = draft.url.map_or_else(
            || known.organization.forge.join(name.value.as_str()),
            |url| url.value,
        );
        let url = self.on_branch(name, url, draft.branch);
        let mut repo = Repo {
            tier: draft
                .tier
                .map_or_else(|| same_name(&name.value), |tier| tier.value),
            kind,
            wiring,
            entry,
            description: draft.description,
            url,
            path: draft
                .path
                .map_or_else(|| CheckoutPath::of_repo(&name.value), |path| path.value),
            contract: draft
                .contract
                .map_or_else(|| Version::new(1, 0, 0), |contract| contract.value),
            peers: self.peers(name, draft.peers, &draft.uses, known.core),
            uses: self.uses(name, draft.uses, known.core),
            discover: draft.discover.is_some_and(|discover| discover.value),
            layout: self.layout(name, kind, draft.layout),
            packages: BTreeMap::new(),
            modules: BTreeMap::new(),
            overlays: BTreeMap::new(),
            moved: BTreeMap::new(),
            borrowed: BTreeMap::new(),
            lent: borrowed::lent(draft.lent),
            sets: BTreeMap::new(),
            restriction: self.restriction(
                &format!("repo `{}`", name.value),
                draft.restriction,
                &Restriction::default(),
                known,
            ),
            former: FormerOfRepo::of(draft.former),
            convenience: draft.convenience,
            at: draft.at,
            name: name.value.clone(),
            sig,
        };
        self.modules(&mut repo, draft.modules, known);
        self.overlays(&mut repo, draft.overlays, known);
        self.moved(&mut repo, draft.moved);
        self.borrowed(&mut repo, draft.borrowed, known.people);
        let mut packages = self.unique("package", draft.packages, |package| package.file.is_none());
        let mut of_sets = Vec::new();
        self.sets(&mut repo, draft.sets, &mut of_sets, known, members);
        if let Some(tree) = tree {
            self.of_layout(name, tree, &mut packages);
        }
        match tree {
            tree if kind == RepoKind::Outside => self.indexed(name, tree, &mut packages),
            Some(tree) if kind == RepoKind::External && !repo.discover => {
                self.left_in_tree(name, tree, &packages);
            }
            Some(tree) => self.tree(name, repo.discover, tree, &mut packages),
            None if repo.discover => self.no_tree(name, &repo.path),
            None => {}
        }
        packages.extend(of_sets);
        let packages = self.unique("package", packages, |_| false);
        self.packages(&mut repo, packages, known, waiting);
        repo
    }

    /// Only core can be somebody else's; what it takes is said.
    fn must_be_core(
        &mut self,
        name: &Located<RepoName>,
        at: At,
        is_wired: bool,
        known: &Known<'_>,
    ) {
        let name = &name.value;
        if known.core != Some(name) {
            self.report(
                Code::ExternalOnly,
                at,
                format!("repo `{name}` is no core, and only core can be somebody else's"),
                Some("set `kind = \"external\"`".to_owned()),
            );
        } else if !is_wired {
            self.report(
                Code::ExternalOnly,
                at,
                format!("repo `{name}` is somebody else's, and takes overlays only"),
                Some("add `wiring = \"overlays\"`".to_owned()),
            );
        }
    }

    fn wiring(
        &mut self,
        name: &Located<RepoName>,
        kind: RepoKind,
        wiring: Option<&Located<Wiring>>,
        has_packages: bool,
        known: &Known<'_>,
    ) -> Wiring {
        let Some(&Located { value: wiring, at }) = wiring else {
            return Wiring::Layers;
        };
        let name = &name.value;
        let refused = if kind == RepoKind::Outside && wiring != Wiring::Overlays {
            Some((
                format!("repo `{name}` is somebody else's, and takes overlays only"),
                "set `wiring = \"overlays\"`",
            ))
        } else if wiring == Wiring::Layers {
            None
        } else if known.top_level == Some(name) {
            Some((
                format!("repo `{name}` takes part in nothing: it is where all layers meet"),
                "drop `wiring`",
            ))
        } else if kind == RepoKind::Generated {
            Some((
                format!("repo `{name}` is generated, so its wiring is `layers`"),
                "drop `wiring`, or set `kind = \"external\"`",
            ))
        } else if known.core == Some(name) && wiring != Wiring::Overlays {
            Some((
                format!(
                    "repo `{name}` builds the package set, and finished packages take no layers"
                ),
                "set `wiring` to `layers` if it offers `mkPackages`, to `overlays` if it takes overlays",
            ))
        } else if wiring == Wiring::Nothing && has_packages {
            Some((
                format!("repo `{name}` has packages, and takes part in nothing"),
                "set `wiring` to `packages`, `overlays` or `layers`, or drop its packages",
            ))
        } else {
            None
        };
        if let Some((message, help)) = refused {
            self.report(Code::ExternalOnly, at, message, Some(help.to_owned()));
        }
        wiring
    }

    /// How a repo without a flake is imported.
    fn entry(
        &mut self,
        name: &Located<RepoName>,
        kind: RepoKind,
        wiring: Wiring,
        draft: Imported,
        known: &Known<'_>,
    ) -> Option<EntryFile> {
        let Imported {
            flake,
            entry,
            arguments,
        } = draft;
        let has_none = flake.as_ref().filter(|flake| !flake.value);
        let repo = &name.value;
        let Some(has_none) = has_none else {
            let file = entry.as_ref().map(|entry| ("entry", entry.at));
            let first = arguments.first().map(|first| ("arguments", first.at));
            if let Some((key, at)) = file.or(first) {
                self.report(
                    Code::ExternalOnly,
                    at,
                    format!(
                        "repo `{repo}` is a flake, and `{key}` says how one without is imported"
                    ),
                    Some(format!("drop `{key}`, or set `flake = false`")),
                );
            }
            return None;
        };
        let refused = if kind == RepoKind::Generated {
            Some((
                format!("repo `{repo}` is generated, so it has a flake"),
                "drop `flake`, or set `kind = \"external\"`",
            ))
        } else if known.top_level == Some(repo) {
            Some((
                format!("repo `{repo}` puts all others together, which takes a flake"),
                "drop `flake`",
            ))
        } else if known.core == Some(repo) && wiring != Wiring::Overlays {
            Some((
                format!(
                    "repo `{repo}` builds the package set: without a flake it can only take overlays"
                ),
                "set `wiring = \"overlays\"`",
            ))
        } else {
            None
        };
        if let Some((message, help)) = refused {
            self.report(
                Code::ExternalOnly,
                has_none.at,
                message,
                Some(help.to_owned()),
            );
        }
        if let Some(first) = arguments.first().filter(|_| wiring != Wiring::Packages) {
            self.report(
                Code::ExternalOnly,
                first.at,
                format!("repo `{repo}` is called with what its wiring says, and with nothing else"),
                Some("drop `arguments`: they are for `wiring = \"packages\"`".to_owned()),
            );
        }
        Some(EntryFile {
            file: entry.map_or_else(default_nix, |entry| entry.value),
            arguments: arguments.into_iter().map(|one| one.value).collect(),
        })
    }

    /// The reference of a repo at the branch that it has, if it says one.
    fn on_branch(
        &mut self,
        name: &Located<RepoName>,
        url: FlakeRef,
        branch: Option<Located<BranchName>>,
    ) -> FlakeRef {
        let Some(branch) = branch else {
            return url;
        };
        let named = url.branch().filter(|named| *named != *branch.value);
        let (what, help) = match (named, url.on_branch(&branch.value)) {
            (None, Some(url)) => return url,
            (Some(named), _) => (
                format!("`{url}` names the branch `{named}` already"),
                "keep one of the two",
            ),
            (None, None) => (
                format!("`{url}` is no reference that takes a branch"),
                "give the repo a `url` on a forge, or one that begins with `git+`",
            ),
        };
        self.report(
            Code::InvalidValue,
            branch.at,
            format!(
                "repo `{}` has the branch `{}`, and {what}",
                name.value, branch.value
            ),
            Some(help.to_owned()),
        );
        url
    }

    /// How the packages of a repo lie: the generator lays out its own.
    fn layout(
        &mut self,
        name: &Located<RepoName>,
        kind: RepoKind,
        drafts: Vec<(Located<RelativePath>, Located<Layout>)>,
    ) -> Layouts {
        let name = &name.value;
        if let Some((place, _)) = drafts.first().filter(|_| kind != RepoKind::External) {
            let (is, help) = match kind {
                RepoKind::Outside => (
                    "is somebody else's, and known by its index",
                    "drop `layout`",
                ),
                _ => (
                    "is generated, so its packages lie in by-name directories",
                    "drop `layout`, or set `kind = \"external\"`",
                ),
            };
            self.report(
                Code::ExternalOnly,
                place.at,
                format!("repo `{name}` {is}"),
                Some(help.to_owned()),
            );
        }
        for (place, layout) in &drafts {
            let is_nix = place.value.as_str().ends_with(".nix");
            let Located { value: layout, at } = layout;
            let wrong = match (layout.is_of_a_file(), is_nix) {
                (true, false) => "of a file that ends in `.nix`",
                (false, true) if layout.names_packages() => "of a folder",
                _ => continue,
            };
            self.report(
                Code::InvalidValue,
                *at,
                format!(
                    "`layout` of repo `{name}`: `{layout}` is {wrong}, and `{}` is none",
                    place.value
                ),
                None,
            );
        }
        let drafts = drafts.into_iter();
        drafts
            .map(|(place, layout)| (place.value, layout.value))
            .collect()
    }

    /// The uses named, and core, which every other repo uses, named or not.
    fn uses(
        &mut self,
        name: &Located<RepoName>,
        drafts: Vec<(Located<RepoName>, Located<VersionReq>)>,
        core: Option<&RepoName>,
    ) -> BTreeMap<RepoName, Use> {
        let mut uses: BTreeMap<RepoName, Use> = BTreeMap::new();
        for (used, requirement) in drafts {
            if let Some(first) = uses.get(&used.value).map(|first| first.at) {
                self.named_twice(name, &used, first, "twice in `uses`");
                continue;
            }
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

    fn peers(
        &mut self,
        name: &Located<RepoName>,
        drafts: Vec<Located<RepoName>>,
        uses: &[(Located<RepoName>, Located<VersionReq>)],
        core: Option<&RepoName>,
    ) -> BTreeMap<RepoName, Peer> {
        let mut peers: BTreeMap<RepoName, Peer> = BTreeMap::new();
        for peer in drafts {
            if let Some(first) = peers.get(&peer.value).map(|first| first.at) {
                self.named_twice(name, &peer, first, "twice in `peers`");
                continue;
            }
            let used = uses.iter().find(|(used, _)| used.value == peer.value);
            if let Some((used, _)) = used {
                self.named_twice(name, &peer, used.at, "in `uses` and in `peers`");
            } else if core == Some(&peer.value) && name.value != peer.value {
                self.report(
                    Code::DuplicateDefinition,
                    peer.at,
                    format!(
                        "repo `{}` names `{}` as a peer, and uses it as every repo does",
                        name.value, peer.value
                    ),
                    Some("remove it from `peers`".to_owned()),
                );
            }
            peers.insert(peer.value, Peer { at: peer.at });
        }
        peers
    }

    fn named_twice(
        &mut self,
        name: &Located<RepoName>,
        other: &Located<RepoName>,
        first: At,
        how: &str,
    ) {
        let finding = Finding::new(
            Code::DuplicateDefinition,
            Some(other.at),
            format!("repo `{}` names `{}` {how}", name.value, other.value),
            Some("remove one of the two".to_owned()),
        );
        self.findings
            .push(finding.related(first, "first named here"));
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
                owner: self.owner(
                    format_args!("module `{}/{}`", repo.name, name.value),
                    module.owner,
                    &repo.sig,
                    known.sigs,
                ),
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
                owner: self.owner(
                    format_args!("overlay `{}/{}`", repo.name, name.value),
                    overlay.owner,
                    &repo.sig,
                    known.sigs,
                ),
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
                    self.unknown(
                        Code::UnknownRepo,
                        format_args!("repo `{}`", repo.name),
                        "repo",
                        &name,
                        repos.keys(),
                    );
                }
            }
        }
    }
}

/// A stand-in for something required that is missing; the finding is there
/// already, and a repo's name is always possible as another kind of name.
fn same_name<T: FromStr<Err: Debug>>(name: &RepoName) -> T {
    name.as_str()
        .parse()
        .expect("repos, SIGs and tiers follow the same rule for names")
}
