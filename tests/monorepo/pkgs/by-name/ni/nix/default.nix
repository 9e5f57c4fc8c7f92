{ stdenv, curl, sqlite, boehmgc }:
stdenv.mkDerivation {
  pname = "nix";
  buildInputs = [
    curl
    sqlite
    boehmgc
  ];
  patches = [ ./patches/gc.patch ];
}
