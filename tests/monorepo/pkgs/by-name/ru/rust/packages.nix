# The compiler needs python to build, and python's packages need rust.
{ ... }:
res: pkgs: super:
with pkgs;
{
  rustc = callPackage ./rustc.nix { };
  cargo = callPackage ./cargo.nix { };
  rustPlatform = {
    build =
      { stdenv, ... }@args:
      stdenv.mkDerivation (removeAttrs args [ "stdenv" ] // { inherit cargo rustc; });
  };
}
