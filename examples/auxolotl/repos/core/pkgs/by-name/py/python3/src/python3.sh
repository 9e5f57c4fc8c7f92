#!/bin/sh
case ${1-} in
'')
  echo "usage: python3 --version | python3 FILE ARGUMENT..." >&2
  exit 2
  ;;
-V | --version) echo "Python @version@" ;;
*) exec awk -f @out@/lib/python/python3.awk -- "$@" ;;
esac
