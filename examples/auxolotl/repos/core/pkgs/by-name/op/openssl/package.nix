{
  stdenv,
  perl,
}:

stdenv.mkDerivation {
  pname = "openssl";
  version = "3.0.15";

  src = ./src;

  # Perl writes the header and is not needed after that, so it is an input that
  # nothing in $out refers to.
  nativeBuildInputs = [ perl ];

  buildPhase = ''
    perl mkversion.pl "$version" > opensslv.h
  '';

  checkPhase = ''
    grep -q "OPENSSL_VERSION_STR \"$version\"" opensslv.h
  '';

  installPhase = ''
    mkdir -p "$out/bin" "$out/include/openssl" "$out/etc/ssl/certs"
    cp opensslv.h "$out/include/openssl/"
    cp ca-bundle.crt "$out/etc/ssl/certs/"
    fill out version < openssl.sh > "$out/bin/openssl"
    chmod +x "$out/bin/openssl"
  '';

  meta = {
    description = "Cryptography and TLS";
    homepage = "https://www.openssl.org";
    license = "Apache-2.0";
    mainProgram = "openssl";
  };
}
