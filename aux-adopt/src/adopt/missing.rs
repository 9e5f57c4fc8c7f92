//! What adopted repos require of each other, and nobody has.

use std::collections::{BTreeMap, BTreeSet};

use aux_model::{RepoName, nearest};
use aux_nix::flake::FlakeText;

use crate::adopt::adopted::{Adopted, Note};
use crate::adopt::known::{Known, named};
use crate::adopt::requirements::OF_EVERY_FLAKE;

/// The URL of an input; none for one that is looked up by its name.
pub(super) fn url_of<'f>(flake: &'f FlakeText, input: &str) -> Option<&'f str> {
    let spec = flake.inputs.0.get(input)?;
    spec.url.as_deref().filter(|url| *url != input)
}

/// What repos require of other repos that those do not have.
pub(super) fn missing(adopted: &[Adopted], known: &Known) -> Vec<Note> {
    let own = adopted.iter().flat_map(|repo| &repo.names);
    let names: BTreeSet<String> = known.names.iter().chain(own).cloned().collect();
    let new = adopted.iter().map(|repo| (&repo.name, &repo.flake.outputs));
    let outputs: BTreeMap<&str, (&RepoName, &BTreeSet<String>)> = known
        .outputs
        .iter()
        .chain(new)
        .map(|(name, offered)| (name.as_str(), (name, offered)))
        .collect();
    let mut notes = Vec::new();
    for repo in adopted {
        let mut note = |file: Option<&str>, message: String| {
            notes.push(Note {
                repo: repo.name.clone(),
                file: file.map(str::to_owned),
                message,
            });
        };
        for ((input, output), place) in &repo.wants.outputs {
            let url = url_of(&repo.flake, input);
            let meant = [url.and_then(named), Some(input.as_str())];
            let others = meant.into_iter().flatten();
            let other = others
                .filter_map(|name| outputs.get(name).copied())
                .min_by_key(|(name, _)| *name);
            // A flake whose outputs no text names may have any.
            let Some((other, offered)) = other.filter(|(_, offered)| !offered.is_empty()) else {
                continue;
            };
            if !offered.contains(output) && !OF_EVERY_FLAKE.contains(&output.as_str()) {
                let near = nearest(output, offered.iter().map(String::as_str));
                let near = near.map_or(String::new(), |near| format!(": did you mean `{near}`?"));
                note(
                    Some(place),
                    format!("it wants `{output}` of `{other}`, which does not offer it{near}"),
                );
            }
        }
        for (name, places) in repo.wants.missing(&names) {
            note(
                places.first().map(String::as_str),
                format!("it asks for `{name}`, which no repo of the family has"),
            );
        }
    }
    notes
}
