//! Whether the hash of what `git archive` gives is everybody's.
//!
//! A lock is read on other machines, so that a hash that depends on whose git made the
//! archive is no hash to lock. Who makes it, and what becomes of attributes:
//!
//! | | up to Nix 2.25 | from 2.26 on |
//! |---|---|---|
//! | `github:` and the like | the forge | the forge |
//! | `git+` | the user's git, with the user's configuration | nobody: objects are read |
//!
//! - `filter=X` on a file: a forge has no filters, so that the file is what was committed (a
//!   pointer of Git LFS stays one). A user's git runs the filter if the user has it, as
//!   `git lfs install` does for all repositories of one: the hash is not everybody's.
//! - `export-subst` on a file: git puts in what a placeholder says (`gitattributes`, "Creating
//!   an archive"). Names, mails, dates and full names of objects are in the commit; what names
//!   refs, abbreviates (by how many objects there are), asks a mailmap, a keyring or the clock
//!   is not, for forges neither.
//! - `eol`, `export-ignore`, `ident`, `working-tree-encoding`: the same for all.

use aux_git::{GitError, Objects, ShadowRepository};

/// Who makes the archive whose hash is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Archiver {
    /// A forge, with no configuration but its own.
    Forge,
    /// The git that the lock is made with.
    User,
}

/// Why a hash is not everybody's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unportable {
    /// A filter may be run.
    #[error(
        "its file `{file}` has the attribute `filter={filter}`: up to 2.25 Nix runs that filter if the user has it, so that the hash is not everybody's; take the attribute away, use a forge's archive (`github:`), or lock with Nix 2.26 or newer"
    )]
    Filter {
        /// The path in the repository.
        file: String,
        /// The name of the filter.
        filter: String,
    },
    /// A placeholder is not the same for all.
    #[error(
        "its file `{file}` has the attribute `export-subst` and the placeholder `{placeholder}`, for which each repository has its own text, so that the hash is not everybody's; use `%H` or a date, or take the attribute away"
    )]
    Placeholder {
        /// The path in the repository.
        file: String,
        /// The placeholder.
        placeholder: String,
    },
}

/// What is in the tree of a commit that makes the hash of its archive depend on who makes
/// it; none if nothing is.
pub(super) fn unportable(
    shadow: &ShadowRepository,
    objects: &mut Objects,
    tree: &str,
    archiver: Archiver,
) -> Result<Option<Unportable>, GitError> {
    for attribute in shadow.attributes(tree, &["filter", "export-subst"])? {
        match (attribute.name.as_str(), attribute.value.as_str()) {
            // A filter without a name is none.
            ("filter", "set") => {}
            ("filter", filter) if archiver == Archiver::User => {
                return Ok(Some(Unportable::Filter {
                    file: attribute.path,
                    filter: filter.to_owned(),
                }));
            }
            // Any value but none will do (`archive.c`).
            ("export-subst", _) => {
                let content = objects.file(tree, &attribute.path)?.unwrap_or_default();
                if let Some(placeholder) = odd_placeholder(&content) {
                    return Ok(Some(Unportable::Placeholder {
                        file: attribute.path,
                        placeholder,
                    }));
                }
            }
            _ => {}
        }
    }
    Ok(None)
}

/// The first placeholder between `$Format:` and `$` whose text is not in the commit itself
/// (`git-log`, "PRETTY FORMATS").
fn odd_placeholder(content: &[u8]) -> Option<String> {
    const START: &[u8] = b"$Format:";
    let mut rest = content;
    while let Some(start) = rest.windows(START.len()).position(|part| part == START) {
        let inner = &rest[start + START.len()..];
        let end = inner.iter().position(|byte| *byte == b'$')?;
        if let Some(odd) = odd_in(&String::from_utf8_lossy(&inner[..end])) {
            return Some(odd);
        }
        rest = &inner[end + 1..];
    }
    None
}

fn odd_in(format: &str) -> Option<String> {
    /// Those that only the commit decides, without modifiers.
    const OF_COMMIT: [&str; 31] = [
        "%", "n", "H", "T", "P", "e", "s", "f", "b", "B", "an", "ae", "al", "ad", "aD", "at", "ai",
        "aI", "as", "cn", "ce", "cl", "cd", "cD", "ct", "ci", "cI", "cs", "x00", "x09", "x0a",
    ];
    let mut rest = format;
    while let Some((_, after)) = rest.split_once('%') {
        let bare = after.trim_start_matches(['+', '-', ' ']);
        let known = OF_COMMIT.iter().find(|known| bare.starts_with(**known));
        let Some(known) = known else {
            let end = match bare.strip_prefix('(') {
                Some(inner) => inner.find(')').map_or(bare.len(), |end| end + 2),
                None => bare
                    .char_indices()
                    .skip(1)
                    .find(|(_, character)| !character.is_ascii_alphabetic())
                    .map_or(bare.len(), |(end, _)| end),
            };
            return Some(format!("%{}", &bare[..end]));
        };
        rest = &bare[known.len()..];
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_of_the_commit_are_everybodys() {
        for format in [
            "%H %T %P",
            "%an <%ae>, %aI",
            "100%%",
            "%+s%n%cd",
            "nothing",
            "",
        ] {
            let content = format!("a $Format:{format}$ b");
            assert_eq!(odd_placeholder(content.as_bytes()), None, "{format}");
        }
        assert_eq!(odd_placeholder(b"%d without the marks"), None);
        assert_eq!(odd_placeholder(b"$Format:%d never ends"), None);
        for (format, odd) in [
            ("%H%d", "%d"),
            ("%D", "%D"),
            ("%h", "%h"),
            ("%(describe:tags=true) %H", "%(describe:tags=true)"),
            ("%(decorate)", "%(decorate)"),
            ("%aN", "%aN"),
            ("%cr", "%cr"),
            ("%N", "%N"),
            ("%GS", "%GS"),
            ("%+d", "%d"),
            ("%", "%"),
            ("%ü", "%ü"),
        ] {
            let content = format!("$Format:%H$ $Format:{format}$");
            assert_eq!(
                odd_placeholder(content.as_bytes()).as_deref(),
                Some(odd),
                "{format}"
            );
        }
    }
}
