//! The places in the files of a core in nixpkgs' style, and what goes there.

use std::collections::BTreeSet;

use aux_model::BY_NAME;
use aux_nix::language::paths::{PathLiteral, parent, path_literals, resolve};
use aux_nix::language::{NixFile, SyntaxError, body};
use rnix::ast::{BinOpKind, Expr, HasEntry};
use rnix::{SyntaxNode, TextSize, ast};
use rowan::ast::AstNode;

use crate::ready::place::{Place, State, Stubs};

const FLAKE: &str = "flake.nix";

/// Where a core keeps what makes its package set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sites {
    /// The function that composes the package set.
    pub(super) composition: String,
    /// A stage of it, which that calls.
    pub(super) stage: String,
    /// The folders of packages that a stage reads.
    pub(super) trees: BTreeSet<String>,
}

impl Sites {
    /// Those of nixpkgs.
    pub(super) fn usual() -> Self {
        Self {
            composition: "pkgs/top-level/default.nix".to_owned(),
            stage: "pkgs/top-level/stage.nix".to_owned(),
            trees: BTreeSet::from([BY_NAME.to_owned()]),
        }
    }

    /// The files: the flake, and both of these.
    pub(super) fn files(&self) -> [(Role, &str); 3] {
        [
            (Role::Flake, FLAKE),
            (Role::Composition, &self.composition),
            (Role::Stage, &self.stage),
        ]
    }
}

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Flake,
    Composition,
    Stage,
}

/// The stage that a text calls, if it composes a package set: it is a function that takes overlays,
/// and hands a set to a file that is one, too. `stages` are such files.
pub(super) fn stage_of(file: &str, text: &str, stages: &BTreeSet<&str>) -> Option<String> {
    let found = NixFile::read(text, |parsed| {
        takes(parsed.root(), &["overlays"])?;
        let calls = parsed.root().syntax().descendants();
        let mut calls = calls.filter_map(ast::Apply::cast);
        calls.find_map(|apply| {
            let path = imported(&apply)?;
            apply.argument().and_then(first_set)?;
            resolve(parent(file), &path).filter(|target| stages.contains(target.as_str()))
        })
    });
    found.ok().flatten()
}

/// Whether a text is a stage: a function that takes a `stdenv` and overlays.
pub(super) fn is_stage(text: &str) -> bool {
    NixFile::read(text, |parsed| {
        takes(parsed.root(), &["overlays", "stdenv"]).is_some()
    })
    .unwrap_or(false)
}

/// The arguments of the function that a text is, if it takes all of these.
fn takes(root: &ast::Root, names: &[&str]) -> Option<ast::Pattern> {
    let Some(Expr::Lambda(lambda)) = root.expr() else {
        return None;
    };
    let Some(ast::Param::Pattern(pattern)) = lambda.param() else {
        return None;
    };
    let has = |name: &&str| {
        pattern.pat_entries().any(|entry| {
            entry
                .ident()
                .is_some_and(|ident| ident.to_string() == **name)
        })
    };
    names.iter().all(has).then_some(pattern)
}

/// The path of the file that a call hands something to.
fn imported(apply: &ast::Apply) -> Option<String> {
    let function = apply.lambda()?.syntax().text().to_string();
    let mut words = function.split_whitespace();
    let (Some("import"), Some(path), None) = (words.next(), words.next(), words.next()) else {
        return None;
    };
    Some(path.to_owned())
}

/// What a stage may hand to layers, as far as it has it.
const ARGUMENTS: [&str; 4] = ["lib", "noSysDirs", "config", "overlays"];

/// A place, and what has to be written into the text for it.
#[derive(Debug)]
pub(super) struct Found {
    pub place: Place,
    insertions: Vec<(TextSize, String)>,
}

/// What a file has to have.
#[derive(Clone, Copy)]
struct Wanted {
    what: &'static str,
    why: &'static str,
}

const OFFER: Wanted = Wanted {
    what: "`mkPackages` among the outputs",
    why: "other repos hand it their layers and get one package set",
};
const HAND: Wanted = Wanted {
    what: "`layers` for every stage",
    why: "each stage of the bootstrap, and each other package set, is made from the same layers",
};
const TAKE: Wanted = Wanted {
    what: "`layers` among the arguments of a stage",
    why: "it is handed them by the function that composes the set",
};
const APPLY: Wanted = Wanted {
    what: "the layers, right after its own by-name packages",
    why: "packages that moved then stand where they stood, and nothing that overrides them changes",
};
const BOTTOM: Wanted = Wanted {
    what: "the stubs of `foreign.nix`, before everything else",
    why: "its packages ask for what other repos own now: without them, even an argument that nobody uses stops the evaluation",
};

