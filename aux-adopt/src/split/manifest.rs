//! The manifest of the family that a split makes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use aux_gen::disk::MANIFEST;
use aux_gen::init::{NewRegistry, family, files};
use aux_gen::render::{TemplateError, quote};
use aux_model::{AttrName, RepoName, Wiring};

use crate::adopt::{is_handle, key, list};
use crate::split::assignment::{Assignment, Pin};
use crate::split::members::PackageSets;
use crate::split::monorepo::Monorepo;
use crate::split::relations::Relations;
use crate::split::rules::Rules;

/// The tiers of a split family, lowest first.
const TIERS: [&str; 3] = ["core", "sigs", "top-level"];

/// The manifest's texts, by path. `new.lead` leads SIG core, and every SIG that the
/// rules name nobody for.
///
/// # Errors
/// Never with the built-in templates.
pub(super) fn manifest(
    monorepo: &Monorepo,
    rules: &Rules,
    assignment: &Assignment,
    (relations, sets): (&Relations, &PackageSets),
    (new, wiring, rest): (&NewRegistry, Wiring, &RepoName),
) -> Result<BTreeMap<String, String>, TemplateError> {
    let tiers: Vec<String> = TIERS.iter().map(ToString::to_string).collect();
    let is_over_core = new.core.is_some();
    let mut texts = if is_over_core {
        let files = files(new)?.into_iter();
        files.map(|(path, text)| (path.to_owned(), text)).collect()
    } else {
        family(new, &tiers, Some("core"))?
    };
    if let Some(root) = texts.get_mut(MANIFEST) {
        root.push_str(&policy(monorepo, assignment));
    }
    let mut text = Text {
        monorepo,
        assignment,
        relations,
        sets,
        rest,
        people: BTreeSet::new(),
    };
    if is_over_core {
        text.people.insert(new.lead.clone());
    }
    let mut of_rest = vec![
        "kind = \"external\"".to_owned(),
        format!("wiring = \"{wiring}\""),
    ];
    // What is imported of it is a file, whatever its flake says.
    if let Some(entry) = monorepo.set().entry() {
        of_rest.push("flake = false".to_owned());
        of_rest.push(format!("entry = {}", quote::toml(entry.file)));
        let arguments = entry.arguments();
        if wiring == Wiring::Packages && !arguments.is_empty() {
            of_rest.push(format!("arguments = [{}]", list(arguments.iter())));
        }
    }
    // A core without a flake is imported as it was.
    if !is_over_core && !monorepo.files.contains("flake.nix") {
        of_rest.push("flake = false".to_owned());
    }
    let of_rest = text.repo(None, &new.lead, &of_rest);
    texts.insert(format!("sigs/{rest}.toml"), of_rest);
    for repo in rules.repos() {
        let mut values = Vec::new();
        if let Some(description) = rules.description(repo) {
            values.push(format!("description = {}", quote::toml(description)));
        }
        // Over a core that is somebody else's the rest is a repo like others.
        let of_rest = is_over_core && assignment.asks_rest(monorepo, repo);
        let uses = rules.uses(repo).iter().chain(of_rest.then_some(rest));
        let uses: Vec<String> = uses
            .map(|used| format!("{} = \"*\"", key(used.as_str())))
            .collect();
        if !uses.is_empty() {
            values.push(format!("uses = {{ {} }}", uses.join(", ")));
        }
        let below = rules.below(repo);
        let peers = relations.peers.get(repo).into_iter().flatten();
        let peers = list(
            peers
                .filter(|peer| !below.contains(peer))
                .map(RepoName::as_str),
        );
        if !peers.is_empty() {
            values.push(format!("peers = [{peers}]"));
        }
        let lead = rules.lead_of(repo).unwrap_or(&new.lead);
        let lead = lead.to_owned();
        texts.insert(
            format!("sigs/{repo}.toml"),
            text.repo(Some(repo), &lead, &values),
        );
    }
    Ok(texts)
}

/// What core boots from, as far as a manifest can name it.
fn policy(monorepo: &Monorepo, assignment: &Assignment) -> String {
    let sayable = monorepo.adopted.attributes_by_package();
    let pins = assignment.placed.values().flat_map(|placed| &placed.pins);
    let attributes: BTreeSet<&str> = pins
        .filter_map(|pin| match pin {
            Pin::Bootstrap { attribute, .. } => Some(attribute.as_str()),
            _ => None,
        })
        .filter(|attribute| sayable.contains_key(attribute))
        .collect();
    if attributes.is_empty() {
        return String::new();
    }
    let attributes = list(attributes.into_iter());
    format!("\n[policy]\nbootstrap = [{attributes}]\n")
}

struct Text<'a> {
    monorepo: &'a Monorepo,
    assignment: &'a Assignment,
    relations: &'a Relations,
    sets: &'a PackageSets,
    rest: &'a RepoName,
    /// Those who are defined already.
    people: BTreeSet<String>,
}

