# Stands in core, because ninja needs it, and belongs to SIG python: CODEOWNERS
# sends changes of this file to them.
{
  stdenv,
  openssl,
  zlib,
}:

stdenv.mkDerivation {
  pname = "python3";
  version = "3.12.8";

  src = ./src;

  buildInputs = [
    openssl
    zlib
  ];

  # "Linking": what the modules `ssl` and `zlib` say comes from the headers of the
  # libraries that were there at build time.
  buildPhase = ''
    openssl=${openssl}
    openssl_text="$(sed -n 's/^#define OPENSSL_VERSION_TEXT "\(.*\)"$/\1/p' "$openssl/include/openssl/opensslv.h")"
    zlib_version="$(sed -n 's/^#define ZLIB_VERSION "\(.*\)"$/\1/p' ${zlib}/include/zlib.h)"
    fill openssl openssl_text version zlib_version < python3.awk.in > python3.awk
  '';

  checkPhase = ''
    printf 'import zlib\nprint(f"zlib {zlib.ZLIB_VERSION}")\n' > check.py
    [ "$(awk -f python3.awk check.py)" = "zlib $zlib_version" ]
  '';

  installPhase = ''
    mkdir -p "$out/bin" "$out/lib/python"
    cp python3.awk "$out/lib/python/"
    fill out version < python3.sh > "$out/bin/python3"
    chmod +x "$out/bin/python3"
  '';

  # Who installs Python files asks the interpreter where, as in `python3.sitePackages`.
  passthru.sitePackages = "lib/python/site-packages";

  meta = {
    description = "The Python interpreter";
    homepage = "https://www.python.org";
    license = "PSF-2.0";
    mainProgram = "python3";
  };
}
