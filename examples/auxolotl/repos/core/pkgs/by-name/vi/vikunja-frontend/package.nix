# The half of vikunja that runs in the browser: needs nothing above core, so it may
# stand here, whoever it belongs to.
{ stdenv }:

stdenv.mkDerivation {
  pname = "vikunja-frontend";
  version = "0.24.5";

  src = ./src;

  buildPhase = ''
    fill version < index.html.in > index.html
  '';

  installPhase = ''
    mkdir -p "$out/share/vikunja"
    cp index.html "$out/share/vikunja/"
  '';

  # A path inside $out that others rely on is named once, here.
  passthru.root = "share/vikunja";

  meta = {
    description = "Web interface of vikunja";
    homepage = "https://vikunja.io";
  };
}
