# Whatever it needs is an argument: `nix search github:x/top-level NAME` finds more.
{ stdenv }:
stdenv.mkDerivation {
  pname = "my-package";
  version = "0.1.0";
  src = ./.;
}
