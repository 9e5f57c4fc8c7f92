# Two stages: the first is built with the machine's shell, the second with what the
# first one built.
{
  lib,
  localSystem,
  crossSystem,
  config,
  overlays,
  allPackages,
}:
let
  suffix = if crossSystem == localSystem then "" else "-${crossSystem}";

  make =
    name: tools:
    let
      stdenv =
        derivation {
          inherit name;
          system = localSystem;
          builder = "/bin/sh";
          inherit tools;
        }
        // {
          mkDerivation =
            {
              pname,
              version ? "1.0",
              passthru ? { },
              meta ? { },
              ...
            }@args:
            derivation (
              {
                name = "${pname}-${version}${suffix}";
                system = localSystem;
                builder = "/bin/sh";
                inherit stdenv;
              }
              // removeAttrs args [
                "passthru"
                "meta"
              ]
            )
            // passthru
            // {
              inherit pname version;
              meta = meta // {
                position =
                  let
                    place = builtins.unsafeGetAttrPos "pname" args;
                  in
                  "${place.file}:${toString place.line}";
              };
            };
        };
    in
    stdenv;

  first = allPackages {
    inherit config overlays;
    buildPackages = null;
    stdenv = make "bootstrap-stdenv" [ ];
  };

  second = allPackages {
    inherit config overlays;
    buildPackages = first;
    stdenv = make "stdenv" [
      first.bash
      first.coreutils
      first.gcc
      (import ../by-name/li/libidn2/no-bootstrap-reference.nix { inherit (first) stdenv; })
    ];
  };
in
second
