# What is added to the package set: packages of your own, and other versions of what is there.
_: final: _: {
  my-package = final.callPackage ./package.nix { };
}
