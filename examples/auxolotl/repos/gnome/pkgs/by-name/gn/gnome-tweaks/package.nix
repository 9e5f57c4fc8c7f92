{
  stdenv,
  lib,
  gdm,
  packaging-a,
}:

stdenv.mkDerivation {
  pname = "gnome-tweaks";
  version = "46.1";

  src = ./src;

  # Runs while this is built; `nix why-depends` finds no way from here to Python.
  nativeBuildInputs = [ packaging-a ];

  # Runs when this runs, so the path stands in $out.
  gdm = lib.getExe gdm;

  buildPhase = ''
    packaged="$(packaging-a)"
    fill gdm packaged version < gnome-tweaks.sh > gnome-tweaks
  '';

  installPhase = ''
    mkdir -p "$out/bin"
    cp gnome-tweaks "$out/bin/"
    chmod +x "$out/bin/gnome-tweaks"
  '';

  meta = {
    description = "Settings for the curious";
    mainProgram = "gnome-tweaks";
  };
}