fn wanted(role: Role, stubs: Stubs) -> Vec<Wanted> {
    match role {
        Role::Flake => vec![OFFER],
        Role::Composition => vec![HAND],
        Role::Stage if stubs == Stubs::Wanted => vec![TAKE, BOTTOM, APPLY],
        Role::Stage => vec![TAKE, APPLY],
    }
}

/// The places of a file that is not there.
pub(super) fn absent(role: Role, file: &str, stubs: Stubs) -> Vec<Found> {
    unread(role, file, stubs, "there is no such file")
}

/// The places of a file that cannot be read.
pub(super) fn unread(role: Role, file: &str, stubs: Stubs, reason: &str) -> Vec<Found> {
    let wanted = wanted(role, stubs).into_iter();
    wanted.map(|wanted| lost(file, wanted, reason)).collect()
}

fn lost(file: &str, wanted: Wanted, reason: &str) -> Found {
    found(
        file,
        None,
        wanted,
        State::Unknown {
            reason: reason.to_owned(),
        },
        Vec::new(),
    )
}

fn found(
    file: &str,
    line: Option<usize>,
    wanted: Wanted,
    state: State,
    insertions: Vec<(TextSize, String)>,
) -> Found {
    Found {
        place: Place {
            file: file.to_owned(),
            line,
            what: wanted.what,
            why: wanted.why,
            state,
        },
        insertions,
    }
}

/// The places of a text.
///
/// # Errors
/// When it does not parse.
pub(super) fn find(
    sites: &Sites,
    role: Role,
    text: &str,
    stubs: Stubs,
) -> Result<Vec<Found>, SyntaxError> {
    let file = match role {
        Role::Flake => FLAKE,
        Role::Composition => &sites.composition,
        Role::Stage => &sites.stage,
    };
    let finder = Finder { sites, file, text };
    NixFile::read(text, |parsed| match role {
        Role::Flake => vec![finder.offer(parsed.root())],
        Role::Composition => vec![finder.hand(parsed.root())],
        Role::Stage => {
            let mut places = vec![finder.take(parsed.root())];
            if stubs == Stubs::Wanted {
                places.push(finder.bottom(parsed.root()));
            }
            places.push(finder.apply(parsed.root()));
            places
        }
    })
}

/// The text with everything that is missing.
pub(super) fn edited(text: &str, found: &[Found]) -> String {
    let mut insertions: Vec<&(TextSize, String)> =
        found.iter().flat_map(|found| &found.insertions).collect();
    insertions.sort_by_key(|(at, _)| *at);
    let mut edited = text.to_owned();
    for (at, insertion) in insertions.into_iter().rev() {
        edited.insert_str(usize::from(*at), insertion);
    }
    edited
}

struct Finder<'t> {
    sites: &'t Sites,
    file: &'t str,
    text: &'t str,
}

