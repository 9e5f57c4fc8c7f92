{
  stdenv,
  rustc,
  curl,
}:
stdenv.mkDerivation {
  pname = "cargo";
  buildInputs = [
    rustc
    curl
  ];
}
