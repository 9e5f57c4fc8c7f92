# Written once by aux-gen; from here on it is yours.
{
  stdenv,
  gdm,
  packaging-a,
}:

stdenv.mkDerivation {
  pname = "gnome-tweaks";
  version = "0.1.0";

  # Replace this by `src = fetchurl { ... };` and the steps to build it.
  dontUnpack = true;

  buildInputs = [
    gdm
    packaging-a
  ];

  installPhase = ''
    mkdir -p "$out/share/$pname"
    echo "$name is a scaffold" > "$out/share/$pname/README"
  '';

  meta = {
    description = "Settings for the curious";
  };
}
