{
  stdenv,
  python3,
  node ? null,
  unusd,
}:

stdenv.mkDerivation { pname = "a"; version = "1"; }
