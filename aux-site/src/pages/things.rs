//! What pages of packages and of members have in common.

use std::collections::BTreeSet;

use aux_eval::facts::State;
use aux_gen::render::quote::shell;
use aux_model::{Handle, Repo, RepoName, SigName, System, counted};
use aux_search::Entry;
use serde::Serialize;

use crate::address;
use crate::facts::subject;
use crate::lookup::Lookup;
use crate::needs::Other;
use crate::pages::frame::Link;

/// More dependents than this are counted and not listed: a page is for people.
const MOST_DEPENDENTS: usize = 200;

/// Where a thing is, and who looks after it.
#[derive(Serialize)]
pub(crate) struct Placed {
    repo: Link,
    tier: String,
    sig: Link,
    maintainers: Vec<Link>,
    source: Link,
}

/// What is known of a thing that is built.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KnownFacts {
    version: Option<String>,
    homepage: Option<Link>,
    licenses: String,
    unfree: bool,
    insecure: Vec<String>,
    systems: Vec<SystemRow>,
    /// The attributes that Nix was asked for, where they are others than its own name.
    asked: Option<String>,
    /// Why its `meta` cannot be read.
    unread: Option<String>,
    held: Option<Held>,
    since: Option<Link>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SystemRow {
    system: String,
    state: &'static str,
    works: bool,
    reason: Option<String>,
}

/// Why the repo of a thing stays at an older commit.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Held {
    kind: String,
    reason: String,
    since: String,
    /// Whether this very thing is what is broken.
    is_cause: bool,
}

/// A command to type, and what for.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CommandLine {
    pub(crate) what: &'static str,
    pub(crate) text: String,
}

/// What a thing needs, or what needs it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NeedRows {
    rows: Vec<NeedRow>,
    /// How many there are, in how many repos, and how many are not listed.
    counted: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NeedRow {
    link: Link,
    kind: String,
}

impl Placed {
    /// Of something of a repo that stands at a path below it.
    pub(crate) fn of(
        repo: &Repo,
        path: &str,
        owner: &SigName,
        maintainers: &[Handle],
        root: &str,
    ) -> Self {
        Self {
            repo: Link::repo(repo.name.as_str(), root),
            tier: repo.tier.to_string(),
            sig: Link::sig(owner.as_str(), root),
            maintainers: Link::people(maintainers, root),
            source: Link::source(repo, path),
        }
    }
}

impl KnownFacts {
    pub(crate) fn of(lookup: &Lookup<'_>, entry: &Entry, root: &str) -> Self {
        let subject = subject(entry);
        let facts = lookup.source.facts;
        let known = subject.and_then(|subject| facts?.packages.get(&subject));
        let repo = entry.repo.as_ref();
        let all = &lookup.index.systems;
        let is_for = |system: &System| {
            let systems = entry.systems.as_ref();
            systems.is_none_or(|systems| systems.contains(system))
        };
        let rows = all.iter().map(|system| {
            let said = known.and_then(|known| known.states.get(system));
            let (state, works) = match said {
                _ if !is_for(system) => ("not for this system", false),
                Some(State::Broken(_)) => ("broken", false),
                _ if entry.broken.contains(system) => ("broken", false),
                Some(State::Refused(_)) => ("refused unless it is allowed", false),
                Some(State::Unknown(_)) => ("not known", false),
                Some(State::Evaluates) => ("evaluates", true),
                None => ("not asked", true),
            };
            let reason = said.and_then(State::reason).filter(|_| is_for(system));
            SystemRow {
                system: system.to_string(),
                state,
                works,
                reason: reason.map(str::to_owned),
            }
        });
        // A set has no attribute of its own name, and a member is offered in each instance.
        let instances = lookup.index.sets.iter().filter(|part| {
            Some(&part.repo) == repo && entry.part_of.as_deref() == Some(part.name.as_str())
        });
        let instances = instances.flat_map(|part| &part.instances);
        let names = std::iter::once(entry.name.clone())
            .chain(entry.members.iter().cloned())
            .chain(instances.map(|instance| format!("{instance}.{}", entry.name)));
        let since = names
            .filter_map(|name| {
                let key = (repo?.clone(), name);
                lookup.source.history.since.get(&key)
            })
            .next();
        Self {
            version: entry.version.clone(),
            homepage: entry.homepage.as_deref().map(Link::outside),
            licenses: entry.licenses.join(", "),
            unfree: entry.unfree,
            insecure: entry.insecure.clone(),
            systems: rows.collect(),
            asked: known
                .filter(|known| known.asked != [entry.name.clone()])
                .map(|known| known.asked.join(", ")),
            unread: known.and_then(|known| known.unread.clone()),
            held: repo.and_then(|repo| held(lookup, repo, Some(&entry.name))),
            since: since.map(|name| {
                let name = name.to_string();
                Link::page(name.clone(), root, &address::of_release(&name))
            }),
        }
    }
}

