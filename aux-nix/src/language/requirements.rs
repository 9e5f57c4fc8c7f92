//! Which names of the package set a Nix text asks for, whatever it is: a package's
//! function, a `packages.nix`, or a part of what puts the set together.

use std::collections::{BTreeMap, BTreeSet};

use rnix::SyntaxKind::{
    NODE_ATTRPATH, NODE_IDENT_PARAM, NODE_INHERIT, NODE_PAT_BIND, NODE_PAT_ENTRY,
};
use rnix::ast::{Expr, HasEntry};
use rnix::{SyntaxNode, TextRange, TextSize, ast};
use rowan::ast::AstNode;

use crate::language::error::SyntaxError;
use crate::language::file::NixFile;

/// What nixpkgs and packages in its style call the package set, or one like it.
const SETS: [&str; 16] = [
    "__splicedPackages",
    "buildPackages",
    "final",
    "own",
    "pkgs",
    "pkgsBuildBuild",
    "pkgsBuildHost",
    "pkgsBuildTarget",
    "pkgsHostHost",
    "pkgsHostTarget",
    "pkgsTargetTarget",
    "prev",
    "res",
    "self",
    "super",
    "targetPackages",
];

/// The names that a text asks the package set for.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Requirements {
    /// Those that must be there, and the 1-based line of the first place.
    pub needed: BTreeMap<String, usize>,
    /// Those that may be missing: arguments with a default, `pkgs.NAME or ...`,
    /// `pkgs ? NAME`.
    pub optional: BTreeSet<String>,
    /// Those of which it asks whether what is overridden has them: `super.NAME or ...`.
    pub below: BTreeSet<String>,
    /// Those that it takes from the part of the set that it belongs to (`res.NAME`), and
    /// the line: they must come from the same place.
    pub own: BTreeMap<String, usize>,
}

/// What a part of the package set is called in the functions that make it.
const OWN: [&str; 2] = ["own", "res"];

/// What is overridden.
const BELOW: [&str; 2] = ["prev", "super"];

/// Reads a text.
///
/// # Errors
/// When the text does not parse, or is nested too deeply.
pub fn requirements(text: &str) -> Result<Requirements, SyntaxError> {
    NixFile::read(text, |file| {
        let root = file.root().syntax();
        let mut reader = Reader {
            file,
            bound: bound(root),
            within: within(root),
            found: Requirements::default(),
        };
        for node in root.descendants() {
            reader.node(&node);
        }
        reader.found
    })
}

struct Reader<'f> {
    file: &'f NixFile<'f>,
    /// Names that the text itself gives a value.
    bound: BTreeSet<String>,
    /// What is inside of a `with` of the package set, in order and apart from each other.
    within: Vec<TextRange>,
    found: Requirements,
}

