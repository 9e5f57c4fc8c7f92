# Composes the package set: the stages of the bootstrap, each made by `stage.nix`.
{
  localSystem,

  # The system that packages run on, if it is another.
  crossSystem ? localSystem,

  config ? { },

  overlays ? [ ],

  # Ignore unexpected arguments.
  ...
}@args:
let
  lib = import ../../lib;

  nixpkgsFun = newArgs: import ./. (args // newArgs);

  allPackages =
    newArgs:
    import ./stage.nix (
      {
        inherit lib nixpkgsFun;
      }
      // newArgs
    );
in
import ../stdenv {
  inherit
    lib
    localSystem
    crossSystem
    config
    overlays
    allPackages
    ;
}
