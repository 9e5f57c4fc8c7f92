{ stdenv }:
stdenv.mkDerivation {
  pname = "broken-file";
  patches = [ ./gone.patch ];
}
