# Written once by aux-gen; from here on it is yours.
{
  stdenv,
  bundle-b,
  nodejs_lts,
  packaging-a,
}:

stdenv.mkDerivation {
  pname = "dashboard";
  version = "0.1.0";

  # Replace this by `src = fetchurl { ... };` and the steps to build it.
  dontUnpack = true;

  buildInputs = [
    bundle-b
    nodejs_lts
    packaging-a
  ];

  installPhase = ''
    mkdir -p "$out/share/$pname"
    echo "$name is a scaffold" > "$out/share/$pname/README"
  '';

  meta = {
    description = "An application that needs a Python and a Node package";
  };
}
