{ stdenv, curl, expat, openssl, perl, python3, zlib }:
stdenv.mkDerivation {
  pname = "git";
  buildInputs = [
    curl
    expat
    openssl
    perl
    python3
    zlib
  ];
}
