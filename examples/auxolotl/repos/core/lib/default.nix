# The library of the family: what packages of every repo may want.
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

  makeSearchPath = directory: concatMapStringsSep ":" (package: "${package}/${directory}");

  makeBinPath = makeSearchPath "bin";

  # The one program a package is there for. Who uses it need not know that the
  # package is called otherwise, and a library says so here, not when it runs.
  getExe =
    package:
    if package ? meta.mainProgram then
      "${package}/bin/${package.meta.mainProgram}"
    else
      throw "`${package.name}` has no `meta.mainProgram`";
}
