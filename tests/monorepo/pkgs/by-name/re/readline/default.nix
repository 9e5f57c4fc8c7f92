{ stdenv, ncurses }:
stdenv.mkDerivation {
  pname = "readline";
  buildInputs = [
    ncurses
  ];
}