impl Finder<'_> {
    fn done(&self, at: TextSize, wanted: Wanted) -> Found {
        found(
            self.file,
            Some(self.line(at)),
            wanted,
            State::Done,
            Vec::new(),
        )
    }

    fn missing(&self, at: TextSize, wanted: Wanted, insertions: Vec<(TextSize, String)>) -> Found {
        let line = Some(self.line(at));
        found(self.file, line, wanted, State::Missing, insertions)
    }

    fn lost(&self, wanted: Wanted, reason: &str) -> Found {
        lost(self.file, wanted, reason)
    }

    fn line(&self, at: TextSize) -> usize {
        self.text[..usize::from(at)].matches('\n').count() + 1
    }

    /// The white space that the line of an offset starts with.
    fn indentation(&self, at: TextSize) -> &str {
        let start = self.text[..usize::from(at)]
            .rfind('\n')
            .map_or(0, |at| at + 1);
        let line = &self.text[start..];
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }

    /// `mkPackages` in the outputs of a flake.
    fn offer(&self, root: &ast::Root) -> Found {
        let outputs = root
            .expr()
            .and_then(body)
            .and_then(|flake| entry(&flake, "outputs"))
            .and_then(body);
        let outputs = match outputs {
            Some(Expr::AttrSet(set)) => Some(set),
            Some(Expr::BinOp(update)) if update.operator() == Some(BinOpKind::Update) => {
                match update.lhs() {
                    Some(Expr::AttrSet(set)) => Some(set),
                    _ => None,
                }
            }
            _ => None,
        };
        let Some(outputs) = outputs else {
            return self.lost(OFFER, "its outputs are not written as a set");
        };
        if let Some(there) = named(&outputs, "mkPackages") {
            return self.done(there.text_range().start(), OFFER);
        }
        let (Some(open), first) = (outputs.l_curly_token(), outputs.entries().next()) else {
            return self.lost(OFFER, "its outputs are not written as a set");
        };
        let at = open.text_range().end();
        let indentation = match &first {
            Some(first) => self.indentation(first.syntax().text_range().start()),
            None => "  ",
        };
        let insertion = format!(
            "\n{indentation}# One package set with the layers of other repos in it.\n{indentation}mkPackages = {{ system, ... }}@args: import ./{} (removeAttrs args [ \"system\" ] // {{ localSystem = system; }});\n",
            self.sites.composition
        );
        self.missing(at, OFFER, vec![(at, insertion)])
    }

    /// `layers` in what the composition hands to a stage.
    fn hand(&self, root: &ast::Root) -> Found {
        let calls = root.syntax().descendants().filter_map(ast::Apply::cast);
        let stage = |apply: &ast::Apply| {
            let path = resolve(parent(self.file), &imported(apply)?)?;
            (path == self.sites.stage).then(|| apply.argument())?
        };
        let mut handed = calls.filter_map(|apply| stage(&apply));
        let set = handed.next().and_then(first_set);
        let Some(set) = set else {
            return self.lost(HAND, "nothing is handed to a stage as a set");
        };
        let at = set.syntax().text_range().start();
        if let Some(there) = named(&set, "layers") {
            return self.done(there.text_range().start(), HAND);
        }
        let pattern = match root.expr() {
            Some(Expr::Lambda(lambda)) => match lambda.param() {
                Some(ast::Param::Pattern(pattern)) => Some(pattern),
                _ => None,
            },
            _ => None,
        };
        let Some(pattern) = pattern else {
            return self.lost(HAND, "it is no function of a set");
        };
        let takes = pattern.pat_entries().any(|entry| {
            entry
                .ident()
                .is_some_and(|name| name.to_string() == "layers")
        });
        let whole = pattern.pat_bind().and_then(|bind| bind.ident());
        let layers = match (takes, whole, pattern.ellipsis_token()) {
            (true, _, _) => "layers".to_owned(),
            (false, Some(whole), Some(_)) => format!("{whole}.layers or [ ]"),
            (false, _, _) => {
                return self.lost(
                    HAND,
                    "its function takes no further arguments: add `layers ? [ ]`",
                );
            }
        };
        let Some(close) = set.r_curly_token() else {
            return self.lost(HAND, "the set that is handed on does not end");
        };
        let insertion = format!(
            "  layers = {layers};\n{}",
            self.indentation(close.text_range().start())
        );
        self.missing(at, HAND, vec![(close.text_range().start(), insertion)])
    }

    /// `layers` among the arguments of a stage.
    fn take(&self, root: &ast::Root) -> Found {
        let Some(pattern) = stage_arguments(root) else {
            return self.lost(TAKE, "it is no function of a set with `overlays`");
        };
        let entry = |name: &str| {
            pattern
                .pat_entries()
                .find(|entry| entry.ident().is_some_and(|ident| ident.to_string() == name))
        };
        if let Some(there) = entry("layers") {
            return self.done(there.syntax().text_range().start(), TAKE);
        }
        let Some(overlays) = entry("overlays") else {
            return self.lost(TAKE, "it is no function of a set with `overlays`");
        };
        let range = overlays.syntax().text_range();
        let insertion = "\n\n, # Layers of other repos, each a function `arguments: final: prev: { ... }`\n  layers ? [ ]";
        self.missing(
            range.start(),
            TAKE,
            vec![(range.end(), insertion.to_owned())],
        )
    }

    /// The stubs before everything else.
    fn bottom(&self, root: &ast::Root) -> Found {
        let Some((list, _)) = self.fixed(root) else {
            return self.lost(BOTTOM, NO_LIST);
        };
        let at = list.syntax().text_range().start();
        let text = list.syntax().text().to_string();
        if path_literals(&text)
            .iter()
            .any(|literal| literal.text.ends_with("/foreign.nix"))
        {
            return self.done(at, BOTTOM);
        }
        let Some(first) = list.items().next() else {
            return self.lost(BOTTOM, NO_LIST);
        };
        let start = first.syntax().text_range().start();
        let insertion = format!(
            "(_: _: import {}foreign.nix)\n{}",
            up(self.file),
            self.indentation(start)
        );
        self.missing(at, BOTTOM, vec![(start, insertion)])
    }

    /// The layers after the by-name packages.
    fn apply(&self, root: &ast::Root) -> Found {
        let Some((list, own)) = self.fixed(root) else {
            return self.lost(APPLY, NO_LIST);
        };
        let range = own.syntax().text_range();
        let whole = list
            .syntax()
            .parent()
            .unwrap_or_else(|| list.syntax().clone());
        if variables(&whole).contains("layers") {
            return self.done(range.start(), APPLY);
        }
        let arguments: Vec<&str> = match stage_arguments(root) {
            Some(pattern) => {
                let names: BTreeSet<String> = pattern
                    .pat_entries()
                    .filter_map(|entry| Some(entry.ident()?.to_string()))
                    .collect();
                let handed = ARGUMENTS.into_iter();
                handed.filter(|name| names.contains(*name)).collect()
            }
            None => ARGUMENTS.to_vec(),
        };
        let indentation = self.indentation(range.start());
        let outer = self.indentation(list.syntax().text_range().start());
        let insertion = format!(
            "\n{outer}] ++ map (layer: layer {{ inherit {}; }}) layers ++ [",
            arguments.join(" ")
        );
        let mut insertions = vec![(range.end(), insertion)];
        let is_last = list
            .items()
            .last()
            .is_some_and(|last| last.syntax() == own.syntax());
        if is_last {
            insertions.push((range.end(), format!("\n{indentation}")));
        }
        // An argument of a function ends where the list does.
        let is_bare = list
            .syntax()
            .parent()
            .is_some_and(|parent| ast::Apply::can_cast(parent.kind()));
        if is_bare {
            let range = list.syntax().text_range();
            insertions.push((range.start(), "(".to_owned()));
            insertions.push((range.end(), ")".to_owned()));
        }
        self.missing(range.start(), APPLY, insertions)
    }
}

