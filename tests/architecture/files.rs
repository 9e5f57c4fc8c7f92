//! The files of each crate: which of them uses which, read from their texts.
//!
//! A path such as `super::index::pathspecs`, in a `use` or in an expression, leads to the file
//! that defines what it names, through whatever re-exports it. Calls of methods are not seen:
//! a type may be spread over files that use each other's methods.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Attribute, Item, UseTree};

use crate::crates::uses;
use crate::root;

/// Names that lead to a module or an item, from the top of a crate.
type Names = Vec<String>;

/// One module, which is one file.
#[derive(Default)]
struct Module {
    file: PathBuf,
    /// What it imports, by the name it has here.
    imports: BTreeMap<String, Names>,
    /// The modules of which it imports everything.
    globs: Vec<Names>,
    /// What it defines.
    items: BTreeSet<String>,
    /// All paths in it.
    paths: BTreeSet<Names>,
}

/// The modules of a crate.
type Modules = BTreeMap<Names, Module>;

#[test]
fn no_files_use_each_other_in_a_cycle() {
    for name in uses().keys() {
        let mut modules = Modules::new();
        let source = root().join(name).join("src");
        let top = ["lib.rs", "main.rs"].map(|file| source.join(file));
        let top = top.into_iter().find(|file| file.exists()).unwrap();
        read(&source, &top, Vec::new(), &mut modules);
        let edges = edges(&modules);
        assert!(
            edges.len() > 1 || modules.len() < 3,
            "{name}: nothing was read"
        );
        let reached: BTreeMap<&PathBuf, BTreeSet<PathBuf>> = edges
            .keys()
            .map(|file| (file, reached(&edges, file)))
            .collect();
        for (file, others) in &reached {
            let cycle: Vec<_> = others
                .iter()
                .filter(|other| reached.get(other).is_some_and(|back| back.contains(*file)))
                .collect();
            assert!(cycle.is_empty(), "files in a cycle: {cycle:#?}");
        }
    }
}

#[test]
fn files_that_hold_modules_hold_nothing_else() {
    for name in uses().keys() {
        for file in crate::sources(&root().join(name).join("src")) {
            if !file.ends_with("mod.rs") && !file.ends_with("lib.rs") {
                continue;
            }
            let parsed = syn::parse_file(&std::fs::read_to_string(&file).unwrap()).unwrap();
            for item in parsed.items.iter().filter(|item| !is_test(item)) {
                let is_allowed = matches!(item, Item::Mod(_) | Item::Use(_));
                assert!(is_allowed, "{} defines something", file.display());
            }
        }
    }
}

/// The files that a file uses, by file.
fn edges(modules: &Modules) -> BTreeMap<PathBuf, BTreeSet<PathBuf>> {
    let mut edges: BTreeMap<PathBuf, BTreeSet<PathBuf>> = BTreeMap::new();
    for module in modules.values() {
        let used = module.paths.iter();
        let used = used.filter_map(|path| defining(modules, path, 0));
        let used: BTreeSet<PathBuf> = used.filter(|file| *file != module.file).collect();
        edges.entry(module.file.clone()).or_default().extend(used);
    }
    edges
}

fn reached(edges: &BTreeMap<PathBuf, BTreeSet<PathBuf>>, from: &Path) -> BTreeSet<PathBuf> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from.to_owned()];
    while let Some(file) = open.pop() {
        for next in edges.get(&file).into_iter().flatten() {
            if reached.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    reached
}

/// The file that defines what a path names; none for what is of another crate.
fn defining(modules: &Modules, path: &[String], depth: usize) -> Option<PathBuf> {
    /// Re-exports of re-exports; ends those that lead to themselves.
    const DEEPEST: usize = 16;
    let (at, module) = (0..=path.len())
        .rev()
        .find_map(|at| Some((at, modules.get(&path[..at])?)))?;
    let Some(name) = path.get(at) else {
        return Some(module.file.clone());
    };
    if depth == DEEPEST || module.items.contains(name) {
        return module.items.contains(name).then(|| module.file.clone());
    }
    let imported = module.imports.get(name).into_iter();
    let imported = imported.map(|target| [target, &path[at + 1..]].concat());
    let globs = module.globs.iter().map(|glob| [glob, &path[at..]].concat());
    let mut targets = imported.chain(globs).filter(|target| target != path);
    targets.find_map(|target| defining(modules, &target, depth + 1))
}

/// Reads a module and those in it.
fn read(folder: &Path, file: &Path, here: Names, modules: &mut Modules) {
    let parsed = syn::parse_file(&std::fs::read_to_string(file).unwrap()).unwrap();
    let mut reader = Reader {
        here: &here,
        module: Module {
            file: file.to_owned(),
            ..Module::default()
        },
    };
    for item in &parsed.items {
        reader.visit_item(item);
    }
    let module = reader.module;
    for item in &parsed.items {
        let Item::Mod(inner) = item else { continue };
        if inner.content.is_some() || is_test(item) {
            continue;
        }
        let name = inner.ident.to_string();
        let below = folder.join(&name);
        let files = [folder.join(format!("{name}.rs")), below.join("mod.rs")];
        if let Some(file) = files.into_iter().find(|file| file.exists()) {
            read(&below, &file, [&here[..], &[name]].concat(), modules);
        }
    }
    modules.insert(here, module);
}

struct Reader<'h> {
    here: &'h [String],
    module: Module,
}

