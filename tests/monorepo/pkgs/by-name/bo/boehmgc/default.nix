{ stdenv }:
stdenv.mkDerivation {
  pname = "boehmgc";
}
