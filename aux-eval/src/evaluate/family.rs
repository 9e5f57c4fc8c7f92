//! The family as one Nix expression: every flake imported from its checkout,
//! with its siblings as inputs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aux_model::{EntryFile, Family, Repo, RepoName, Wiring};
use aux_nix::language::quote;
use aux_nix::{Limits, Nix, NixError, Reach};

use crate::evaluate::pins::Pins;
use crate::evaluate::sources::{Checkout, Sources};

/// Imports each `flake.nix` and ties the knot, as Nix does after locking (`call-flake.nix`). An
/// input that cannot be had is a throw with the reason.
const FAMILY: &str = r#"
let
  sources = builtins.fromJSON @SOURCES@;
  system = @SYSTEM@;
  # As `import`, of flakes that may fetch what they pin.
  load = @LOAD@;
  input =
    found:
    if found ? tree then
      flakes.${found.tree}
    else if found ? follows then
      builtins.foldl' (at: name: at.inputs.${name}) flakes.${found.follows.of} found.follows.path
    else
      throw found.missing;
  called =
    tree:
    let
      flake = load (tree.path + "/flake.nix");
      wanted = (flake.inputs or { }) // removeAttrs (builtins.functionArgs flake.outputs) [ "self" ];
      inputs = builtins.mapAttrs (
        name: _:
        input (
          tree.inputs.${name} or {
            missing = "its flake asks for the input `${name}`, which nothing says more of";
          }
        )
      ) wanted;
      outputs = flake.outputs (inputs // { inherit self; });
      self =
        outputs
        // tree.info
        // {
          inherit inputs outputs;
          outPath = tree.path;
          _type = "flake";
        };
    in
    self;
  flakes = builtins.mapAttrs (
    _: tree: if tree.is_flake then called tree else tree.info // { outPath = tree.path; }
  ) sources;
in
{
  inherit flakes system load;
  derivation = @DERIVATION@;
  # The packages of each repo in its own view; a set is made once for all questions.
  alone = {
    @ALONE@
  };
}
"#;

/// Flakes as one Nix expression, and what evaluating it may read.
pub(crate) struct Scope {
    /// `{ flakes, system, load, derivation, alone }`, where `derivation` is [`derivation`].
    pub(crate) expression: String,
    /// Those of the caller, and every folder that it is about.
    pub(crate) limits: Limits,
}

impl Scope {
    /// A family that is checked out.
    ///
    /// # Errors
    /// When Nix cannot be started.
    pub(crate) fn of(
        family: &Family,
        folders: &BTreeMap<RepoName, PathBuf>,
        system: &str,
        nix: &Nix,
        limits: &Limits,
    ) -> Result<Self, NixError> {
        let checkouts = folders.iter().map(|(name, path)| {
            let repo = family.repo(name.as_str());
            let checkout = Checkout {
                path: path.clone(),
                url: repo.map(|repo| repo.url.clone()),
            };
            (name.clone(), checkout)
        });
        let alone = family.repos().filter_map(|repo| {
            let view = own_view(family, repo)?;
            let name = quote(repo.name.as_str());
            Some(format!("{name} = let flake = flakes.{name}; in {view};"))
        });
        let alone: Vec<String> = alone.collect();
        Self::with(
            &checkouts.collect(),
            system,
            &alone.join("\n    "),
            nix,
            limits,
        )
    }

    /// Flakes of which no manifest says anything: nothing is `alone`.
    ///
    /// # Errors
    /// When Nix cannot be started.
    pub(crate) fn of_flakes(
        checkouts: &BTreeMap<RepoName, Checkout>,
        system: &str,
        nix: &Nix,
        limits: &Limits,
    ) -> Result<Self, NixError> {
        Self::with(checkouts, system, "", nix, limits)
    }

