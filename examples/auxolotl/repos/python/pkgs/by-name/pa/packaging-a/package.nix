# The community's "python package A": needs nothing but Python, is needed by
# repos above.
{
  buildPythonPackage,
  setuptools,
}:

buildPythonPackage {
  pname = "packaging-a";
  version = "24.2";

  src = ./src;

  build-system = [ setuptools ];

  meta = {
    description = "A Python package";
    mainProgram = "packaging-a";
  };
}
