{ stdenv }:
stdenv.mkDerivation {
  pname = "oniguruma";
}
