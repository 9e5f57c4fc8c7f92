{ stdenv, zlib, openssl, jdk ? null }:
stdenv.mkDerivation {
  pname = "subversion";
  buildInputs = [
    zlib
    openssl
    jdk
  ];
}
