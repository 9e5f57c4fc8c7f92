//! Modules and overlays: top-level offers them all under their own names, so a
//! name belongs to one repo.

use std::collections::BTreeMap;

use aux_names::RepoName;

use crate::catalog::Family;
use crate::manifest::reader::Finding;
use aux_problems::At;
use aux_problems::Code;

pub(super) fn check(family: &Family, findings: &mut Vec<Finding>) {
    let modules = family.modules().map(|module| {
        (
            module.class.flake_output(),
            module.name.as_str(),
            &module.repo,
            module.at,
        )
    });
    let overlays = family
        .overlays()
        .map(|overlay| ("overlays", overlay.name.as_str(), &overlay.repo, overlay.at));
    let mut seen: BTreeMap<(&str, &str), (&RepoName, At)> = BTreeMap::new();
    for (output, name, repo, at) in modules.chain(overlays) {
        if let Some((first, first_at)) = seen.get(&(output, name)) {
            findings.push(
                Finding::new(
                    Code::DuplicateModule,
                    Some(at),
                    format!(
                        "repo `{repo}` offers `{output}.{name}`, which repo `{first}` offers too"
                    ),
                    Some("rename one of them".to_owned()),
                )
                .related(*first_at, "the other one is here"),
            );
        } else {
            seen.insert((output, name), (repo, at));
        }
    }
    // `overlays.default` and `overlays.REPO` are made from the layers.
    for overlay in family.overlays() {
        let name = overlay.name.as_str();
        if name == "default" || family.repos.contains_key(name) {
            findings.push(Finding::new(
                Code::DuplicateModule,
                Some(overlay.at),
                format!("`overlays.{name}` is the layer of a repo already"),
                Some("rename the overlay".to_owned()),
            ));
        }
    }
}
