//! What is asked for: words, each in lower case once.

use std::collections::BTreeMap;

use aux_model::SigName;

use crate::fit::{Fit, Rank};
use crate::hit::HitKind;
use crate::index::{Entry, Index, Name};
use crate::likeness::Pattern;
use crate::part::{Part, part_of};

/// The words of a search.
pub(crate) struct Query {
    words: Vec<Word>,
    /// All of them, for names of several words.
    phrase: String,
}

struct Word {
    /// As it was typed, in lower case.
    text: String,
    /// The part of it that names have.
    name: Pattern,
    /// The repo before the name, if it was typed as `REPO/NAME`: names of no
    /// other repo count.
    repo: Option<String>,
    /// What it says beside names; nothing where names alone count.
    meaning: Option<Meaning>,
}

/// How a word may fit what a thing belongs to.
struct Meaning {
    /// SIGs of this name, or led by somebody of this handle.
    sigs: BTreeMap<SigName, Fit>,
    /// Whether it may be a repo or a kind: only beside other words, or `python`
    /// alone would find all that is placed in the repo.
    places: bool,
}

impl Query {
    pub(crate) fn new(index: &Index, text: &str) -> Self {
        let texts: Vec<String> = text.split_whitespace().map(lower).collect();
        let places = texts.len() > 1;
        Self {
            phrase: texts.join(" "),
            words: texts
                .into_iter()
                .map(|text| {
                    let sigs = sigs(index, &text);
                    Word::new(text, Some(Meaning { sigs, places }))
                })
                .collect(),
        }
    }

    /// One word that fits names only.
    pub(crate) fn name(text: &str) -> Self {
        let text = text.to_lowercase();
        Self {
            phrase: text.clone(),
            words: vec![Word::new(text, None)],
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether all words fit a thing by one of its names.
    pub(crate) fn fits(&self, entry: &Entry) -> bool {
        let mut fits = false;
        entry.each_name(|name| fits = fits || self.rank(entry, &name).is_some());
        fits
    }

    /// How well all words fit a thing by this name, if they do.
    pub(crate) fn rank(&self, entry: &Entry, name: &Name<'_>) -> Option<Rank> {
        if name
            .full
            .is_some_and(|full| part_of(full, &self.phrase) == Some(Part::Whole))
        {
            return Some(Rank::EXACT);
        }
        Rank::of(self.words.iter().map(|word| word.fit(entry, name)))
    }

    /// As [`Self::rank`], where at least one word fits only as a misspelling of
    /// the name.
    pub(crate) fn rank_of_misspelling(&self, entry: &Entry, name: &Name<'_>) -> Option<Rank> {
        // It fits nothing, or nobody would look for misspellings.
        if let [word] = self.words.as_slice() {
            let unlike = word.unlike(entry, name);
            return unlike.map(|unlike| Rank::misspelt(unlike, &[]));
        }
        let mut misspelt = None;
        let mut fits = Vec::new();
        for word in &self.words {
            match word.fit(entry, name) {
                Some(fit) => fits.push(fit),
                None => misspelt = misspelt.max(Some(word.unlike(entry, name)?)),
            }
        }
        misspelt.map(|unlike| Rank::misspelt(unlike, &fits))
    }
}

impl Word {
    fn new(text: String, meaning: Option<Meaning>) -> Self {
        let (repo, name) = match text.split_once('/') {
            Some((repo, name)) if !repo.is_empty() && !name.is_empty() => {
                (Some(repo.to_owned()), Pattern::new(name))
            }
            _ => (None, Pattern::new(&text)),
        };
        Self {
            text,
            name,
            repo,
            meaning,
        }
    }

    /// How it fits the name or, which is never as good, what is around it.
    fn fit(&self, entry: &Entry, name: &Name<'_>) -> Option<Fit> {
        let word = self.name.as_str();
        let short = part_of(name.text, word);
        let full = name.full.and_then(|full| part_of(full, word));
        let by_name = short.into_iter().chain(full).map(Fit::of_name).min();
        by_name
            .filter(|_| self.is_in_repo(entry))
            .or_else(|| self.around(entry))
    }

    /// How far off it is from the name, if it may be a misspelling.
    fn unlike(&self, entry: &Entry, name: &Name<'_>) -> Option<u32> {
        let unlike = self.name.unlike(name.text)?;
        self.is_in_repo(entry).then_some(unlike)
    }

    fn is_in_repo(&self, entry: &Entry) -> bool {
        self.repo.as_ref().is_none_or(|wanted| {
            let repo = entry.repo.as_ref();
            repo.is_some_and(|repo| repo.as_str().eq_ignore_ascii_case(wanted))
        })
    }

    /// How it fits the thing whatever it is called.
    fn around(&self, entry: &Entry) -> Option<Fit> {
        let meaning = self.meaning.as_ref()?;
        let is = |name: &str| name.eq_ignore_ascii_case(&self.text);
        if entry
            .description
            .as_ref()
            .is_some_and(|description| part_of(description, &self.text).is_some())
        {
            return Some(Fit::Description);
        }
        if entry.handles().iter().any(|handle| is(handle.as_str())) {
            return Some(Fit::Owner);
        }
        let owner = entry.owner.as_ref();
        let owner = owner.and_then(|owner| meaning.sigs.get(owner));
        if owner.is_some() || !meaning.places {
            return owner.copied();
        }
        if entry.repo.as_ref().is_some_and(|repo| is(repo.as_str())) {
            return Some(Fit::Repo);
        }
        let kind = entry.kind.as_str();
        // `modules` is as good as `module`.
        let is_kind = is(kind) || self.text.strip_suffix('s') == Some(kind);
        is_kind.then_some(Fit::Kind)
    }
}

/// A word in lower case; `@ada` is `ada`.
fn lower(word: &str) -> String {
    let handle = word.strip_prefix('@').filter(|handle| !handle.is_empty());
    handle.unwrap_or(word).to_lowercase()
}

/// The SIGs that a word names, or a lead of.
fn sigs(index: &Index, word: &str) -> BTreeMap<SigName, Fit> {
    let is = |name: &str| name.eq_ignore_ascii_case(word);
    let sigs = index.entries.iter();
    sigs.filter(|entry| entry.kind == HitKind::Sig)
        .filter_map(|sig| {
            let fit = if is(&sig.name) {
                Fit::Owner
            } else if sig.leads.iter().any(|lead| is(lead.as_str())) {
                Fit::Lead
            } else {
                return None;
            };
            Some((sig.owner.clone()?, fit))
        })
        .collect()
}
