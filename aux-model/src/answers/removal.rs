//! What stands in the way of a removal: whoever depends on what is to go.

use aux_names::{AttrName, Handle, RepoName, SigName};

use crate::catalog::Family;
use crate::edge::PackageId;
use crate::package::Package;
use crate::set::{Needed, PackageSet};

/// One thing that depends on what is to go, as a sentence, and where that is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Obstacle {
    /// Such as "`web/site` needs `python/flask` (build)".
    pub sentence: String,
    /// The file, line and column, if there is one.
    pub place: Option<String>,
}

/// Collects sentences in order.
struct Obstacles<'f> {
    family: &'f Family,
    found: Vec<Obstacle>,
}

impl Obstacles<'_> {
    fn add(&mut self, sentence: String, at: aux_problems::At) {
        let place = self.family.locate(at).filter(|place| place.line > 0);
        let place = place.map(|place| place.to_string());
        self.found.push(Obstacle { sentence, place });
    }

    fn say(&mut self, sentence: String) {
        self.found.push(Obstacle {
            sentence,
            place: None,
        });
    }

    /// Members of package sets that need what is asked for, unless they are in a repo, and the instances
    /// whose interpreter it is.
    fn members(&mut self, is_it: &dyn Fn(&PackageSet, &Needed) -> bool, but_of: Option<&RepoName>) {
        let family = self.family;
        for set in family.sets().filter(|set| but_of != Some(&set.repo)) {
            for member in set.members.values() {
                for edge in member.edges.iter().filter(|edge| is_it(set, &edge.to)) {
                    let (who, needed) = (set.full_name(&member.name), edge.to.full_name(&set.name));
                    let sentence = format!("`{who}` needs `{needed}` ({})", edge.kind);
                    self.add(sentence, member.at);
                }
            }
            for (instance, interpreter) in set.instances.iter().filter(|_| set.extends.is_none()) {
                let Some(interpreter) = interpreter else {
                    continue;
                };
                let Some(attribute) = family.attribute(interpreter.as_str()) else {
                    continue;
                };
                let package = &attribute.package;
                if is_it(set, &Needed::Package(package.clone(), interpreter.clone())) {
                    let sentence = format!(
                        "`{instance}` of set `{}/{}` has the interpreter `{package}`",
                        set.repo, set.name
                    );
                    self.add(sentence, set.at);
                }
            }
        }
    }

    /// The policy's lists and allowed pairs.
    fn policy(&mut self, package: &PackageId) {
        let policy = self.family.policy();
        for (list, what) in [(&policy.bootstrap, "bootstrap"), (&policy.pinned, "pinned")] {
            if list.contains(package) {
                self.say(format!("`policy.{what}` names `{package}`"));
            }
        }
    }
}

