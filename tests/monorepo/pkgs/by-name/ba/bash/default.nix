{ stdenv, readline }:
stdenv.mkDerivation {
  pname = "bash";
  buildInputs = [
    readline
  ];
}
