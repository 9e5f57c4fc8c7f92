# One directory for all versions, and sets of what belongs together.
{ lib, ... }:
res: pkgs: super:
let
  make = version: {
    recurseForDerivations = true;
    llvm = pkgs.callPackage ./llvm.nix { inherit version; };
    clang = pkgs.callPackage ./clang.nix { inherit version; };
  };
in
{
  llvmPackages_17 = make "17";
  llvmPackages_18 = make "18";
  llvmPackages = pkgs.llvmPackages_18;
  llvm = pkgs.llvmPackages.llvm;
  llvm_17 = pkgs.llvmPackages_17.llvm;
  inherit (pkgs.llvmPackages) clang;
}
