{ stdenv, python3Packages }:
stdenv.mkDerivation {
  pname = "pytest";
  buildInputs = [ python3Packages.requests ];
}
