//! The manifest of adopted repos: tiers from their uses, and a file for each.

use std::collections::{BTreeMap, BTreeSet};

use aux_model::{Handle, RepoName};

use crate::adopt::adopted::{Adopted, Note};
use crate::adopt::core::{self, NoCore};
use crate::adopt::graph::Graph;
use crate::adopt::known::Known;
use crate::adopt::missing::missing;
use crate::adopt::text::Text;
use crate::adopt::toml::is_handle;

/// The texts that describe adopted repos.
#[derive(Debug, Default)]
pub struct Adoption {
    /// The tiers that a new registry needs, lowest first; those of the known one.
    pub tiers: Vec<String>,
    /// The tier of each adopted repo.
    pub placed: BTreeMap<RepoName, String>,
    /// Whether one of the repos is the top-level of the family.
    pub has_top_level: bool,
    /// One file for each repo, by path.
    pub files: BTreeMap<String, String>,
    /// What was not understood, by repo.
    pub notes: Vec<Note>,
    /// Repos that nobody is known to answer for: `lead` answers for them.
    pub without_owner: Vec<RepoName>,
}

/// Describes repos. `lead` leads the SIGs of those that name no owner; `core` is the core of a new
/// family, found if absent.
///
/// # Errors
/// When the family is new, and no repo can be taken for its core.
pub fn adoption(
    adopted: &[Adopted],
    known: &Known,
    lead: Option<&Handle>,
    core: Option<&RepoName>,
) -> Result<Adoption, NoCore> {
    let mut notes: Vec<Note> = adopted.iter().flat_map(Adopted::notes).collect();
    let mut graph = Graph::of(adopted, known, &mut notes);
    notes.extend(missing(adopted, known));
    let core = core::core(adopted, &graph, known, core)?;
    // Core stands below all others, and uses none of them.
    if let Some(core) = &core {
        for used in graph.uses.remove(core).into_iter().flatten() {
            notes.push(Note {
                repo: core.clone(),
                file: Some("flake.nix".to_owned()),
                message: format!(
                    "it has `{used}` as an input, and is the core that all others stand on: `{used}` is an input from outside to it"
                ),
            });
        }
    }
    let (tiers, placed) = graph.tiers(adopted, known, core.as_ref());
    let top = tiers.last().cloned().unwrap_or_default();
    let mut people = known.people.clone();
    let mut without_owner = Vec::new();
    let mut files = BTreeMap::new();
    for repo in adopted {
        let mut leads: BTreeSet<String> = repo.owners.people.clone();
        leads.retain(|handle| is_handle(handle));
        if leads.is_empty() {
            without_owner.push(repo.name.clone());
            leads.extend(lead.map(ToString::to_string));
        }
        let text = Text {
            repo,
            graph: &graph,
            core: core.as_ref(),
            tier: placed.get(&repo.name).map_or("", String::as_str),
            leads,
        };
        let text = text.write(&mut people, &known.sigs);
        files.insert(format!("sigs/{}.toml", repo.name), text);
    }
    notes.sort();
    Ok(Adoption {
        has_top_level: placed.values().any(|tier| *tier == top),
        tiers,
        placed,
        files,
        notes,
        without_owner,
    })
}

#[cfg(test)]
mod tests {
    use crate::adopt::known::named;

    #[test]
    fn repos_are_known_by_the_last_part_of_their_reference() {
        for (url, name) in [
            ("github:auxolotl/core", "core"),
            ("github:auxolotl/core/main", "core"),
            (
                "git+https://forge.example/auxolotl/python.git?ref=main",
                "python",
            ),
            ("path:../core", "core"),
        ] {
            assert_eq!(named(url), Some(name), "{url}");
        }
    }
}
