{
  stdenv,
  openssl,
  python3,
  version,
}:
stdenv.mkDerivation {
  pname = "nodejs";
  inherit version;
  buildInputs = [
    openssl
    python3
  ];
}
