{
  stdenv,
  zlib,
  readline,
  interactive ? false,
}:
stdenv.mkDerivation {
  pname = "sqlite";
  buildInputs = [
    zlib
    readline
  ];
  inherit interactive;
}