impl Reader<'_> {
    /// A path from the top of the crate, whatever it starts with.
    fn absolute(&self, path: &[String]) -> Names {
        let mut rest = path;
        let mut top = self.here.to_vec();
        match path.first().map(String::as_str) {
            Some("crate") => (top, rest) = (Vec::new(), &path[1..]),
            Some("self") => rest = &path[1..],
            _ => {
                while rest.first().is_some_and(|name| name == "super") {
                    top.pop();
                    rest = &rest[1..];
                }
            }
        }
        top.extend_from_slice(rest);
        top
    }

    fn import(&mut self, tree: &UseTree, before: &[String]) {
        let below = |name: &dyn ToString| [before, &[name.to_string()]].concat();
        let (name, path) = match tree {
            UseTree::Path(path) => return self.import(&path.tree, &below(&path.ident)),
            UseTree::Group(group) => {
                return group
                    .items
                    .iter()
                    .for_each(|item| self.import(item, before));
            }
            UseTree::Glob(_) => {
                let starts = ["crate", "self", "super"];
                if before
                    .first()
                    .is_some_and(|name| starts.contains(&name.as_str()))
                {
                    let path = self.absolute(before);
                    self.module.globs.push(path.clone());
                    self.module.paths.insert(path);
                }
                return;
            }
            UseTree::Name(name) if name.ident == "self" => {
                (before.last().cloned().unwrap_or_default(), before.to_vec())
            }
            UseTree::Name(name) => (name.ident.to_string(), below(&name.ident)),
            UseTree::Rename(name) => (name.rename.to_string(), below(&name.ident)),
        };
        let path = self.absolute(&path);
        self.module.paths.insert(path.clone());
        self.module.imports.insert(name, path);
    }
}

impl<'a> Visit<'a> for Reader<'_> {
    fn visit_item(&mut self, item: &'a Item) {
        if is_test(item) {
            return;
        }
        let name = match item {
            Item::Use(import) => return self.import(&import.tree, &[]),
            Item::Const(item) => Some(&item.ident),
            Item::Enum(item) => Some(&item.ident),
            Item::Fn(item) => Some(&item.sig.ident),
            Item::Static(item) => Some(&item.ident),
            Item::Struct(item) => Some(&item.ident),
            Item::Trait(item) => Some(&item.ident),
            Item::Type(item) => Some(&item.ident),
            _ => None,
        };
        self.module.items.extend(name.map(ToString::to_string));
        visit::visit_item(self, item);
    }

    /// `pub(in super)` uses nobody.
    fn visit_visibility(&mut self, _: &'a syn::Visibility) {}

    fn visit_path(&mut self, path: &'a syn::Path) {
        let names: Names = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        // Types are named where they are imported.
        if names.len() > 1 && names[0].starts_with(char::is_lowercase) {
            let path = self.absolute(&names);
            self.module.paths.insert(path);
        }
        visit::visit_path(self, path);
    }
}

/// Whether an item is there for tests only.
fn is_test(item: &Item) -> bool {
    let attributes: &[Attribute] = match item {
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    };
    attributes.iter().any(|attribute| {
        let list = attribute.meta.require_list();
        let tokens = list.map(|list| list.tokens.to_string());
        let is_of_tests = |text: String| text == "test" || text.starts_with("all (test ,");
        attribute.path().is_ident("cfg") && tokens.is_ok_and(is_of_tests)
    })
}
