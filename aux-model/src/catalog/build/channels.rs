//! Channels: each has a branch of its own in every repo.

use std::collections::{BTreeMap, BTreeSet};

use aux_names::{BranchName, ChannelName, RepoName};

use crate::catalog::build::builder::Builder;
use crate::channel::{Channel, Followed, is_staging};
use crate::manifest::draft::ChannelDraft;
use crate::repo::Repo;
use aux_problems::Code;
use aux_problems::{At, Located};

/// What to do about a branch that a repo cannot have.
const HELP: &str = "name another with `branch`, or for one repo with `branches`; a reference that takes one is on a forge, or begins with `git+`";

/// Why a repo cannot have its branch of a channel, if it cannot.
fn wrong_branch(
    channel: &Channel,
    repo: &Repo,
    taken: &mut BTreeMap<(RepoName, BranchName), ChannelName>,
) -> Option<String> {
    let branch = channel.branch_of(&repo.name);
    if repo.is_outside() && !channel.branches.contains_key(&repo.name) {
        return None;
    }
    if repo.url.on_branch(branch).is_none() {
        return Some(format!(
            "`{}` is no reference that takes a branch",
            repo.url
        ));
    }
    // Whoever that belongs to: channels share its branches.
    if repo.is_outside() {
        return None;
    }
    if is_staging(branch) {
        return Some(format!("`{branch}` is where trains put candidates"));
    }
    if **branch == *repo.published_branch() {
        return Some(format!(
            "`{branch}` is the branch that it has without a channel"
        ));
    }
    let key = (repo.name.clone(), branch.clone());
    let other = taken.insert(key, channel.name.clone())?;
    Some(format!("`{branch}` is its branch on channel `{other}`"))
}

impl Builder<'_> {
    pub(super) fn channels(
        &mut self,
        drafts: Vec<ChannelDraft>,
        repos: &BTreeMap<RepoName, Repo>,
    ) -> Vec<Channel> {
        let named = drafts.into_iter().map(|draft| (draft.name.clone(), draft));
        let drafts = self.unique("channel", named.collect(), |_| true);
        let names: BTreeSet<ChannelName> =
            drafts.iter().map(|(name, _)| name.value.clone()).collect();
        // Who has a branch of a repo already.
        let mut taken: BTreeMap<(RepoName, BranchName), ChannelName> = BTreeMap::new();
        let mut channels = Vec::new();
        let mut follows = BTreeMap::new();
        for (name, draft) in drafts {
            let asker = format!("channel `{}`", name.value);
            if let Some(followed) = &draft.follows {
                if let Followed::Channel(other) = &followed.value
                    && !names.contains(other)
                {
                    let other = Located::new(other.clone(), followed.at);
                    let known = names.iter();
                    self.unknown(Code::UnknownChannel, &asker, "channel", &other, known);
                }
                follows.insert(name.value.clone(), followed.clone());
            }
            let mut branches = BTreeMap::new();
            let mut places = BTreeMap::new();
            for (repo, branch) in draft.branches {
                if !repos.contains_key(&repo.value) {
                    self.unknown(Code::UnknownRepo, &asker, "repo", &repo, repos.keys());
                }
                places.insert(repo.value.clone(), branch.at);
                branches.insert(repo.value, branch.value);
            }
            let own = draft.branch.as_ref().map_or(name.at, |branch| branch.at);
            let channel = Channel {
                branch: draft.branch.map_or_else(
                    || {
                        let name = name.value.as_str();
                        name.parse()
                            .expect("a channel is called as a branch can be")
                    },
                    |branch| branch.value,
                ),
                name: name.value,
                description: draft.description,
                branches,
                follows: draft.follows.map(|followed| followed.value),
            };
            self.branches_of_channel(&channel, repos, (own, &places), &mut taken);
            channels.push(channel);
        }
        self.endless(&follows);
        channels
    }

    /// The branch that a channel has in a repo is one that the repo can have, and nobody else's. One
    /// word may be the branch of many: the first that it is wrong for is told of.
    fn branches_of_channel(
        &mut self,
        channel: &Channel,
        repos: &BTreeMap<RepoName, Repo>,
        (own, places): (At, &BTreeMap<RepoName, At>),
        taken: &mut BTreeMap<(RepoName, BranchName), ChannelName>,
    ) {
        let mut all: Option<String> = None;
        let mut more = 0;
        for repo in repos.values() {
            let Some(message) = wrong_branch(channel, repo, taken) else {
                continue;
            };
            let message = format!(
                "channel `{}`, repo `{}`: {message}",
                channel.name, repo.name
            );
            match places.get(&repo.name) {
                Some(at) => self.report(Code::InvalidValue, *at, message, Some(HELP.to_owned())),
                None if all.is_some() => more += 1,
                None => all = Some(message),
            }
        }
        if let Some(message) = all {
            let message = match more {
                0 => message,
                more => format!("{message}, and so for {more} more"),
            };
            self.report(Code::InvalidValue, own, message, Some(HELP.to_owned()));
        }
    }

    /// Channels that follow each other take nothing from anybody.
    fn endless(&mut self, follows: &BTreeMap<ChannelName, Located<Followed>>) {
        let mut told = BTreeSet::new();
        for (name, followed) in follows {
            let mut seen = vec![name];
            let mut next = followed;
            while let Followed::Channel(other) = &next.value {
                if other == name {
                    let names: Vec<String> = seen.iter().map(|name| format!("`{name}`")).collect();
                    if told.is_disjoint(&seen.iter().copied().collect()) {
                        self.report(
                            Code::InvalidValue,
                            followed.at,
                            format!(
                                "channel `{name}` follows itself: {} and `{name}` again",
                                names.join(", ")
                            ),
                            Some("let one of them follow `main`, or nothing".to_owned()),
                        );
                    }
                    told.extend(seen);
                    break;
                }
                let Some(further) = follows.get(other).filter(|_| !seen.contains(&other)) else {
                    break;
                };
                seen.push(other);
                next = further;
            }
        }
    }
}
