{ stdenv, jdk }:
stdenv.mkDerivation {
  pname = "ant";
  buildInputs = [
    jdk
  ];
}
