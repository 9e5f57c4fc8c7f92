//! Which attributes a `packages.nix` defines, as far as its text says.

use std::collections::BTreeSet;

use rnix::ast::{BinOpKind, Entry, Expr, HasEntry};
use rowan::ast::AstNode;

use crate::language::file::NixFile;
use crate::language::values::{attribute_name, body};

/// The names that a set defines.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SetMembers {
    /// Those that are written out.
    pub names: BTreeSet<String>,
    /// Parts of the text whose names are computed.
    pub computed: Vec<String>,
}

/// The names that the set at the end of the functions of a text defines.
pub fn set_members(file: &NixFile<'_>) -> SetMembers {
    let mut members = SetMembers::default();
    match file.root().expr().and_then(body) {
        Some(value) => members.add(value),
        None => members.computed.push("its text".to_owned()),
    }
    members
}

impl SetMembers {
    fn add(&mut self, value: Expr) {
        match value {
            Expr::AttrSet(set) => {
                for entry in set.entries() {
                    self.entry(&entry);
                }
            }
            Expr::BinOp(update) if update.operator() == Some(BinOpKind::Update) => {
                for side in [update.lhs(), update.rhs()].into_iter().flatten() {
                    match body(side.clone()) {
                        Some(side) => self.add(side),
                        None => self.compute(&side),
                    }
                }
            }
            // `optionalAttrs condition { ... }` and the like: the names are there for somebody.
            Expr::Apply(apply) => match apply.argument().and_then(body) {
                Some(Expr::AttrSet(set)) if is_conditional(&apply) => self.add(Expr::AttrSet(set)),
                _ => self.compute(&Expr::Apply(apply)),
            },
            other => self.compute(&other),
        }
    }

    fn entry(&mut self, entry: &Entry) {
        match entry {
            Entry::Inherit(inherit) => {
                for attr in inherit.attrs() {
                    match attribute_name(&attr) {
                        Some(name) => {
                            self.names.insert(name);
                        }
                        None => self.computed.push(short(attr.syntax().to_string())),
                    }
                }
            }
            Entry::AttrpathValue(entry) => {
                let first = entry.attrpath().and_then(|path| path.attrs().next());
                match first.as_ref().and_then(attribute_name) {
                    Some(name) => {
                        self.names.insert(name);
                    }
                    None => self.computed.push(short(entry.syntax().to_string())),
                }
            }
        }
    }

    fn compute(&mut self, value: &Expr) {
        self.computed.push(short(value.syntax().to_string()));
    }
}

/// Whether a call is of one of nixpkgs' functions that give a set or an empty one.
fn is_conditional(apply: &rnix::ast::Apply) -> bool {
    let text = apply.syntax().text().to_string();
    let function = text.split_whitespace().next().unwrap_or_default();
    function.rsplit('.').next() == Some("optionalAttrs")
}

/// The first line, and not all of that.
fn short(text: String) -> String {
    const LONGEST: usize = 60;
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, names: &[&str], computed: &[&str]) {
        let members = NixFile::read(text, set_members).unwrap();
        let found: Vec<&str> = members.names.iter().map(String::as_str).collect();
        assert_eq!(found, names, "{text}");
        assert_eq!(members.computed, computed, "{text}");
    }

    #[test]
    fn names_are_read_and_computed_ones_are_named() {
        check(
            "{ ... }: res: pkgs: super: with pkgs; { a = 1; b.c = 2; }",
            &["a", "b"],
            &[],
        );
        check(
            "a: let x = 1; in ({ inherit (x) p q; } // { r = 1; })",
            &["p", "q", "r"],
            &[],
        );
        check(
            "a: rec { ${\"x\"} = 1; \"odd name\" = 2; }",
            &["odd name"],
            &["${\"x\"} = 1;"],
        );
        check(
            "a: { x = 1; } // lib.optionalAttrs a { y = 2; }",
            &["x", "y"],
            &[],
        );
        check(
            "a: { x = 1; } // callPackages ./. { }",
            &["x"],
            &["callPackages ./. { }"],
        );
    }
}
