# aux-gen without flakes: `nix-build`, or `import ./. { pkgs = ...; }`.
{
  pkgs ? import <nixpkgs> { },
}:

pkgs.callPackage ./package.nix { }
