//! What Nix said of commits before. A commit never changes, and evaluation is pure: the same
//! question about the same commits has the same answer. The memory can only say "as last time";
//! without it everything is asked again.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use aux_gen::disk::{State, replace};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::commits::view::View;

/// The file, in the state of the registry.
const FILE: &str = "cache/verdicts.json";

/// The version of its format.
const FORMAT: u32 = 1;

/// Runs after which an answer that nobody needed is forgotten: an update and a few change sets
/// take turns.
const KEPT: u8 = 8;

/// What Nix said before. Threads share it.
#[derive(Debug, Default)]
pub struct Memory {
    book: Mutex<Book>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    format: u32,
    answers: BTreeMap<Key, Remembered>,
    /// What commits offer besides what their contracts say.
    #[serde(default)]
    offers: BTreeMap<Key, RememberedOffers>,
    #[serde(skip)]
    is_new: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Remembered {
    view: View,
    /// How many runs have ended since it was of use.
    #[serde(default)]
    unused: u8,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RememberedOffers {
    /// Names by question; none where Nix has no answer.
    names: Offers,
    #[serde(default)]
    unused: u8,
}

/// Names of what a commit offers, by question; none where Nix has no answer.
pub(crate) type Offers = BTreeMap<String, Option<Vec<String>>>;

/// The name of a question: a hash of all that its answer depends on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Key(String);

impl Key {
    /// Of a question as data.
    pub(crate) fn of(question: &impl Serialize) -> Self {
        let text = serde_json::to_vec(question).expect("questions have text keys");
        Self(hex::encode(Sha256::digest(text)))
    }
}

impl Memory {
    /// What the runs of a registry remember; nothing if that cannot be read.
    #[must_use]
    pub fn read(root: &Path) -> Self {
        let text = State::of(root).and_then(|state| std::fs::read(state.path(FILE)).ok());
        let book: Option<Book> = serde_json::from_slice(&text.unwrap_or_default()).ok();
        let mut book = book
            .filter(|book| book.format == FORMAT)
            .unwrap_or_default();
        book.format = FORMAT;
        for remembered in book.answers.values_mut() {
            remembered.unused = remembered.unused.saturating_add(1);
        }
        for remembered in book.offers.values_mut() {
            remembered.unused = remembered.unused.saturating_add(1);
        }
        Self {
            book: Mutex::new(book),
        }
    }

    /// Writes down what is worth remembering. A memory that cannot be written is none.
    pub fn write(&self, root: &Path) {
        let mut book = self.locked();
        if !book.is_new {
            return;
        }
        book.answers
            .retain(|_, remembered| remembered.unused <= KEPT);
        book.offers
            .retain(|_, remembered| remembered.unused <= KEPT);
        let text = serde_json::to_string(&*book).expect("keys are texts");
        if let Ok(state) = State::make(root) {
            let _not_written = replace(&state.path(FILE), text);
        }
        book.is_new = false;
    }

    /// The answer to a question, if it is known.
    pub(crate) fn get(&self, key: &Key) -> Option<View> {
        let mut book = self.locked();
        let remembered = book.answers.get_mut(key)?;
        remembered.unused = 0;
        Some(remembered.view.clone())
    }

    /// Remembers an answer that will be the same next time.
    pub(crate) fn put(&self, key: Key, view: &View) {
        if !view.is_certain() {
            return;
        }
        let mut view = view.clone();
        // What Nix said in full is shown once, and is long.
        for package in view.packages.values_mut() {
            if let super::Evaluated::Failed(failure) = package {
                failure.detail.clear();
            }
        }
        for failure in &mut view.broken {
            failure.detail.clear();
        }
        let mut book = self.locked();
        book.is_new = true;
        book.answers.insert(key, Remembered { view, unused: 0 });
    }

    /// What a commit offers, if it was asked for before.
    pub(crate) fn offers(&self, key: &Key) -> Option<Offers> {
        let mut book = self.locked();
        let remembered = book.offers.get_mut(key)?;
        remembered.unused = 0;
        Some(remembered.names.clone())
    }

    /// Remembers what a commit offers.
    pub(crate) fn put_offers(&self, key: Key, names: &Offers) {
        let mut book = self.locked();
        book.is_new = true;
        let names = names.clone();
        book.offers
            .insert(key, RememberedOffers { names, unused: 0 });
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Book> {
        self.book.lock().expect("nobody panics while looking")
    }
}
