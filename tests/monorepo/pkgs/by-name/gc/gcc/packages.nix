# The compilers, and what wraps one.
{ ... }:
res: pkgs: super:
with pkgs;
{
  gcc = gcc13;
  gcc12 = callPackage ./. { version = "12"; };
  gcc13 = callPackage ./. { version = "13"; };
  wrapCC = cc: stdenv.mkDerivation { pname = "wrapped-cc"; inherit cc; };
  default-gcc-version = 13;
}
