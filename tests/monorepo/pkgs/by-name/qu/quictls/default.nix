{ stdenv, perl }:
stdenv.mkDerivation {
  pname = "quictls";
  buildInputs = [
    perl
  ];
  patches = [ ../../op/openssl/patches/certs.patch ];
}
