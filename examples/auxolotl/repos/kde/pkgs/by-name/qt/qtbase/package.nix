# Built with core's cmake, which must therefore not be built with this.
{
  stdenv,
  cmake,
}:

stdenv.mkDerivation {
  pname = "qtbase";
  version = "6.8.1";

  src = ./src;

  nativeBuildInputs = [ cmake ];

  configurePhase = ''
    configured="$(cmake)"
  '';

  installPhase = ''
    mkdir -p "$out/lib/qt"
    fill version configured < qconfig.txt > "$out/lib/qt/qconfig.txt"
  '';

  meta = {
    description = "The toolkit that windows are made with";
    homepage = "https://www.qt.io";
  };
}
