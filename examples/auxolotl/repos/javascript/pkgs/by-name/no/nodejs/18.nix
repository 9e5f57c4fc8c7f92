# Written once by aux-gen; from here on it is yours.
{
  stdenv,
  openssl,
  python3,
  zlib,
}:

stdenv.mkDerivation {
  pname = "nodejs";
  version = "18";

  # Replace this by `src = fetchurl { ... };` and the steps to build it.
  dontUnpack = true;

  buildInputs = [
    openssl
    python3
    zlib
  ];

  installPhase = ''
    mkdir -p "$out/share/$pname"
    echo "$name is a scaffold" > "$out/share/$pname/README"
  '';

  meta = {
    description = "JavaScript runtime";
    homepage = "https://nodejs.org";
  };
}
