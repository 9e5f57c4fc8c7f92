//! Package sets: who defines each, who extends it, and what members need.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aux_names::{AttrName, RepoName};

use crate::catalog::build::builder::Builder;
use crate::catalog::build::edges::{Names, WaitingMembers};
use crate::catalog::build::repos::Known;
use crate::edge::EdgeKind;
use crate::former::FormerMembers;
use crate::manifest::draft::{EdgeDraft, PackageDraft, SetDraft};
use crate::manifest::reader::Finding;
use crate::package::Attribute;
use crate::repo::Repo;
use crate::set::{Member, MemberEdge, Needed, PackageSet};
use aux_problems::Code;
use aux_problems::{At, Located};

impl Builder<'_> {
    /// The sets of one repo. One that it defines is a builder of the flat view, too.
    pub(super) fn sets(
        &mut self,
        repo: &mut Repo,
        drafts: Vec<(Located<AttrName>, SetDraft)>,
        packages: &mut Vec<(Located<AttrName>, PackageDraft)>,
        known: &Known<'_>,
        waiting: &mut WaitingMembers,
    ) {
        for (name, draft) in self.unique("set", drafts, |_| true) {
            let asker = format!("set `{}/{}`", repo.name, name.value);
            let owner = self.owner(&asker, draft.owner, &repo.sig, known.sigs);
            if draft.extends.is_none() {
                packages.push(as_builder(&name, &draft.instances, draft.at));
            }
            let mut members = BTreeMap::new();
            for (key, member) in self.unique("member", draft.members, |_| true) {
                let asker = format!("member `{}` of {asker}", key.value);
                for handle in &member.maintainers {
                    self.known_person(&asker, handle, known.people);
                }
                let owner = self.owner(&asker, member.owner, &owner, known.sigs);
                let handles = member.maintainers.into_iter();
                let edges = member.edges;
                waiting.push((
                    repo.name.clone(),
                    name.value.clone(),
                    key.value.clone(),
                    edges,
                ));
                let member = Member {
                    name: key.value.clone(),
                    owner,
                    description: member.description,
                    maintainers: handles.map(|handle| handle.value).collect(),
                    edges: Vec::new(),
                    at: key.at,
                };
                members.insert(key.value, member);
            }
            let extends = draft
                .extends
                .map(|extends| self.defining(&asker, &name, extends));
            let instances = draft.instances.into_iter();
            let instances: BTreeMap<AttrName, Option<AttrName>> = instances
                .map(|(name, interpreter)| (name.value, interpreter.map(|one| one.value)))
                .collect();
            let is_alone = extends.is_none() && instances.is_empty();
            let set = PackageSet {
                repo: repo.name.clone(),
                owner,
                description: draft.description,
                hook: draft
                    .hook
                    .map_or_else(|| PackageSet::hook_of(&name.value), |hook| hook.value),
                argument: draft.argument.map_or_else(interpreter, |one| one.value),
                default: self.default(&asker, &name, draft.default, &instances),
                instances: if is_alone {
                    BTreeMap::from([(name.value.clone(), None)])
                } else {
                    instances
                },
                extends: extends.flatten(),
                members,
                former: FormerMembers::of(draft.former),
                at: draft.at,
                name: name.value.clone(),
            };
            repo.sets.insert(name.value, set);
        }
    }

    /// The repo that defines a set which another one extends.
    fn defining(
        &mut self,
        asker: &str,
        name: &Located<AttrName>,
        extends: Located<crate::manifest::PackageRef>,
    ) -> Option<RepoName> {
        let asked = &extends.value;
        if asked.attribute != name.value || asked.repo.is_none() {
            self.report(
                Code::InvalidValue,
                extends.at,
                format!("{asker} extends `{asked}`, which is not a set of that name"),
                Some(format!("write `extends = \"REPO/{}\"`", name.value)),
            );
        }
        extends.value.repo
    }

    /// The instance that the name of a set means; the last one if nobody says.
    fn default(
        &mut self,
        asker: &str,
        name: &Located<AttrName>,
        said: Option<Located<AttrName>>,
        instances: &BTreeMap<AttrName, Option<AttrName>>,
    ) -> Option<AttrName> {
        if let Some(said) = &said
            && !instances.contains_key(&said.value)
        {
            self.unknown(
                Code::UnknownVariant,
                asker,
                "instance",
                said,
                instances.keys(),
            );
        }
        let own = instances.contains_key(&name.value);
        let said = said
            .map(|said| said.value)
            .filter(|said| *said != name.value);
        said.or_else(|| instances.keys().next_back().filter(|_| !own).cloned())
    }

    /// Looks up who defines the sets that are extended, and what members need. A name is a member of the
    /// set first, whichever repo has it, and else an attribute of the flat view.
    pub(super) fn connect_sets(
        &mut self,
        repos: &mut BTreeMap<RepoName, Repo>,
        attributes: &HashMap<AttrName, Attribute>,
        waiting: WaitingMembers,
    ) {
        let mut owners: BTreeMap<(RepoName, AttrName), BTreeMap<AttrName, (RepoName, At)>> =
            BTreeMap::new();
        let mut inherited = Vec::new();
        for set in repos.values().flat_map(|repo| repo.sets.values()) {
            let root = self.root_of(set, repos);
            if let Some(root) = root.and_then(|root| repos.get(&root)?.sets.get(&set.name)) {
                let parts = (
                    root.instances.clone(),
                    root.hook.clone(),
                    root.argument.clone(),
                );
                inherited.push((set.repo.clone(), set.name.clone(), parts));
            }
            let key = (set.root().clone(), set.name.clone());
            let known = owners.entry(key).or_default();
            for member in set.members.values() {
                let own = (set.repo.clone(), member.at);
                if let Some((other, at)) = known.insert(member.name.clone(), own) {
                    let finding = Finding::new(
                        Code::DuplicateAttribute,
                        Some(member.at),
                        format!(
                            "the set `{}` has a member `{}` of `{}` and one of `{other}`",
                            set.name, member.name, set.repo
                        ),
                        Some("its members meet in one fixpoint: rename one, or drop it".to_owned()),
                    );
                    self.findings
                        .push(finding.related(at, "the other one is here"));
                }
            }
        }
        for set in repos.values().flat_map(|repo| repo.sets.values()) {
            if let Some(members) = owners.get(&(set.root().clone(), set.name.clone())) {
                self.former_of_set(set, members);
            }
        }
        for (repo, name, (instances, hook, argument)) in inherited {
            let set = repos
                .get_mut(&repo)
                .and_then(|repo| repo.sets.get_mut(&name));
            if let Some(set) = set.filter(|set| set.extends.is_some()) {
                (set.instances, set.hook, set.argument) = (instances, hook, argument);
            }
        }
        let mut resolved = Vec::new();
        for (repo, set, member, drafts) in waiting {
            let key = (repos[&repo].sets[&set].root().clone(), set.clone());
            let members = owners.get(&key);
            let names = Names { repos, attributes };
            let asker = format!("member `{repo}/{set}.{member}`");
            let is_by_hand = repos.get(&key.0).is_some_and(|root| !root.is_generated());
            let mut edges = Vec::new();
            for EdgeDraft { kind, to } in drafts {
                let own = members.and_then(|members| members.get(&to.value.attribute));
                let needed = match own.filter(|_| to.value.repo.is_none()) {
                    Some((of, _)) => Needed::Member(of.clone(), to.value.attribute.clone()),
                    // What a set that is written by hand has is for Nix to say.
                    None if is_by_hand
                        && to.value.repo.is_none()
                        && !attributes.contains_key(&to.value.attribute) =>
                    {
                        Needed::Member(key.0.clone(), to.value.attribute.clone())
                    }
                    None => match self.resolve(&asker, &to, &names) {
                        Some((id, _)) => Needed::Package(id, to.value.attribute.clone()),
                        None => continue,
                    },
                };
                self.must_meet(&asker, (repos, &repos[&repo]), (kind, &needed), to.at);
                edges.push(MemberEdge { kind, to: needed });
            }
            resolved.push((repo, set, member, edges));
        }
        for (repo, set, member, edges) in resolved {
            let set = repos
                .get_mut(&repo)
                .and_then(|repo| repo.sets.get_mut(&set));
            if let Some(member) = set.and_then(|set| set.members.get_mut(&member)) {
                member.edges = edges;
            }
        }
    }

    /// The repo that defines a set, if it is one that is generated; what a hand-written one has is for Nix to
    /// say.
    fn root_of(&mut self, set: &PackageSet, repos: &BTreeMap<RepoName, Repo>) -> Option<RepoName> {
        let root = set.extends.as_ref()?;
        let asker = format!("set `{}/{}`", set.repo, set.name);
        let Some(repo) = repos.get(root) else {
            let root = Located::new(root.clone(), set.at);
            self.unknown(Code::UnknownRepo, asker, "repo", &root, repos.keys());
            return None;
        };
        if !repo.is_generated() && set.instances.is_empty() {
            self.report(
                Code::MissingKey,
                set.at,
                format!(
                    "{asker} extends a set of `{root}`, which is written by hand, and does not say which attributes that is"
                ),
                Some("add `instances = [\"...\"]`, and `hook` if it has another name".to_owned()),
            );
        }
        let defines = repo
            .sets
            .get(&set.name)
            .is_some_and(|root| root.extends.is_none());
        if repo.is_generated() && !defines {
            self.report(
                Code::UnknownPackage,
                set.at,
                format!("{asker}: repo `{root}` defines no set `{}`", set.name),
                Some(format!(
                    "name the repo that has `[repos.REPO.sets.{}]` without `extends`",
                    set.name
                )),
            );
        }
        Some(root.clone())
    }

    /// A member needs what its repo uses, or meets as a peer.
    fn must_meet(
        &mut self,
        asker: &str,
        (repos, repo): (&BTreeMap<RepoName, Repo>, &Repo),
        (kind, needed): (EdgeKind, &Needed),
        at: At,
    ) {
        let to = match needed {
            Needed::Member(of, _) => of,
            Needed::Package(id, _) => &id.repo,
        };
        // Members meet in the set, whoever has them.
        let through_set = matches!(needed, Needed::Member(..));
        let is_copied = matches!(needed, Needed::Package(id, _) if repo.borrows(id));
        let meets = repo.peers.contains_key(to) || sees(repos, repo, to);
        if meets || through_set || is_copied || kind == EdgeKind::Optional {
            return;
        }
        self.report(
            Code::UndeclaredUse,
            at,
            format!("{asker} needs something of `{to}`, and repo `{}` neither uses it nor has it as a peer", repo.name),
            Some(format!("add `{to}` to the `uses` or the `peers` of repo `{}`", repo.name)),
        );
    }
}

