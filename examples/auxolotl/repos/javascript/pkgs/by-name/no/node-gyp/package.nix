# `setuptools` is of python, a peer that this repo has no input for: left out here,
# there in top-level. It is needed when node-gyp runs, so its path is in $out.
{
  stdenv,
  lib,
  nodejs,
  setuptools,
}:

stdenv.mkDerivation {
  pname = "node-gyp";
  version = "11.0.0";

  src = ./src;

  nativeBuildInputs = [ nodejs ];

  node = lib.getExe nodejs;
  setup = lib.getExe setuptools;

  # What node cannot read is found here, and not when it is run.
  checkPhase = ''
    node node-gyp.js "$version" > /dev/null
  '';

  installPhase = ''
    mkdir -p "$out/bin" "$out/lib/node_modules/node-gyp"
    cp node-gyp.js "$out/lib/node_modules/node-gyp/"
    fill node out setup version < node-gyp.sh > "$out/bin/node-gyp"
    chmod +x "$out/bin/node-gyp"
  '';

  meta = {
    description = "Builds native addons";
    mainProgram = "node-gyp";
  };
}
