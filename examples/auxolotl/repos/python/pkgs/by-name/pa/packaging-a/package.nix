# Written once by aux-gen; from here on it is yours.
{
  stdenv,
  buildPythonPackage,
  setuptools,
}:

stdenv.mkDerivation {
  pname = "packaging-a";
  version = "0.1.0";

  # Replace this by `src = fetchurl { ... };` and the steps to build it.
  dontUnpack = true;

  buildInputs = [
    setuptools
  ];

  installPhase = ''
    mkdir -p "$out/share/$pname"
    echo "$name is a scaffold" > "$out/share/$pname/README"
  '';

  meta = {
    description = "A Python package";
  };
}
