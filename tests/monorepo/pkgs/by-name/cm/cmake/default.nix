{ stdenv, curl, expat, zlib }:
stdenv.mkDerivation {
  pname = "cmake";
  buildInputs = [
    curl
    expat
    zlib
  ];
}
