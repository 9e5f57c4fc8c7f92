# A small standard environment. It builds with the machine's /bin/sh and POSIX
# tools, so that the example needs no download; put a real bootstrap in its place
# before anybody else builds with it.
{ system }:

let
  mkDerivation =
    attributes:
    let
      meta = attributes.meta or { };
      passthru = attributes.passthru or { };

      result = derivation (
        # A better description must not build everything again, so these two are
        # no part of the derivation.
        removeAttrs attributes [
          "meta"
          "passthru"
        ]
        // {
          inherit system;
          name = attributes.name or "${attributes.pname}-${attributes.version}";
          builder = "/bin/sh";
          args = [
            "-eu"
            ./setup.sh
          ];
        }
      );
    in
    passthru
    // result
    // {
      inherit meta passthru;

      # `change` gets the attributes as they were: a package that reads $version
      # in its phases, not in Nix, follows a new version without more.
      overrideAttrs =
        change:
        mkDerivation (
          attributes // (if builtins.isFunction change then change attributes else change)
        );
    };
in
{
  inherit mkDerivation;

  # What an overlay asks for to know the system.
  hostPlatform = {
    inherit system;
  };
}
