{ stdenv, fetchurl }:
stdenv.mkDerivation {
  pname = "hello";
  version = "2.12";
  src = fetchurl {
    url = "https://example.org/hello-2.12.tar.gz";
    sha256 = "1111111111111111111111111111111111111111111111111111";
  };
}
