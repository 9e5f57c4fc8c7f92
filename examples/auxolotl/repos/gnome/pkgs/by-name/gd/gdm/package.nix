{
  stdenv,
  zlib,
  # Not a package but a choice: `gdm.override { withTls = false; }`.
  withTls ? true,
}:

stdenv.mkDerivation {
  pname = "gdm";
  version = "47.0";

  src = ./src;

  buildInputs = [ zlib ];

  tls = if withTls then "with TLS" else "without TLS";

  configurePhase = ''
    zlib_version="$(sed -n 's/^#define ZLIB_VERSION "\(.*\)"$/\1/p' ${zlib}/include/zlib.h)"
    [ -n "$zlib_version" ]
  '';

  installPhase = ''
    mkdir -p "$out/bin"
    fill tls version zlib_version < gdm.sh > "$out/bin/gdm"
    chmod +x "$out/bin/gdm"
  '';

  passthru = {
    inherit withTls;
  };

  meta = {
    description = "Display manager";
    mainProgram = "gdm";
  };
}
