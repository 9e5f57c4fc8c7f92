//! What the manifest says that the forge should have.

use std::collections::{BTreeMap, BTreeSet};

use aux_forge::LabelText;
use aux_forge::family::{
    BranchKind, BranchRules, Found, FoundBranch, Permission, Wanted, WantedRepository, WantedTeam,
};
use aux_model::answers::Owned;
use aux_model::{Access, Date, Family, FlakeRef, Handle, Repo, Sig};

use crate::hold::hold_label;

/// The branch that trains put candidates on unless somebody names another.
const STAGING: &str = "staging";

/// The team of the accounts that trains push with.
const TRAINS: &str = "trains";

/// The label of what is about a copy that its borrower offers.
const OFFER_LABEL: &str = "aux-gen: offer";

/// What there should be in one organization of one forge, and what the manifest says that no forge
/// can be asked about.
#[derive(Debug, Clone)]
pub struct FamilyOnForge {
    /// The host of the forge.
    pub host: String,
    /// The organization there.
    pub organization: String,
    /// What there should be.
    pub wanted: Wanted,
    /// What is not looked at, and why.
    pub left: Vec<String>,
    /// Two repos that are at one place.
    pub clash: Option<String>,
}

impl FamilyOnForge {
    /// Reads it from a family; nothing if its repositories are on no forge.
    pub fn of(family: &Family, today: Date) -> Option<Self> {
        let forge = &family.organization().forge;
        let (host, path) = host_and_path(&forge.join("repo"))?;
        let organization = path.split('/').next()?.to_owned();
        let mut manifest = Self {
            host,
            organization,
            wanted: Wanted {
                private: family.access().private,
                rules: rules(family),
                ..Wanted::default()
            },
            left: Vec::new(),
            clash: None,
        };
        manifest.registry(family);
        for repo in family.repos() {
            manifest.repo(family, repo);
        }
        for sig in family.sigs() {
            manifest.sig(family, sig);
        }
        manifest.trains(family);
        manifest.maintainers(family);
        manifest.renamed(family);
        manifest.given_up(family, today);
        if manifest.wanted.rules.is_none() {
            let all = manifest.wanted.repositories.values();
            let branches: usize = all.map(|repository| repository.branches.len()).sum();
            manifest.left.push(format!("no branch of {branches} is protected, because `[access] trains` names no account: nothing could be promoted any more"));
        }
        Some(manifest)
    }

    /// The name of a repository of the organization; nothing if it is elsewhere.
    pub fn name_of(&self, reference: &FlakeRef) -> Option<String> {
        let (host, path) = host_and_path(reference)?;
        let (organization, name) = path.split_once('/')?;
        let is_here = host.eq_ignore_ascii_case(&self.host)
            && organization.eq_ignore_ascii_case(&self.organization);
        (is_here && !name.contains('/')).then(|| name.to_owned())
    }

    fn registry(&mut self, family: &Family) {
        let organization = family.organization();
        let Some(reference) = &organization.registry else {
            let left = "the registry is not looked at: `[organization]` has no `registry`";
            return self.left.push(left.to_owned());
        };
        let Some(name) = self.name_of(reference) else {
            let left = format!("the registry is not looked at: {reference} is elsewhere");
            return self.left.push(left);
        };
        let branch = reference.branch();
        let branch = branch.unwrap_or_else(|| aux_model::MAIN.to_owned());
        let repository = WantedRepository {
            description: None,
            branches: [(branch, BranchKind::Published)].into(),
            labels: vec![hold_label()],
        };
        self.wanted.repositories.insert(name, repository);
    }

    fn repo(&mut self, family: &Family, repo: &Repo) {
        if repo.is_outside() {
            let left = format!(
                "repo `{}` is not looked at: it is somebody else's",
                repo.name
            );
            return self.left.push(left);
        }
        let Some(name) = self.name_of(&repo.url) else {
            let left = format!(
                "repo `{}` is not looked at: {} is not in `{}` on {}",
                repo.name, repo.url, self.organization, self.host
            );
            return self.left.push(left);
        };
        let mut known = self.wanted.repositories.keys();
        if known.any(|known| known.eq_ignore_ascii_case(&name)) {
            let (organization, repo) = (&self.organization, &repo.name);
            let clash =
                format!("repo `{repo}` is at `{organization}/{name}`, where another one is");
            self.clash.get_or_insert(clash);
            return;
        }
        let mut branches = BTreeMap::new();
        branches.insert(STAGING.to_owned(), BranchKind::Staging);
        for channel in family.channels() {
            branches.insert(channel.staging().to_string(), BranchKind::Staging);
        }
        // A branch that is published is that first, whatever it is called.
        branches.insert(repo.published_branch(), BranchKind::Published);
        for channel in family.channels() {
            let branch = channel.branch_of(&repo.name).to_string();
            branches.insert(branch, BranchKind::Published);
        }
        let offers = LabelText {
            name: OFFER_LABEL.to_owned(),
            description: "A copy of a package that its borrower offers to its owner".to_owned(),
            color: "0e8a16",
        };
        let is_lent = !family.borrowers(repo).is_empty();
        let repository = WantedRepository {
            description: repo.description.clone(),
            branches,
            labels: is_lent.then_some(offers).into_iter().collect(),
        };
        self.wanted.repositories.insert(name, repository);
    }

