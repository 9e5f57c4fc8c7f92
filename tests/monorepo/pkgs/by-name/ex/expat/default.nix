{ stdenv }:
stdenv.mkDerivation {
  pname = "expat";
}
