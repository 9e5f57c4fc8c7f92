{ stdenv, python3, ninja }:
stdenv.mkDerivation {
  pname = "meson";
  buildInputs = [
    python3
    ninja
  ];
}
