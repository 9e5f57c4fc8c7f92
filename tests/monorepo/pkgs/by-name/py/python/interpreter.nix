{
  stdenv,
  zlib,
  expat,
  sqlite,
  openssl,
  version ? "3",
  minimal ? false,
}:
stdenv.mkDerivation {
  pname = if minimal then "python-minimal" else "python";
  inherit version;
  buildInputs =
    if minimal then
      [ zlib ]
    else
      [
        zlib
        expat
        sqlite
        openssl
      ];
}
