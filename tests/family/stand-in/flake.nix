# In place of nixpkgs, as far as the flake of aux-gen needs it: functions that look at what they are
# given, and make derivations that nobody builds.
{
  outputs =
    { self }:
    let
      make = system: import ./default.nix { inherit system; };
    in
    {
      legacyPackages = {
        aarch64-linux = make "aarch64-linux";
        x86_64-linux = make "x86_64-linux";
      };
    };
}
