{ stdenv, gmp }:
stdenv.mkDerivation {
  pname = "coreutils";
  buildInputs = [
    gmp
  ];
}
