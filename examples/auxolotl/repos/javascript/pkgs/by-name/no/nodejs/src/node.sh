#!/bin/sh
# Who brings certificates of their own is not overruled.
export NODE_EXTRA_CA_CERTS="${NODE_EXTRA_CA_CERTS-@certificates@}"
case ${1-} in
'')
  echo "usage: node --version | node FILE ARGUMENT..." >&2
  exit 2
  ;;
-v | --version) echo "v@version@" ;;
*) exec awk -f @out@/lib/node/node.awk -- "$@" ;;
esac
