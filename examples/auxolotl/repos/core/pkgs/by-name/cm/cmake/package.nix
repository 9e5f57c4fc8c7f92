# Without a window it needs nothing above core. With one it needs `qtbase`, which is
# far above and is itself built with cmake: so the default is without, and the repo
# kde has `cmake-gui`, which is this with a window.
{
  stdenv,
  zlib,
  withGui ? false,
  qtbase ? null,
}:

stdenv.mkDerivation {
  pname = if withGui then "cmake-gui" else "cmake";
  version = "3.31.2";

  src = ./src;

  buildInputs = [ zlib ] ++ (if withGui then [ qtbase ] else [ ]);

  window = if withGui then "with a window of qtbase ${qtbase.version}" else "without a window";

  installPhase = ''
    mkdir -p "$out/bin"
    fill pname version window < cmake.sh > "$out/bin/$pname"
    chmod +x "$out/bin/$pname"
  '';

  meta = {
    description = "A build system for other build systems";
    homepage = "https://cmake.org";
    mainProgram = if withGui then "cmake-gui" else "cmake";
  };
}
