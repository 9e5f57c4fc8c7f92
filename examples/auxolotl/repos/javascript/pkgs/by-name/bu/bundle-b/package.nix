# The community's "javascript package B": one file that others put into theirs.
{
  stdenv,
  nodejs,
}:

stdenv.mkDerivation {
  pname = "bundle-b";
  version = "2.1.0";

  src = ./src;

  nativeBuildInputs = [ nodejs ];

  buildPhase = ''
    node bundle.js "$version" > index.js
  '';

  # The bundle has to say by whom it was made, or nobody could find out later.
  checkPhase = ''
    grep -q "$(node --version)" index.js
  '';

  installPhase = ''
    mkdir -p "$out/lib/node_modules/bundle-b"
    cp index.js "$out/lib/node_modules/bundle-b/"
  '';

  # Nothing to run: it is for `require`.
  meta = {
    description = "A Node package";
  };
}
