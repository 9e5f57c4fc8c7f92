//! What a core in nixpkgs' style must change so that layers of other repos reach
//! every stage of its bootstrap, and every other package set it makes.
//!
//! The contract is in `docs/contract.md`. Each [`Place`] is found in the syntax tree
//! of the core's own files; what is there already is not asked for again.

mod places;

use std::collections::BTreeMap;
use std::path::Path;

use aux_model::{RepoName, System};
use serde::Serialize;

use aux_gen::disk::{DiskError, read_text};
use aux_nix::language::quote;
use aux_nix::{Answer, Limits, Nix, NixError, Question};

/// The file with core's stubs: see [`stubs`].
pub const STUBS: &str = "foreign.nix";

/// What a core lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Readiness {
    /// Every place that matters, in the order of the files.
    pub places: Vec<Place>,
    /// The files that have to change: before and after.
    #[serde(skip)]
    pub edits: BTreeMap<String, (String, String)>,
}

/// One place in a core's files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file, relative to the core.
    pub file: String,
    /// 1-based line; none if the place was not found.
    pub line: Option<usize>,
    /// What has to be there.
    pub what: &'static str,
    /// Why.
    pub why: &'static str,
    /// How it stands.
    #[serde(flatten)]
    pub state: State,
}

/// How a place stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum State {
    /// It is there already.
    Done,
    /// It can be added.
    Missing,
    /// It was not found, so that somebody has to look.
    Unknown {
        /// What was looked for.
        reason: String,
    },
}

impl Readiness {
    /// Whether every place is as it must be.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.places.iter().all(|place| place.state == State::Done)
    }

    /// The places that somebody has to find.
    pub fn unknown(&self) -> impl Iterator<Item = &Place> {
        let places = self.places.iter();
        places.filter(|place| matches!(place.state, State::Unknown { .. }))
    }
}

/// Whether a core has to have stubs for what other repos own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stubs {
    /// Packages of it ask for what left it.
    Wanted,
    /// None does.
    NotNeeded,
}

/// Finds the places in a core's files.
///
/// # Errors
/// When a file cannot be read.
pub fn readiness(core: &Path, stubs: Stubs) -> Result<Readiness, DiskError> {
    let mut texts = BTreeMap::new();
    for file in places::FILES {
        let path = core.join(file);
        let text = match path.is_file() {
            true => Some(read_text(&path)?),
            false => None,
        };
        texts.insert(file, text);
    }
    let mut readiness = Readiness {
        places: Vec::new(),
        edits: BTreeMap::new(),
    };
    for (file, text) in texts {
        let found = match text {
            None => places::absent(file, stubs),
            Some(text) => match places::find(file, &text, stubs) {
                Err(error) => places::unread(file, stubs, &error.to_string()),
                Ok(found) => {
                    let edited = places::edited(&text, &found);
                    if edited != text {
                        readiness.edits.insert(file.to_owned(), (text, edited));
                    }
                    found
                }
            },
        };
        readiness
            .places
            .extend(found.into_iter().map(|found| found.place));
    }
    Ok(readiness)
}

/// The stubs that a text of [`stubs`] has; none if it is somebody's own.
#[must_use]
pub fn read_stubs(text: &str) -> Option<BTreeMap<String, RepoName>> {
    if !text.starts_with(STUBS_START) {
        return None;
    }
    let entries = text.lines().filter_map(|line| {
        let (name, repo) = line.trim().strip_suffix(';')?.split_once(" = ")?;
        let repo = repo.trim_matches('"').parse().ok()?;
        Some((name.to_owned(), repo))
    });
    Some(entries.collect())
}

/// How [`stubs`] starts.
const STUBS_START: &str = "# Names that packages of this repo ask for and other repos own: ";

/// The text of [`STUBS`]: a throw for each attribute that core's packages ask for and
/// another repo owns, by attribute.
///
/// ```
/// # use aux_adopt::ready::{read_stubs, stubs};
/// let of = [("maturin".to_owned(), "rust".parse()?)].into();
/// assert_eq!(read_stubs(&stubs(&of)), Some(of));
/// assert_eq!(read_stubs("{ maturin = 1; }"), None);
/// # Ok::<(), aux_model::NameError>(())
/// ```
#[must_use]
pub fn stubs(of: &BTreeMap<String, RepoName>) -> String {
    let entries: String = of
        .iter()
        .map(|(name, repo)| format!("    {} = {};\n", name, quote(repo.as_str())))
        .collect();
    format!(
        "{STUBS_START}at the bottom of the
# package set, so that a set without those repos evaluates and says who has them.
builtins.mapAttrs
  (name: repo: throw \"`${{name}}` belongs to the repo `${{repo}}`, which is not part of this package set\")
  {{
{entries}  }}
"
    )
}

/// What a core offers, by evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Clause {
    /// What has to hold.
    pub what: &'static str,
    /// Why it does not; none if it does.
    pub broken: Option<String>,
}

/// A layer that says that it was there, and what it was handed.
const PROBED: &str = r#"let
  core = let self = (import (root + "/flake.nix")).outputs { inherit self; } // { outPath = root; }; in self;
  layer = arguments: final: prev: { aux-probe = { inherit arguments; below = prev ? stdenv; }; };
  set = core.mkPackages { inherit system; layers = [ layer ]; overlays = [ (final: prev: { aux-seen = prev ? aux-probe; }) ]; };
in
{ inherit core set; }"#;

/// What has to hold, and an expression that says whether it does.
const CLAUSES: [(&str, &str); 7] = [
    (
        "its flake offers `mkPackages`",
        "builtins.isFunction scope.core.mkPackages",
    ),
    ("`mkPackages` takes layers", "scope.set ? aux-probe"),
    (
        "a layer is handed `lib`, `config` and `overlays`",
        "builtins.all (name: scope.set.aux-probe.arguments ? ${name}) [ \"lib\" \"config\" \"overlays\" ]",
    ),
    (
        "a layer stands above core's own packages",
        "scope.set.aux-probe.below",
    ),
    ("an overlay stands above the layers", "scope.set.aux-seen"),
    (
        "layers reach the stage before",
        "(scope.set.buildPackages or scope.set) ? aux-probe",
    ),
    (
        "layers reach the other package sets",
        "!(scope.set ? pkgsStatic) || scope.set.pkgsStatic ? aux-probe",
    ),
];

/// Asks Nix whether a core keeps what the contract wants of it.
///
/// # Errors
/// When Nix cannot be started or asked.
pub fn check(core: &Path, nix: &Nix, system: &System) -> Result<Vec<Clause>, NixError> {
    let scope = format!(
        "let root = /. + {}; system = {}; in {PROBED}",
        quote(&core.to_string_lossy()),
        quote(system.as_str())
    );
    let questions: Vec<Question> = CLAUSES
        .iter()
        .map(|(what, expression)| Question::new(*what, *expression))
        .collect();
    let limits = Limits::default().allowing(core);
    let answers = nix.ask(&scope, &questions, &limits)?;
    Ok(CLAUSES
        .iter()
        .zip(answers)
        .map(|((what, _), answered)| Clause {
            what,
            broken: match answered.answer {
                Answer::Value(value) if value == true => None,
                Answer::Value(_) => Some("it does not".to_owned()),
                Answer::Failed(failure) => Some(failure.reason),
            },
        })
        .collect())
}
