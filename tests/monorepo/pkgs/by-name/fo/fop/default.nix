{ stdenv, jdk }:
stdenv.mkDerivation {
  pname = "fop";
  buildInputs = [
    jdk
  ];
}