    fn with(
        checkouts: &BTreeMap<RepoName, Checkout>,
        system: &str,
        alone: &str,
        nix: &Nix,
        limits: &Limits,
    ) -> Result<Self, NixError> {
        let sources = Sources::of(checkouts, nix, limits)?;
        let nix = &nix
            .clone()
            .reaching(siblings(checkouts, nix.reach().clone()));
        let json = serde_json::to_string(&sources).expect("maps of texts are JSON");
        let mut limits = limits.clone();
        let folders = sources.folders();
        // What imports a repo is evaluated as the repo is.
        let pins = Pins::of(folders.iter().copied());
        limits.allowed_paths.extend(pins.readable(nix)?);
        limits
            .allowed_paths
            .extend(folders.into_iter().map(Path::to_owned));
        Ok(Self {
            expression: FAMILY
                .replace("@LOAD@", &pins.import(nix.reach()))
                .replace("@SYSTEM@", &quote(system))
                .replace("@SOURCES@", &quote(&json))
                .replace("@DERIVATION@", &derivation(Parts::Traced))
                .replace("@ALONE@", alone),
            limits,
        })
    }
}

/// Checkouts in place of what their siblings would fetch.
pub(crate) fn siblings(checkouts: &BTreeMap<RepoName, Checkout>, reach: Reach) -> Reach {
    checkouts
        .iter()
        .fold(reach, |reach, (name, checkout)| match &checkout.url {
            Some(url) => reach.with_sibling(url.as_str(), checkout.path.clone()),
            None => reach.with_nameless_sibling(name.as_str(), checkout.path.clone()),
        })
}

/// The packages of a repo in its own view, as an expression over `scope`; none for
/// a hand-written repo that owes only a layer or an overlay.
pub(crate) fn alone(family: &Family, repo: &Repo) -> Option<String> {
    own_view(family, repo).map(|_| format!("scope.alone.{}", quote(repo.name.as_str())))
}

/// As [`alone`], over `flake` and `system`.
pub(crate) fn own_view(family: &Family, repo: &Repo) -> Option<String> {
    let is_core = repo.name == family.core().name;
    let view = match (repo.is_generated(), repo.wiring, is_core) {
        (true, _, _) => "flake.auxPackages.${system}",
        (false, Wiring::Overlays, true) => {
            let file = repo.entry.as_ref().map(file_of);
            let file = file.unwrap_or_else(|| "flake".to_owned());
            return Some(format!("load {file} {{ inherit system; overlays = [ ]; }}"));
        }
        // Of what has no flake nobody has anything alone.
        (false, _, _) if !repo.is_flake() => return None,
        (false, Wiring::Packages, _) => "flake.packages.${system}",
        (false, Wiring::Layers, true) => "flake.mkPackages { inherit system; layers = [ ]; }",
        (false, Wiring::Layers | Wiring::Overlays | Wiring::Nothing, _) => return None,
    };
    Some(view.to_owned())
}

/// All texts that questions are made of and that no catalog changes: what was asked with other
/// ones was another question.
pub(crate) fn questions() -> String {
    [FAMILY, &derivation(Parts::Traced), Pins::TEXT].concat()
}

/// The file that is imported of a repo without a flake, as an expression over `flake`.
fn file_of(entry: &EntryFile) -> String {
    format!("(flake + {})", quote(&format!("/{}", entry.file)))
}

/// The value of that file, as an expression over `scope` and `flake`.
pub(crate) fn import_of(entry: &EntryFile) -> String {
    format!("scope.load {}", file_of(entry))
}

/// An expression for a function of a package: its `drvPath` and `name` if it is a
/// derivation that Nix itself made, so that the path has itself as context; else a
/// text, what it is instead. Nothing else of the package is evaluated.
pub(crate) const DERIVATION: &str = "(package:
    if !(builtins.isAttrs package && (package.type or null) == \"derivation\") then builtins.typeOf package
    else if !(builtins.isString package.drvPath
      && builtins.getContext package.drvPath ? ${builtins.unsafeDiscardStringContext package.drvPath})
    then \"set that looks like one\"
    else { inherit (package) drvPath name; })";

/// How a trace begins that names the part of a package evaluated next.
const PART: &str = "@@aux-gen part ";

