# Python is needed to build gcc, and so is this directory.
{ ... }:
res: pkgs: super:
with pkgs;
let
  interpreter = import ./interpreter.nix;
in
{
  python3Minimal = callPackage interpreter { minimal = true; };
  python3 = python311;
  python311 = callPackage interpreter { version = "3.11"; };
  python312 = callPackage interpreter { version = "3.12"; };
  python3Packages = {
    recurseForDerivations = true;
    requests = callPackage ./requests.nix { };
    cryptography = callPackage ./cryptography.nix { };
  };
}
