//! "Did you mean": the nearest of the names that exist.

use std::borrow::Cow;

/// How alike two names must be to be worth naming (Jaro-Winkler, 0 to 1). The
/// value cargo and clap use for commands is 0.7; names of packages are shorter
/// and more alike, so it is a little stricter here.
const THRESHOLD: f64 = 0.75;

/// The nearest of `known`, if one is near enough. The first in order wins a tie,
/// so the answer does not depend on anything but its input. Without the feature
/// `suggest`, only names that differ in upper and lower case are near.
#[must_use]
pub fn nearest<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = folded(text);
    let mut best: Option<(f64, &str)> = None;
    for name in known {
        let score = likeness(&lower, &folded(name));
        if score >= THRESHOLD && best.is_none_or(|(top, _)| score > top) {
            best = Some((score, name));
        }
    }
    best.map(|(_, name)| name)
}

/// How alike two words in lower case are, from 0 to 1 for the same word
/// (Jaro-Winkler; without the feature `suggest`, either 0 or 1).
#[must_use]
pub fn likeness(one: &str, other: &str) -> f64 {
    #[cfg(feature = "suggest")]
    return strsim::jaro_winkler(one, other);
    #[cfg(not(feature = "suggest"))]
    return if one == other { 1.0 } else { 0.0 };
}

/// Lower case; most names are already.
#[must_use]
pub fn folded(name: &str) -> Cow<'_, str> {
    let is_lower = |byte: u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    if name.bytes().all(is_lower) {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(name.to_lowercase())
    }
}

/// A help line: "did you mean `x`?", or what there is when nothing is near and
/// the list is short.
#[must_use]
pub fn did_you_mean<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    /// More names than this are a list nobody reads.
    const FEW: usize = 12;
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(name) = nearest(text, known.iter().copied()) {
        return Some(format!("did you mean `{name}`?"));
    }
    let names: Vec<String> = known
        .into_iter()
        .take(FEW + 1)
        .map(|name| format!("`{name}`"))
        .collect();
    match names.as_slice() {
        [only] => Some(format!("there is only {only}")),
        [first @ .., last] if first.len() < FEW => {
            Some(format!("there are {} and {last}", first.join(", ")))
        }
        _ => None,
    }
}

#[cfg(all(test, feature = "suggest"))]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_or_none() {
        let known = ["python", "javascript", "gnome"];
        assert_eq!(nearest("pyhton", known), Some("python"));
        assert_eq!(nearest("JavaScript", known), Some("javascript"));
        assert_eq!(nearest("zzz", known), None);
        let help = |text, known: &[&'static str]| did_you_mean(text, known.iter().copied());
        assert_eq!(help("a", &[]), None);
        assert_eq!(help("zzz", &["a"]).unwrap(), "there is only `a`");
        assert_eq!(
            help("zzz", &["a", "b", "c"]).unwrap(),
            "there are `a`, `b` and `c`"
        );
        assert!(help("zzz", &["a"; 12]).is_some());
        assert_eq!(help("zzz", &["a"; 13]), None);
    }
}
