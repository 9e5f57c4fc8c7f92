# Calls the composition as users call it.
{
  system ? builtins.currentSystem,
  config ? { },
  overlays ? [ ],
}:
import ./pkgs/top-level {
  localSystem = system;
  inherit config overlays;
}
