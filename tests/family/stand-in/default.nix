{
  system ? builtins.currentSystem,
}:
let
  derivationOf =
    name: inputs:
    derivation {
      inherit name system inputs;
      builder = "/bin/sh";
    };
  program = name: derivationOf name [ ];
  names = [
    "cargo"
    "clippy"
    "git"
    "graphviz"
    "installShellFiles"
    "makeBinaryWrapper"
    "nix"
    "nixfmt"
    "nodejs"
    "rustc"
    "rustfmt"
  ];
  pkgs =
    builtins.listToAttrs (
      map (name: {
        inherit name;
        value = program name;
      }) names
    )
    // {
      lib = {
        cleanSource = path: path;
        makeBinPath = packages: builtins.concatStringsSep ":" (map (package: "${package}/bin") packages);
        licenses = {
          mit.spdxId = "MIT";
          asl20.spdxId = "Apache-2.0";
        };
        platforms.linux = [
          "aarch64-linux"
          "x86_64-linux"
        ];
      };
      # The lock is read, as nixpkgs reads it: each package of a registry has a checksum.
      rustPlatform.buildRustPackage =
        arguments:
        let
          lock = builtins.fromTOML (builtins.readFile arguments.cargoLock.lockFile);
          outside = builtins.filter (package: package ? source) lock.package;
        in
        assert builtins.length outside > 100;
        assert builtins.all (package: package ? checksum) outside;
        derivation {
          name = "${arguments.pname}-${arguments.version}";
          inherit system;
          inherit (arguments) cargoBuildFlags postInstall nativeBuildInputs;
          inherit (arguments.env) AUX_GEN_REV;
          src = builtins.path {
            path = arguments.src;
            name = "source";
            filter = path: _: baseNameOf path == "Cargo.toml";
          };
          builder = "/bin/sh";
        }
        // {
          inherit (arguments) meta;
        };
      mkShell = { packages }: derivationOf "shell" packages;
      runCommand =
        name: arguments: script:
        derivationOf name (arguments.nativeBuildInputs ++ [ script ]);
      callPackage =
        path: more:
        let
          function = import path;
          known = builtins.intersectAttrs (builtins.functionArgs function) pkgs;
        in
        function (known // more);
    };
in
pkgs