/// Whether a repo has another one below it.
fn sees(repos: &BTreeMap<RepoName, Repo>, repo: &Repo, other: &RepoName) -> bool {
    let mut seen: BTreeSet<&RepoName> = BTreeSet::from([&repo.name]);
    let mut open = vec![&repo.name];
    while let Some(name) = open.pop() {
        let used = repos
            .get(name)
            .into_iter()
            .flat_map(|repo| repo.uses.keys());
        open.extend(used.filter(|used| seen.insert(*used)));
    }
    seen.contains(other)
}

/// The argument under which members get the interpreter unless somebody says another one.
fn interpreter() -> aux_names::ArgumentName {
    let name = "interpreter".parse();
    name.expect("it is an identifier")
}

/// A set as what the flat view has of it: functions and sets are builders there.
fn as_builder(
    name: &Located<AttrName>,
    instances: &[(Located<AttrName>, Option<Located<AttrName>>)],
    at: At,
) -> (Located<AttrName>, PackageDraft) {
    let others = instances.iter().map(|(instance, _)| instance);
    let others = others.filter(|instance| instance.value != name.value);
    let interpreters = instances
        .iter()
        .filter_map(|(_, interpreter)| interpreter.as_ref());
    let draft = PackageDraft::of_set(
        &name.value,
        others
            .map(|one| Located::new(one.value.clone(), one.at))
            .collect(),
        interpreters
            .map(|one| Located::new(one.value.clone(), one.at))
            .collect(),
        at,
    );
    (Located::new(name.value.clone(), name.at), draft)
}
