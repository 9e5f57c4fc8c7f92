{ stdenv, bash }:
stdenv.mkDerivation {
  pname = "role-hook";
  buildInputs = [ bash ];
  script = ./role.bash;
}