impl Text<'_> {
    /// The file of one SIG and its repo; none is the rest.
    fn repo(&mut self, repo: Option<&RepoName>, lead: &str, values: &[String]) -> String {
        let name = repo.unwrap_or(self.rest).as_str();
        let mut text = String::new();
        let mut line = |line: &str| {
            text.push_str(line);
            text.push('\n');
        };
        let maintainers = self.assignment.of_repo(repo);
        let maintainers = maintainers.flat_map(|unit| self.maintainers(unit));
        let mut people: BTreeSet<&str> = maintainers.collect();
        people.insert(lead);
        let new: Vec<String> = people
            .into_iter()
            .filter(|person| !self.people.contains(*person))
            .map(str::to_owned)
            .collect();
        for person in new {
            line(&format!("[people.{}]\n", key(&person)));
            self.people.insert(person);
        }
        line(&format!("[sigs.{}]", key(name)));
        line(&format!("leads = [{}]\n", quote::toml(lead)));
        line(&format!("[repos.{}]", key(name)));
        line(&format!("sig = {}", quote::toml(name)));
        let is_over_core = self.monorepo.set().is_over_core();
        let is_core = repo.is_none() && !is_over_core;
        let tier = if is_core { TIERS[0] } else { TIERS[1] };
        line(&format!("tier = {}", quote::toml(tier)));
        for value in values {
            line(value);
        }
        // A core of another layout is not discovered, nor is an overlay: each entry says where it is.
        let lists = repo.is_none() && (!self.monorepo.is_by_name() || is_over_core);
        if !lists {
            line("discover = true");
        }
        let adopted = &self.monorepo.adopted;
        let entries = self.assignment.of_repo(repo);
        let mut entries: Vec<(&AttrName, Vec<String>)> =
            entries.map(|unit| (unit, self.entry(unit))).collect();
        if lists {
            entries.retain(|(unit, _)| !self.monorepo.without_value.contains(*unit));
            for (unit, values) in &mut entries {
                let directory = &self.monorepo.units[*unit].directory;
                if *directory != unit.directory() {
                    values.push(format!("file = {}", quote::toml(directory)));
                }
            }
            entries.extend(adopted.elsewhere.iter().map(|(name, elsewhere)| {
                let file = format!("file = {}", quote::toml(&elsewhere.file));
                (name, vec![file])
            }));
        }
        for (table, is_builder) in [("packages", false), ("builders", true)] {
            // What the tree says already need not be said again.
            let mut entries = entries
                .iter()
                .filter(|(unit, _)| adopted.is_builder(unit) == is_builder)
                .filter(|(_, values)| lists || is_builder || !values.is_empty())
                .peekable();
            if entries.peek().is_some() {
                line(&format!("\n[repos.{}.{table}]", key(name)));
            }
            for (unit, values) in entries {
                let values = match values.join(", ").as_str() {
                    "" => "{}".to_owned(),
                    values => format!("{{ {values} }}"),
                };
                line(&format!("{} = {values}", key(unit.as_str())));
            }
        }
        if let Some(repo) = repo {
            self.sets(repo, &mut text);
        }
        text
    }

    /// The members of package sets that a repo has, each set as a part of that of the rest.
    fn sets(&self, repo: &RepoName, text: &mut String) {
        let mut last = None;
        for member in self.assignment.leaving(self.sets, Some(repo)) {
            let table = format!(
                "repos.{}.sets.{}",
                key(repo.as_str()),
                key(member.set.as_str())
            );
            if last != Some(member.set) {
                last = Some(member.set);
                let found = self.sets.iter().find(|(name, _)| *name == member.set);
                let (hook, instances) = found.map_or((None, String::new()), |(_, set)| {
                    let instances = set.instances.iter().map(AttrName::as_str);
                    (set.hook.as_ref(), list(instances))
                });
                let _ = writeln!(text, "\n[{table}]");
                let extended = format!("{}/{}", self.rest, member.set);
                let _ = writeln!(text, "extends = {}", quote::toml(&extended));
                if let Some(hook) = hook {
                    let _ = writeln!(text, "hook = {}", quote::toml(hook.as_str()));
                }
                let _ = writeln!(text, "instances = [{instances}]\n\n[{table}.members]");
            }
            let edges = (member.set.clone(), member.name.clone());
            let edges = self.relations.members.get(&edges);
            let edges = edges.map_or("{}".to_owned(), |edges| {
                format!(
                    "{{ build = [{}] }}",
                    list(edges.iter().map(AttrName::as_str))
                )
            });
            let _ = writeln!(text, "{} = {edges}", key(member.name.as_str()));
        }
    }

    fn maintainers<'s>(&'s self, unit: &AttrName) -> impl Iterator<Item = &'s str> + use<'s> {
        let people = self.monorepo.adopted.maintainers.get(unit);
        let people = people.into_iter().flatten();
        people.filter(|name| is_handle(name)).map(String::as_str)
    }

    /// What the manifest must say of a package, since its tree does not.
    fn entry(&self, unit: &AttrName) -> Vec<String> {
        let mut values = Vec::new();
        let placed = self.assignment.placed.get(unit);
        let wanted = placed.and_then(|placed| placed.wanted.as_ref());
        // Placement and ownership are two things: who knows it answers for it.
        if let (Some(wanted), None) = (wanted, self.assignment.repo_of(unit)) {
            values.push(format!("owner = {}", quote::toml(wanted.repo.as_str())));
        }
        let maintainers: Vec<&str> = self.maintainers(unit).collect();
        if !maintainers.is_empty() {
            values.push(format!("maintainers = [{}]", list(maintainers.iter())));
        }
        values.extend(self.monorepo.adopted.defines(unit));
        if let Some(edges) = self.relations.edges.get(unit) {
            for (kind, attributes) in [
                ("build", &edges.build),
                ("asks", &edges.asks),
                ("optional", &edges.optional),
            ] {
                if !attributes.is_empty() {
                    let attributes = list(attributes.iter().map(AttrName::as_str));
                    values.push(format!("{kind} = [{attributes}]"));
                }
            }
        }
        values
    }
}
