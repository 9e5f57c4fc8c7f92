//! The record of what was written to a repo, committed with it: which files are
//! the generator's, from which template, and how they looked when it last wrote
//! them. By that it tells its own text from a person's and merges the two.
//!
//! It is made to be merged by git. Each file has a line of its own, in order of path, and
//! `.aux-gen/.gitattributes` has git keep the lines of both branches where they meet
//! (`merge=union`, `gitattributes`): a file may have several lines then, one for each text that
//! the generator gave it. The next run writes one.
//!
//! A text is noted by its name in git, so that git has it when it is needed for a merge. A
//! second copy, below `.aux-gen/base`, is kept only of a file that somebody changed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use aux_git::blob_name;
use aux_model::RelativePath;

use crate::disk::error::DiskError;
use crate::marker::{MARKER, RECORD};
use crate::render::Provenance;

/// The version of the record's format, as its second line says it.
const VERSION: &str = "# version 3";

/// A field of a line that has no value.
const NONE: &str = "-";

/// What was written, and what people decided about it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Record {
    /// Files that the generator goes on writing.
    pub(crate) files: BTreeMap<String, Written>,
    /// Files that were written once and are a person's since.
    pub(crate) scaffolds: BTreeSet<String>,
    /// Generated files that somebody removed: they stay removed.
    pub(crate) removed: BTreeSet<String>,
    /// Generated files that somebody took over for good.
    pub(crate) ejected: BTreeSet<String>,
    /// Whether it has to be written anew, whatever it says: it is of two branches, or in the
    /// format of an older program.
    pub(crate) is_to_be_rewritten: bool,
}

/// How the generator last wrote a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    /// The names of its texts in git: one, or one of each branch that was merged.
    blobs: BTreeSet<String>,
    /// The template it was made from.
    pub(crate) template: String,
    /// The version of that template: the start of its SHA-256.
    pub(crate) template_version: String,
    /// The version of the program that wrote it.
    pub(crate) tool: String,
}

impl Written {
    pub(crate) fn new(text: &str, provenance: &Provenance) -> Self {
        let Provenance { template, version } = provenance.clone();
        Self::before(
            text,
            template,
            version,
            env!("CARGO_PKG_VERSION").to_owned(),
        )
    }

    /// As the program of some version wrote it.
    pub(super) fn before(
        text: &str,
        template: String,
        template_version: String,
        tool: String,
    ) -> Self {
        Self {
            blobs: BTreeSet::from([blob_name(text.as_bytes())]),
            template,
            template_version,
            tool,
        }
    }

    /// Whether it is this text.
    pub(crate) fn is(&self, text: &[u8]) -> bool {
        self.blobs.contains(&blob_name(text))
    }

    /// The names of its texts in git.
    pub(crate) fn blobs(&self) -> impl Iterator<Item = &str> {
        self.blobs.iter().map(String::as_str)
    }

    /// Whether two branches wrote it, and git merged what they noted.
    pub(crate) fn is_of_two_branches(&self) -> bool {
        self.blobs.len() > 1
    }
}

impl Record {
    /// Reads the text of a record.
    pub(crate) fn parse(text: &str, path: &Path) -> Result<Self, DiskError> {
        let damaged = |line: usize, message: String| DiskError::Record {
            path: path.to_owned(),
            message: format!("line {}: {message}", line + 1),
        };
        let mut lines = text.lines().enumerate();
        let head = lines.by_ref().take(2).map(|(_, line)| line).nth(1);
        if head != Some(VERSION) {
            let message = match head.and_then(|line| line.strip_prefix("# version ")) {
                Some(version) => format!(
                    "it has version {}, and this program writes version 3",
                    version.escape_debug()
                ),
                None => "it does not say its version".to_owned(),
            };
            return Err(damaged(1, message));
        }
        let mut record = Self::default();
        for (number, line) in lines {
            record
                .line(line)
                .map_err(|message| damaged(number, message))?;
        }
        record.decide();
        Ok(record)
    }

    /// Reads one line: what a file is, and its path, which may have spaces in it.
    fn line(&mut self, line: &str) -> Result<(), String> {
        let broken = || format!("`{}` says nothing of a file", line.escape_debug());
        let (what, rest) = line.split_once(' ').ok_or_else(broken)?;
        let set = match what {
            "generated" => {
                let parts: Vec<&str> = rest.splitn(5, ' ').collect();
                let [blob, template, version, tool, name] = parts[..] else {
                    return Err(broken());
                };
                if !aux_git::is_object_name(blob) {
                    return Err(format!("`{}` names no text in git", blob.escape_debug()));
                }
                checked(name)?;
                let value = |field: &str| match field {
                    NONE => String::new(),
                    value => value.to_owned(),
                };
                let written = self.files.entry(name.to_owned()).or_insert(Written {
                    blobs: BTreeSet::new(),
                    template: value(template),
                    template_version: value(version),
                    tool: value(tool),
                });
                written.blobs.insert(blob.to_owned());
                self.is_to_be_rewritten |= written.is_of_two_branches();
                return Ok(());
            }
            "scaffold" => &mut self.scaffolds,
            "removed" => &mut self.removed,
            "ejected" => &mut self.ejected,
            _ => return Err(broken()),
        };
        checked(rest)?;
        set.insert(rest.to_owned());
        Ok(())
    }

