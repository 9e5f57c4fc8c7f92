//! Directories: every repo has one of its own.

use crate::catalog::Catalog;
use crate::manifest::reader::Finding;
use crate::problem::Code;
use crate::repo::Repo;

pub(super) fn check(catalog: &Catalog, findings: &mut Vec<Finding>) {
    let mut repos: Vec<(String, &Repo)> = catalog
        .repos
        .values()
        .map(|repo| {
            (
                format!("{}/", repo.path.as_str().to_ascii_lowercase()),
                repo,
            )
        })
        .collect();
    // Sorted, a directory comes right before everything inside it.
    repos.sort_by(|a, b| (&a.0, &a.1.name).cmp(&(&b.0, &b.1.name)));
    let mut outer: Option<&(String, &Repo)> = None;
    for entry in &repos {
        match outer {
            Some((path, first)) if entry.0.starts_with(path.as_str()) => {
                findings.push(
                    Finding::new(
                        Code::SharedPath,
                        Some(entry.1.at),
                        format!(
                            "repo `{}` at `{}` lies in the directory of repo `{}`",
                            entry.1.name, entry.1.path, first.name
                        ),
                        Some("give each repo a `path` of its own".to_owned()),
                    )
                    .related(first.at, format!("`{}` is at `{}`", first.name, first.path)),
                );
            }
            _ => outer = Some(entry),
        }
    }
}
