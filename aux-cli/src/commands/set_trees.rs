//! The folders of package sets against the manifest, for `check`.

use std::collections::BTreeSet;

use aux_gen::disk::entries;
use aux_model::{Code, PackageSet, Problem, Severity};
use aux_session::{CheckedRegistry, Failure};

/// Members that the manifest lists and no folder has, and folders that it does not list; how many
/// members were looked at.
pub(super) fn problems(family: &CheckedRegistry) -> Result<(Vec<Problem>, usize), Failure> {
    let (mut problems, mut seen) = (Vec::new(), 0);
    let root = family.registry.root();
    for set in family.catalog.sets() {
        let repo = family.catalog.repo(set.repo.as_str());
        let Some(repo) = repo.filter(|repo| root.join(repo.path.as_str()).is_dir()) else {
            continue;
        };
        let folder = root.join(repo.path.as_str()).join(set.directory());
        let mut there: BTreeSet<String> = BTreeSet::new();
        if folder.is_dir() {
            for entry in entries(&folder)? {
                let name = entry
                    .file_name()
                    .map(|name| name.to_string_lossy().into_owned());
                there.extend(name.filter(|_| entry.join("package.nix").is_file()));
            }
        }
        for member in set.members.keys() {
            seen += 1;
            if !there.remove(member.as_str()) {
                problems.push(problem(
                    Code::NotInTree,
                    set,
                    format!("`{}/package.nix` is not there", set.directory_of(member)),
                    "`aux-gen generate` writes what is new; if it was removed, remove the entry too",
                ));
            }
        }
        for name in there {
            let directory = set.directory();
            problems.push(problem(
                Code::NotInManifest,
                set,
                format!("`{directory}/{name}` is there, and the manifest does not list it"),
                "add it to `members` of the set, or remove the folder: nobody has it",
            ));
        }
    }
    Ok((problems, seen))
}

fn problem(code: Code, set: &PackageSet, what: String, help: &str) -> Problem {
    Problem {
        code,
        severity: Severity::Warning,
        location: None,
        message: format!("set `{}/{}`: {what}", set.repo, set.name),
        help: Some(help.to_owned()),
        related: Vec::new(),
    }
}
