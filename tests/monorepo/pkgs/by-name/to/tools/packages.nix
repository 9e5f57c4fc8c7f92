# Names that no text has.
{ ... }:
res: pkgs: super:
builtins.listToAttrs (
  map (name: {
    name = "tool-${name}";
    value = pkgs.stdenv.mkDerivation {
      pname = "tool-${name}";
      buildInputs = [ pkgs.jq ];
    };
  }) [ "one" "two" "three" ]
)