impl Reader<'_> {
    fn node(&mut self, node: &SyntaxNode) {
        if let Some(entry) = ast::PatEntry::cast(node.clone()) {
            let Some(ident) = entry.ident() else {
                return;
            };
            if entry.default().is_some() {
                self.found.optional.insert(ident.to_string());
            } else {
                self.need(&ident);
            }
        } else if let Some(select) = ast::Select::cast(node.clone()) {
            if !select.expr().is_some_and(|set| is_set(&set)) {
                return;
            }
            let first = select.attrpath().and_then(|path| path.attrs().next());
            let base = select.expr().map(|set| set.syntax().text().to_string());
            let is_of =
                |names: [&str; 2]| base.as_deref().is_some_and(|base| names.contains(&base));
            if let Some(name) = first.as_ref().and_then(plain) {
                if select.default_expr().is_some() {
                    if is_of(BELOW) {
                        self.found.below.insert(name.clone());
                    }
                    self.found.optional.insert(name);
                } else {
                    let at = select.syntax().text_range().start();
                    if is_of(OWN) {
                        let line = self.line(at);
                        self.found.own.entry(name.clone()).or_insert(line);
                    }
                    self.need_at(name, at);
                }
            }
        } else if let Some(has) = ast::HasAttr::cast(node.clone()) {
            let first = has.attrpath().and_then(|path| path.attrs().next());
            let base = has.expr().filter(is_set);
            if let (Some(base), Some(name)) = (base, first.as_ref().and_then(plain)) {
                if BELOW.contains(&base.syntax().text().to_string().as_str()) {
                    self.found.below.insert(name.clone());
                }
                self.found.optional.insert(name);
            }
        } else if let Some(inherit) = ast::Inherit::cast(node.clone()) {
            let from = inherit.from().and_then(|from| from.expr());
            let is_asked = match &from {
                Some(set) => is_set(set),
                None => self.is_within(node),
            };
            for attr in inherit.attrs().filter(|_| is_asked) {
                if let ast::Attr::Ident(name) = attr
                    && (from.is_some() || !self.bound.contains(&name.to_string()))
                {
                    self.need(&name);
                }
            }
        } else if let Some(name) = ast::Ident::cast(node.clone())
            && is_variable(node)
            && self.is_within(node)
            && !self.bound.contains(&name.to_string())
        {
            self.need(&name);
        }
    }

    fn need(&mut self, name: &ast::Ident) {
        self.need_at(name.to_string(), name.syntax().text_range().start());
    }

    fn need_at(&mut self, name: String, at: TextSize) {
        let line = self.line(at);
        self.found.needed.entry(name).or_insert(line);
    }

    /// The 1-based line of an offset.
    fn line(&self, at: TextSize) -> usize {
        self.file.line_of(at.into())
    }

    fn is_within(&self, node: &SyntaxNode) -> bool {
        let range = node.text_range();
        let after = self
            .within
            .partition_point(|with| with.start() <= range.start());
        let before = after.checked_sub(1).map(|last| self.within[last]);
        before.is_some_and(|with| with.contains_range(range))
    }
}

/// A name that nobody computes, quoted or not.
fn plain(attr: &ast::Attr) -> Option<String> {
    match attr {
        ast::Attr::Ident(name) => Some(name.to_string()),
        ast::Attr::Str(text) => match text.normalized_parts().as_slice() {
            [ast::InterpolPart::Literal(text)] => Some(text.clone()),
            _ => None,
        },
        ast::Attr::Dynamic(_) => None,
    }
}

/// Whether an expression is what people call the package set.
fn is_set(expression: &Expr) -> bool {
    match expression {
        Expr::Paren(inner) => inner.expr().is_some_and(|inner| is_set(&inner)),
        Expr::Ident(name) => SETS.contains(&name.to_string().as_str()),
        // `pkgs.buildPackages`, but not `python3.pkgs`
        Expr::Select(select) if select.expr().is_some_and(|base| is_set(&base)) => {
            let last = select.attrpath().and_then(|path| path.attrs().last());
            let last = last.map(|last| last.syntax().text().to_string());
            last.is_some_and(|last| SETS.contains(&last.as_str()))
        }
        _ => false,
    }
}

/// Whether an identifier stands for a value, and not for the name of one.
fn is_variable(node: &SyntaxNode) -> bool {
    let parent = node.parent().map(|parent| parent.kind());
    !matches!(
        parent,
        Some(NODE_ATTRPATH | NODE_PAT_ENTRY | NODE_PAT_BIND | NODE_IDENT_PARAM | NODE_INHERIT)
    )
}

/// The bodies of `with pkgs;` and the like, but for those within others.
fn within(root: &SyntaxNode) -> Vec<TextRange> {
    let withs = root.descendants().filter_map(ast::With::cast);
    let bodies = withs
        .filter(|with| with.namespace().is_some_and(|set| is_set(&set)))
        .filter_map(|with| Some(with.body()?.syntax().text_range()));
    let mut bodies: Vec<TextRange> = bodies.collect();
    bodies.sort_by_key(|body| body.start());
    let mut within: Vec<TextRange> = Vec::new();
    // Two bodies are nested or apart.
    for body in bodies {
        if within.last().is_none_or(|last| last.end() <= body.start()) {
            within.push(body);
        }
    }
    within
}

