# One stage: a fixpoint of overlays.
{
  lib,
  nixpkgsFun,

  # What packages are built with.
  stdenv,

  # The stage before; null for the first.
  buildPackages,

  config,

  # Overlays of the user's.
  overlays,
}@args:
let
  stdenvAndPlatforms = self: super: {
    inherit lib config stdenv;
    pkgs = self;
    buildPackages = if buildPackages == null then self else buildPackages;
    path = ../..;
    callPackage = lib.callPackageWith self;
    callPackages = lib.callPackageWith self;
    newScope = more: lib.callPackageWith (self // more);
  };

  byNamePackages =
    self: super:
    let
      base = ../by-name;
      directories =
        path:
        let
          entries = builtins.readDir path;
        in
        builtins.filter (name: entries.${name} == "directory") (builtins.attrNames entries);
      found = builtins.concatMap (
        shard:
        map (name: {
          inherit name;
          path = base + "/${shard}/${name}";
        }) (directories (base + "/${shard}"))
      ) (directories base);
      isSet = package: builtins.pathExists (package.path + "/packages.nix");
      kinds = builtins.partition isSet found;
      single = builtins.listToAttrs (
        map (package: {
          inherit (package) name;
          value = self.callPackage (package.path + "/default.nix") { };
        }) kinds.wrong
      );
      res = builtins.foldl' (
        all: package:
        all // import (package.path + "/packages.nix") { inherit lib config overlays; } res self super
      ) single kinds.right;
    in
    res;

  basePackages = self: super: import ./base-packages.nix self super;

  otherPackageSets = self: super: {
    pkgsStatic = nixpkgsFun {
      crossSystem = "static";
      overlays = [ (final: prev: { isStatic = true; }) ] ++ overlays;
    };
    pkgsCross.riscv = nixpkgsFun { crossSystem = "riscv"; };
  };

  # From top to bottom.
  toFix = builtins.foldl' (f: overlay: lib.extends overlay f) (self: { }) (
    [
      stdenvAndPlatforms
      byNamePackages
      basePackages
      otherPackageSets
    ]
    ++ overlays
  );
in
lib.fix toFix
