//! The family as one Nix expression: every flake imported from its checkout,
//! with its siblings as inputs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use aux_model::{Catalog, RepoName};

use crate::disk::Registry;
use crate::render::quote;

/// Imports each `flake.nix` and ties the knot, as Nix does after locking. A
/// sibling that is not checked out is a throw that says so.
const FAMILY: &str = r#"
let
  checkouts = builtins.fromJSON @CHECKOUTS@;
  system = @SYSTEM@;
  flakes = builtins.mapAttrs (
    name: path:
    let
      flake = import (path + "/flake.nix");
      wanted = (flake.inputs or { }) // removeAttrs (builtins.functionArgs flake.outputs) [ "self" ];
      inputs = builtins.mapAttrs (
        input: _:
        flakes.${input}
          or (throw "its flake asks for the input `${input}`, which is no repo of the family that is checked out")
      ) wanted;
      outputs = flake.outputs (inputs // { inherit self; });
      self = outputs // {
        inherit inputs outputs;
        outPath = path;
        _type = "flake";
      };
    in
    self
  ) checkouts;
in
{ inherit flakes system; }
"#;

/// Where the repos are, for those that are checked out.
pub(super) fn checkouts(registry: &Registry, catalog: &Catalog) -> BTreeMap<RepoName, PathBuf> {
    catalog
        .repos()
        .map(|repo| (repo.name.clone(), registry.root().join(repo.path.as_str())))
        .filter(|(_, path)| path.join("flake.nix").is_file())
        .map(|(name, path)| (name, path.canonicalize().unwrap_or(path)))
        .collect()
}

/// The expression for `scope`: `{ flakes, system }`.
pub(super) fn scope(checkouts: &BTreeMap<RepoName, PathBuf>, system: &str) -> String {
    let paths: BTreeMap<&str, String> = checkouts
        .iter()
        .map(|(name, path)| (name.as_str(), path.to_string_lossy().into_owned()))
        .collect();
    let json = serde_json::to_string(&paths).expect("a map of texts is JSON");
    FAMILY
        .replace("@SYSTEM@", &quote::nix(system))
        .replace("@CHECKOUTS@", &quote::nix(&json))
}