/// Why a repo is held, if it is.
pub(crate) fn held(lookup: &Lookup<'_>, repo: &RepoName, name: Option<&str>) -> Option<Held> {
    let hold = lookup.source.holds.get(repo)?;
    let mut broken = hold.broken.iter();
    let of_it = broken.find(|broken| {
        let attribute = broken.attribute.as_deref();
        name.is_some_and(|name| attribute == Some(name))
    });
    Some(Held {
        kind: hold.kind.to_string(),
        reason: of_it.map_or(&hold.reason, |broken| &broken.reason).clone(),
        since: hold.since.to_string(),
        is_cause: of_it.is_some(),
    })
}

/// What needs a thing, by the pages of those: the first of many.
pub(crate) fn dependents(others: &[Other], root: &str) -> NeedRows {
    rows(others, MOST_DEPENDENTS, root)
}

/// What a thing needs: all of it.
pub(crate) fn needs(others: &[Other], root: &str) -> NeedRows {
    rows(others, usize::MAX, root)
}

fn rows(others: &[Other], most: usize, root: &str) -> NeedRows {
    let repos: BTreeSet<&str> = others
        .iter()
        .filter_map(|other| Some(other.name.split_once('/')?.0))
        .collect();
    let shown = others.iter().take(most).map(|other| NeedRow {
        link: Link::full_name(other.name.clone(), root),
        kind: other.what_for(),
    });
    let rest = match others.len().saturating_sub(most) {
        0 => String::new(),
        more => format!("; the first {most} of them, and {more} more are not listed"),
    };
    let packages = counted(others.len(), "package");
    NeedRows {
        rows: shown.collect(),
        counted: format!("{packages} in {}{rest}.", counted(repos.len(), "repo")),
    }
}

/// What to type for an attribute, by flake, by one repo's flake alone, and by channel.
pub(crate) fn commands(lookup: &Lookup<'_>, repo: &Repo, reference: &str) -> Vec<CommandLine> {
    let (_, attribute) = reference.split_once('#').unwrap_or(("", reference));
    let top = lookup.source.catalog.top_level();
    let channel = &lookup.index.name;
    let mut lines = vec![
        CommandLine {
            what: "Build it",
            text: format!("nix build {}", shell(reference)),
        },
        CommandLine {
            what: "Try it in a shell",
            text: format!("nix shell {}", shell(reference)),
        },
    ];
    if !reference.starts_with(top.url.as_str()) && repo.name != top.name {
        lines.push(CommandLine {
            what: "Use this repo alone, as a flake input",
            text: format!("inputs.{}.url = \"{}\";", repo.name, repo.url),
        });
    }
    lines.push(CommandLine {
        what: "Use everything, as a flake input",
        text: format!("inputs.{}.url = \"{}\";", top.name, top.url),
    });
    let channel = channel_name(channel);
    lines.push(CommandLine {
        what: "From a channel, where the family publishes one and it was added under this name",
        text: format!("nix-env -f '<{channel}>' -iA {attribute}"),
    });
    lines
}

/// The name that a family gets as a channel: what `nix-channel` takes.
pub(crate) fn channel_name(family: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let name: String = family.chars().filter(|c| fits(*c)).collect();
    if name.is_empty() {
        "family".to_owned()
    } else {
        name.to_lowercase()
    }
}
