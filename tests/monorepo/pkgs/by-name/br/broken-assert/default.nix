{ stdenv, jdk }:
assert jdk.version == "8";
stdenv.mkDerivation {
  pname = "broken-assert";
}
