//! Path literals in Nix texts, and where they lead.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::ops::Range;

use rnix::SyntaxKind::{
    TOKEN_INTERPOL_END, TOKEN_INTERPOL_START, TOKEN_PATH_ABS, TOKEN_PATH_HOME, TOKEN_PATH_REL,
    TOKEN_PATH_SEARCH,
};

use crate::language::tokens;

/// A path as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathLiteral<'t> {
    /// The text, up to the first `${`.
    pub text: &'t str,
    /// Its bytes in the file.
    pub span: Range<usize>,
    /// What it starts from.
    pub kind: PathStart,
    /// Whether more of it is computed.
    pub is_open: bool,
}

/// What a path starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathStart {
    /// The directory of the file.
    Relative,
    /// The root of the file system.
    Absolute,
    /// Somebody's home.
    Home,
    /// `NIX_PATH`.
    Search,
}

/// Every path literal of a text, in order. Tokens are enough, so nesting does not
/// matter, and neither does whether the text parses.
pub fn path_literals(text: &str) -> Vec<PathLiteral<'_>> {
    let mut found: Vec<PathLiteral<'_>> = Vec::new();
    let mut offset = 0;
    let mut before = None;
    for (kind, token) in tokens(text) {
        let span = offset..offset + token.len();
        offset = span.end;
        let start = match kind {
            TOKEN_PATH_REL => Some(PathStart::Relative),
            TOKEN_PATH_ABS => Some(PathStart::Absolute),
            TOKEN_PATH_HOME => Some(PathStart::Home),
            TOKEN_PATH_SEARCH => Some(PathStart::Search),
            _ => None,
        };
        // What comes right after the `}` of a computed part belongs to the same path.
        let goes_on = before == Some(TOKEN_INTERPOL_END);
        if let Some(kind) = start.filter(|_| !goes_on) {
            found.push(PathLiteral {
                text: token,
                span,
                kind,
                is_open: false,
            });
        } else if let Some(last) = found.last_mut()
            && kind == TOKEN_INTERPOL_START
            && last.span.end == span.start
        {
            last.is_open = true;
        }
        before = Some(kind);
    }
    found
}

/// Where a relative path leads from a directory, both without `.` and `..`; none if
/// it leads above the root. Nix resolves paths by their text, not by links.
pub fn resolve(directory: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = directory
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The path from a directory to a target, as Nix wants it written.
pub fn relative(directory: &str, target: &str) -> String {
    let from: Vec<&str> = directory
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    let to: Vec<&str> = target.split('/').filter(|part| !part.is_empty()).collect();
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", from.len() - common);
    let parts: Vec<&str> = up.chain(to[common..].iter().copied()).collect();
    let path = parts.join("/");
    if path.is_empty() {
        // `./` alone is no path.
        "./.".to_owned()
    } else if path.starts_with("..") {
        path
    } else {
        format!("./{path}")
    }
}

/// A file's text with its relative paths as they must be when the file goes from one
/// place to another, and what they lead to goes where `place` says (nowhere if none);
/// and how many had to change.
pub fn rewritten(
    text: &str,
    (from, to): (&str, &str),
    place: impl Fn(&str) -> Option<String>,
) -> (String, usize) {
    let mut after = text.to_owned();
    let mut rewritten = 0;
    for literal in path_literals(text).iter().rev() {
        let target = resolve(parent(from), literal.text);
        let target = target.filter(|_| literal.kind == PathStart::Relative);
        let Some(place) = target.and_then(|target| place(&target)) else {
            continue;
        };
        if resolve(parent(to), literal.text).as_ref() == Some(&place) {
            continue;
        }
        let mut path = relative(parent(to), &place);
        if literal.text.ends_with('/') && !path.ends_with('/') {
            path.push('/');
        }
        after.replace_range(literal.span.clone(), &path);
        rewritten += 1;
    }
    (after, rewritten)
}

/// The directory of a file.
pub fn parent(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// What a map by file or directory has for a path: for the topmost directory that the path is below, or for the
/// path itself; and how the path goes on from there.
pub fn holder<'m, 'p, K: Borrow<str> + Ord, V>(
    places: &'m BTreeMap<K, V>,
    path: &'p str,
) -> Option<(&'m V, &'p str)> {
    let ends = path.match_indices('/').map(|(at, _)| at);
    let mut ends = ends.chain([path.len()]);
    ends.find_map(|end| Some((places.get(&path[..end])?, &path[end..])))
}

/// Whether a path is a directory or below it.
pub fn is_within(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a path is below a directory.
pub fn is_below(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory)
        .is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, PathStart, bool)]) {
        let found: Vec<_> = path_literals(text)
            .iter()
            .map(|literal| {
                assert_eq!(&text[literal.span.clone()], literal.text);
                (literal.text, literal.kind, literal.is_open)
            })
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn literals_are_found_whole_and_in_place() {
        use PathStart::{Absolute, Home, Relative, Search};
        check(
            "[ ./a.nix ../b ]",
            &[("./a.nix", Relative, false), ("../b", Relative, false)],
        );
        check(
            "a/b + /etc/x",
            &[("a/b", Relative, false), ("/etc/x", Absolute, false)],
        );
        check(
            "<nixpkgs/lib> ~/x",
            &[("<nixpkgs/lib>", Search, false), ("~/x", Home, false)],
        );
        check("./${v}.nix", &[("./", Relative, true)]);
        check("./a/${v}/b.nix", &[("./a/", Relative, true)]);
        check(
            "[ ./a/${v}/b ./c ]",
            &[("./a/", Relative, true), ("./c", Relative, false)],
        );
        check("\"./no\" # ./no\n ''./no''", &[]);
        check("{ a = 1 / 2; url = https://x.org/a; }", &[]);
    }

    #[test]
    fn a_path_is_held_by_a_directory_above_it() {
        let places = BTreeMap::from([("a/b", 1), ("a/b/c", 2), ("d.nix", 3)]);
        for (path, held) in [
            ("a/b/c/x.nix", Some((&1, "/c/x.nix"))),
            ("a/b", Some((&1, ""))),
            ("a/bc", None),
            ("a", None),
            ("d.nix", Some((&3, ""))),
            ("d.nixx", None),
        ] {
            assert_eq!(holder(&places, path), held, "{path}");
        }
    }

    #[test]
    fn paths_resolve_by_their_text() {
        assert_eq!(resolve("a/b", "../c/./d"), Some("a/c/d".to_owned()));
        assert_eq!(resolve("a", "../.."), None);
        for (from, to, path) in [
            ("a/b", "a/b/c.nix", "./c.nix"),
            ("a/b", "a/c", "../c"),
            ("a/b", "a/b", "./."),
            ("", "x", "./x"),
        ] {
            assert_eq!(relative(from, to), path);
            assert_eq!(resolve(from, path).as_deref(), Some(to));
        }
    }
}
