//! From what Nix printed to the cause in one line, and its kind.
//!
//! Up to 2.13 the cause comes first and the trace after it; newer versions print a
//! bare `error:`, the trace as `… while …` lines, and then a second, indented
//! `error:` with the cause. In both, the cause is the first `error:` with text
//! behind it. A message that itself starts with a line break leaves only bare ones:
//! then the first line that is neither trace nor source excerpt counts.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use crate::evaluator::failure::{Failure, FailureKind};

/// Whether `builtins.tryEval` is known to have caught it.
///
/// `throw "x"` prints `error: x` and nothing else in 2.8, so that no message tells
/// a throw from Nix's own errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Catchable {
    Yes,
    No,
    Unknown,
}

/// The failure that `text`, printed to standard error, tells of.
pub(super) fn diagnose(text: &str, catchable: Catchable) -> Failure {
    let detail = strip_ansi_escapes::strip_str(text).trim().to_owned();
    match cause(&detail) {
        Some(reason) => Failure {
            kind: kind(&reason, &detail, catchable),
            reason: without_advice(&reason),
            detail,
        },
        None => Failure {
            kind: FailureKind::Other,
            reason: "nix failed without saying why".to_owned(),
            detail,
        },
    }
}

/// The failure of a process that ended with `status` after printing `text`.
pub(super) fn post_mortem(text: &str, status: ExitStatus) -> Failure {
    let detail = strip_ansi_escapes::strip_str(text).trim().to_owned();
    let silent = |kind, reason: &str| Failure {
        kind,
        reason: reason.to_owned(),
        detail: detail.clone(),
    };
    const SIGXCPU: i32 = 24;
    if let Some(reason) = cause(&detail) {
        let kind = match kind(&reason, &detail, Catchable::No) {
            FailureKind::Other => FailureKind::Died,
            known => known,
        };
        return Failure {
            kind,
            reason,
            detail,
        };
    }
    if detail.contains("Out of Memory") || detail.contains("bad_alloc") {
        return silent(FailureKind::OutOfMemory, "out of memory");
    }
    match (status.signal(), status.code()) {
        (Some(SIGXCPU), _) => silent(FailureKind::TimedOut, "the processor time limit passed"),
        (Some(signal), _) => silent(
            FailureKind::Died,
            &format!("nix was ended by signal {signal}"),
        ),
        (None, Some(code)) => silent(
            FailureKind::Died,
            &format!("nix ended with exit code {code}"),
        ),
        (None, None) => silent(FailureKind::Died, "nix ended"),
    }
}

/// The cause, if `text` has an error in it.
fn cause(text: &str) -> Option<String> {
    let mut bare = None;
    for (number, line) in text.lines().enumerate() {
        if let Some(message) = line.trim_start().strip_prefix("error:") {
            if !message.trim().is_empty() {
                return Some(message.trim().to_owned());
            }
            bare = bare.or(Some(number));
        }
    }
    let after = text.lines().skip(bare? + 1).map(str::trim);
    after
        .filter(|line| !line.is_empty() && !line.starts_with('…') && !line.starts_with("at "))
        .find(|line| !is_excerpt(line))
        .map(str::to_owned)
}

/// A cause without what Nix advises its own users to do: `$NIX_PATH` changes nothing here.
fn without_advice(reason: &str) -> String {
    reason.replace(" (add it using $NIX_PATH or -I)", "")
}

/// Whether it is source shown below an error: `12| text`, or `| ^`.
fn is_excerpt(line: &str) -> bool {
    line.trim_start_matches(|c: char| c.is_ascii_digit())
        .starts_with('|')
}

fn kind(reason: &str, detail: &str, catchable: Catchable) -> FailureKind {
    use FailureKind as Kind;

    if reason.contains("was not found in the Nix search path") {
        // Catchable in some versions, but a missing file in all.
        return Kind::MissingFile;
    }
    if reason.starts_with("assertion ") && reason.contains(" failed")
        || detail.contains("… while evaluating the condition of the assertion")
            && catchable == Catchable::Yes
    {
        return Kind::AssertionFailed;
    }
    if catchable == Catchable::Yes {
        return Kind::Thrown;
    }
    if reason.starts_with("attribute '") && reason.contains("' already defined at") {
        return Kind::Syntax;
    }
    if let Some(&(_, kind)) = STARTS.iter().find(|(start, _)| reason.starts_with(start)) {
        return kind;
    }
    if let Some(&(_, kind)) = PARTS.iter().find(|(part, _)| reason.contains(part)) {
        return kind;
    }
    if catchable == Catchable::Unknown && detail.contains("while calling the 'throw' builtin") {
        return Kind::Thrown;
    }
    Kind::Other
}

/// How messages start, for those that quote something of the user's further on.
const STARTS: [(&str, FailureKind); 22] = [
    (
        "evaluation aborted with the following error message",
        FailureKind::Aborted,
    ),
    (
        "infinite recursion encountered",
        FailureKind::InfiniteRecursion,
    ),
    ("stack overflow", FailureKind::StackOverflow),
    ("undefined variable", FailureKind::UndefinedVariable),
    ("syntax error", FailureKind::Syntax),
    ("duplicate formal function argument", FailureKind::Syntax),
    ("dynamic attributes not allowed", FailureKind::Syntax),
    ("URL literals are ", FailureKind::Syntax),
    ("invalid integer", FailureKind::Syntax),
    ("path has a trailing slash", FailureKind::Syntax),
    ("out of memory", FailureKind::OutOfMemory),
    ("access to ", FailureKind::NotAllowed),
    ("cannot add ", FailureKind::TypeMismatch),
    ("cannot append ", FailureKind::TypeMismatch),
    ("cannot coerce ", FailureKind::TypeMismatch),
    ("cannot compare ", FailureKind::TypeMismatch),
    ("cannot convert ", FailureKind::TypeMismatch),
    (
        "attempt to call something which is not a function",
        FailureKind::TypeMismatch,
    ),
    ("expected ", FailureKind::TypeMismatch),
    ("value is ", FailureKind::TypeMismatch),
    ("opening file ", FailureKind::MissingFile),
    ("getting status of ", FailureKind::MissingFile),
];