impl Family {
    /// What would miss a package or a builder: packages that need it, the policy, and copies of it.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// let missing = catalog.needed_by("python/numpy".parse()?);
    /// assert_eq!(missing[0].sentence, "`gnome/shell` needs `python/numpy` (runtime)");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn needed_by(&self, package: PackageId) -> Vec<Obstacle> {
        let mut obstacles = Obstacles {
            family: self,
            found: Vec::new(),
        };
        for (user, edge) in self.edges().filter(|(_, edge)| edge.to == package) {
            let sentence = format!("`{}` needs `{package}` ({})", user.id, edge.kind);
            obstacles.add(sentence, edge.at);
        }
        let is_it = |_: &PackageSet, needed: &Needed| needed.is(&package);
        obstacles.members(&is_it, None);
        obstacles.policy(&package);
        let attributes = self.package(&package).map(Package::attributes);
        let attributes = attributes.unwrap_or_default();
        for repo in self.repos() {
            for named in &repo.convenience.at {
                if attributes.contains_key(&named.name) {
                    let (repo, name) = (&repo.name, &named.name);
                    let sentence = format!("repo `{repo}` offers or has at hand `{name}`");
                    obstacles.add(sentence, named.at);
                }
            }
            if repo.borrows(&package) {
                let at = repo.borrowed[&package.name].at;
                obstacles.add(format!("repo `{}` borrows `{package}`", repo.name), at);
            }
        }
        obstacles.found
    }

    /// What would miss a member of a part of a package set: members of any part that need it.
    #[must_use]
    pub fn needed_by_members(&self, set: &PackageSet, member: &AttrName) -> Vec<Obstacle> {
        let mut obstacles = Obstacles {
            family: self,
            found: Vec::new(),
        };
        let is_it = |asking: &PackageSet, needed: &Needed| {
            let is_its = |repo: &RepoName, name: &AttrName| *repo == set.repo && name == member;
            asking.is_of(set) && matches!(needed, Needed::Member(repo, name) if is_its(repo, name))
        };
        obstacles.members(&is_it, None);
        obstacles.found
    }

    /// What would miss a repo: repos that use it or are its peers, packages elsewhere that need one of its,
    /// and what is borrowed from it or by it.
    ///
    /// ```
    /// # let catalog = aux_model::Catalog::from_toml(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/family.toml")))?;
    /// assert!(catalog.needs_repo(&"python".parse()?).iter().any(|one| one.sentence == "repo `gnome` uses `python`"));
    /// assert!(catalog.needs_repo(&"gnome".parse()?).is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn needs_repo(&self, name: &RepoName) -> Vec<Obstacle> {
        let mut obstacles = Obstacles {
            family: self,
            found: Vec::new(),
        };
        for (what, is_it) in [
            ("core", self.core().name == *name),
            ("top-level", self.top_level().name == *name),
        ] {
            if is_it {
                obstacles.say(format!("`{name}` is the {what} of the family"));
            }
        }
        for repo in self.repos().filter(|repo| repo.name != *name) {
            if let Some(used) = repo.uses.get(name) {
                obstacles.add(format!("repo `{}` uses `{name}`", repo.name), used.at);
            }
            if let Some(peer) = repo.peers.get(name) {
                let sentence = format!("repo `{}` is a peer of `{name}`", repo.name);
                obstacles.add(sentence, peer.at);
            }
            for set in repo.sets.values() {
                if set.extends.as_ref() == Some(name) {
                    let sentence = format!("`{}/{}` extends that of `{name}`", repo.name, set.name);
                    obstacles.add(sentence, set.at);
                }
            }
            for (package, borrowed) in &repo.borrowed {
                if borrowed.from == *name {
                    let sentence = format!("repo `{}` borrows `{name}/{package}`", repo.name);
                    obstacles.add(sentence, borrowed.at);
                }
            }
        }
        for (user, edge) in self.edges() {
            if edge.to.repo == *name && user.id.repo != *name {
                let sentence = format!("`{}` needs `{}` ({})", user.id, edge.to, edge.kind);
                obstacles.add(sentence, edge.at);
            }
        }
        let is_its = |_: &PackageSet, needed: &Needed| match needed {
            Needed::Member(repo, _) => repo == name,
            Needed::Package(id, _) => id.repo == *name,
        };
        obstacles.members(&is_its, Some(name));
        if let Some(repo) = self.repo(name.as_str()) {
            for (package, borrowed) in &repo.borrowed {
                let sentence = format!("`{name}` borrows `{}/{package}`", borrowed.from);
                obstacles.add(sentence, borrowed.at);
            }
            for package in repo.packages.values() {
                obstacles.policy(&package.id);
            }
        }
        for allowed in &self.policy().allowed {
            if allowed.repos.0 == *name || allowed.repos.1 == *name {
                let sentence = format!(
                    "`policy.allow` names `{}` and `{}`",
                    allowed.repos.0, allowed.repos.1
                );
                obstacles.add(sentence, allowed.at);
            }
        }
        for channel in self.channels() {
            if channel.branches.contains_key(name) {
                obstacles.say(format!(
                    "the channel `{}` names a branch of `{name}`",
                    channel.name
                ));
            }
        }
        obstacles.found
    }

    /// What a SIG runs and owns.
    #[must_use]
    pub fn needs_sig(&self, name: &SigName) -> Vec<Obstacle> {
        let mut obstacles = Obstacles {
            family: self,
            found: Vec::new(),
        };
        for repo in self.repos() {
            let runs = repo.sig == *name;
            if runs {
                obstacles.add(format!("SIG `{name}` runs repo `{}`", repo.name), repo.at);
            }
            // What a repo has is owned by the SIG that runs it, unless something is said.
            for owned in self
                .owned(repo)
                .filter(|owned| !runs && owned.sig() == name)
            {
                let sentence = format!("SIG `{name}` owns {} `{owned}`", owned.kind());
                obstacles.add(sentence, owned.at());
            }
        }
        for allowed in &self.policy().allowed {
            if allowed.owner == *name {
                let sentence = format!(
                    "SIG `{name}` answers for the pair `{}` and `{}`",
                    allowed.repos.0, allowed.repos.1
                );
                obstacles.add(sentence, allowed.at);
            }
        }
        obstacles.found
    }

    /// The SIGs that nobody but a person leads, and the copies that they said to take.
    #[must_use]
    pub fn needs_person(&self, handle: &Handle) -> Vec<Obstacle> {
        let mut obstacles = Obstacles {
            family: self,
            found: Vec::new(),
        };
        for sig in self.sigs() {
            if sig.leads.iter().all(|lead| lead == handle) {
                obstacles.say(format!("nobody but `{handle}` leads SIG `{}`", sig.name));
            }
        }
        for repo in self.repos() {
            for (package, borrowed) in &repo.borrowed {
                if borrowed.claimed.as_ref() == Some(handle) {
                    let sentence = format!(
                        "`{handle}` takes `{package}` from repo `{}` to its owner",
                        repo.name
                    );
                    obstacles.add(sentence, borrowed.at);
                }
            }
        }
        obstacles.found
    }
}
