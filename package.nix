# aux-gen, as nixpkgs builds Rust programs.
{
  lib,
  rustPlatform,
  installShellFiles,
  makeBinaryWrapper,
  git,
  nix,
  # The commit, for `aux-gen --version`: a sandbox has no git to ask.
  revision ? "",
}:

rustPlatform.buildRustPackage {
  pname = "aux-gen";
  version = (builtins.fromTOML (builtins.readFile ./Cargo.toml)).workspace.package.version;

  src = lib.cleanSource ./.;
  cargoLock.lockFile = ./Cargo.lock;
  cargoBuildFlags = [ "--package=aux-cli" ];
  env.AUX_GEN_REV = revision;

  # The tests ask real Nix, which has no store in a sandbox: `scripts/test` runs them.
  doCheck = false;

  nativeBuildInputs = [
    installShellFiles
    makeBinaryWrapper
  ];

  postInstall = ''
    for shell in bash fish zsh; do
      $out/bin/aux-gen completions "$shell" > "aux-gen.$shell"
    done
    installShellCompletion --cmd aux-gen --bash aux-gen.bash --fish aux-gen.fish --zsh aux-gen.zsh
    $out/bin/aux-gen man --to man
    installManPage man/*.1
    wrapProgram $out/bin/aux-gen --suffix PATH : ${
      lib.makeBinPath [
        git
        nix
      ]
    }
  '';

  meta = {
    description = "One package collection in many repositories";
    homepage = "https://github.com/auxolotl/aux-gen";
    changelog = "https://github.com/auxolotl/aux-gen/blob/main/CHANGELOG.md";
    license = [
      lib.licenses.mit
      lib.licenses.asl20
    ];
    mainProgram = "aux-gen";
    platforms = lib.platforms.linux;
  };
}
