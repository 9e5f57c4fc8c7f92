{
  stdenv,
  llvmPackages,
  gcc,
  version,
}:
stdenv.mkDerivation {
  pname = "clang";
  inherit version gcc;
  llvm = if version == "18" then llvmPackages.llvm else null;
}
