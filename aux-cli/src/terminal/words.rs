//! Words that many commands say.

use aux_model::{Problem, Severity};

/// A text from outside behind words of ours: its further lines are indented, so that none
/// looks like a line of ours.
pub(crate) fn indented(text: &str) -> String {
    text.trim_end().replace('\n', "\n      ")
}

/// "2 problems, 1 warning".
pub(crate) fn count<'p>(problems: impl Iterator<Item = &'p Problem>) -> String {
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

/// "1 repo", "2 repos".
pub(crate) fn counted(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// The name of a commit as people read it.
pub(crate) fn short(commit: &str) -> &str {
    /// As many digits.
    const SHORT: usize = 10;
    commit.get(..SHORT).unwrap_or(commit)
}
