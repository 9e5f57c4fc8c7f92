{ ... }:
res: pkgs: super:
with pkgs;
{
  perl = callPackage ./interpreter.nix { };
  perlPackages = {
    recurseForDerivations = true;
    uri = callPackage ./uri.nix { };
  };
}