/// What messages contain, once the ones above are ruled out.
const PARTS: [(&str, FailureKind); 22] = [
    (
        "called without required argument",
        FailureKind::MissingArgument,
    ),
    (
        "called with unexpected argument",
        FailureKind::MissingArgument,
    ),
    (
        "function that has an argument without a value",
        FailureKind::MissingArgument,
    ),
    ("is forbidden in restricted mode", FailureKind::NotAllowed),
    ("is forbidden in pure eval", FailureKind::NotAllowed),
    ("is not allowed in pure eval", FailureKind::NotAllowed),
    ("not allowed to refer to", FailureKind::NotAllowed),
    (
        "'allow-import-from-derivation' is disabled",
        FailureKind::NotAllowed,
    ),
    (
        "cannot call 'getFlake' on unlocked",
        FailureKind::NotAllowed,
    ),
    ("experimental Nix feature", FailureKind::NotAllowed),
    ("experimental feature", FailureKind::NotAllowed),
    ("does not provide attribute", FailureKind::MissingAttribute),
    ("' in selection path", FailureKind::MissingAttribute),
    ("attribute '", FailureKind::MissingAttribute),
    ("No such file or directory", FailureKind::MissingFile),
    ("does not exist", FailureKind::MissingFile),
    ("does not contain a '/flake.nix'", FailureKind::MissingFile),
    ("is not tracked by Git", FailureKind::MissingFile),
    (" was expected", FailureKind::TypeMismatch),
    ("is not a function", FailureKind::TypeMismatch),
    ("Cannot allocate memory", FailureKind::OutOfMemory),
    ("bad_alloc", FailureKind::OutOfMemory),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, catchable: Catchable, kind: FailureKind, reason: &str) {
        let failure = diagnose(text, catchable);
        assert_eq!(
            (failure.kind, failure.reason.as_str()),
            (kind, reason),
            "{text}"
        );
    }

    #[test]
    fn the_cause_comes_first_in_old_versions() {
        check(
            "trace: hello\nerror: attribute 'a' missing\n\n       at «string»:1:1:\n\n            1| {}.a\n             | ^\n\n       … while evaluating 'f'\n",
            Catchable::No,
            FailureKind::MissingAttribute,
            "attribute 'a' missing",
        );
        check(
            "error:\n\n        multi\n       line\n",
            Catchable::Yes,
            FailureKind::Thrown,
            "multi",
        );
    }

    #[test]
    fn the_cause_comes_last_in_new_versions() {
        check(
            "\u{1b}[31;1merror:\u{1b}[0m\n       … while evaluating the attribute '\u{1b}[35;1ma\u{1b}[0m'\n         at /x.nix:1:3:\n            1| { a = throw \"no\"; }\n             |   ^\n\n       … while calling the 'throw' builtin\n         at /x.nix:1:7:\n            1| error: not this\n\n       \u{1b}[31;1merror:\u{1b}[0m no\n",
            Catchable::Unknown,
            FailureKind::Thrown,
            "no",
        );
        check(
            "error:\n       … from call site\n         at «string»:1:2:\n            1| (({a}: a) {})\n             |  ^\n\n       error: function 'anonymous lambda' called without required argument 'a'\n       at «string»:1:3:\n",
            Catchable::No,
            FailureKind::MissingArgument,
            "function 'anonymous lambda' called without required argument 'a'",
        );
        check(
            "error:\n       … while evaluating the condition of the assertion '(1 == 2)'\n\n       error: integer '1' is not equal to integer '2'\n",
            Catchable::Yes,
            FailureKind::AssertionFailed,
            "integer '1' is not equal to integer '2'",
        );
    }

    #[test]
    fn messages_of_new_versions_have_a_kind() {
        for (message, kind) in [
            (
                "stack overflow; max-call-depth exceeded",
                FailureKind::StackOverflow,
            ),
            (
                "expected a set but found a string: \"x\"",
                FailureKind::TypeMismatch,
            ),
            ("path '/nope' does not exist", FailureKind::MissingFile),
            (
                "access to absolute path '/etc' is forbidden in pure evaluation mode (use '--impure' to override)",
                FailureKind::NotAllowed,
            ),
            (
                "attribute 'x' already defined at «string»:1:7",
                FailureKind::Syntax,
            ),
            (
                "evaluation aborted with the following error message: 'syntax error'",
                FailureKind::Aborted,
            ),
            ("division by zero", FailureKind::Other),
        ] {
            check(&format!("error: {message}"), Catchable::No, kind, message);
        }
    }

    #[test]
    fn a_silent_end_is_told_from_the_status() {
        let failure = post_mortem("", ExitStatus::from_raw(11));
        assert_eq!(failure.to_string(), "died: nix was ended by signal 11");
        let failure = post_mortem(
            "error: stack overflow (possible infinite recursion)",
            ExitStatus::from_raw(256),
        );
        assert_eq!(failure.kind, FailureKind::StackOverflow);
    }
}