/// An expression for two functions of a package that give null, of its `name` and of its `meta`, and
/// have no value if something has none that Nix's own commands read of every package: one such package
/// ends `nix search` for the whole set.
///
/// `nix search` reads `name` and `meta.description` and takes nothing but strings,
/// `nix run` reads `meta.mainProgram`, `nix build` and `nix profile` read
/// `meta.outputsToInstall`, `nix-env` and the checks of nixpkgs the others. Each part
/// is traced before it is evaluated, because the message of a `throw` does not say
/// where it stands; [`failing_part`] reads the traces.
const META: &str = r#"(
  let
    part = @PART@;
    string = value:
      if builtins.isString value then null
      else throw "it is a ${builtins.typeOf value}, not a string";
    whole = value: builtins.deepSeq value null;
    readers = {
      broken = whole;
      description = string;
      homepage = whole;
      license = whole;
      mainProgram = string;
      outputsToInstall = whole;
      platforms = whole;
      position = string;
    };
  in
  {
  name = package: builtins.seq (part "name" (string package.name)) (part "" null);
  meta = package:
  let
    read = _: name: part "meta.${name}" (readers.${name} package.meta.${name});
    of = builtins.attrNames (builtins.intersectAttrs readers package.meta);
    all = if package ? meta then part "meta" (builtins.foldl' read null of) else null;
  in
  builtins.seq all (part "" null);
  })"#;

/// Whether the parts of a package are traced.
#[derive(Clone, Copy)]
pub(crate) enum Parts {
    Traced,
    /// For many packages at once, of which each is asked for alone if one fails: Nix takes
    /// as long to print a trace as to evaluate a small package.
    Quiet,
}

/// As [`DERIVATION`], and without a value if something has none that Nix's own commands
/// read of every package, such as `meta.description`. `meta` comes first: a core reads parts of it
/// before it gives a `drvPath`, and says nothing of which one had no value. `name` comes last: what
/// makes a derivation reads it, so that it has no value where the whole has none.
fn derivation(parts: Parts) -> String {
    let part = match parts {
        Parts::Traced => format!("name: builtins.trace \"{PART}${{name}}\""),
        Parts::Quiet => "_: value: value".to_owned(),
    };
    let meta = META.replace("@PART@", &part);
    format!(
        "(let made = {DERIVATION}; read = {meta}; in package:
          let of = made package; in
          if builtins.isAttrs package && (package.type or null) == \"derivation\"
          then builtins.seq (read.meta package)
            (if builtins.isAttrs of then builtins.seq of.drvPath (builtins.seq (read.name package) of) else of)
          else of)"
    )
}

/// As [`derivation`], of the `drvPath` alone; what is no derivation has none.
pub(crate) fn drv_path(parts: Parts) -> String {
    format!(
        "(let derivation = {}; in package: let of = derivation package; in
          if builtins.isAttrs of then of.drvPath else throw \"it is a ${{of}}, not a derivation\")",
        derivation(parts)
    )
}

/// The part of the package, such as `meta.description`, that was evaluated when Nix
/// printed an error, and what Nix printed without the traces of [`derivation`].
pub(crate) fn failing_part(printed: &str) -> (Option<&str>, String) {
    let mut part = None;
    let mut rest = Vec::new();
    for line in printed.lines() {
        match line.split_once(PART) {
            Some((before, name)) if before.ends_with("trace: ") => {
                part = Some(name).filter(|name| !name.is_empty());
            }
            _ => rest.push(line),
        }
    }
    (part, rest.join("\n"))
}

/// The path of an attribute as Nix selects it: of a member of a set, that of the set and its own.
pub(crate) fn selected(attribute: &str) -> String {
    let parts: Vec<String> = attribute.split('.').map(quote).collect();
    parts.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_before_the_error_is_the_one_that_fails() {
        let check = |printed: &str, part: Option<&str>, rest: &str| {
            assert_eq!(failing_part(printed), (part, rest.to_owned()));
        };
        check("error: x", None, "error: x");
        check(
            "trace: @@aux-gen part meta\ntrace: theirs\ntrace: @@aux-gen part meta.license\nerror: x",
            Some("meta.license"),
            "trace: theirs\nerror: x",
        );
        check(
            "trace: @@aux-gen part meta\ntrace: @@aux-gen part \nerror: x",
            None,
            "error: x",
        );
    }
}
