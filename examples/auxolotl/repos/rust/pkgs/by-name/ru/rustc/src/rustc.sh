#!/bin/sh
# A little Rust: prints the text of each `pub const NAME: &str = "TEXT";` as a line
# of Python.
case ${1-} in
'')
  echo "usage: rustc --version | rustc FILE" >&2
  exit 2
  ;;
-V | --version) echo "@banner@" ;;
*) sed -n 's/^pub const \([A-Z_]*\): &str = \(".*"\);$/\1 = \2/p' "$1" | tr '[:upper:]' '[:lower:]' ;;
esac
