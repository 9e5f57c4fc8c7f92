{ stdenv, gettext }:
stdenv.mkDerivation {
  pname = "gettext-tools";
  buildInputs = [ gettext ];
  role = ../../../build-support/role-hook/role.bash;
}
