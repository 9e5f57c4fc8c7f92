{ stdenv, python3 }:
stdenv.mkDerivation {
  pname = "ninja";
  buildInputs = [
    python3
  ];
}
