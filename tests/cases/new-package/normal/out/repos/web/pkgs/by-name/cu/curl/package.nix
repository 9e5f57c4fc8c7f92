# Written once by aux-gen; from here on it is yours.
{
  stdenv,
}:

stdenv.mkDerivation {
  pname = "curl";
  version = "0.1.0";

  # Replace this by `src = fetchurl { ... };` and the steps to build it.
  dontUnpack = true;

  installPhase = ''
    mkdir -p "$out/share/$pname"
    echo "$name is a scaffold" > "$out/share/$pname/README"
  '';

  meta = {
  };
}
