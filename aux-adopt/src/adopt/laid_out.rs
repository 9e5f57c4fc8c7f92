//! How the packages of a repo lie, as its files show and Nix says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aux_eval::snapshot::{Evaluated, PackageSet, Snapshot};
use aux_gen::disk::{DiskError, read_text};
use aux_model::Layout;
use aux_nix::language::paths::is_within;
use aux_nix::language::quote;
use aux_nix::{Nix, NixError, Question};

use crate::adopt::adopted::Adopted;
use crate::layout::{DefinedAttributes, SORT, flat_roots, last, layouts, packages_in, shallow};
use crate::relayout::calls;

/// So many folders tell how all of one folder are called.
const SAMPLE: usize = 5;

/// A file that lists fewer packages says something else, too.
const FEWEST_CALLS: usize = 2;

/// A package set that may be asked how the packages of a repo lie.
pub(super) struct LayoutProbe<'s> {
    pub(super) nix: &'s Nix,
    /// Makes the set.
    pub(super) set: &'s dyn Fn() -> Result<PackageSet, NixError>,
    /// What it has.
    pub(super) snapshot: &'s Snapshot,
    /// Whether to ask which folders give several attributes each.
    pub(super) has_variants: bool,
}

impl Adopted {
    /// Takes in how its packages lie. The set is asked where files do not tell, and made only then.
    pub(super) fn find_layout(
        &mut self,
        directory: &Path,
        asked: Option<&LayoutProbe<'_>>,
    ) -> Result<(), NixError> {
        // What cannot be read is told where it is needed.
        let Ok((files, mut found, unknown)) = self.found_layouts(directory) else {
            return Ok(());
        };
        if let Some(asked) = asked {
            let flat = found.iter().filter(|(_, layout)| **layout == Layout::Flat);
            let flat: Vec<String> = flat.map(|(root, _)| root.clone()).collect();
            if asked.has_variants && !flat.is_empty() {
                let set = (asked.set)()?;
                for root in are_variants(asked.nix, &set, directory, &files, flat)? {
                    // A folder of it of which nothing is an attribute of the family stays by hand.
                    let is_listed = |folder: &str| {
                        let mut files = self.elsewhere.values();
                        files.any(|elsewhere| is_within(&elsewhere.file, folder))
                    };
                    found.retain(|place, _| !is_within(place, &root));
                    for folder in packages_in(&files, &root) {
                        if !is_listed(folder) {
                            found.insert(folder.to_owned(), Layout::ByHand);
                        }
                    }
                    found.insert(root, Layout::Variants);
                }
            }
            let sets = asked.snapshot.attributes.iter();
            let sets = sets.filter(|(_, found)| matches!(found, Evaluated::Is(is) if is == "set"));
            let sets: Vec<&str> = sets.map(|(name, _)| name.trim_matches('"')).collect();
            if !unknown.is_empty() && !sets.is_empty() {
                let set = (asked.set)()?;
                for root in are_scopes(asked.nix, &set, &sets, &files, unknown)? {
                    found.insert(root, Layout::Scope);
                }
            }
        }
        self.layout = found;
        Ok(())
    }

    /// Whether nothing of it is part of the family, and Nix could not say what it has.
    pub(super) fn is_unknown(&self) -> bool {
        self.packages() == 0 && self.seen.is_none()
    }

    /// Says what its files show where Nix could not say what it has.
    pub(super) fn shows_in_files(&mut self, directory: &Path) {
        let Ok(files) = shallow(directory) else {
            return;
        };
        let roots = flat_roots(&files).into_iter();
        let roots: Vec<String> = roots
            .map(|root| format!("`{root}` ({})", packages_in(&files, &root).len()))
            .collect();
        if !roots.is_empty() {
            let message = format!(
                "its files show folders of packages, and Nix could not say which attributes they are, so none is listed: {}",
                roots.join(", ")
            );
            self.note(None, &message);
        }
    }

