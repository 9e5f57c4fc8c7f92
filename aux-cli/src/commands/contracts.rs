//! Contract versions against what repos offer: compared with the last commit of each repo.

use aux_eval::commits::interface_of;
use aux_gen::disk::checkout;
use aux_git::WorkTree;
use aux_model::semver::Version;
use aux_model::{Code, InterfaceChange, Problem, Repo, Severity};
use aux_output::FixedContract;
use serde_json::Value;

use crate::commands::manifest_edits;
use crate::failure::Failure;
use crate::session::{CheckedRegistry, Session};

/// A repo whose contract version says a smaller step than it makes.
struct TooSmall<'f> {
    repo: &'f Repo,
    /// What its last commit offers.
    before: Version,
    change: InterfaceChange,
    reason: String,
}

/// The repos whose contract version is too small. A repo without commits of its own has no last
/// version.
fn too_small(family: &CheckedRegistry) -> Vec<TooSmall<'_>> {
    let (root, catalog) = (family.registry.root(), &family.catalog);
    let repos = catalog.repos();
    let repos = repos.filter(|repo| repo.is_generated() && repo.name != catalog.top_level().name);
    let found = repos.filter_map(|repo| {
        let tree = WorkTree::at(&checkout(root, &repo.path)?)?;
        // What git cannot read is said where it is needed.
        let text = tree.text_at(&tree.head()?, "contract.json").ok()??;
        let Ok(Value::Object(contract)) = serde_json::from_str(&text) else {
            return None;
        };
        let before: Version = contract.get("version")?.as_str()?.parse().ok()?;
        let change = catalog.interface(repo).since(&interface_of(&contract)?);
        let reason = change.too_small(&before, &repo.contract)?;
        Some(TooSmall {
            repo,
            before,
            change,
            reason,
        })
    });
    found.collect()
}

/// The same as problems.
pub(super) fn problems(family: &CheckedRegistry) -> Vec<Problem> {
    let problem = |found: TooSmall<'_>| Problem {
        code: Code::ContractTooSmall,
        severity: Severity::Error,
        location: family.catalog.location_of_repo(found.repo),
        message: format!("repo `{}`: {}", found.repo.name, found.reason),
        help: Some(format!(
            "set `contract = \"{}\"`: `aux-gen check --fix` does; or let `aux-gen move` keep an alias for what went to another repo",
            found.change.smallest_next(&found.before)
        )),
        related: Vec::new(),
    };
    too_small(family).into_iter().map(problem).collect()
}

/// Writes the smallest version that may follow into the manifest.
pub(super) fn fix(session: &Session) -> Result<Vec<FixedContract>, Failure> {
    let (_lock, family) = session.locked_family()?;
    let mut editor = manifest_edits::editor(&family.sources)?;
    let mut fixed = Vec::new();
    for found in too_small(&family) {
        let next = found.change.smallest_next(&found.before);
        editor.set_contract(&found.repo.name, &next)?;
        fixed.push(FixedContract {
            repo: found.repo.name.to_string(),
            from: found.repo.contract.to_string(),
            to: next.to_string(),
        });
    }
    let draft = manifest_edits::draft(&editor);
    if !draft.texts.is_empty() {
        manifest_edits::write_manifest(session, &family.registry, &draft, &[])?;
    }
    Ok(fixed)
}
