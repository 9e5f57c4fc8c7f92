# Builds itself: its own setup.py finds the module beside it. Every other package
# needs this one for the same line.
{ buildPythonPackage }:

buildPythonPackage {
  pname = "setuptools";
  version = "75.6.0";

  src = ./src;

  meta = {
    description = "Build backend";
    homepage = "https://setuptools.pypa.io";
    license = "MIT";
    mainProgram = "setuptools";
  };
}
