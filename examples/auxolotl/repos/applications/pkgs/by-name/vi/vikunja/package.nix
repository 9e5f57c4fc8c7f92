{
  stdenv,
  go,
  vikunja-frontend,
}:

stdenv.mkDerivation {
  pname = "vikunja";

  # The two halves are released together: another frontend is another vikunja.
  inherit (vikunja-frontend) version;

  src = ./src;

  nativeBuildInputs = [ go ];

  # The path of the frontend in the program is what makes it a runtime dependency:
  # Nix finds it in $out.
  buildPhase = ''
    root=${vikunja-frontend}/${vikunja-frontend.root}
    [ -f "$root/index.html" ]
    go build -ldflags "-X main.version=$version -X main.root=$root" -o vikunja main.go
  '';

  checkPhase = ''
    ./vikunja | grep -q "vikunja $version"
  '';

  installPhase = ''
    mkdir -p "$out/bin"
    cp vikunja "$out/bin/"
  '';

  meta = {
    description = "To-do lists";
    homepage = "https://vikunja.io";
    mainProgram = "vikunja";
  };
}
