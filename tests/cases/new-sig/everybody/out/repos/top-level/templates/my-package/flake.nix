{
  description = "A package of your own, over the packages of example";

  inputs.top-level.url = "github:example/top-level";

  outputs =
    { top-level, ... }:
    let
      systems = [
        "aarch64-linux"
        "x86_64-linux"
      ];

      forEachSystem =
        f:
        builtins.listToAttrs (
          map (name: {
            inherit name;
            value = f name;
          }) systems
        );

      # Everything of top-level, and what `layer.nix` adds: `config` and `overlays` go in here, too.
      packagesFor =
        system:
        top-level.mkPackages {
          inherit system;
          layers = [ ./layer.nix ];
        };
    in
    {
      packages = forEachSystem (
        system:
        let
          packages = packagesFor system;
        in
        {
          inherit (packages) my-package;
          default = packages.my-package;
        }
      );

      legacyPackages = forEachSystem packagesFor;
    };
}