    /// What the team of a SIG is called; nothing if it is of another organization.
    pub fn team_of(&self, sig: &Sig) -> Option<String> {
        let Some(team) = &sig.team else {
            return Some(sig.name.to_string());
        };
        let (of, name) = team.as_str().split_once('/')?;
        of.eq_ignore_ascii_case(&self.organization)
            .then(|| name.to_owned())
    }

    /// The team of a SIG. Forges ask only accounts for reviews that may write, so that it may write
    /// wherever something is its own.
    fn sig(&mut self, family: &Family, sig: &Sig) {
        let Some(name) = self.team_of(sig) else {
            let left = format!(
                "the team of SIG `{}` is not looked at: it is of another organization",
                sig.name
            );
            return self.left.push(left);
        };
        if name.eq_ignore_ascii_case("owners") {
            let left = format!(
                "the team of SIG `{}` is not touched: `{name}` owns the organization",
                sig.name
            );
            return self.left.push(left);
        }
        let mut known = self.wanted.teams.keys();
        let known = known.find(|known| known.eq_ignore_ascii_case(&name));
        let name = known.cloned().unwrap_or(name);
        let own = permission(sig.access);
        let elsewhere = own.min(Permission::Write);
        let mut repositories = BTreeMap::new();
        let registry = family.organization().registry.as_ref();
        if let Some(name) = registry.and_then(|registry| self.name_of(registry)) {
            repositories.insert(name, elsewhere);
        }
        for repo in family.repos().filter(|repo| !repo.is_outside()) {
            let Some(name) = self.name_of(&repo.url) else {
                continue;
            };
            let has_some =
                |owned: Owned<'_>| *owned.sig() == sig.name || owned.watchers().contains(&sig.name);
            if repo.sig == sig.name {
                repositories.insert(name, own);
            } else if family.owned(repo).any(has_some) {
                repositories.insert(name, elsewhere);
            }
        }
        let members = sig.leads.iter().chain(&sig.members);
        let members: BTreeSet<String> = members.map(ToString::to_string).collect();
        let team = self.wanted.teams.entry(name).or_insert(WantedTeam {
            description: sig.description.clone(),
            ..WantedTeam::default()
        });
        // Two SIGs may have one team.
        team.members.extend(members);
        for (name, permission) in repositories {
            let known = team.repositories.entry(name).or_insert(permission);
            *known = permission.max(*known);
        }
    }

    /// The team of the accounts that trains push with: forges let nobody push who may not write.
    fn trains(&mut self, family: &Family) {
        let trains = &family.access().trains;
        if trains.is_empty() {
            return;
        }
        let mut name = TRAINS.to_owned();
        while self
            .wanted
            .teams
            .keys()
            .any(|known| known.eq_ignore_ascii_case(&name))
        {
            name.push_str("-accounts");
        }
        let repositories = self.wanted.repositories.keys();
        let team = WantedTeam {
            description: Some("The accounts that trains push with".to_owned()),
            members: trains.iter().map(ToString::to_string).collect(),
            repositories: repositories
                .map(|repository| (repository.clone(), Permission::Write))
                .collect(),
        };
        self.wanted.teams.insert(name, team);
    }

    /// Repositories that go on under another name; those that forward stay.
    fn renamed(&mut self, family: &Family) {
        for (old, renamed) in &family.former().repos {
            let now = family.repo(renamed.to.as_str());
            let now = now.and_then(|repo| self.name_of(&repo.url));
            let before = self.name_of(&family.organization().forge.join(old.as_str()));
            if let (Some(now), Some(before), false) = (now, before, renamed.forwards) {
                self.wanted.renamed.insert(now, before);
            }
        }
    }