/// Every name that an argument, a `let` or a `rec` of the text gives a value: a name
/// from a `with` is only looked for where there is none of these.
fn bound(root: &SyntaxNode) -> BTreeSet<String> {
    let mut bound = BTreeSet::new();
    let mut entries = |holder: &dyn Fn() -> Vec<ast::Entry>| {
        for entry in holder() {
            match entry {
                ast::Entry::AttrpathValue(value) => {
                    let first = value.attrpath().and_then(|path| path.attrs().next());
                    bound.extend(first.map(|first| first.syntax().text().to_string()));
                }
                ast::Entry::Inherit(inherit) => {
                    let names = inherit.attrs();
                    bound.extend(names.map(|name| name.syntax().text().to_string()));
                }
            }
        }
    };
    for node in root.descendants() {
        if let Some(value) = ast::LetIn::cast(node.clone()) {
            entries(&|| value.entries().collect());
        } else if let Some(set) = ast::AttrSet::cast(node.clone())
            && set.rec_token().is_some()
        {
            entries(&|| set.entries().collect());
        }
    }
    for node in root.descendants() {
        if matches!(
            node.kind(),
            NODE_PAT_ENTRY | NODE_PAT_BIND | NODE_IDENT_PARAM
        ) {
            let name = node.children().find_map(ast::Ident::cast);
            bound.extend(name.map(|name| name.to_string()));
        }
    }
    bound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, needed: &[(&str, usize)], optional: &[&str]) {
        let asks = requirements(text).unwrap();
        let found: Vec<(&str, usize)> = asks
            .needed
            .iter()
            .map(|(name, line)| (name.as_str(), *line))
            .collect();
        assert_eq!(found, needed, "{text}");
        let found: Vec<&str> = asks.optional.iter().map(String::as_str).collect();
        assert_eq!(found, optional, "{text}");
    }

    #[test]
    fn a_function_asks_for_its_arguments() {
        check(
            "{ lib,\n  zlib, jdk ? null }: zlib",
            &[("lib", 1), ("zlib", 2)],
            &["jdk"],
        );
    }

    #[test]
    fn a_set_asks_for_what_it_selects_and_what_with_gives() {
        check(
            "{ ... }: res: pkgs: super: { a = pkgs.b.c; d = pkgs.e or null; f = pkgs ? g; inherit (pkgs) h; }",
            &[("b", 1), ("h", 1)],
            &["e", "g"],
        );
        check(
            "{ lib, ... }: res: pkgs: super: with pkgs; let own = x; in { a = callPackage ./. { inherit (python3.pkgs) y; inherit z own; n = lib; }; }",
            &[
                ("callPackage", 1),
                ("lib", 1),
                ("python3", 1),
                ("x", 1),
                ("z", 1),
            ],
            &[],
        );
    }

    #[test]
    fn parts_and_what_is_overridden_are_known() {
        let asks = requirements("{ ... }: res: pkgs: super: { a = res.b; c = super.d or 1; e = super ? f; g = pkgs.\"h\"; }").unwrap();
        let own: Vec<&str> = asks.own.keys().map(String::as_str).collect();
        assert_eq!(own, ["b"]);
        assert_eq!(asks.below, ["d", "f"].map(str::to_owned).into());
        assert!(asks.needed.contains_key("h"));
    }

    #[test]
    fn names_of_values_are_not_asked_for() {
        check(
            "pkgs: with pkgs; rec { a = 1; b = a; c.d = e.f; }",
            &[("e", 1)],
            &[],
        );
        check("{ a = b.c; }", &[], &[]);
        assert!(requirements("{ a, : a").is_err());
    }
}
