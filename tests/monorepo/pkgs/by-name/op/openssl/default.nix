{ stdenv, perl, zlib }:
stdenv.mkDerivation {
  pname = "openssl";
  buildInputs = [
    perl
    zlib
  ];
  patches = [ ./patches/certs.patch ];
}
