# Written once by aux-gen; from here on it is yours. A small standard environment
# to start from: it builds with the machine's /bin/sh and POSIX tools. Replace it
# by a real bootstrap before anybody else builds with it.
{ system }:

let
  script = builtins.toFile "stdenv.sh" ''
    export PATH=/usr/bin:/bin:/run/current-system/sw/bin
    for input in $nativeBuildInputs $buildInputs $propagatedBuildInputs; do
      if [ -d "$input/bin" ]; then PATH="$input/bin:$PATH"; fi
    done
    if [ -n "$src" ] && [ -z "$dontUnpack" ]; then
      if [ -d "$src" ]; then cp -r "$src" source && chmod -R u+w source && cd source; else tar -xf "$src" && cd ./*/; fi
    fi
    eval "$buildPhase"
    eval "$installPhase"
    if [ -n "$propagatedBuildInputs" ]; then
      mkdir -p "$out/nix-support"
      echo "$propagatedBuildInputs" > "$out/nix-support/propagated-build-inputs"
    fi
  '';

  mkDerivation =
    attributes:
    let
      meta = attributes.meta or { };
      passthru = attributes.passthru or { };
      result = derivation (
        removeAttrs attributes [
          "meta"
          "passthru"
        ]
        // {
          inherit system;
          name = attributes.name or "${attributes.pname}-${attributes.version}";
          builder = "/bin/sh";
          args = [
            "-e"
            script
          ];
        }
      );
    in
    passthru
    // result
    // {
      inherit meta passthru;
      inherit (attributes) pname version;
      overrideAttrs = change: mkDerivation (attributes // change attributes);
    };
in
{
  inherit mkDerivation;
  hostPlatform = {
    inherit system;
  };
}
