{ stdenv }:
stdenv.mkDerivation {
  pname = "which";
}
