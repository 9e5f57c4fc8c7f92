# Core has a Perl because openssl cannot be built without one. This one knows the
# few statements that openssl's scripts are written in, and is as strict about the
# rest as a compiler: a script that works here works with every Perl.
{ stdenv }:

stdenv.mkDerivation {
  pname = "perl";
  version = "5.40.0";

  src = ./src;

  checkPhase = ''
    printf '%s\n' 'print "$ARGV[0], \$world\n";' > hello.pl
    [ "$(awk -f perl.awk hello.pl hello)" = 'hello, $world' ]
  '';

  installPhase = ''
    mkdir -p "$out/bin" "$out/lib/perl5"
    cp perl.awk "$out/lib/perl5/"
    fill out version < perl.sh > "$out/bin/perl"
    chmod +x "$out/bin/perl"
  '';

  meta = {
    description = "The Perl interpreter; openssl needs it to build";
    mainProgram = "perl";
  };
}
