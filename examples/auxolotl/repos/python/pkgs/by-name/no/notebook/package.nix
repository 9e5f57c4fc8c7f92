# `nodejs` is of javascript, a peer that this repo has no input for: the python repo
# alone cannot offer this package, and says so in `aux.leftOut`. In top-level all
# layers are there, and it builds.
{
  buildPythonPackage,
  nodejs,
}:

buildPythonPackage {
  pname = "notebook";
  version = "7.3.1";

  src = ./src;

  # Node writes the page and is not needed to show it.
  nativeBuildInputs = [ nodejs ];

  buildPhase = ''
    node page.js "$version" > page.html
  '';

  installPhase = ''
    mkdir -p "$out/share/notebook"
    cp page.html "$out/share/notebook/"
  '';

  meta = {
    description = "Interactive notebooks; the front end is built with node";
    mainProgram = "notebook";
  };
}
