{ stdenv, python3 }:
stdenv.mkDerivation {
  pname = "pypy";
  buildInputs = [
    python3
  ];
}
