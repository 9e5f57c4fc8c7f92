# Written once by aux-gen; from here on it is yours.
{
  stdenv,
  perl,
}:

stdenv.mkDerivation {
  pname = "openssl";
  version = "0.1.0";

  # Replace this by `src = fetchurl { ... };` and the steps to build it.
  dontUnpack = true;

  buildInputs = [
    perl
  ];

  installPhase = ''
    mkdir -p "$out/share/$pname"
    echo "$name is a scaffold" > "$out/share/$pname/README"
  '';

  meta = {
    description = "Cryptography and TLS";
    homepage = "https://www.openssl.org";
  };
}
