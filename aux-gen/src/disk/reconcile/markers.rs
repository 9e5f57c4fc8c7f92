//! Conflict markers: places where git, or `resolve --merge`, put two texts.

/// The lines that start, part and end a place with two texts, as `git merge-file` writes
/// them: seven characters, then a space and a name, or nothing.
const OURS: &str = "<<<<<<<";
const BASE: &str = "|||||||";
const PART: &str = "=======";
const THEIRS: &str = ">>>>>>>";

/// Whether a text has a line that is a conflict marker. `=======` alone is none: it may
/// underline a heading. One that was left over counts as much as all of them.
pub(super) fn has_conflict_markers(text: &str) -> bool {
    text.lines()
        .any(|line| [OURS, BASE, THEIRS].iter().any(|marker| is(line, marker)))
}

fn is(line: &str, marker: &str) -> bool {
    line.strip_prefix(marker)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// The two texts of a text with conflict markers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sides {
    pub(super) ours: String,
    pub(super) theirs: String,
}

impl Sides {
    /// Takes a text apart; none if it has no places with two texts, or markers that do
    /// not belong together.
    pub(super) fn of(text: &str) -> Option<Self> {
        #[derive(Clone, Copy, PartialEq, Eq)]
        enum At {
            Both,
            Ours,
            Base,
            Theirs,
        }
        let (mut ours, mut theirs) = (String::new(), String::new());
        let (mut at, mut places) = (At::Both, 0);
        for whole in text.split_inclusive('\n') {
            let line = whole.trim_end_matches(['\n', '\r']);
            at = match at {
                At::Both if is(line, OURS) => At::Ours,
                At::Ours if is(line, BASE) => At::Base,
                At::Ours | At::Base if line == PART => At::Theirs,
                At::Theirs if is(line, THEIRS) => {
                    places += 1;
                    At::Both
                }
                _ if has_conflict_markers(line) => return None,
                _ => {
                    if matches!(at, At::Both | At::Ours) {
                        ours.push_str(whole);
                    }
                    if matches!(at, At::Both | At::Theirs) {
                        theirs.push_str(whole);
                    }
                    at
                }
            };
        }
        (at == At::Both && places > 0).then_some(Self { ours, theirs })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_that_is_left_over_is_seen() {
        for (text, has) in [
            ("a\n<<<<<<< HEAD\nb\n", true),
            ("a\n||||||| base\nb\n", true),
            ("a\n>>>>>>> x\nb\n", true),
            ("<<<<<<<\n", true),
            ("Title\n=======\n", false),
            ("<<<<<<<< eight\n", false),
            ("text <<<<<<< x\n", false),
        ] {
            assert_eq!(has_conflict_markers(text), has, "{text}");
        }
    }

    #[test]
    fn the_two_texts_of_a_merge_come_apart() {
        let text = "a\n<<<<<<< HEAD\nb\n||||||| base\nx\n=======\nc\n>>>>>>> other\nd\n";
        let sides = Sides::of(text).unwrap();
        assert_eq!(
            (sides.ours.as_str(), sides.theirs.as_str()),
            ("a\nb\nd\n", "a\nc\nd\n")
        );
        assert_eq!(Sides::of("a\n<<<<<<< HEAD\nb\n"), None);
        assert_eq!(Sides::of("a\n"), None);
    }
}
