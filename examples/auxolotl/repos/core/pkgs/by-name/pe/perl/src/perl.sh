#!/bin/sh
case ${1-} in
'')
  echo "usage: perl -v | perl FILE ARGUMENT..." >&2
  exit 2
  ;;
-v | --version) echo "This is perl 5 (v@version@), as much of it as the example needs" ;;
*) exec awk -f @out@/lib/perl5/perl.awk -- "$@" ;;
esac
