{ stdenv, openssl, zlib, fetchurl }:
stdenv.mkDerivation {
  pname = "curl";
  buildInputs = [
    openssl
    zlib
  ];
}
