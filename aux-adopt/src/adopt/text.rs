//! The manifest of adopted repos, as text.

use std::collections::{BTreeMap, BTreeSet};

use aux_gen::render::quote;
use aux_model::{AttrName, RepoName, Wiring, visible};
use aux_nix::language::one_line;

use crate::adopt::adopted::{Adopted, Form};
use crate::adopt::graph::{Graph, TOP_LEVEL};
use crate::adopt::toml::{is_handle, key, list};

/// The file of one repo.
pub(crate) struct Text<'a> {
    pub(super) repo: &'a Adopted,
    pub(super) graph: &'a Graph,
    /// The core of a new family.
    pub(super) core: Option<&'a RepoName>,
    pub(super) tier: &'a str,
    pub(super) leads: BTreeSet<String>,
}

impl Text<'_> {
    pub(crate) fn write(&self, people: &mut BTreeSet<String>, sigs: &BTreeSet<String>) -> String {
        let repo = self.repo;
        let name = &repo.name;
        let mut text = format!(
            "# Adopted from {}: external until its owner says otherwise.\n\n",
            repo.path
        );
        let mut line = |line: &str| {
            text.push_str(line);
            text.push('\n');
        };
        let maintainers = repo.maintainers.values().flatten();
        let maintainers = maintainers.filter(|name| is_handle(name));
        let everybody: BTreeSet<&String> = self.leads.iter().chain(maintainers).collect();
        for person in everybody {
            if people.insert(person.to_owned()) {
                line(&format!("[people.{}]\n", key(person)));
            }
        }
        if !sigs.contains(name.as_str()) {
            line(&format!("[sigs.{}]", key(name.as_str())));
            line(&format!("leads = [{}]", list(self.leads.iter())));
            let mut teams = repo.owners.teams.iter();
            if let (Some(team), None) = (teams.next(), teams.next()) {
                line(&format!("team = {}", quote::toml(team)));
            }
            line("");
        }
        line(&format!("[repos.{}]", key(name.as_str())));
        line(&format!("sig = {}", quote::toml(name.as_str())));
        line(&format!("tier = {}", quote::toml(self.tier)));
        line("kind = \"external\"");
        // top-level takes part in nothing: it is where the parts meet.
        let wiring = repo.wiring_in(self.core);
        if name.as_str() != TOP_LEVEL {
            line(&format!("wiring = \"{wiring}\""));
        }
        match &repo.form {
            Form::Flake => {}
            Form::Tree => line("flake = false"),
            Form::Imported(entry) => {
                line("flake = false");
                if entry.file != "default.nix" {
                    line(&format!("entry = {}", quote::toml(entry.file)));
                }
                let arguments = entry.arguments();
                if wiring == Wiring::Packages && !arguments.is_empty() {
                    line(&format!("arguments = [{}]", list(arguments.iter())));
                }
            }
        }
        if repo.path != format!("repos/{name}") {
            line(&format!("path = {}", quote::toml(&repo.path)));
        }
        if let Some(url) = &repo.url {
            line(&format!("url = {}", quote::toml(url.as_str())));
        }
        if let Some(description) = &repo.flake.description {
            line(&format!(
                "description = {}",
                quote::toml(&visible(&one_line(description)))
            ));
        }
        if let Some(uses) = self.graph.uses.get(name) {
            let uses = uses
                .iter()
                .map(|used| format!("{} = \"*\"", key(used.as_str())));
            line(&format!(
                "uses = {{ {} }}",
                uses.collect::<Vec<_>>().join(", ")
            ));
        }
        if let Some(peers) = self.graph.peers.get(name) {
            line(&format!(
                "peers = [{}]",
                list(peers.iter().map(RepoName::as_str))
            ));
        }
        if repo.discovers {
            line("discover = true");
        }
        if !repo.layout.is_empty() {
            line(&format!("\n[repos.{}.layout]", key(name.as_str())));
        }
        for (place, layout) in &repo.layout {
            line(&format!("{} = \"{layout}\"", key(place)));
        }
        let (builders, packages): (Vec<_>, Vec<_>) = self
            .entries()
            .into_iter()
            .partition(|(package, _)| repo.is_builder(package));
        for (table, entries) in [("packages", packages), ("builders", builders)] {
            if !entries.is_empty() {
                line(&format!("\n[repos.{}.{table}]", key(name.as_str())));
            }
            for (package, values) in entries {
                let values = values.join(", ");
                let values = match values.as_str() {
                    "" => "{}".to_owned(),
                    values => format!("{{ {values} }}"),
                };
                line(&format!("{} = {values}", key(package.as_str())));
            }
        }
        text
    }

    /// What the manifest must say of packages, since their tree does not.
    fn entries(&self) -> BTreeMap<&AttrName, Vec<String>> {
        let repo = self.repo;
        let mut entries: BTreeMap<&AttrName, Vec<String>> = BTreeMap::new();
        for set in repo.sets.keys() {
            let defines = repo.defines(set);
            if !defines.is_empty() {
                entries.insert(set, defines);
            }
        }
        for package in repo.offered.iter().chain(&repo.builders) {
            entries.entry(package).or_default();
        }
        for (package, elsewhere) in &repo.elsewhere {
            let file = format!("file = {}", quote::toml(&elsewhere.file));
            entries.entry(package).or_default().push(file);
        }
        for (package, people) in &repo.maintainers {
            let people: Vec<&String> = people.iter().filter(|name| is_handle(name)).collect();
            if !people.is_empty() {
                let entry = entries.entry(package).or_default();
                entry.push(format!("maintainers = [{}]", list(people.into_iter())));
            }
        }
        entries
    }
}
