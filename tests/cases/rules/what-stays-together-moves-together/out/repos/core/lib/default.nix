# Written once by aux-gen; from here on it is yours: the library of the family.
# `fixpoint` is what the package set is made with.
{ fixpoint }:

fixpoint
// rec {
  optional = condition: value: if condition then [ value ] else [ ];
  optionals = condition: values: if condition then values else [ ];
  optionalString = condition: text: if condition then text else "";
  optionalAttrs = condition: attributes: if condition then attributes else { };

  genAttrs =
    names: f:
    builtins.listToAttrs (
      map (name: {
        inherit name;
        value = f name;
      }) names
    );

  filterAttrs =
    keep: attributes:
    removeAttrs attributes (
      builtins.filter (name: !(keep name attributes.${name})) (builtins.attrNames attributes)
    );

  concatMapStringsSep =
    separator: f: values:
    builtins.concatStringsSep separator (map f values);

  makeBinPath = concatMapStringsSep ":" (package: "${package}/bin");
}
