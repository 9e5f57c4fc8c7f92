{ stdenv, zlib }:
stdenv.mkDerivation {
  pname = "binutils";
  buildInputs = [
    zlib
  ];
}
