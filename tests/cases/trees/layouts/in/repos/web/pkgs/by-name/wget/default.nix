{ stdenv }: import ../../../lib/wget.nix stdenv
