#!/bin/sh
usage() {
  echo "usage: go version | go build [-ldflags \"-X main.NAME=VALUE\"]... -o OUT FILE.go" >&2
  exit 2
}

if [ "${1-}" = version ]; then
  echo "go version go@version@ @platform@"
  exit
fi
[ "${1-}" = build ] || usage
shift

flags=
out=
while [ $# -gt 1 ]; do
  case $1 in
  -ldflags) flags="$flags $2" ;;
  -o) out=$2 ;;
  *) usage ;;
  esac
  shift 2
done
[ -n "$out" ] && [ $# = 1 ] || usage

# A program that does not compile must not leave half of itself behind.
if awk -v flags="$flags" -f @out@/share/go/compile.awk "$1" > "$out.part"; then
  chmod +x "$out.part"
  mv "$out.part" "$out"
else
  rm "$out.part"
  exit 1
fi
