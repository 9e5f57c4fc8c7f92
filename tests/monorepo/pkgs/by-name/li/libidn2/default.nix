{ stdenv, gmp }:
stdenv.mkDerivation {
  pname = "libidn2";
  buildInputs = [
    gmp
  ];
}
