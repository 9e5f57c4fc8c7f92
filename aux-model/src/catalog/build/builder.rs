//! What every part of the building has at hand.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt::Display;
use std::hash::{Hash, Hasher};

use aux_names::did_you_mean;

use crate::manifest::reader::Finding;
use aux_problems::Code;
use aux_problems::{At, Located};

/// Above this many unknown names the suggestions stop: each looks at every name
/// there is, and so many mistakes have one cause.
const SUGGESTIONS: usize = 100;

/// What every part of the work adds to.
pub(crate) struct Builder<'f> {
    pub(crate) findings: &'f mut Vec<Finding>,
    pub(super) suggested: usize,
    /// Whether a repo is somebody else's, and nobody knows what it has: a name that nobody is known
    /// to have may be one of its.
    pub(super) core_is_unknown: bool,
}

impl Builder<'_> {
    pub(crate) fn report(&mut self, code: Code, at: At, message: String, help: Option<String>) {
        self.findings
            .push(Finding::new(code, Some(at), message, help));
    }

    /// A name that does not exist, who asks for it, and the nearest that does.
    pub(crate) fn unknown<'a, T: AsRef<str>, K: AsRef<str> + 'a>(
        &mut self,
        code: Code,
        asker: impl Display,
        what: &str,
        name: &Located<T>,
        known: impl Iterator<Item = &'a K> + Clone,
    ) {
        let text = name.value.as_ref();
        let help = self.suggest(text, known.map(AsRef::as_ref));
        self.report(
            code,
            name.at,
            format!("{asker}: there is no {what} `{text}`"),
            help,
        );
    }

    pub(crate) fn suggest<'a>(
        &mut self,
        text: &str,
        known: impl Iterator<Item = &'a str> + Clone,
    ) -> Option<String> {
        self.may_suggest()
            .then(|| did_you_mean(text, known))
            .flatten()
    }

    pub(crate) fn may_suggest(&mut self) -> bool {
        self.suggested += 1;
        self.suggested <= SUGGESTIONS
    }

    /// The first definition of each name; later ones, and names that differ only
    /// in case and are names of directories, are findings.
    pub(crate) fn unique<K, V>(
        &mut self,
        what: &str,
        entries: Vec<(Located<K>, V)>,
        is_directory: impl Fn(&V) -> bool,
    ) -> Vec<(Located<K>, V)>
    where
        K: AsRef<str> + Clone + Eq + Hash + Display,
    {
        let mut exact: HashMap<K, At> = HashMap::with_capacity(entries.len());
        let mut any_case: HashMap<AnyCase<K>, At> = HashMap::with_capacity(entries.len());
        let mut kept = Vec::with_capacity(entries.len());
        for (name, value) in entries {
            match exact.entry(name.value.clone()) {
                Entry::Occupied(first) => {
                    self.defined_twice(what, &name.value, name.at, *first.get());
                    continue;
                }
                Entry::Vacant(entry) => {
                    entry.insert(name.at);
                }
            }
            if is_directory(&value) {
                match any_case.entry(AnyCase(name.value.clone())) {
                    Entry::Vacant(entry) => {
                        entry.insert(name.at);
                    }
                    Entry::Occupied(entry) => {
                        let first = &entry.key().0;
                        let finding =
                            case_collision(what, &name.value, name.at, first, *entry.get());
                        self.findings.push(finding);
                    }
                }
            }
            kept.push((name, value));
        }
        kept
    }

    pub(crate) fn defined_twice(&mut self, what: &str, name: &impl Display, at: At, first: At) {
        self.findings.push(
            Finding::new(
                Code::DuplicateDefinition,
                Some(at),
                format!("{what} `{name}` is defined twice"),
                Some("remove one definition, or merge the two".to_owned()),
            )
            .related(first, "first defined here"),
        );
    }
}

/// A name that equals those that differ only in case.
pub(crate) struct AnyCase<K>(pub(super) K);

impl<K: AsRef<str>> PartialEq for AnyCase<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_ref().eq_ignore_ascii_case(other.0.as_ref())
    }
}

impl<K: AsRef<str>> Eq for AnyCase<K> {}

impl<K: AsRef<str>> Hash for AnyCase<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // In pieces of a few bytes each: a hasher is slow byte by byte.
        for bytes in self.0.as_ref().as_bytes().chunks(32) {
            let mut lower = [0; 32];
            lower[..bytes.len()].copy_from_slice(bytes);
            lower.make_ascii_lowercase();
            state.write(&lower[..bytes.len()]);
        }
        state.write_u8(0xff);
    }
}

pub(crate) fn case_collision(
    what: &str,
    name: &impl Display,
    at: At,
    first: &impl Display,
    first_at: At,
) -> Finding {
    Finding::new(
        Code::CaseCollision,
        Some(at),
        format!("{what} `{name}` and {what} `{first}` differ only in case"),
        Some("rename one: both would be one directory on macOS and Windows".to_owned()),
    )
    .related(first_at, "the other one is here")
}