const NO_LIST: &str = "no list of overlays with the by-name packages in it was found";

/// What leads from a file to the root of its tree.
fn up(file: &str) -> String {
    match file.matches('/').count() {
        0 => "./".to_owned(),
        depth => "../".repeat(depth),
    }
}

impl Finder<'_> {
    /// The list of overlays that a stage fixes, and the last one in it that reads folders of
    /// packages.
    fn fixed(&self, root: &ast::Root) -> Option<(ast::List, ast::Ident)> {
        let nodes = || root.syntax().descendants();
        let is_tree = |literal: &PathLiteral<'_>| {
            let target = resolve(parent(self.file), literal.text);
            target.is_some_and(|target| self.sites.trees.contains(&target))
        };
        let readers: BTreeSet<String> = nodes()
            .filter_map(ast::AttrpathValue::cast)
            .filter(|value| {
                let value = value.value().map(|value| value.syntax().text().to_string());
                value.is_some_and(|value| {
                    value.contains("by-name") || path_literals(&value).iter().any(is_tree)
                })
            })
            .filter_map(|value| {
                let mut path = value.attrpath()?.attrs();
                Some(path.next()?.syntax().text().to_string())
            })
            .collect();
        nodes().filter_map(ast::List::cast).find_map(|list| {
            let own = list.items().filter_map(|item| match item {
                Expr::Ident(name) if readers.contains(&name.to_string()) => Some(name),
                _ => None,
            });
            let own = own.last()?;
            Some((list, own))
        })
    }
}

/// The arguments of a stage.
fn stage_arguments(root: &ast::Root) -> Option<ast::Pattern> {
    let lambdas = root.syntax().descendants().filter_map(ast::Lambda::cast);
    lambdas
        .filter_map(|lambda| match lambda.param()? {
            ast::Param::Pattern(pattern) => Some(pattern),
            ast::Param::IdentParam(_) => None,
        })
        .find(|pattern| {
            let mut entries = pattern.pat_entries();
            entries.any(|entry| {
                entry
                    .ident()
                    .is_some_and(|name| name.to_string() == "overlays")
            })
        })
}

