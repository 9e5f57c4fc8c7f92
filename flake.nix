{
  description = "aux-gen: one package collection in many repositories";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "aarch64-linux"
        "x86_64-linux"
      ];
      each =
        make:
        builtins.listToAttrs (
          map (system: {
            name = system;
            value = make nixpkgs.legacyPackages.${system};
          }) systems
        );
      build = pkgs: pkgs.callPackage ./package.nix { revision = self.rev or ""; };
    in
    {
      packages = each (pkgs: {
        default = build pkgs;
        aux-gen = build pkgs;
      });

      overlays.default = final: _: { aux-gen = build final; };

      apps = each (pkgs: {
        default = {
          type = "app";
          program = "${build pkgs}/bin/aux-gen";
        };
      });

      # What `scripts/test` and `scripts/lint` need, but for a Nix to ask.
      devShells = each (pkgs: {
        default = pkgs.mkShell {
          packages = [
            pkgs.cargo
            pkgs.clippy
            pkgs.git
            pkgs.graphviz
            pkgs.nodejs
            pkgs.rustc
            pkgs.rustfmt
          ];
        };
      });

      # It starts, and knows its own commands and shells.
      checks = each (pkgs: {
        default = pkgs.runCommand "aux-gen-runs" { nativeBuildInputs = [ (build pkgs) ]; } ''
          aux-gen --version
          aux-gen init family --lead ada
          aux-gen -C family check
          touch $out
        '';
      });

      formatter = each (pkgs: pkgs.nixfmt);
    };
}
