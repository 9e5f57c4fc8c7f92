//! Directories: every repo has one of its own.

use crate::catalog::Family;
use crate::manifest::reader::Finding;
use crate::repo::Repo;
use aux_problems::Code;

pub(super) fn check(family: &Family, findings: &mut Vec<Finding>) {
    let mut repos: Vec<(String, &Repo)> = family
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
            // Names that differ only in case are a problem of their own.
            Some((path, first))
                if entry.0 == *path
                    && entry
                        .1
                        .name
                        .as_str()
                        .eq_ignore_ascii_case(first.name.as_str()) => {}
            Some((path, first)) if entry.0.starts_with(path.as_str()) => {
                let (repo, at) = (&entry.1.name, &entry.1.path);
                findings.push(
                    Finding::new(
                        Code::SharedPath,
                        Some(entry.1.at),
                        if *at == first.path {
                            format!("repo `{repo}` and repo `{}` both lie at `{at}`", first.name)
                        } else if entry.0 == *path {
                            format!(
                                "repo `{repo}` at `{at}` and repo `{}` at `{}` are one directory on macOS and Windows",
                                first.name, first.path
                            )
                        } else {
                            format!(
                                "repo `{repo}` at `{at}` lies in the directory of repo `{}`",
                                first.name
                            )
                        },
                        Some("give each repo a `path` of its own".to_owned()),
                    )
                    .related(first.at, format!("`{}` is at `{}`", first.name, first.path)),
                );
            }
            _ => outer = Some(entry),
        }
    }
}
