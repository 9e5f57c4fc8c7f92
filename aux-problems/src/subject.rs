//! What a problem is about.

use std::fmt;

/// What a problem is about, by kind and name, as its manifest names it: the name may be the very
/// thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct ProblemSubject {
    /// What it is.
    pub kind: SubjectKind,
    /// Its name; of what belongs to a repo, `REPO/NAME`.
    pub name: String,
}

crate::word_type! {
    /// What a problem can be about.
    SubjectKind {
        /// Somebody.
        Person = "person",
        /// A special interest group.
        Sig = "sig",
        /// A repo.
        Repo = "repo",
        /// A package.
        Package = "package",
        /// A builder.
        Builder = "builder",
        /// A module.
        Module = "module",
        /// An overlay.
        Overlay = "overlay",
        /// A name that a repo answers for after a move.
        Moved = "moved",
    }
}

impl ProblemSubject {
    /// The subject of a place in a manifest, by its JSON pointer.
    pub fn at(pointer: &str) -> Option<Self> {
        let tokens: Vec<String> = pointer.split('/').skip(1).map(plain).collect();
        let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
        let (kind, name) = match *tokens.as_slice() {
            ["people", name, ..] => (SubjectKind::Person, name.to_owned()),
            ["sigs", name, ..] => (SubjectKind::Sig, name.to_owned()),
            ["repos", repo, part, name, ..] => match of_repo(part) {
                Some(kind) => (kind, format!("{repo}/{name}")),
                None => (SubjectKind::Repo, repo.to_owned()),
            },
            ["repos", repo, ..] => (SubjectKind::Repo, repo.to_owned()),
            _ => return None,
        };
        Some(Self { kind, name })
    }
}

fn of_repo(part: &str) -> Option<SubjectKind> {
    Some(match part {
        "packages" => SubjectKind::Package,
        "builders" => SubjectKind::Builder,
        "modules" => SubjectKind::Module,
        "overlays" => SubjectKind::Overlay,
        "moved" => SubjectKind::Moved,
        _ => return None,
    })
}

/// A reference token as the key it stands for (RFC 6901, section 4).
fn plain(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

/// As in "package `web/curl`".
impl fmt::Display for ProblemSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.kind, self.name)
    }
}
