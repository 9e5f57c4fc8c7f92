{ stdenv, jdk17 }:
stdenv.mkDerivation {
  pname = "gradle";
  buildInputs = [
    jdk17
  ];
}
