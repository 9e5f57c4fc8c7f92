//! A tree whose packages stand in folders that hold one folder for each, without shards.

use std::collections::{BTreeMap, BTreeSet};

use aux_gen::disk::FUNCTIONS;
use aux_model::{AttrName, System};
use aux_nix::language::paths::is_below;
use aux_nix::language::quote;
use aux_nix::{Answer, Nix, NixError, Question};

use crate::TreeSet;
use crate::layout::{SORT, flat_roots};

/// The packages of such a tree.
pub(crate) struct Flat {
    /// The folders that hold them.
    pub(crate) roots: BTreeSet<String>,
    /// The folder of each that can stand in a by-name directory.
    pub(crate) units: BTreeMap<AttrName, String>,
    /// Those of which the file gives a function that is called once more.
    pub(crate) twice: BTreeSet<AttrName>,
    /// The other folders, and why they cannot.
    pub(crate) left: BTreeMap<String, String>,
    /// Folders that look as if they held packages, and of which nothing is one: why the first is not.
    pub(crate) unused: BTreeMap<String, String>,
}

impl Flat {
    /// Looks for them in the files, and asks Nix how each is called, if it can be asked.
    pub(crate) fn read(
        tree: &TreeSet,
        files: &BTreeSet<String>,
        nix: Option<(&Nix, &System)>,
    ) -> Result<Self, NixError> {
        let mut flat = Self {
            roots: flat_roots(files),
            units: BTreeMap::new(),
            twice: BTreeSet::new(),
            left: BTreeMap::new(),
            unused: BTreeMap::new(),
        };
        let mut candidates: Vec<(AttrName, String)> = Vec::new();
        for file in files {
            let Some((folder, name)) = file.rsplit_once('/') else {
                continue;
            };
            let Some((above, folder_name)) = folder.rsplit_once('/') else {
                continue;
            };
            if !FUNCTIONS.contains(&name) || !flat.roots.contains(above) {
                continue;
            }
            match folder_name.parse::<AttrName>() {
                Ok(name) => candidates.push((name, folder.to_owned())),
                Err(error) => {
                    flat.left.insert(folder.to_owned(), error.to_string());
                }
            }
        }
        let calls = match nix {
            Some((nix, system)) => calls(tree, &candidates, nix, system)?,
            None => vec![Ok(Call::Once); candidates.len()],
        };
        for ((name, folder), call) in candidates.into_iter().zip(calls) {
            match (call, flat.units.get(&name)) {
                (Err(reason), _) => {
                    flat.left.insert(folder, reason);
                }
                (Ok(_), Some(other)) if *other != folder => {
                    let reason = format!("`{other}` defines `{name}`, too");
                    flat.left.insert(folder, reason);
                }
                (Ok(call), _) => {
                    if call == Call::Twice {
                        flat.twice.insert(name.clone());
                    }
                    flat.units.insert(name, folder);
                }
            }
        }
        // A folder of which nothing is a package holds other things.
        let used = |root: &String| {
            let mut units = flat.units.values();
            units.any(|unit| {
                unit.rsplit_once('/')
                    .is_some_and(|(above, _)| above == root)
            })
        };
        let unused: Vec<&String> = flat.roots.iter().filter(|root| !used(root)).collect();
        for root in unused {
            let of_root = flat.left.iter();
            let mut of_root = of_root.filter(|(folder, _)| is_below(folder, root));
            if let Some((_, reason)) = of_root.next() {
                flat.unused.insert(root.clone(), reason.clone());
            }
        }
        flat.roots.retain(|root| !flat.unused.contains_key(root));
        flat.left.retain(|folder, _| {
            let above = folder.rsplit_once('/');
            above.is_some_and(|(above, _)| flat.roots.contains(above))
        });
        Ok(flat)
    }
}

/// How often `callPackage` is to be called for what the set has under the name of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    /// As a layer calls a by-name directory.
    Once,
    /// What comes out is a function of the package set again, as with many variants.
    Twice,
}

/// How each folder is called, so that a value of the same sort comes out as the set has; why it is
/// neither way.
fn calls(
    tree: &TreeSet,
    candidates: &[(AttrName, String)],
    nix: &Nix,
    system: &System,
) -> Result<Vec<Result<Call, String>>, NixError> {
    let set = tree.whole(nix, system)?;
    let questions: Vec<Question> = candidates
        .iter()
        .map(|(name, folder)| {
            let (attribute, folder) = (quote(name.as_str()), tree.root().join(folder));
            let functions = FUNCTIONS.map(|file| folder.join(file));
            let function = functions.iter().find(|file| file.is_file()).unwrap_or(&folder);
            let folder = quote(&function.to_string_lossy());
            let expression = format!(
                "let
                   sort = {SORT};
                   wanted = sort scope.{attribute};
                   once = scope.callPackage (/. + {folder}) {{ }};
                 in
                 if !(scope ? {attribute}) then \"the set has no attribute of its name\"
                 else if sort once == wanted then 1
                 else if sort once == \"lambda\" && sort (scope.callPackage once {{ }}) == wanted then 2
                 else \"the set calls it in another way\""
            );
            Question::new(name.as_str(), expression)
        })
        .collect();
    let answers = set.ask(nix, &questions)?;
    let calls = answers.into_iter().map(|answered| match answered.answer {
        Answer::Failed(failure) => Err(format!("it has no value here: {}", failure.reason)),
        Answer::Value(value) => match (value.as_u64(), value.as_str()) {
            (Some(1), _) => Ok(Call::Once),
            (Some(_), _) => Ok(Call::Twice),
            (None, reason) => Err(reason.unwrap_or_default().to_owned()),
        },
    });
    Ok(calls.collect())
}
