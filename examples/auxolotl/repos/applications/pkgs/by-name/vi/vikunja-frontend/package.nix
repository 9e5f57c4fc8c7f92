# The half of vikunja that runs in the browser. Node puts it together and is not
# needed to show it.
{
  stdenv,
  nodejs,
}:

stdenv.mkDerivation {
  pname = "vikunja-frontend";
  version = "0.24.5";

  src = ./src;

  nativeBuildInputs = [ nodejs ];

  buildPhase = ''
    node page.js "$version" > index.html
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
