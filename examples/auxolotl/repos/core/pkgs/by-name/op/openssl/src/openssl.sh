#!/bin/sh
case ${1-} in
version) echo "OpenSSL @version@" ;;
certs) echo "@out@/etc/ssl/certs/ca-bundle.crt" ;;
*)
  echo "usage: openssl version | openssl certs" >&2
  exit 2
  ;;
esac
