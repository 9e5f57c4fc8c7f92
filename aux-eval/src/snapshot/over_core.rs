//! What a repo without a flake adds to the set of a core.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use aux_model::{RepoName, System, Wiring};
use aux_nix::language::quote;
use aux_nix::{Limits, Nix, NixError};

use crate::evaluate::Checkout;
use crate::evaluate::family::Scope;
use crate::evaluate::pins::Pins;
use crate::snapshot::package_set::{PackageSet, tree_set};

/// A core that is checked out.
#[derive(Debug, Clone)]
pub struct Core {
    /// Where it is.
    pub path: PathBuf,
    /// Whether it takes layers or overlays.
    pub wiring: Wiring,
}

/// A file that is imported of a repo without a flake.
#[derive(Debug)]
pub struct Import<'i> {
    /// The repo.
    pub root: &'i Path,
    /// The file, relative to it.
    pub file: &'i str,
    /// Whether its value is an overlay; else it is packages, or a function that gives some.
    pub is_overlay: bool,
    /// What that function is called with.
    pub arguments: &'i BTreeSet<String>,
}

/// Which attributes, where a repo is put over a core.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attributes {
    /// Those that core has not.
    New,
    /// Those that core has too.
    OfCore,
    /// Those of both kinds.
    Own,
    /// All that core and the repo have, the repo's first.
    Whole,
}

impl PackageSet {
    /// The attributes that a repo without a flake defines, over the set of a core: as its layer in
    /// the generated flakes does, but for names that core has too.
    ///
    /// # Errors
    /// When Nix cannot be started.
    pub fn over_core(
        core: &Core,
        import: &Import<'_>,
        attributes: Attributes,
        system: &System,
        nix: &Nix,
    ) -> Result<Self, NixError> {
        let limits = Limits::default();
        let roots = [import.root, &core.path];
        let pins = Pins::of(roots);
        let mut limits = limits.allowing(import.root).allowing(&core.path);
        limits.allowed_paths.extend(pins.readable(nix)?);
        let with_overlays = match core.wiring {
            Wiring::Overlays => tree_set(&core.path, system, "overlays", nix.reach()),
            _ => {
                let name: RepoName = "core".parse().expect("it is a name");
                let checkout = Checkout {
                    path: core.path.clone(),
                    url: None,
                };
                let checkouts = BTreeMap::from([(name, checkout)]);
                let scope = Scope::of_flakes(&checkouts, system.as_str(), nix, &limits)?;
                limits.allowed_paths.extend(scope.limits.allowed_paths);
                format!(
                    "(({}).flakes.core.mkPackages {{ inherit system; layers = map (overlay: _: overlay) overlays; }})",
                    scope.expression
                )
            }
        };
        let names: Vec<String> = import.arguments.iter().map(|name| quote(name)).collect();
        let body = if import.is_overlay {
            "let all = core [ value ]; in builtins.intersectAttrs (value all all) all"
        } else {
            "if builtins.isFunction value then value (arguments bare) else value"
        };
        let chosen = match attributes {
            Attributes::New => "removeAttrs own (builtins.attrNames bare)",
            Attributes::OfCore => "builtins.intersectAttrs bare own",
            Attributes::Own => "own",
            Attributes::Whole => "bare // own",
        };
        let expression = format!(
            "let
              system = {};
              core = overlays: {with_overlays};
              bare = core [ ];
              load = {};
              value = load (/. + {});
              arguments = final:
                let known = {{ pkgs = final; inherit system; config = {{ }}; overlays = [ ]; }}; in
                builtins.listToAttrs (map (name: {{ inherit name; value = known.${{name}} or final.${{name}}; }}) [ {} ]);
              given = {body};
              own = if (given.type or null) == \"derivation\" then throw \"it gives one package, and no set of packages\" else given;
            in {chosen}",
            quote(system.as_str()),
            pins.import(nix.reach()),
            quote(&import.root.join(import.file).to_string_lossy()),
            names.join(" "),
        );
        Ok(Self {
            expression,
            limits,
            root: format!("{}/", import.root.display()),
            attribute: String::new(),
        })
    }
}
