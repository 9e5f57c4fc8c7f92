{ stdenv }:
stdenv.mkDerivation {
  pname = "zlib";
}
