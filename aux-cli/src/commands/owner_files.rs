//! Files that say who reviews, beside the generated ones, for `check`.

use aux_gen::disk::checkout;
use aux_model::{Code, Problem, Severity};
use aux_session::CheckedRegistry;

/// Where forges look besides `.github` and `.gitea`.
const BESIDE: [&str; 2] = ["CODEOWNERS", "docs/CODEOWNERS"];

/// Hand-written files of which a forge reads either them or the generated one.
pub(super) fn problems(family: &CheckedRegistry) -> Vec<Problem> {
    let root = family.registry.root();
    let repos = family.catalog.repos().filter(|repo| repo.is_generated());
    let repos = repos.filter_map(|repo| {
        let folder = checkout(root, &repo.path)?;
        Some((format!("{}/", repo.path), folder))
    });
    let registry = [(String::new(), root.to_owned())];
    let mut problems = Vec::new();
    for (prefix, folder) in registry.into_iter().chain(repos) {
        if !folder.join(".github/CODEOWNERS").is_file() {
            continue;
        }
        for file in BESIDE.iter().filter(|file| folder.join(file).is_file()) {
            problems.push(Problem {
                code: Code::TwoOwnerFiles,
                severity: Severity::Warning,
                location: None,
                message: format!(
                    "`{prefix}{file}` stands beside the generated `.github/CODEOWNERS`: GitHub does not read it"
                ),
                help: Some(
                    "say who owns what in the manifest, and remove the file; Forgejo and Gitea read it in place of `.gitea/CODEOWNERS`"
                        .to_owned(),
                ),
                related: Vec::new(),
            });
        }
    }
    problems
}
