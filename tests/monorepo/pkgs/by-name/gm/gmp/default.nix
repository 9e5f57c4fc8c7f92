{ stdenv }:
stdenv.mkDerivation {
  pname = "gmp";
}
