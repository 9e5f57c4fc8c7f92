# Writes opensslv.h. The version is an argument, so that it stands in one place.
use strict;
use warnings;

my $text = "OpenSSL $ARGV[0]";
print "/* Written by mkversion.pl. */\n";
print "#define OPENSSL_VERSION_STR \"$ARGV[0]\"\n";
print "#define OPENSSL_VERSION_TEXT \"$text\"\n";
