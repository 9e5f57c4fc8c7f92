# Variants, with a name for each.
{ ... }:
res: pkgs: super:
let
  make = version: pkgs.callPackage ./. { inherit version; };
in
{
  nodejs_20 = make "20";
  nodejs_22 = make "22";
  nodejs = pkgs.nodejs_22;
}
