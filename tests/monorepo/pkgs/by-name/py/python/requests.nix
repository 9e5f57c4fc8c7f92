{
  stdenv,
  python3,
  lib,
}:
stdenv.mkDerivation {
  pname = "requests";
  inherit python3;
  meta.maintainers = [ lib.maintainers.ada ];
}
