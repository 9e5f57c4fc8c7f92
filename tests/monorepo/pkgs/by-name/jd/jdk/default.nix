{
  stdenv,
  zlib,
  version,
}:
stdenv.mkDerivation {
  pname = "jdk";
  inherit version;
  buildInputs = [ zlib ];
}
