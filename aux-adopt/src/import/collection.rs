//! What the collection that a package comes from says of it, asked of Nix.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aux_eval::snapshot::{PackageSet, files, names};
use aux_gen::disk::read_text;
use aux_model::{AttrName, System};
use aux_nix::language::paths::is_within;
use aux_nix::language::quote;
use aux_nix::{Limits, Nix, NixError, Question};

use crate::adopt::Places;
use crate::layout::SORT;
use crate::relayout::calls;

/// The package set that a package is taken from.
#[derive(Debug)]
pub struct Collection {
    /// Every attribute that it has.
    pub names: BTreeSet<String>,
    /// The attributes that the package's folder or file defines there.
    pub own: BTreeSet<AttrName>,
    /// What the attributes of a `packages.nix` are: whether each is a derivation.
    pub members: BTreeMap<AttrName, bool>,
    /// What comes out when its function is called.
    pub gives: FunctionResult,
    /// Where it defines no attribute: the sets that have a member of its name, each with all members.
    pub member_of: BTreeMap<AttrName, BTreeSet<String>>,
}

impl Collection {
    /// Asks the set that a tree's `default.nix` gives; none if it has no value.
    ///
    /// # Errors
    /// When Nix does not run.
    pub fn of(
        nix: &Nix,
        tree: &Path,
        source: &Path,
        system: &System,
    ) -> Result<Option<Self>, NixError> {
        if !tree.join("default.nix").is_file() {
            return Ok(None);
        }
        let set = PackageSet::of_tree(tree, system, "", nix, &Limits::default())?;
        let names = names(nix, &set)?;
        if names.is_empty() {
            return Ok(None);
        }
        let files = files(nix, &set)?;
        let mut collection = Self {
            own: own(tree, source, &files, &names),
            names,
            members: BTreeMap::new(),
            gives: FunctionResult::Package,
            member_of: BTreeMap::new(),
        };
        if source.join(PACKAGES).is_file() {
            collection.members = members(nix, &set, source)?;
        } else {
            collection.gives = gives(nix, &set, source, &collection.own)?;
            match &collection.gives {
                FunctionResult::Set(members) => collection.members = members.clone(),
                _ if collection.own.is_empty() => {
                    collection.member_of = member_of(nix, &set, source, &collection.names)?;
                }
                _ => {}
            }
        }
        Ok(Some(collection))
    }
}

/// What comes out when `callPackage` calls what is imported.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FunctionResult {
    /// A package.
    Package,
    /// A function that makes packages, or a set of them: one attribute.
    Builder,
    /// A function that is called once more, as that of a package with many variants is.
    Again,
    /// A set of which these members are attributes of the collection; whether each is a derivation.
    Set(BTreeMap<AttrName, bool>),
}

/// The file of a directory that defines several attributes.
const PACKAGES: &str = "packages.nix";

/// The attribute with the name of a folder: where Nix tells of no other, the file of the call has
/// several.
fn same_name(source: &Path, names: &BTreeSet<String>) -> BTreeSet<AttrName> {
    let name = source.file_name().and_then(|name| name.to_str());
    let name = name.filter(|name| names.contains(*name));
    name.and_then(|name| name.parse().ok())
        .into_iter()
        .collect()
}

/// The attributes that a folder or a file defines: those that Nix says stand there, else those that
/// a list calls it by, else the one of its name.
fn own(
    tree: &Path,
    source: &Path,
    files: &BTreeMap<String, Option<String>>,
    names: &BTreeSet<String>,
) -> BTreeSet<AttrName> {
    let Ok(wanted) = source.strip_prefix(tree) else {
        return same_name(source, names);
    };
    let wanted = wanted.to_string_lossy();
    let mut places = Places::of(tree, &|name| files.contains_key(name));
    let defined = files.iter().filter_map(|(name, file)| {
        let place = places.of_attribute(name, file.as_deref());
        is_within(&place, &wanted)
            .then(|| name.parse().ok())
            .flatten()
    });
    let defined: BTreeSet<AttrName> = defined.collect();
    if !defined.is_empty() {
        return defined;
    }
    let lists: BTreeSet<&Path> = files.values().flatten().map(Path::new).collect();
    let called = lists.into_iter().filter_map(|list| {
        let place = list.strip_prefix(tree).ok()?.to_str()?;
        // What cannot be read lists nothing that is known.
        let text = read_text(list).ok()?;
        Some(calls(place, &text))
    });
    let called = called.flatten().filter(|call| call.target == wanted);
    let called = called.filter(|call| names.contains(&call.name));
    let called: BTreeSet<AttrName> = called.filter_map(|call| call.name.parse().ok()).collect();
    if called.is_empty() {
        same_name(source, names)
    } else {
        called
    }
}

