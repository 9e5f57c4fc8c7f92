{
  stdenv,
  llvmPackages_17,
  python3,
  openssl,
}:
stdenv.mkDerivation {
  pname = "rustc";
  buildInputs = [
    llvmPackages_17.llvm
    python3
    openssl
  ];
}
