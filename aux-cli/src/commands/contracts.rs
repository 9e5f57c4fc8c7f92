//! Contract versions against what repos offer: compared with the last commit of each repo.

use std::path::Path;

use aux_eval::commits::interface_of;
use aux_gen::disk::{checkout, read_text, replace_below};
use aux_git::WorkTree;
use aux_model::semver::Version;
use aux_model::{Code, InterfaceChange, Problem, Repo, RepoName, Severity};
use aux_output::FixedContract;
use aux_session::{CheckedRegistry, DIM, Failure, Session};
use serde_json::Value;

use crate::commands::manifest_edits;

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
    let (mut fixed, mut changes) = (Vec::new(), Vec::new());
    for found in too_small(&family) {
        let next = found.change.smallest_next(&found.before);
        editor.set_contract(&found.repo.name, &next)?;
        changes.push((found.repo, section(&next, &found.change)));
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
    for (repo, section) in changes {
        keep(session, family.registry.root(), repo, &section)?;
    }
    Ok(fixed)
}

/// The file of a repo that says what became of its contract, version by version.
const CHANGES: &str = "contract-changes.md";

/// Adds a section to that file, or writes it anew if the version is there already.
fn keep(session: &Session, root: &Path, repo: &Repo, section: &str) -> Result<(), Failure> {
    let Some(folder) = checkout(root, &repo.path) else {
        return Ok(());
    };
    let path = folder.join(CHANGES);
    let before = if path.is_file() {
        Some(read_text(&path)?)
    } else {
        None
    };
    let text = with_section(&repo.name, before.as_deref(), section);
    let old = before.as_deref().map(str::as_bytes);
    replace_below(&folder, &path, old, &text)?;
    let terminal = &session.terminal;
    terminal.say(format!("{DIM}write{DIM:#}  {}/{CHANGES}", repo.path));
    Ok(())
}

/// A version and what it changes, as Markdown.
fn section(version: &Version, change: &InterfaceChange) -> String {
    let mut text = format!("## {version}\n");
    for (names, what) in [
        (&change.removed, "Removed"),
        (&change.retyped, "Another kind of thing"),
        (&change.added, "New"),
    ] {
        if !names.is_empty() {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            text.push_str(&format!("\n{what}: {}.\n", names.join(", ")));
        }
    }
    text
}

/// The text of the file with a section: in the place of the one of that version, or above all
/// others. Whatever else is in it stays.
fn with_section(repo: &RepoName, text: Option<&str>, section: &str) -> String {
    let Some(text) = text else {
        return format!(
            "# Changes of the contract of `{repo}`\n\nWhat asked those who use it for a change, version by version. `aux-gen check --fix` adds to this.\n\n{section}"
        );
    };
    let title = section.lines().next().unwrap_or_default();
    let starts = |line: &str| line.starts_with("## ");
    let lines: Vec<&str> = text.lines().collect();
    let known = lines.iter().position(|line| *line == title);
    let start = known
        .or_else(|| lines.iter().position(|line| starts(line)))
        .unwrap_or(lines.len());
    let end = match known {
        Some(known) => lines[known + 1..]
            .iter()
            .position(|line| starts(line))
            .map_or(lines.len(), |end| known + 1 + end),
        None => start,
    };
    let above = lines[..start].join("\n");
    let below = lines[end..].join("\n");
    let parts = [above.trim_end(), section.trim_end(), below.trim_end()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_takes_its_own_place_and_no_other() {
        let repo: RepoName = "python".parse().unwrap();
        let first = with_section(&repo, None, "## 2.0.0\n\nRemoved: `a`.\n");
        assert!(
            first.ends_with("\n\n## 2.0.0\n\nRemoved: `a`.\n"),
            "{first}"
        );
        let mine = format!("{first}\nSomebody's own words.\n");
        let next = with_section(&repo, Some(&mine), "## 3.0.0\n\nRemoved: `b`.\n");
        let tail =
            "## 3.0.0\n\nRemoved: `b`.\n\n## 2.0.0\n\nRemoved: `a`.\n\nSomebody's own words.\n";
        assert!(next.ends_with(tail), "{next}");
        let again = with_section(&repo, Some(&next), "## 3.0.0\n\nRemoved: `b`, `c`.\n");
        assert_eq!(again, next.replace("`b`", "`b`, `c`"));
    }
}
