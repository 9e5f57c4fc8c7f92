//! Where texts read a folder of packages, and where they list calls.

use std::collections::BTreeSet;
use std::ops::Range;

use aux_nix::language::paths::{PathStart, parent, path_literals, resolve};
use aux_nix::language::{NixFile, body, unwrapped};
use rnix::ast;
use rnix::ast::{BinOpKind, Expr, HasEntry};
use rowan::ast::AstNode;

/// A binding whose value reads a folder of packages, and no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reader {
    pub(super) file: String,
    /// The folder.
    pub(super) root: String,
    /// Where the value stands in the text: bytes.
    pub(super) value: Range<usize>,
}

/// An entry `NAME = callPackage PATH { };` of the set that a file comes down to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) file: String,
    /// 1-based.
    pub(crate) line: usize,
    pub(crate) name: String,
    /// What calls, as it is written.
    pub(super) callee: String,
    /// What is called, from the root of the tree on.
    pub(crate) target: String,
    /// The entry with the white space before it: bytes.
    pub(crate) entry: Range<usize>,
    /// The set: bytes.
    pub(super) set: Range<usize>,
    /// Why it cannot go, if its text tells.
    pub(crate) stays: Option<&'static str>,
}

/// Why a call stays that gives arguments: what it leads to can go all the same.
pub(super) const GIVEN: &str = "it is called with arguments of its own";

/// Why a call stays that has a comment beside it: one that goes with nothing in its place leaves that behind.
pub(crate) const COMMENTED: &str = "a comment belongs to its entry: move it by hand";

/// A path to a folder of packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mention {
    pub(super) file: String,
    /// 1-based.
    pub(super) line: usize,
    /// Where it stands in the text: a byte.
    pub(super) at: usize,
    pub(super) root: String,
}

/// The paths of a text to one of some folders itself.
pub(super) fn mentions(file: &str, text: &str, roots: &BTreeSet<String>) -> Vec<Mention> {
    let literals = path_literals(text);
    let relative = literals
        .iter()
        .filter(|literal| literal.kind == PathStart::Relative);
    let found = relative.filter_map(|literal| {
        let root = resolve(parent(file), literal.text)?;
        let at = literal.span.start;
        roots.contains(&root).then(|| Mention {
            file: file.to_owned(),
            line: text[..at].matches('\n').count() + 1,
            at,
            root,
        })
    });
    found.collect()
}

/// The bindings of a text that read one of some folders.
pub(super) fn readers(file: &str, text: &str, roots: &BTreeSet<String>) -> Vec<Reader> {
    let found = NixFile::read(text, |parsed| {
        let values = parsed.root().syntax().descendants();
        let values = values.filter_map(ast::AttrpathValue::cast);
        let readers = values.filter_map(|value| {
            let value = value.value()?;
            let range = bytes(value.syntax().text_range());
            let literals = path_literals(&text[range.clone()]);
            let mut targets = literals.iter().map(|literal| {
                let is_relative = literal.kind == PathStart::Relative;
                is_relative
                    .then(|| resolve(parent(file), literal.text))
                    .flatten()
            });
            let root = targets.next()??;
            let is_one = targets.all(|other| other.as_ref() == Some(&root));
            (is_one && roots.contains(&root)).then(|| Reader {
                file: file.to_owned(),
                root,
                value: range,
            })
        });
        readers.collect::<Vec<_>>()
    });
    let mut found = found.unwrap_or_default();
    // A binding within another is a part of that.
    let all = found.clone();
    found.retain(|reader| {
        let holds = |other: &Reader| {
            other.value.start <= reader.value.start
                && reader.value.end <= other.value.end
                && other.value != reader.value
        };
        !all.iter().any(holds)
    });
    found
}

