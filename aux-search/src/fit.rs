//! How well a hit fits, of one word and of all together.

use crate::part::Part;

/// How well a hit fits the query; better ones come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Match {
    /// Its name is the query's, but for case.
    Exact,
    /// Its name starts with it.
    Prefix,
    /// Its name contains it.
    Substring,
    /// Its description contains it.
    Description,
    /// It belongs to what the query names: a SIG that owns it or somebody who
    /// looks after it, then somebody who leads the SIG that owns it; beside
    /// other words, its repo, then its kind.
    Owner,
    /// Its name is near it: a misspelling.
    Fuzzy,
}

/// How well one word fits a thing: [`Match`], with each way to belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    Exact,
    Prefix,
    Substring,
    Description,
    /// The SIG that owns it, or somebody who leads it or looks after it.
    Owner,
    /// Somebody who leads the SIG that owns it.
    Lead,
    Repo,
    Kind,
}

/// How well all words fit together; what compares as less is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    pub(crate) matched: Match,
    /// How far the worst misspelling is off, in thousandths.
    unlike: u32,
    /// The words' fits, summed up.
    sum: u32,
}

impl Fit {
    /// The fit of a name that has the word as this part.
    pub(crate) fn of_name(part: Part) -> Self {
        match part {
            Part::Whole => Self::Exact,
            Part::Start => Self::Prefix,
            Part::Inside => Self::Substring,
        }
    }

    fn matched(self) -> Match {
        match self {
            Self::Exact => Match::Exact,
            Self::Prefix => Match::Prefix,
            Self::Substring => Match::Substring,
            Self::Description => Match::Description,
            Self::Owner | Self::Lead | Self::Repo | Self::Kind => Match::Owner,
        }
    }
}

impl Rank {
    /// The rank of what nothing is asked of: every name starts with nothing.
    const OF_NO_WORDS: Self = Self {
        matched: Match::Prefix,
        unlike: 0,
        sum: 0,
    };

    /// The rank of a name that all words together are.
    pub(crate) const EXACT: Self = Self {
        matched: Match::Exact,
        unlike: 0,
        sum: 0,
    };

    /// The rank of what fits the words in these ways, if it fits each.
    pub(crate) fn of(fits: impl IntoIterator<Item = Option<Fit>>) -> Option<Self> {
        let mut rank: Option<Self> = None;
        for fit in fits {
            let fit = fit?;
            rank = Some(Self {
                matched: rank.map_or(fit.matched(), |rank| rank.matched.min(fit.matched())),
                unlike: 0,
                sum: rank.map_or(0, |rank| rank.sum) + fit as u32,
            });
        }
        Some(rank.unwrap_or(Self::OF_NO_WORDS))
    }

    /// The rank of a misspelling, this far off, that fits the other words in
    /// these ways.
    pub(crate) fn misspelt(unlike: u32, fits: &[Fit]) -> Self {
        Self {
            matched: Match::Fuzzy,
            unlike,
            sum: fits.iter().map(|fit| *fit as u32).sum(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_word_counts_before_all_others() {
        let rank = |fits: &[Fit]| Rank::of(fits.iter().copied().map(Some)).unwrap();
        let ranks = [
            Rank::EXACT,
            rank(&[Fit::Exact, Fit::Kind]),
            rank(&[Fit::Prefix, Fit::Substring]),
            rank(&[Fit::Description, Fit::Prefix]),
            rank(&[Fit::Prefix, Fit::Repo]),
            rank(&[Fit::Substring, Fit::Substring]),
            rank(&[Fit::Description]),
            rank(&[Fit::Owner]),
            rank(&[Fit::Lead]),
            Rank::misspelt(10, &[Fit::Kind]),
            Rank::misspelt(20, &[]),
        ];
        assert!(ranks.is_sorted(), "{ranks:?}");
        assert_eq!(rank(&[]).matched, Match::Prefix);
        assert_eq!(Rank::of([Some(Fit::Exact), None]), None);
    }
}
