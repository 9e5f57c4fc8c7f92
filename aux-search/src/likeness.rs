//! How far a misspelling is off.

use aux_names::{folded, likeness};

/// How near a misspelling must be (Jaro-Winkler, 0 to 1).
const NEAR: f64 = 0.85;

/// What names are compared with.
pub(crate) struct Pattern {
    word: String,
    length: usize,
}

impl Pattern {
    /// `word` is in lower case.
    pub(crate) fn new(word: &str) -> Self {
        Self {
            word: word.to_owned(),
            length: word.chars().count(),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.word
    }

    /// How far off a name is, in thousandths; nothing if it is not near.
    pub(crate) fn unlike(&self, name: &str) -> Option<u32> {
        if self.at_best(name.len()) < NEAR {
            return None;
        }
        let likeness = likeness(&self.word, &folded(name));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and 150"
        )]
        let unlike = ((1.0 - likeness) * 1000.0).round() as u32;
        (likeness >= NEAR).then_some(unlike)
    }

    /// How like the word a name of this length can be, so that a long word is
    /// not compared with every name: all that could match does, in order, and
    /// the first four letters are the same.
    fn at_best(&self, length: usize) -> f64 {
        let (less, more) = (self.length.min(length), self.length.max(length));
        #[expect(clippy::cast_precision_loss, reason = "lengths of words")]
        let jaro = (less as f64 / more as f64 + 2.0) / 3.0;
        jaro + 0.4 * (1.0 - jaro)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_misspelling_is_near_and_another_name_is_not() {
        assert_eq!(Pattern::new("openssl").unlike("OpenSSL"), Some(0));
        assert_eq!(Pattern::new("notbok").unlike("notebook"), Some(58));
        assert_eq!(Pattern::new("firefox").unlike("openssl"), None);
        assert_eq!(Pattern::new("o").unlike("openssl"), None);
    }

    proptest! {
        #[test]
        fn nothing_is_more_like_it_than_the_bound(word in "[ab]{1,12}", name in "[ab]{1,12}") {
            let likeness = likeness(&word, &name);
            let bound = Pattern::new(&word).at_best(name.len());
            prop_assert!(likeness <= bound + 1e-9, "{likeness} > {bound}");
        }
    }
}
