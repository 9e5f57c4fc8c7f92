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

impl Import<'_> {
    fn place(&self) -> String {
        quote(&self.root.join(self.file).to_string_lossy())
    }

    fn names(&self) -> String {
        let names: Vec<String> = self.arguments.iter().map(|name| quote(name)).collect();
        names.join(" ")
    }

    /// An overlay of what it gives.
    fn overlay(&self) -> String {
        let place = self.place();
        if self.is_overlay {
            return format!("(load (/. + {place}))");
        }
        format!(
            "(final: prev:
               let value = load (/. + {place}); in
               if builtins.isFunction value then value (arguments final [ {} ]) else value)",
            self.names()
        )
    }
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
    /// The attributes that a repo without a flake defines, over the set of a core and of other such
    /// repos that stand `below` it, lowest first: as its layer in the generated flakes does.
    ///
    /// # Errors
    /// When Nix cannot be started.
    pub fn over_core(
        core: &Core,
        below: &[Import<'_>],
        import: &Import<'_>,
        attributes: Attributes,
        system: &System,
        nix: &Nix,
    ) -> Result<Self, NixError> {
        let limits = Limits::default();
        let mut roots = vec![import.root, &core.path];
        roots.extend(below.iter().map(|other| other.root));
        let mut limits = limits;
        for root in &roots {
            limits = limits.allowing(root);
        }
        let pins = Pins::of(roots);
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
        let overlays: Vec<String> = below.iter().map(Import::overlay).collect();
        let body = if import.is_overlay {
            "let all = core [ value ]; in builtins.intersectAttrs (value all all) all"
        } else {
            "if builtins.isFunction value then value (arguments bare own_arguments) else value"
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
              bottom = overlays: {with_overlays};
              load = {};
              arguments = final: names:
                let known = {{ pkgs = final; inherit system; config = {{ }}; overlays = [ ]; }}; in
                builtins.listToAttrs (map (name: {{ inherit name; value = known.${{name}} or final.${{name}}; }}) names);
              core = overlays: bottom ([ {} ] ++ overlays);
              bare = core [ ];
              value = load (/. + {});
              own_arguments = [ {} ];
              given = {body};
              own = if (given.type or null) == \"derivation\" then throw \"it gives one package, and no set of packages\" else given;
            in {chosen}",
            quote(system.as_str()),
            pins.import(nix.reach()),
            overlays.join(" "),
            import.place(),
            import.names(),
        );
        Ok(Self {
            expression,
            limits,
            root: format!("{}/", import.root.display()),
            attribute: String::new(),
        })
    }
}
