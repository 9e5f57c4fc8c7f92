# What the whole question is about: needs A of python and B of javascript. Neither
# of the two repos could have it without a circle, so it stands above both.
{
  stdenv,
  lib,
  bundle-b,
  nodejs_lts,
  packaging-a,
}:

stdenv.mkDerivation {
  pname = "dashboard";
  version = "1.0.0";

  src = ./src;

  node = lib.getExe nodejs_lts;
  packager = lib.getExe packaging-a;

  # B is copied and not referred to: who installs the dashboard does not install it.
  installPhase = ''
    modules="$out/lib/node_modules"
    mkdir -p "$out/bin" "$modules/dashboard"
    cp -R ${bundle-b}/lib/node_modules/bundle-b "$modules/"
    cp index.js "$modules/dashboard/"
    fill modules node packager version < dashboard.sh > "$out/bin/dashboard"
    chmod +x "$out/bin/dashboard"

    # An application that does not start is no package.
    "$out/bin/dashboard" > /dev/null
  '';

  meta = {
    description = "An application that needs a Python and a Node package";
    mainProgram = "dashboard";
  };
}
