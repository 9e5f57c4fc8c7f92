{ stdenv, oniguruma }:
stdenv.mkDerivation {
  pname = "jq";
  buildInputs = [
    oniguruma
  ];
}
