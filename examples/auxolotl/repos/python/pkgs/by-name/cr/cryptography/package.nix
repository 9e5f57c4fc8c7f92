# `rustc` is of the repo rust, which this one uses.
{
  buildPythonPackage,
  rustc,
  setuptools,
}:

buildPythonPackage {
  pname = "cryptography";
  version = "44.0.0";

  src = ./src;

  build-system = [ setuptools ];
  nativeBuildInputs = [ rustc ];

  buildPhase = ''
    rustc lib.rs >> cryptography/__init__.py
  '';

  meta = {
    description = "Cryptography; a part of it is Rust";
    mainProgram = "cryptography";
  };
}
