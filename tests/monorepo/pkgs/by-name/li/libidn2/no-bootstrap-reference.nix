{ stdenv }:
stdenv.mkDerivation {
  pname = "libidn2-without-reference";
}
