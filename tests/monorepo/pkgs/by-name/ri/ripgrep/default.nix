{ stdenv, lib, rustPlatform }:
rustPlatform.build {
  inherit stdenv;
  pname = "ripgrep";
  meta.maintainers = [ lib.maintainers.rustacean ];
}
