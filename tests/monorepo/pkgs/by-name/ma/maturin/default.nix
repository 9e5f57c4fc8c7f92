{ stdenv, lib, rustPlatform, python3, libintl ? null }:
rustPlatform.build {
  inherit stdenv;
  pname = "maturin";
  inherit python3;
  meta.maintainers = [ lib.maintainers.rustacean ];
}
