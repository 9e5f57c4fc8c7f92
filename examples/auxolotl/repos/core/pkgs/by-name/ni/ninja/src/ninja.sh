#!/bin/sh
exec awk -f @out@/lib/ninja/ninja.awk -- "${1:-build.ninja}"
