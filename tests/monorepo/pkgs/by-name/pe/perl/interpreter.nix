{ stdenv, zlib }:
stdenv.mkDerivation {
  pname = "perl";
  buildInputs = [ zlib ];
}