    fn found_layouts(&self, directory: &Path) -> Result<Found, DiskError> {
        let files = shallow(directory)?;
        let elsewhere = self.elsewhere.iter();
        let mut places: BTreeMap<&str, Option<&str>> = elsewhere
            .map(|(name, elsewhere)| (name.as_str(), Some(elsewhere.file.as_str())))
            .collect();
        let offered = self.offered.iter().map(|name| (name.as_str(), None));
        places.extend(offered);
        let listed = places.keys().copied().collect();
        places.extend(self.exceptions.keys().map(|name| (name.as_str(), None)));
        let (mut found, unknown) = layouts(&files, &DefinedAttributes { places, listed });
        let mut lists: BTreeMap<&str, usize> = BTreeMap::new();
        for elsewhere in self.elsewhere.values() {
            if elsewhere.file.ends_with(".nix") {
                *lists.entry(&elsewhere.file).or_default() += 1;
            }
        }
        for (file, _) in lists
            .into_iter()
            .filter(|(_, count)| *count >= FEWEST_CALLS)
        {
            let text = read_text(&directory.join(file)).unwrap_or_default();
            if calls(file, &text).len() >= FEWEST_CALLS {
                found.insert(file.to_owned(), Layout::Calls);
            }
        }
        Ok((files, found, unknown))
    }
}

/// The files of a tree, how its folders lie, and the folders of packages of which nothing is an
/// attribute.
type Found = (BTreeSet<String>, BTreeMap<String, Layout>, BTreeSet<String>);

/// The folders of which most give a function that is called once more, as that of a package with
/// many versions does.
fn are_variants(
    nix: &Nix,
    set: &PackageSet,
    directory: &Path,
    files: &BTreeSet<String>,
    roots: Vec<String>,
) -> Result<Vec<String>, NixError> {
    let mut questions = Vec::new();
    for root in &roots {
        for folder in packages_in(files, root).into_iter().take(SAMPLE) {
            let file = quote(&directory.join(folder).to_string_lossy());
            let is_function = format!(
                "{SORT} (scope.callPackage (/. + {file}) {{ }}) == \"lambda\" && {SORT} scope.{} != \"lambda\"",
                quote(last(folder))
            );
            questions.push(Question::new(root, is_function));
        }
    }
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for answered in set.ask(nix, &questions)? {
        if let Some(is_function) = answered.answer.value() {
            let (functions, all) = counts.entry(answered.key).or_default();
            *functions += usize::from(*is_function == true);
            *all += 1;
        }
    }
    let most = |root: &String| {
        let counted = counts.get(root);
        counted.is_some_and(|(functions, all)| functions * 2 > *all)
    };
    Ok(roots.into_iter().filter(most).collect())
}

/// The folders whose names are members of one of some sets of the package set, or of a set in one.
fn are_scopes(
    nix: &Nix,
    set: &PackageSet,
    sets: &[&str],
    files: &BTreeSet<String>,
    roots: BTreeSet<String>,
) -> Result<BTreeSet<String>, NixError> {
    let mut questions = Vec::new();
    for root in &roots {
        let names = packages_in(files, root).into_iter().take(SAMPLE);
        let names: Vec<String> = names.map(|folder| quote(last(folder))).collect();
        let names = names.join(" ");
        // Each set by itself: one without a value does not hide the others.
        questions.extend(sets.iter().map(|one| {
            let one = quote(one);
            let is_scope = format!(
                "let
                   names = [ {names} ];
                   has = one: builtins.length (builtins.filter (name: one ? ${{name}}) names) * 2 > builtins.length names;
                   all = builtins.attrNames scope.{one};
                   within = name:
                     let value = builtins.tryEval scope.{one}.${{name}}; in
                     value.success && builtins.isAttrs value.value && has value.value;
                 in
                 has scope.{one} || (builtins.length all <= {MOST_WITHIN} && builtins.any within all)"
            );
            Question::new(root, is_scope)
        }));
    }
    let answers = set.ask(nix, &questions)?.into_iter();
    let scopes = answers.filter(|answered| answered.answer.value() == Some(&true.into()));
    Ok(scopes.map(|answered| answered.key).collect())
}

/// Sets in larger sets are not looked for.
const MOST_WITHIN: usize = 32;
