{ stdenv }:

stdenv.mkDerivation {
  pname = "zlib";
  version = "1.3.1";

  src = ./src;

  # The version comes from the environment and not from Nix: `overrideAttrs` with
  # an older version then makes an older header, which an overlay of gnome uses.
  buildPhase = ''
    fill version < zlib.h.in > zlib.h
    fill out version < zlib.pc.in > zlib.pc
  '';

  installPhase = ''
    mkdir -p "$out/include" "$out/lib/pkgconfig"
    cp zlib.h "$out/include/"
    cp zlib.pc "$out/lib/pkgconfig/"
  '';

  # A library: there is no program, so there is no `mainProgram`.
  meta = {
    description = "Compression";
  };
}