    /// What somebody decided about a file in one branch counts, whatever the generator did
    /// with it in the other.
    fn decide(&mut self) {
        let decided: Vec<&String> = self.removed.iter().chain(&self.ejected).collect();
        for name in decided {
            self.is_to_be_rewritten |= self.files.remove(name).is_some();
        }
    }

    /// What two branches know: what either of them generated was generated, and what
    /// somebody decided in one of them is decided.
    pub(super) fn merged(mut self, other: Self) -> Self {
        for (name, written) in other.files {
            let own = self.files.entry(name).or_insert_with(|| written.clone());
            own.blobs.extend(written.blobs);
        }
        self.scaffolds.extend(other.scaffolds);
        self.removed.extend(other.removed);
        self.ejected.extend(other.ejected);
        self.decide();
        self.is_to_be_rewritten = true;
        self
    }

    /// Whether a text is the one that the generator last wrote to that file.
    pub(crate) fn wrote(&self, path: &str, text: &[u8]) -> bool {
        self.files.get(path).is_some_and(|written| written.is(text))
    }

    /// The same as a text.
    pub(crate) fn to_text(&self) -> String {
        let mut lines: Vec<(&str, String)> = Vec::new();
        for (name, written) in &self.files {
            let value = |field: &str| match field {
                "" => NONE.to_owned(),
                // A field ends at the first space, as those of a template's name do not.
                value => value.replace(char::is_whitespace, "_"),
            };
            for blob in &written.blobs {
                let (template, tool) = (value(&written.template), value(&written.tool));
                let version = value(&written.template_version);
                let line = format!("generated {blob} {template} {version} {tool} {name}");
                lines.push((name, line));
            }
        }
        for (what, names) in [
            ("scaffold", &self.scaffolds),
            ("removed", &self.removed),
            ("ejected", &self.ejected),
        ] {
            lines.extend(names.iter().map(|name| (&**name, format!("{what} {name}"))));
        }
        // Of what two branches add, each has its place: next to files that are near it.
        lines.sort();
        let mut text = format!("# {MARKER}\n{VERSION}\n");
        for (_, line) in lines {
            let _ = writeln!(text, "{line}");
        }
        text
    }
}

/// A path in a record stays inside the repo, and is none of the record's own.
pub(super) fn checked(name: &str) -> Result<(), String> {
    name.parse::<RelativePath>()
        .map_err(|error| format!("`{}`: {error}", name.escape_debug()))?;
    let is_record = |part: &str| part.eq_ignore_ascii_case(RECORD);
    if name.split('/').any(is_record) {
        Err(format!("`{name}` is nothing that is generated"))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(lines: &str) -> Result<Record, DiskError> {
        let text = format!("# {MARKER}\n{VERSION}\n{lines}");
        Record::parse(&text, Path::new("record"))
    }

    #[test]
    fn a_record_is_read_as_it_is_written() {
        let (one, two) = (blob_name(b"1"), blob_name(b"2"));
        let text = format!(
            "removed .gitignore\ngenerated {one} - - - a b.nix\ngenerated {one} repo/flake.nix 12ab 0.1.0 flake.nix\n\
             generated {two} repo/flake.nix 12ab 0.1.0 flake.nix\nscaffold x/package.nix\n"
        );
        let record = record(&text).unwrap();
        assert!(record.wrote("flake.nix", b"1") && record.wrote("flake.nix", b"2"));
        assert!(record.wrote("a b.nix", b"1") && !record.wrote("a b.nix", b"2"));
        assert!(record.is_to_be_rewritten, "two branches wrote one of them");
        assert!(record.to_text().ends_with(&text), "{}", record.to_text());
    }

    #[test]
    fn what_is_no_record_is_refused_with_its_line() {
        let blob = blob_name(b"");
        for (line, reason) in [
            ("generated x".to_owned(), "says nothing"),
            ("flake.nix".to_owned(), "says nothing"),
            ("kept flake.nix".to_owned(), "says nothing"),
            ("generated 12 - - - flake.nix".to_owned(), "no text in git"),
            (format!("generated {blob} - - - ../flake.nix"), ".."),
            (
                format!("generated {blob} - - - .aux-gen/record"),
                "nothing that is generated",
            ),
            (
                "scaffold a/.AUX-GEN/x".to_owned(),
                "nothing that is generated",
            ),
        ] {
            let error = record(&format!("{line}\n")).unwrap_err().to_string();
            assert!(
                error.contains("line 3") && error.contains(reason),
                "{line}: {error}"
            );
        }
    }

    #[test]
    fn a_decision_of_one_branch_counts_in_both() {
        let blob = blob_name(b"");
        let text = format!("ejected flake.nix\ngenerated {blob} - - - flake.nix\n");
        let record = record(&text).unwrap();
        assert!(record.files.is_empty() && record.is_to_be_rewritten);
    }
}
