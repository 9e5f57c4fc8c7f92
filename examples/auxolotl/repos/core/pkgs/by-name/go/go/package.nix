# Compiles a very small Go to shell. As with the real one, what it compiled runs
# without it: packages have `go` at build time only.
{ stdenv }:

stdenv.mkDerivation {
  pname = "go";
  version = "1.23.4";

  src = ./src;

  # The same words as of the real one: `go version go1.23.4 linux/amd64`.
  platform =
    {
      aarch64-linux = "linux/arm64";
      x86_64-linux = "linux/amd64";
    }
    .${stdenv.hostPlatform.system};

  installPhase = ''
    mkdir -p "$out/bin" "$out/share/go"
    cp compile.awk "$out/share/go/"
    fill out platform version < go.sh > "$out/bin/go"
    chmod +x "$out/bin/go"
  '';

  meta = {
    description = "The Go toolchain, in core because core's own tools are written in it";
    homepage = "https://go.dev";
    mainProgram = "go";
  };
}