/// The calls that a text lists.
pub(crate) fn calls(file: &str, text: &str) -> Vec<Call> {
    let found = NixFile::read(text, |parsed| {
        let value = parsed.root().expr().and_then(body);
        // What a set is put on top of is no list.
        let value = match value {
            Some(Expr::BinOp(update)) if update.operator() == Some(BinOpKind::Update) => {
                update.rhs().and_then(unwrapped)
            }
            value => value,
        };
        let Some(Expr::AttrSet(set)) = value else {
            return Vec::new();
        };
        let is_recursive = set.rec_token().is_some();
        let range = bytes(set.syntax().text_range());
        let entries = set.attrpath_values();
        let calls = entries.filter_map(|entry| {
            let mut path = entry.attrpath()?.attrs();
            let (name, None) = (name_of(&path.next()?)?, path.next()) else {
                return None;
            };
            let (callee, target, is_plain) = call(&entry.value()?)?;
            let target = resolve(parent(file), &target)?;
            let own = bytes(entry.syntax().text_range());
            let before = text[..own.start].trim_end_matches([' ', '\t']);
            let above = before.strip_suffix('\n').unwrap_or(before);
            let start = above.strip_suffix('\r').unwrap_or(above).len();
            let behind = text[own.end..].lines().next().unwrap_or_default();
            let last = above.trim_end().lines().next_back().unwrap_or_default();
            let has_mark = |text: &str| ["#", "/*"].iter().any(|mark| text.contains(mark));
            let is_commented = has_mark(behind)
                || last.trim_start().starts_with('#')
                || last.trim_end().ends_with("*/");
            Some(Call {
                file: file.to_owned(),
                line: text[..own.start].matches('\n').count() + 1,
                name,
                callee,
                target,
                entry: start..own.end,
                set: range.clone(),
                stays: if is_recursive {
                    Some("its set is recursive, so that other entries may mean it by its name")
                } else if !is_plain {
                    Some(GIVEN)
                } else if has_mark(&text[own.clone()]) {
                    Some("a comment is in its entry: move it by hand")
                } else if is_commented {
                    Some(COMMENTED)
                } else {
                    None
                },
            })
        });
        calls.collect()
    });
    found.unwrap_or_default()
}

/// The name of an entry, written as it is or in quotes.
fn name_of(attribute: &ast::Attr) -> Option<String> {
    match attribute {
        ast::Attr::Ident(name) => Some(name.to_string()),
        ast::Attr::Str(name) => match name.normalized_parts().as_slice() {
            [ast::InterpolPart::Literal(text)] => Some(text.clone()),
            _ => None,
        },
        ast::Attr::Dynamic(_) => None,
    }
}

/// What calls and what is called of `callPackage PATH { }`, and whether nothing is given.
fn call(value: &Expr) -> Option<(String, String, bool)> {
    let Expr::Apply(outer) = value else {
        return None;
    };
    let Expr::Apply(inner) = outer.lambda()? else {
        return None;
    };
    let Expr::AttrSet(given) = outer.argument()? else {
        return None;
    };
    let callee = inner.lambda()?.syntax().text().to_string();
    let is_call = callee == "callPackage" || callee.ends_with(".callPackage");
    let path = inner.argument()?.syntax().text().to_string();
    let is_path = path.starts_with("./") || path.starts_with("../");
    let is_plain = given.entries().next().is_none();
    (is_call && is_path).then_some((callee, path, is_plain))
}

fn bytes(range: rnix::TextRange) -> Range<usize> {
    usize::from(range.start())..usize::from(range.end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_a_folder_is_the_outermost_binding() {
        let roots = BTreeSet::from(["pkgs".to_owned()]);
        let text =
            "let all = lib.readEach ../pkgs; other = ../lib; in { two = [ ../pkgs ../lib ]; }";
        let found = readers("boot/stage.nix", text, &roots);
        let values: Vec<&str> = found
            .iter()
            .map(|reader| &text[reader.value.clone()])
            .collect();
        assert_eq!(values, ["lib.readEach ../pkgs"]);
    }

    #[test]
    fn calls_without_arguments_can_go() {
        let text = "final: prev: with final;\n{\n  a = callPackage ../tools/a { };\n  \"b\" = final.callPackage ./b.nix { };\n  c = callPackage ../tools/c { x = 1; };\n  d = a;\n  e = callPackage ./e.nix { }; # so\n  \"${x}\" = callPackage ./f.nix { };\n}\n";
        let found = calls("pkgs/all.nix", text);
        let short: Vec<_> = found
            .iter()
            .map(|call| {
                (
                    call.name.as_str(),
                    call.callee.as_str(),
                    call.target.as_str(),
                    call.stays,
                )
            })
            .collect();
        let (given, comment) = (
            Some("it is called with arguments of its own"),
            Some("a comment belongs to its entry: move it by hand"),
        );
        assert_eq!(
            short,
            [
                ("a", "callPackage", "tools/a", None),
                ("b", "final.callPackage", "pkgs/b.nix", None),
                ("c", "callPackage", "tools/c", given),
                ("e", "callPackage", "pkgs/e.nix", comment),
            ]
        );
        assert_eq!(
            &text[found[0].entry.clone()],
            "\n  a = callPackage ../tools/a { };"
        );
        let recursive = calls("x.nix", "rec { a = callPackage ./a { }; }");
        assert!(recursive[0].stays.is_some());
    }
}
