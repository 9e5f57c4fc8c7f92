{ stdenv }:
stdenv.mkDerivation {
  pname = "ncurses";
}
