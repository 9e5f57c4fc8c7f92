{
  stdenv,
  gmp,
  zlib,
  binutils,
  python3Minimal,
  fortify-headers ? null,
  version,
}:
stdenv.mkDerivation {
  pname = "gcc";
  inherit version;
  buildInputs = [
    gmp
    zlib
    binutils
    python3Minimal
    fortify-headers
  ];
}
