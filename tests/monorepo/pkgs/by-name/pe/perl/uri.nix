{ stdenv, perl }:
stdenv.mkDerivation {
  pname = "perl-uri";
  inherit perl;
}
