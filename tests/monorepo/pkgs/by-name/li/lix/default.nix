{ stdenv, path, curl, sqlite }:
stdenv.mkDerivation {
  pname = "lix";
  patches = [ (path + "/pkgs/by-name/ni/nix/patches/gc.patch") ];
  buildInputs = [
    curl
    sqlite
  ];
}
