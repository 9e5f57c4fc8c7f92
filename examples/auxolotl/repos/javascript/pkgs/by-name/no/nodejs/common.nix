# What all versions have in common. The result is what `callPackage` calls, so it
# asks for the same packages whatever the version is.
{
  version,
  description ? "JavaScript runtime",
}:

{
  stdenv,
  openssl,
  python3,
  zlib,
}:

stdenv.mkDerivation {
  pname = "nodejs";
  inherit version;

  src = ./src;

  # Python configures; nothing of it stays.
  nativeBuildInputs = [ python3 ];
  buildInputs = [
    openssl
    zlib
  ];

  configurePhase = ''
    openssl_version="$(sed -n 's/^#define OPENSSL_VERSION_STR "\(.*\)"$/\1/p' ${openssl}/include/openssl/opensslv.h)"
    zlib_version="$(sed -n 's/^#define ZLIB_VERSION "\(.*\)"$/\1/p' ${zlib}/include/zlib.h)"
    python3 configure.py "$version" "$openssl_version" "$zlib_version" > config.awk
  '';

  buildPhase = ''
    cat config.awk run.awk > node.awk
  '';

  checkPhase = ''
    printf '%s\n' 'console.log(`''${process.version}`);' > check.js
    [ "$(awk -f node.awk check.js)" = "v$version" ]
  '';

  installPhase = ''
    mkdir -p "$out/bin" "$out/lib/node"
    cp node.awk "$out/lib/node/"
    certificates=${openssl}/etc/ssl/certs/ca-bundle.crt
    fill certificates out version < node.sh > "$out/bin/node"
    chmod +x "$out/bin/node"
  '';

  meta = {
    inherit description;
    homepage = "https://nodejs.org";
    license = "MIT";
    # Not the name of the package: `nix run` would look for bin/nodejs.
    mainProgram = "node";
  };
}
