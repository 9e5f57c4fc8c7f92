//! The summary of an impact, in one sentence and as Markdown for the summary of a job.

use std::fmt::Write;

use aux_model::{RepoName, printable};

use super::found::{Impact, RepoImpact};

impl Impact {
    /// How much was looked at, and what is to be done, in words that go on from a colon.
    #[must_use]
    pub fn sums(&self) -> String {
        sums(self)
    }

    /// Why nothing was looked at, if nothing was.
    #[must_use]
    pub fn why_nothing(&self) -> &'static str {
        why_nothing(self)
    }

    /// All of it as Markdown. What repos say stands in code: nothing in it is markup.
    #[must_use]
    pub fn markdown(&self) -> String {
        markdown(self)
    }
}

impl RepoImpact {
    /// The kinds of change, with their attributes.
    #[must_use]
    pub fn kinds(&self) -> [(&'static str, &[String]); 4] {
        kinds(self)
    }
}

/// The kinds of change of a repo, with their attributes.
fn kinds(repo: &RepoImpact) -> [(&'static str, &[String]); 4] {
    [
        ("changed", &repo.changed),
        ("added", &repo.added),
        ("removed", &repo.removed),
        ("mended", &repo.mends),
    ]
}

fn why_nothing(impact: &Impact) -> &'static str {
    if impact.looked_at == 0 {
        "no repo is a git repository of its own here"
    } else {
        "no repo has a package"
    }
}

/// How much was looked at, and what is to be done.
fn sums(impact: &Impact) -> String {
    let mut sums = format!(
        "{} of {}, {} as before, {} to another derivation",
        counted(impact.packages, "package"),
        counted(impact.looked_at, "repo"),
        impact.same,
        impact.rebuilt()
    );
    if let Some(unbuilt) = &impact.unbuilt {
        let _ = write!(sums, ", {} to build", counted(unbuilt.len(), "derivation"));
    }
    if !impact.without_base.is_empty() {
        let names: Vec<&str> = impact.without_base.iter().map(RepoName::as_str).collect();
        let _ = write!(
            sums,
            "; taken as they are, since they do not have that base: {}",
            names.join(", ")
        );
    }
    if !impact.unseen.is_empty() {
        let names: Vec<&str> = impact.unseen.iter().map(RepoName::as_str).collect();
        let _ = write!(
            sums,
            "; not looked at, since no git repository is there: {}",
            names.join(", ")
        );
    }
    sums
}

/// For the summary of a job. What repos say stands in code: nothing in it is markup.
fn markdown(impact: &Impact) -> String {
    let mut text = String::from("### Impact\n\n");
    let verdict = match (impact.is_good(), impact.packages) {
        (_, 0) => format!("Nothing was looked at: {}.", why_nothing(impact)),
        (true, _) => "Nothing fails that did not.".to_owned(),
        (false, _) => "**Packages fail that did not.**".to_owned(),
    };
    let _ = writeln!(text, "{verdict} {}.\n", capital(&sums(impact)));
    if impact.repos.is_empty() {
        return text;
    }
    text.push_str(
        "| repo | changed | added | removed | mended | breaks |\n|---|---|---|---|---|---|\n",
    );
    for (name, repo) in &impact.repos {
        let _ = write!(text, "| {name} |");
        for (_, names) in kinds(repo) {
            let _ = write!(text, " {} |", names.len());
        }
        let _ = writeln!(text, " {} |", repo.breaks.len());
    }
    for (name, repo) in &impact.repos {
        let lists = kinds(repo)
            .into_iter()
            .filter(|(_, names)| !names.is_empty());
        let lists: Vec<String> = lists
            .map(|(kind, names)| format!("{kind}: {}", names.join(", ")))
            .chain(
                repo.breaks
                    .iter()
                    .map(|failure| format!("breaks {}: {}", failure.subject(), failure.reason)),
            )
            .collect();
        if !lists.is_empty() {
            let lists = fenced(&lists);
            let _ = write!(
                text,
                "\n<details><summary>{name}</summary>\n\n~~~~~~text\n{lists}\n~~~~~~\n\n</details>\n"
            );
        }
    }
    text
}

/// Lines that end no fence.
fn fenced(lines: &[String]) -> String {
    let lines: Vec<String> = lines
        .iter()
        .map(|line| printable(line).replace("~~~~~~", "~ ~ ~"))
        .collect();
    lines.join("\n")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// "1 repo", "2 repos".
fn counted(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}