/// The attributes of a `packages.nix`, as it is called in that set.
fn members(
    nix: &Nix,
    set: &PackageSet,
    source: &Path,
) -> Result<BTreeMap<AttrName, bool>, NixError> {
    let file = quote(&source.join(PACKAGES).to_string_lossy());
    let defined = format!(
        "builtins.attrNames (import (/. + {file}) {{ inherit (scope) lib config; noSysDirs = true; overlays = [ ]; }} scope scope scope)"
    );
    let answers = set.ask(nix, &[Question::new("names", defined)])?;
    let defined = answers.first().and_then(|names| names.answer.value());
    let defined: Vec<AttrName> = defined
        .and_then(|names| names.as_array())
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str()?.parse().ok())
        .collect();
    let questions: Vec<Question> = defined
        .iter()
        .map(|name| {
            let value = quote(name.as_str());
            let is_package = format!(
                "let value = scope.{value}; in builtins.isAttrs value && (value.type or null) == \"derivation\""
            );
            Question::new(name.as_str(), is_package)
        })
        .collect();
    let answers = set.ask(nix, &questions)?;
    let kinds = defined.into_iter().zip(answers);
    let kinds = kinds.map(|(name, answered)| {
        // What has no value there is something that cannot be had on this system. Sets of packages
        // are called so in nixpkgs.
        let likely = !name.as_str().ends_with("Packages");
        let is_package = answered
            .answer
            .value()
            .map_or(likely, |value| *value != false);
        (name, is_package)
    });
    Ok(kinds.collect())
}

/// The sets that have a member with the name of a folder or file, each with all of its members.
fn member_of(
    nix: &Nix,
    set: &PackageSet,
    source: &Path,
    names: &BTreeSet<String>,
) -> Result<BTreeMap<AttrName, BTreeSet<String>>, NixError> {
    let name = source.file_stem().and_then(|name| name.to_str());
    let Some(name) = name.map(quote) else {
        return Ok(BTreeMap::new());
    };
    let questions: Vec<Question> = names
        .iter()
        .map(|one| {
            let members = format!(
                "let value = scope.{}; in
                 if builtins.isAttrs value && (value.type or null) != \"derivation\" && value ? {name} && value ? callPackage
                 then builtins.attrNames value else null",
                quote(one)
            );
            Question::new(one, members)
        })
        .collect();
    let answers = set.ask(nix, &questions)?.into_iter();
    let sets = answers.filter_map(|answered| {
        let members = answered.answer.value()?.as_array()?.iter();
        let members = members.filter_map(|member| Some(member.as_str()?.to_owned()));
        // Sets of the whole, such as `pkgsMusl`, are no sets of members.
        let members: BTreeSet<String> = members.collect();
        let is_whole = members.len() * 2 > names.len() && members.contains("stdenv");
        Some((answered.key.parse().ok()?, members)).filter(|_| !is_whole)
    });
    let mut sets: BTreeMap<AttrName, BTreeSet<String>> = sets.collect();
    // Those in which it has a value, if there are any: of many versions some are of the past.
    let questions: Vec<Question> = sets
        .keys()
        .map(|set| {
            let value = format!("scope.{}.{name}.drvPath", quote(set.as_str()));
            Question::new(set.as_str(), value)
        })
        .collect();
    let answers = set.ask(nix, &questions)?;
    let is_fine = |set: &AttrName| {
        let mut own = answers
            .iter()
            .filter(|answered| answered.key == set.as_str());
        own.any(|answered| answered.answer.value().is_some())
    };
    if sets.keys().any(&is_fine) {
        sets.retain(|set, _| is_fine(set));
    }
    Ok(sets)
}

/// What `callPackage` makes of a file. `own` are the attributes that it is known to define.
fn gives(
    nix: &Nix,
    set: &PackageSet,
    source: &Path,
    own: &BTreeSet<AttrName>,
) -> Result<FunctionResult, NixError> {
    let file = quote(&source.to_string_lossy());
    let wanted = match own.first() {
        Some(name) if own.len() == 1 => format!("{SORT} scope.{}", quote(name.as_str())),
        _ => "null".to_owned(),
    };
    let given = format!(
        "let
           called = scope.callPackage (/. + {file}) {{ }};
           given = {SORT} called;
           wanted = {wanted};
           members = removeAttrs called [ \"override\" \"overrideDerivation\" \"recurseForDerivations\" ];
           is = name:
             let value = builtins.tryEval members.${{name}}; in
             !value.success || {SORT} value.value == \"derivation\";
         in
         if given == \"lambda\" then (if wanted == null || wanted == given then \"builder\" else \"again\")
         else if given != \"set\" then \"package\"
         else if wanted == given then \"builder\"
         else if !(builtins.any (name: scope ? ${{name}}) (builtins.attrNames members)) then \"package\"
         else builtins.listToAttrs (map (name: {{ inherit name; value = is name; }}) (builtins.filter (name: scope ? ${{name}}) (builtins.attrNames members)))"
    );
    let answers = set.ask(nix, &[Question::new("given", given)])?;
    let given = answers.into_iter().next();
    Ok(
        match given.as_ref().and_then(|given| given.answer.value()) {
            Some(serde_json::Value::Object(members)) => {
                let members = members.iter();
                let members =
                    members.filter_map(|(name, is)| Some((name.parse().ok()?, is == true)));
                FunctionResult::Set(members.collect())
            }
            Some(value) if value == "builder" => FunctionResult::Builder,
            Some(value) if value == "again" => FunctionResult::Again,
            _ => FunctionResult::Package,
        },
    )
}
