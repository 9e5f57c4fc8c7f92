{ stdenv, nodejs, python3, gcc }:
stdenv.mkDerivation {
  pname = "node-gyp";
  buildInputs = [
    nodejs
    python3
    gcc
  ];
}
