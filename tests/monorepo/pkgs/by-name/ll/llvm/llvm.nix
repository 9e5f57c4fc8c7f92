{
  stdenv,
  cmake,
  ninja,
  zlib,
  version,
}:
stdenv.mkDerivation {
  pname = "llvm";
  inherit version;
  buildInputs = [
    cmake
    ninja
    zlib
  ];
}
