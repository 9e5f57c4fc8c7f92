//! The summary of an impact, in one sentence and as Markdown for the summary of a job.

use std::fmt::Write;

use aux_model::{RepoName, counted, printable};

use super::found::{Impact, RepoImpact};
use crate::fence::fence_of;

impl Impact {
    /// Why nothing was looked at, if nothing was.
    #[must_use]
    pub fn why_nothing(&self) -> &'static str {
        if self.looked_at == 0 {
            "no repo is a git repository of its own here"
        } else {
            "no repo has a package"
        }
    }

    /// How much was looked at, and what is to be done, in words that go on from a colon.
    #[must_use]
    pub fn sums(&self) -> String {
        let mut sums = format!(
            "{} of {}, {} as before, {} to another derivation",
            counted(self.packages, "package"),
            counted(self.looked_at, "repo"),
            self.same,
            self.rebuilt()
        );
        if let Some(unbuilt) = &self.unbuilt {
            let _ = write!(sums, ", {} to build", counted(unbuilt.len(), "derivation"));
        }
        for (repos, why) in [
            (
                &self.without_base,
                "taken as they are, since they do not have that base",
            ),
            (
                &self.unseen,
                "not looked at, since no git repository is there",
            ),
        ] {
            if !repos.is_empty() {
                let names: Vec<&str> = repos.iter().map(RepoName::as_str).collect();
                let _ = write!(sums, "; {why}: {}", names.join(", "));
            }
        }
        sums
    }

    /// All of it as Markdown. What repos say stands in code: nothing in it is markup.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = String::from("### Impact\n\n");
        let verdict = match (self.is_good(), self.packages) {
            (_, 0) => format!("Nothing was looked at: {}.", self.why_nothing()),
            (true, _) => "Nothing fails that did not.".to_owned(),
            (false, _) => "**Packages fail that did not.**".to_owned(),
        };
        let _ = writeln!(text, "{verdict} {}.\n", capital(&self.sums()));
        if self.repos.is_empty() {
            return text;
        }
        text.push_str(
            "| repo | changed | added | removed | mended | breaks |\n|---|---|---|---|---|---|\n",
        );
        for (name, repo) in &self.repos {
            let _ = write!(text, "| {name} |");
            for (_, names) in repo.kinds() {
                let _ = write!(text, " {} |", names.len());
            }
            let _ = writeln!(text, " {} |", repo.breaks.len());
        }
        for (name, repo) in &self.repos {
            let lines = repo.lines().join("\n");
            if !lines.is_empty() {
                let fence = fence_of(&lines);
                let _ = write!(
                    text,
                    "\n<details><summary>{name}</summary>\n\n{fence}text\n{lines}\n{fence}\n\n</details>\n"
                );
            }
        }
        text
    }
}

impl RepoImpact {
    /// The kinds of change, with their attributes.
    #[must_use]
    pub fn kinds(&self) -> [(&'static str, &[String]); 4] {
        [
            ("changed", &self.changed),
            ("added", &self.added),
            ("removed", &self.removed),
            ("mended", &self.mends),
        ]
    }

    /// What there is of each kind, and each failure, a line each.
    fn lines(&self) -> Vec<String> {
        let kinds = self.kinds().into_iter();
        let kinds = kinds.filter(|(_, names)| !names.is_empty());
        let kinds = kinds.map(|(kind, names)| format!("{kind}: {}", names.join(", ")));
        let breaks = self.breaks.iter();
        let breaks =
            breaks.map(|failure| format!("breaks {}: {}", failure.subject(), failure.reason));
        kinds.chain(breaks).map(|line| printable(&line)).collect()
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}