fn variables(node: &SyntaxNode) -> BTreeSet<String> {
    let names = node.descendants().filter_map(ast::Ident::cast);
    names.map(|name| name.to_string()).collect()
}

/// The first set of an argument such as `({ ... } // newArgs)`.
fn first_set(argument: Expr) -> Option<ast::AttrSet> {
    match argument {
        Expr::Paren(inner) => first_set(inner.expr()?),
        Expr::BinOp(update) => first_set(update.lhs()?),
        Expr::AttrSet(set) => Some(set),
        _ => None,
    }
}

/// The value of an entry of a set.
fn entry(set: &Expr, name: &str) -> Option<Expr> {
    let Expr::AttrSet(set) = set else {
        return None;
    };
    let values = set.attrpath_values();
    let mut found = values.filter(|value| {
        value
            .attrpath()
            .is_some_and(|path| path.syntax().text().to_string().trim() == name)
    });
    found.next()?.value()
}

/// The entry of a set that defines or inherits a name.
fn named(set: &ast::AttrSet, name: &str) -> Option<SyntaxNode> {
    set.entries().find_map(|entry| {
        let is_it = match &entry {
            ast::Entry::AttrpathValue(value) => {
                let first = value.attrpath()?.attrs().next()?;
                first.syntax().text() == name
            }
            ast::Entry::Inherit(inherit) => {
                inherit.attrs().any(|attr| attr.syntax().text() == name)
            }
        };
        is_it.then(|| entry.syntax().clone())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn made_ready(role: Role, before: &str, after: &str) {
        let sites = Sites::usual();
        let found = find(&sites, role, before, Stubs::Wanted).unwrap();
        let text = edited(before, &found);
        assert_eq!(text, after);
        aux_nix::language::check(&text).unwrap();
        for again in find(&sites, role, &text, Stubs::Wanted).unwrap() {
            assert_eq!(again.place.state, State::Done, "{:?}", again.place);
        }
    }

    #[test]
    fn a_flake_offers_a_function() {
        made_ready(
            Role::Flake,
            "{\n  outputs = { self }: let x = 1; in {\n    lib = x;\n  };\n}\n",
            "{\n  outputs = { self }: let x = 1; in {\n    # One package set with the layers of other repos in it.\n    mkPackages = { system, ... }@args: import ./pkgs/top-level/default.nix (removeAttrs args [ \"system\" ] // { localSystem = system; });\n\n    lib = x;\n  };\n}\n",
        );
    }

    #[test]
    fn the_composition_hands_layers_on() {
        made_ready(
            Role::Composition,
            "{ localSystem, ... } @ args:\nlet\n  all = new: import ./stage.nix ({\n    inherit lib;\n  } // new);\nin all\n",
            "{ localSystem, ... } @ args:\nlet\n  all = new: import ./stage.nix ({\n    inherit lib;\n    layers = args.layers or [ ];\n  } // new);\nin all\n",
        );
        let closed = find(
            &Sites::usual(),
            Role::Composition,
            "{ x }: import ./stage.nix { }",
            Stubs::Wanted,
        )
        .unwrap();
        assert!(matches!(closed[0].place.state, State::Unknown { .. }));
    }

    #[test]
    fn a_stage_takes_layers_and_stubs() {
        made_ready(
            Role::Stage,
            "{ lib\n, config\n, overlays\n}:\nlet\n  byName = self: super: readDir ../by-name;\n  toFix = fold ([\n    first\n    byName\n    last\n  ] ++ overlays);\nin toFix\n",
            "{ lib\n, config\n, overlays\n\n, # Layers of other repos, each a function `arguments: final: prev: { ... }`\n  layers ? [ ]\n}:\nlet\n  byName = self: super: readDir ../by-name;\n  toFix = fold ([\n    (_: _: import ../../foreign.nix)\n    first\n    byName\n  ] ++ map (layer: layer { inherit lib config overlays; }) layers ++ [\n    last\n  ] ++ overlays);\nin toFix\n",
        );
        let lost = find(
            &Sites::usual(),
            Role::Stage,
            "{ overlays }: [ a b ]",
            Stubs::NotNeeded,
        )
        .unwrap();
        assert!(matches!(lost[1].place.state, State::Unknown { .. }));
    }
}
