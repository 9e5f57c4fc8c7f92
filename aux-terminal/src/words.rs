//! Words that many commands say.

pub use aux_model::counted;
use aux_model::{Problem, Severity, printable};

/// A text from outside behind words of ours: its further lines are indented, so that none
/// looks like a line of ours.
pub fn indented(text: &str) -> String {
    text.trim_end().replace('\n', "\n      ")
}

/// As [`indented`], of what anybody may have written: each line is [`printable`].
pub fn indented_lines(text: &str) -> String {
    let lines: Vec<String> = text.trim_end().lines().map(printable).collect();
    indented(&lines.join("\n"))
}

/// "2 problems, 1 warning".
pub fn count<'p>(problems: impl Iterator<Item = &'p Problem>) -> String {
    let (mut errors, mut warnings) = (0, 0);
    for problem in problems {
        match problem.severity {
            Severity::Error => errors += 1,
            Severity::Warning => warnings += 1,
        }
    }
    match (errors, warnings) {
        (errors, 0) => counted(errors, "problem"),
        (0, warnings) => counted(warnings, "warning"),
        (errors, warnings) => {
            format!(
                "{}, {}",
                counted(errors, "problem"),
                counted(warnings, "warning")
            )
        }
    }
}

/// Bytes as people read them: `12.3 KiB`, `4.5 MiB`.
pub fn size(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "one digit of it is shown")]
    let kib = bytes as f64 / 1024.0;
    if kib < 1024.0 {
        format!("{kib:.1} KiB")
    } else {
        format!("{:.1} MiB", kib / 1024.0)
    }
}

/// The name of a commit as people read it.
pub fn short(commit: &str) -> &str {
    /// As many digits.
    const SHORT: usize = 10;
    commit.get(..SHORT).unwrap_or(commit)
}

/// Things of one cause together, in the order in which each cause came first.
pub fn by_cause<T, C: Eq>(
    things: impl IntoIterator<Item = T>,
    cause: impl Fn(&T) -> C,
) -> Vec<Vec<T>> {
    let mut groups: Vec<(C, Vec<T>)> = Vec::new();
    for thing in things {
        let cause = cause(&thing);
        match groups.iter_mut().find(|(known, _)| *known == cause) {
            Some((_, group)) => group.push(thing),
            None => groups.push((cause, vec![thing])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// A reason without what differs from one package to the next of the same cause: its name, as
/// nixpkgs quotes it, paths and numbers.
pub fn cause(reason: &str) -> String {
    let mut parts = reason.split('‘');
    let mut cause = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        cause.push_str(part.split_once('’').map_or(part, |(_, behind)| behind));
    }
    let words = cause.split(' ').map(|word| match word {
        path if path.contains('/') => "/",
        word => word,
    });
    let words: Vec<&str> = words.collect();
    words
        .join(" ")
        .replace(|character: char| character.is_ascii_digit(), "")
}

/// What follows the first of several things of one cause: "; so do a, b and 7 more"; nothing if
/// there is only one.
pub fn so_do(others: &[&str]) -> String {
    /// Names of others that are shown.
    const SHOWN: usize = 3;
    let (shown, rest) = others.split_at(others.len().min(SHOWN));
    match (shown, rest.len()) {
        ([], _) => String::new(),
        ([one], 0) => format!("; so does {one}"),
        ([first @ .., last], 0) => format!("; so do {} and {last}", first.join(", ")),
        (shown, more) => format!(
            "; so do {} and {more} more, which `--verbose` lists",
            shown.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_of_one_cause_are_one_line() {
        let groups = by_cause(["a1", "b1", "a2"], |thing| thing.chars().next());
        assert_eq!(groups, [vec!["a1", "a2"], vec!["b1"]]);
        let broken =
            |name: &str, line| format!("Package ‘{name}’ in pkgs/{name}.nix:{line} is broken");
        assert_eq!(cause(&broken("a-1", 3)), cause(&broken("b-2", 14)));
        assert_ne!(cause("`a` is broken"), cause("`a` is unfree"));
        assert_eq!(so_do(&[]), "");
        assert_eq!(so_do(&["a"]), "; so does a");
        assert_eq!(so_do(&["a", "b", "c"]), "; so do a, b and c");
        assert_eq!(
            so_do(&["a", "b", "c", "d", "e"]),
            "; so do a, b, c and 2 more, which `--verbose` lists"
        );
    }
}