    /// Names maintainers who are in no team that may write where they are to be asked.
    fn maintainers(&mut self, family: &Family) {
        for repo in family.repos().filter(|repo| !repo.is_outside()) {
            let Some(name) = self.name_of(&repo.url) else {
                continue;
            };
            let may_write = |handle: &Handle| {
                let mut teams = self.wanted.teams.values();
                teams.any(|team| {
                    let permission = team.repositories.get(&name);
                    team.members.contains(handle.as_str())
                        && permission.is_some_and(|permission| *permission >= Permission::Write)
                })
            };
            let maintainers = family.owned(repo).flat_map(|owned| owned.maintainers());
            let without: BTreeSet<&Handle> =
                maintainers.filter(|handle| !may_write(handle)).collect();
            let left = without.into_iter().map(|handle| {
                format!("`@{handle}` maintains a package of repo `{}` and is in no team that may write there: the forge does not ask them", repo.name)
            });
            let left: Vec<String> = left.collect();
            self.left.extend(left);
        }
    }

    fn given_up(&mut self, family: &Family, today: Date) {
        for (name, removed) in &family.former().removed_repos {
            let is_over = removed.until.is_some_and(|until| until <= today);
            let reference = family.organization().forge.join(name.as_str());
            if let Some(name) = self.name_of(&reference).filter(|_| is_over) {
                self.wanted.given_up.insert(name);
            }
        }
    }

    /// What the forge has and nobody asked for, and what cannot be done yet.
    pub fn beside(&self, found: &Found) -> Vec<String> {
        let mut left = Vec::new();
        let wanted = &self.wanted;
        for (name, repository) in &wanted.repositories {
            let known = found.repositories.get(&name.to_lowercase());
            if known.is_some_and(|known| known.archived) {
                left.push(format!("`{name}` is archived: nothing about it can change"));
                continue;
            }
            if known.is_some_and(|known| known.moved) {
                left.push(format!("`{name}` is not looked at: the forge has it under another name, and sends users on"));
                continue;
            }
            let untold = known.into_iter().flat_map(|known| &known.branches);
            let untold = untold
                .filter(|(_, state)| **state == FoundBranch::Untold)
                .count();
            if untold > 0 {
                left.push(format!("{untold} branches of `{name}` are not looked at: the forge says no, as it does for private repositories on some plans"));
            }
            let state = |branch: &String| known.and_then(|known| known.branches.get(branch));
            let branches = repository.branches.keys();
            let missing = branches.filter(|branch| match state(branch) {
                None => known.is_none(),
                Some(state) => *state == FoundBranch::Missing,
            });
            let missing: Vec<String> = missing
                .filter(|_| wanted.rules.is_some())
                .map(|branch| format!("`{branch}`"))
                .collect();
            if !missing.is_empty() {
                left.push(format!(
                    "`{name}` has no branch {} yet: run this again once it is pushed",
                    missing.join(", ")
                ));
            }
        }
        let lower = |names: Vec<&String>| -> BTreeSet<String> {
            names.into_iter().map(|name| name.to_lowercase()).collect()
        };
        let repositories = wanted.repositories.keys().chain(&wanted.given_up);
        let repositories = lower(repositories.chain(wanted.renamed.values()).collect());
        let teams = lower(wanted.teams.keys().collect());
        let others = |what: &str, all: Vec<&String>, wanted: &BTreeSet<String>| {
            let others: Vec<String> = all
                .into_iter()
                .filter(|name| !wanted.contains(*name))
                .map(|name| format!("`{name}`"))
                .collect();
            (!others.is_empty()).then(|| {
                let count = others.len();
                let names = others.join(", ");
                format!("{count} {what} that the manifest does not have, left alone: {names}")
            })
        };
        let found_repositories = found.repositories.keys().collect();
        left.extend(others("repositories", found_repositories, &repositories));
        left.extend(others("teams", found.teams.keys().collect(), &teams));
        left
    }
}

fn rules(family: &Family) -> Option<BranchRules> {
    let access = family.access();
    let pushers = access.trains.iter().map(ToString::to_string);
    (!access.trains.is_empty()).then(|| BranchRules {
        reviews: access.reviews,
        pushers: pushers.collect(),
    })
}

fn permission(access: Access) -> Permission {
    match access {
        Access::Read => Permission::Read,
        Access::Write => Permission::Write,
        Access::Maintain => Permission::Maintain,
        Access::Admin => Permission::Admin,
    }
}

/// The host of a forge, and the path of a repository on it, that a reference leads to.
#[must_use]
pub fn host_and_path(reference: &FlakeRef) -> Option<(String, String)> {
    let url = reference.git_url()?.url;
    let (_, place) = url.split_once("://")?;
    let (authority, path) = place.split_once('/')?;
    let host = authority.rsplit('@').next()?;
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    Some((host.to_owned(), path.to_owned()))
}
